import Conformance
import Foundation
import TestSupport
import Testing

/// What NodeResourceTopologyMatch's own code answered, file by file.
@Suite(.enabled(if: SharedFolder.isPresent)) struct TopologyMatchTests {
    @Test(arguments: ["filter", "score", "cache", "fingerprint"])
    func `every case agrees with the plugin`(_ name: String) throws {
        let file = try #require(SharedFolder.url)
            .appending(path: "conformance/nrt/\(name).jsonl")
        let report = try Conformance.run(file: file)
        VectorTally(
            file: "nrt/\(name).jsonl", cases: report.cases, passed: report.passed,
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
        #expect(report.passed == report.cases)
    }
}
