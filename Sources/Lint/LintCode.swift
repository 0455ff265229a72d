/// One check by its number: what `--only`, `--ignore`, a SARIF rule and a docs page name.
///
/// R-codes look at pods and nodes against Anuket's RA2; other families have other letters.
public struct LintCode: Hashable, Sendable {
    /// How bad a finding is. Only errors make a command's answer "no".
    public enum Severity: String, CaseIterable, Sendable {
        case error, warning, note
    }

    /// A letter and four digits: `R0003`.
    public var id: String
    /// What a person calls it, as in `cpus-not-whole`.
    public var name: String
    /// One sentence without a full stop that holds for every finding of the code.
    public var title: String
    public var severity: Severity
    /// The part of a specification that it comes from, or empty.
    public var clause: String
    /// The folder of its docs page, from the project's root, without a slash at the end.
    public var folder: String

    public init(
        _ id: String, _ name: String, _ severity: Severity, _ title: String, clause: String = "",
        folder: String = "docs/reference/lint"
    ) {
        self.id = id
        self.name = name
        self.title = title
        self.severity = severity
        self.clause = clause
        self.folder = folder
    }

    /// The docs page, from the project's root.
    public var page: String { "\(folder)/\(id).md" }
}

/// Codes in ascending order, each once.
public struct LintCodeRegistry: Sendable {
    public let codes: [LintCode]

    /// - Precondition: no code is there twice.
    public init(_ codes: [LintCode]) {
        self.codes = codes.sorted { $0.id < $1.id }
        for (one, next) in zip(self.codes, self.codes.dropFirst()) {
            precondition(one.id != next.id, "a lint code means one thing")
        }
    }

    public subscript(id: String) -> LintCode? { codes.first { $0.id == id } }
}
