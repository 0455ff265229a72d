/// Sources of one machine compared with each other, fact by fact.
///
/// ```swift
/// let comparison = MachineComparison([
///     MachineStatement(of: try readMachineInfo(bytes: info, file: "info.json"), source: "info.json"),
///     MachineStatement(of: try readSysfsArchive(bytes: dump, file: "sys.tgz")[0], source: "sys.tgz"),
/// ])
/// for row in comparison.differences { print(row) }   // memory of NUMA node 0: … in info.json, … in sys.tgz
/// ```
public struct MachineComparison: Sendable {
    /// One fact, and what each source says of it.
    public struct Row: Sendable {
        public var fact: ComparedFact
        /// In the order of the sources; nil where a source does not state the fact.
        public var values: [ComparedValue?]
        fileprivate var sources: [String]

        /// Whether two sources that state it say different things.
        public var isDifference: Bool {
            let stated = values.compactMap(\.self)
            return stated.dropFirst().contains { value in
                !stated.allSatisfy { $0.agrees(with: value) }
            }
        }

        /// How many sources state it.
        public var statedCount: Int { values.count { $0 != nil } }
    }

    public let sources: [String]
    /// Every fact that some source states, in a fixed order.
    public let rows: [Row]

    public init(_ statements: [MachineStatement]) {
        let sources = statements.map(\.source)
        let facts = Set(statements.flatMap { $0.facts.keys }).sorted()
        self.sources = sources
        rows = facts.map { fact in
            Row(fact: fact, values: statements.map { $0.value(of: fact) }, sources: sources)
        }
    }

    /// The facts on which sources contradict each other.
    public var differences: [Row] { rows.filter(\.isDifference) }

    /// The facts that several sources state, all alike.
    public var agreements: [Row] { rows.filter { $0.statedCount > 1 && !$0.isDifference } }
}

extension MachineComparison.Row: CustomStringConvertible {
    /// `memory of NUMA node 0: 8 bytes in a.json and b.xml, 9 bytes in c.tgz; not stated by d.yaml`
    public var description: String {
        var said: [(text: String, sources: [String])] = []
        for (source, text) in zip(sources, shownValues()) {
            guard let text else { continue }
            if let known = said.firstIndex(where: { $0.text == text }) {
                said[known].sources.append(source)
            } else {
                said.append((text, [source]))
            }
        }
        let silent = zip(sources, values).filter { $0.1 == nil }.map(\.0)
        return "\(fact): "
            + said.map { "\($0.text) in \(joined($0.sources))" }.joined(separator: ", ")
            + (silent.isEmpty ? "" : "; not stated by \(joined(silent))")
    }

    /// Of long lists of groups only those that not every source has, and of those the first few.
    private func shownValues() -> [String?] {
        let lists = values.compactMap { value -> [String]? in
            if case .groups(let groups) = value { groups } else { nil }
        }
        guard isDifference, let first = lists.first else { return values.map { $0?.description } }
        let common = lists.reduce(Set(first)) { $0.intersection($1) }
        return values.map { value in
            guard case .groups(let groups) = value else { return value?.description }
            let own = groups.filter { !common.contains($0) }
            if own.isEmpty { return groups.isEmpty ? "none" : "\(groups.count) as elsewhere" }
            return own.prefix(5).joined(separator: " ")
                + (own.count > 5 ? " and \(own.count - 5) more" : "")
        }
    }

    private func joined(_ names: [String]) -> String {
        names.count < 2
            ? names.joined()
            : names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    }
}
