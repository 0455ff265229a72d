import Foundation

/// What became of the cases of one vector file, said in one line that `.ci/run` adds up.
public struct VectorTally: Sendable, CustomStringConvertible {
    /// The file's path under the folder of vectors, such as `api/quantities.jsonl`.
    public var file: String
    public var cases: Int
    public var passed: Int
    /// Cases that ask for what is not modelled yet: skipped, and counted as such.
    public var notSupported: Int

    public init(file: String, cases: Int, passed: Int, notSupported: Int = 0) {
        self.file = file
        self.cases = cases
        self.passed = passed
        self.notSupported = notSupported
    }

    public var description: String {
        "vectors: \(file): \(cases) cases, \(passed) passed, \(notSupported) not supported"
    }

    /// Writes the line to stdout in one piece, so that tests which run beside it do not cut it.
    public func report() {
        FileHandle.standardOutput.write(Data("\(self)\n".utf8))
    }
}
