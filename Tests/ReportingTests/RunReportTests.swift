import Foundation
import Metrics
import Primitives
import Records
import Reporting
import Testing

@Suite struct RunReportTests {
    private static let heading = RunHeading(
        scenario: "telco-edge", seed: 42, nodes: 8, cpus: 512, numaNodes: 16,
        kubelets: ["static CPUs (full-pcpus-only), Static memory, single-numa-node by pod"],
        scheduler: "LeastAllocated")
    private static let result = RunResult(
        file: "telco-edge.sqlite", bytes: 1_234_567,
        digest: "5f0c77ab91d2e4105f0c77ab91d2e4105f0c77ab91d2e4105f0c77ab91d2e410")

    /// The summary of one pod's run, with what varies between screens set by hand.
    private static func summary() -> RunSummary {
        var alignment = AlignmentTotals()
        alignment.numa = AlignmentCount(eligible: 1_044, aligned: 1_040)
        alignment.core = AlignmentCount(eligible: 1_000, aligned: 1_000)
        var pods = PodCounts()
        pods.arrived = 1_204
        pods.recreated = 12
        pods.started = 1_131
        pods.admitted = 1_131
        pods.scheduled = 1_187
        pods.running = 33
        pods.schedulingAttempts = 1_300
        return RunSummary(
            end: .zero + .seconds(86_400), pods: pods,
            rejections: [
                RejectionCount(stage: .scheduler, reason: "Unschedulable", count: 113),
                RejectionCount(stage: .admission, reason: "TopologyAffinityError", count: 41),
                RejectionCount(stage: .admission, reason: "SMTAlignmentError", count: 9),
                RejectionCount(stage: .admission, reason: "Mystery", count: 6),
            ],
            alignment: alignment,
            resources: [
                ResourceSummary(name: "cpu", use: 0.71, stranded: 0.094, fragmentation: 0.3),
                ResourceSummary(name: "memory", use: 0.44),
                ResourceSummary(name: "hugepages-1Gi", use: 0.83),
                ResourceSummary(name: "intel.com/sriov_vfs", use: 0.62),
                ResourceSummary(name: "ephemeral-storage", use: 0),
            ],
            balance: 0.97, policyTax: 0.061,
            wait: LatencyDistribution(
                count: 1_131, mean: 3e9, p50: 0, p90: 12_000_000_000, p99: 250_000_000_000,
                max: 660_000_000_000, buckets: []),
            schedulingWait: nil, turnaround: nil, boundedSlowdown: nil)
    }

    @Test func `a person understands it at a glance`() {
        let report = RunReport(
            heading: Self.heading, summary: Self.summary(), result: Self.result)
        #expect(
            report.text == """
                telco-edge · seed 42 · 8 nodes, 512 CPUs, 16 NUMA nodes · 24 h
                kubelet: static CPUs (full-pcpus-only), Static memory, single-numa-node by pod
                scheduler: LeastAllocated

                pods        1,192 wanted   1,131 ran   33 running at the end   61 never placed
                            12 more were made in place of refused ones
                scheduling  1,300 cycles, 113 found no node (8.7 %)
                admission   1,187 attempts, 56 refused (4.7 %)
                            41  TopologyAffinityError   fits the node, not its NUMA nodes
                             9  SMTAlignmentError       not whole cores, under full-pcpus-only
                             6  Mystery
                wait        p50 0 s   p90 12 s   p99 4 min 10 s   max 11 min
                use         CPUs 71 %   memory 44 %   1Gi pages 83 %   intel.com/sriov_vfs 62 %
                aligned     1,040 of 1,044 containers in the fewest NUMA nodes
                            cores 100 %
                stranded    9.4 % of CPUs free on nodes that take no pod of the mix
                policy tax  6.1 % of the mix pods that fit by totals are refused

                telco-edge.sqlite   1.2 MB
                digest 5f0c77ab91d2e4105f0c77ab91d2e4105f0c77ab91d2e4105f0c77ab91d2e410
                next: sqlite3 -box telco-edge.sqlite 'select * from rejections_by_reason'

                """)
    }

    @Test func `keeps to 80 columns whatever the names`() {
        var heading = Self.heading
        heading.scenario = "a-scenario-with-a-long-name-that-somebody-found-descriptive"
        heading.nodes = 1_234_567
        heading.kubelets = Array(
            repeating:
                "static CPUs (full-pcpus-only, distribute-cpus-across-numa, align-by-socket),"
                + " Static memory, restricted by container", count: 7)
        var summary = Self.summary()
        for index in 0..<20 {
            summary.resources.append(
                ResourceSummary(name: "example.com/device-\(index)", use: 0.5))
        }
        let report = RunReport(
            heading: heading, summary: summary, result: Self.result)
        for line in report.text.split(separator: "\n") {
            #expect(line.count <= 80, "\(line)")
        }
        #expect(report.text.contains("and 4 more kubelet configurations"))
    }

    @Test func `says that it was interrupted`() {
        var result = Self.result
        result.isInterrupted = true
        let report = RunReport(
            heading: Self.heading, summary: Self.summary(), result: result)
        #expect(report.text.contains("\ninterrupted at 24 h\n"))
        #expect(report.json.contains("\"status\": \"interrupted\""))
    }

    @Test func `the last word of hexadecimal digits is the digest, in text and JSON`() throws {
        let report = RunReport(
            heading: Self.heading, summary: Self.summary(), result: Self.result)
        for text in [report.text, report.json] {
            let words = text.matches(of: /[0-9a-f]{16,}/).map { String($0.output) }
            #expect(words.last == Self.result.digest)
        }
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any])
        let metrics = try #require(object["metrics"] as? [[String: Any]])
        #expect(metrics.count == Self.summary().metrics.count)
    }

    @Test func `a file's name is shown as a shell takes it`() {
        var result = Self.result
        result.file = "my runs/it's.sqlite"
        let report = RunReport(
            heading: Self.heading, summary: Self.summary(), result: result)
        #expect(report.text.contains(#"next: sqlite3 -box 'my runs/it'\''s.sqlite' 'select"#))
    }

    @Test func `bugs of the kubelet are named when they showed`() {
        var summary = Self.summary()
        summary.upstreamBugs = [
            UpstreamBugCount(name: "single-block-on-group", count: 0),
            UpstreamBugCount(name: "share-never-returned", count: 3),
        ]
        let report = RunReport(heading: Self.heading, summary: summary, result: Self.result)
        #expect(
            report.text.contains(
                "\nupstream    the kubelet's own bugs:   3 × share-never-returned\n"))
        #expect(!report.text.contains("single-block"))
    }

    @Test func `an empty run has nothing to divide by`() {
        let empty = RunSummary(
            end: .zero, pods: PodCounts(), rejections: [], alignment: AlignmentTotals(),
            resources: [], balance: nil, policyTax: nil, wait: nil, schedulingWait: nil,
            turnaround: nil, boundedSlowdown: nil)
        let report = RunReport(
            heading: Self.heading, summary: empty, result: Self.result)
        #expect(report.text.contains("admission   0 attempts, 0 refused\n"))
    }
}
