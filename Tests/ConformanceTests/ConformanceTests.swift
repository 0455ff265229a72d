import Conformance
import Foundation
import TestSupport
import Testing

/// The vectors that the kubelet's own code answered, file by file.
@Suite(.enabled(if: SharedFolder.isPresent)) struct ConformanceTests {
    static let files = [
        "cpu-assignment", "cpu-assignment-nonterminating", "hint-merge", "node-admission",
        "upstream-cpu-assignment", "upstream-hint-merge", "upstream-hints",
    ]

    @Test(arguments: files)
    func `every case that is modelled agrees with the kubelet`(_ name: String) throws {
        let folder = try #require(SharedFolder.url).appending(path: "conformance")
        let report = try Conformance.run(file: folder.appending(path: "\(name).jsonl"))
        print(report)
        VectorTally(
            file: "\(name).jsonl", cases: report.cases, passed: report.passed,
            notSupported: report.unsupportedCount
        ).report()
        #expect(report.cases > 0)
        for failure in report.failures {
            Issue.record(
                """
                \(name) \(failure.id), \(failure.what)
                  expected \(failure.expected)
                  got      \(failure.got)
                """)
        }
        #expect(report.failed == 0)
    }
}
