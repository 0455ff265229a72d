/// What may be named under one key, each with a line of help.
public struct PolicyKind: Sendable, Hashable {
    /// The key of the scenario, as in `topologyManagerPolicy`.
    public var key: String
    public var policies: [Policy]

    public struct Policy: Sendable, Hashable {
        public var name: String
        public var summary: String
    }

    public init(_ key: String, _ policies: [(name: String, summary: String)]) {
        self.key = key
        self.policies = policies.map { Policy(name: $0.name, summary: $0.summary) }
    }
}

/// The list of policies, as `topsim policies` prints it.
public enum PolicyReport {
    /// Grouped by key, names in one column, at most 80 columns.
    public static func text(_ kinds: [PolicyKind]) -> String {
        let width = kinds.flatMap(\.policies).map(\.name.count).max() ?? 0
        let blocks = kinds.map { kind in
            let lines = kind.policies.flatMap { policy in
                let start = "  " + RunReport.padded(policy.name, right: width) + "  "
                let words = policy.summary.split(separator: " ").map(String.init)
                return wrapped(words, separator: " ", width: LabelledLines.width - start.count)
                    .enumerated().map { index, line in
                        (index == 0 ? start : String(repeating: " ", count: start.count)) + line
                    }
            }
            return ([kind.key] + lines).joined(separator: "\n") + "\n"
        }
        return blocks.joined(separator: "\n")
    }

    public static func json(_ kinds: [PolicyKind]) -> String {
        let value = JSONValue.object(
            kinds.map { kind in
                JSONValue.Member(
                    kind.key,
                    .array(
                        kind.policies.map {
                            ["name": .string($0.name), "summary": .string($0.summary)]
                        }))
            })
        return value.text + "\n"
    }
}
