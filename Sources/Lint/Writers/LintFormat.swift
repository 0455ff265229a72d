/// How findings are written.
public enum LintFormat: String, CaseIterable, Sendable {
    /// For people: one finding after another.
    case text
    /// For programs: an object with a list of findings.
    case json
    /// For code review: SARIF 2.1.0.
    case sarif
}

/// The program that found it, as reports call it.
public struct LintTool: Hashable, Sendable {
    public var name: String
    public var version: String

    public init(name: String, version: String) {
        self.name = name
        self.version = version
    }
}

extension LintFindings {
    /// The report, with a line feed at its end; text without findings is one line.
    public func written(
        as format: LintFormat, registry: LintCodeRegistry, tool: LintTool
    ) -> String {
        switch format {
        case .text: text()
        case .json: json().text + "\n"
        case .sarif: sarif(registry: registry, tool: tool).text + "\n"
        }
    }
}
