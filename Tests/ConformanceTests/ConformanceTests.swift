import Conformance
import Foundation
import TestSupport
import Testing

/// The vectors that Kubernetes' own code answered: a sample always, all of them where the shared folder is.
@Suite struct ConformanceTests {
    @Test func `the sample of every file agrees with Kubernetes`() throws {
        let reports = try run(VectorSample.folder, label: "sample")
        #expect(reports.count > 20)
    }

    @Test(.enabled(if: SharedFolder.isPresent))
    func `every case agrees with Kubernetes`() throws {
        let reports = try run(try #require(SharedFolder.url).appending(path: "conformance"))
        for report in reports where Self.kubeletFiles.contains(report.name) {
            #expect(report.passed == report.cases, "\(report)")
        }
        #expect(Set(reports.map(\.name)).isSuperset(of: Self.kubeletFiles))
    }

    /// What the kubelet alone decides is supported without a gap.
    private static let kubeletFiles: Set<String> = [
        "cpu-assignment.jsonl", "cpu-assignment-nonterminating.jsonl", "hint-merge.jsonl",
        "node-admission.jsonl", "upstream-cpu-assignment.jsonl", "upstream-hint-merge.jsonl",
        "upstream-hints.jsonl", "api/cpusets.jsonl", "api/cron.jsonl", "api/feature-gates.jsonl",
        "api/kubelet-configuration.jsonl", "api/pods.jsonl", "api/quantities.jsonl",
    ]

    private func run(_ folder: URL, label: String? = nil) throws -> [VectorReport] {
        let suite = try VectorSuite(path: folder.path, threads: 2)
        let reports = try suite.run(threads: 2)
        for report in reports {
            VectorTally(
                file: label.map { "\($0)/\(report.name)" } ?? report.name, cases: report.cases,
                passed: report.passed, notSupported: report.unsupportedCount
            ).report()
            for failure in report.failures.prefix(20) {
                Issue.record(
                    """
                    \(report.name) \(failure.id), \(failure.what)
                      expected \(failure.expected)
                      got      \(failure.got)
                    """)
            }
            #expect(report.cases > 0)
            #expect(report.failed == 0, "\(report)")
        }
        return reports
    }
}
