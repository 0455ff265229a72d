/// One mistake in what a person wrote: where, what was found, what was expected, and what to do.
public struct Diagnostic: Hashable, Sendable {
    public enum Severity: String, Sendable {
        case error, warning, note
    }

    public var severity: Severity
    /// The file as the user named it, or `-` for standard input, or `--set …`.
    public var file: String
    /// From 1; 0 when the mistake is the file itself.
    public var line: Int
    public var column: Int
    /// One sentence without a full stop; values in backticks.
    public var message: String
    /// What to do, as a sentence without a full stop, or nil.
    public var hint: String?
    /// The line of text it stands in, for showing with a caret.
    public var sourceLine: String?

    public init(
        severity: Severity = .error, file: String, line: Int = 0, column: Int = 0, message: String,
        hint: String? = nil, sourceLine: String? = nil
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
        self.sourceLine = sourceLine
    }
}

/// All mistakes of one reading; the exit code is 2.
public struct InputError: Error, Sendable {
    public var diagnostics: [Diagnostic]

    public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}

/// Collects the mistakes of one reading, so that all are told at once.
///
/// A reader adds what it finds, goes on with a harmless value, and the caller throws at the end.
public struct Diagnostics: Sendable {
    public private(set) var all: [Diagnostic] = []
    /// Mistakes past this many are counted, not kept.
    public static let limit = 100
    public private(set) var dropped = 0

    public init() {}

    public var hasErrors: Bool { all.contains { $0.severity == .error } }

    /// Whether further mistakes are only counted, so that hints for them are not worth finding.
    public var isFull: Bool { all.count >= Diagnostics.limit }

    public mutating func add(_ diagnostic: Diagnostic) {
        if all.count < Diagnostics.limit { all.append(diagnostic) } else { dropped += 1 }
    }

    /// An error at a node of the text.
    public mutating func error(at node: SourceNode, _ message: String, hint: String? = nil) {
        add(
            Diagnostic(
                file: node.mark.file, line: node.mark.line, column: node.mark.column,
                message: message, hint: hint))
    }

    /// Something that is taken no notice of, said once.
    public mutating func note(at node: SourceNode, _ message: String, hint: String? = nil) {
        add(
            Diagnostic(
                severity: .note, file: node.mark.file, line: node.mark.line,
                column: node.mark.column, message: message, hint: hint))
    }

    public func throwIfErrors() throws(InputError) {
        if hasErrors { throw InputError(all) }
    }
}
