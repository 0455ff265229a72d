/// What is said of a run over vectors, in one of three forms.
public struct ConformanceReport: Sendable {
    public let files: [VectorReport]
    /// Failures of a file that are shown in text and JSON; JUnit has all.
    public let shownFailures: Int

    public init(files: [VectorReport], shownFailures: Int) {
        self.files = files
        self.shownFailures = shownFailures
    }

    public var cases: Int { files.reduce(0) { $0 + $1.cases } }
    public var passed: Int { files.reduce(0) { $0 + $1.passed } }
    public var failed: Int { files.reduce(0) { $0 + $1.failed } }
    public var notYetSupported: Int { files.reduce(0) { $0 + $1.unsupportedCount } }

    /// What is not yet supported, with the number of cases, ascending by reason.
    var reasons: [(reason: String, cases: Int)] {
        var counts: [String: Int] = [:]
        for file in files { counts.merge(file.unsupported, uniquingKeysWith: +) }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
