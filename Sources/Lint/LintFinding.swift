/// Where something is written.
public struct LintPlace: Hashable, Sendable {
    /// As the user named it; `-` is standard input.
    public var file: String
    /// From 1; 0 when it is about the file as a whole.
    public var line: Int
    public var column: Int

    public init(file: String, line: Int = 0, column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }
}

/// One place where something does not do what a code asks for.
public struct LintFinding: Hashable, Sendable {
    public var code: LintCode
    /// What it is about, as its owner would name it: `Pod core/upf-0`, `node group user-plane`.
    public var subject: String
    public var place: LintPlace
    /// One sentence without a full stop; values in backticks.
    public var message: String
    /// What to do, as a sentence without a full stop, or nil.
    public var hint: String?

    public init(
        _ code: LintCode, _ subject: String, at place: LintPlace, _ message: String,
        hint: String? = nil
    ) {
        self.code = code
        self.subject = subject
        self.place = place
        self.message = message
        self.hint = hint
    }
}

/// Findings of one run in the order of what was read, and those that were only counted.
public struct LintFindings: Hashable, Sendable {
    /// Findings past this many are counted, not kept.
    public static let limit = 10_000

    public private(set) var all: [LintFinding] = []
    public private(set) var beyondLimit = 0

    public init() {}

    public mutating func add(_ finding: LintFinding) {
        if all.count < LintFindings.limit { all.append(finding) } else { beyondLimit += 1 }
    }

    public var hasErrors: Bool { all.contains { $0.code.severity == .error } }

    public func count(of severity: LintCode.Severity) -> Int {
        all.count { $0.code.severity == severity }
    }

    /// Only what the user wants to see; nil wants all.
    public func selecting(only: Set<String>?, ignoring: Set<String>) -> LintFindings {
        var selected = self
        selected.all = all.filter { finding in
            (only?.contains(finding.code.id) ?? true) && !ignoring.contains(finding.code.id)
        }
        return selected
    }
}
