import Foundation
import Primitives
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

@Suite struct `Batch traces in the Standard Workload Format` {
    static let plain = """
        ; Version: 2.2
        ; MaxProcs: 8
          1  100  5  61.5   4  -1  -1   4  600 1024  1  6  1  -1 -1 1 -1 -1
          2  100  0    -1   2  -1  -1  -1  600   -1  1  6  1  -1 -1 1 -1 -1

          3  130  0    10  -1  -1  -1  -1  600   -1  5  6  1  -1 -1 1 -1 -1
        """

    @Test func `a job of 18 columns is a pod of its processors`() throws {
        let trace = try ReadTrace("swf", text: Self.plain, ["memory": "requested"])
        #expect(trace.records.map(\.name) == ["job-1", "job-2"])
        #expect(trace.records.map(\.arrival.nanoseconds) == [0, 0])
        #expect(trace.records.map(\.lifetime?.nanoseconds) == [61_500_000_000, 0])
        #expect(trace.records.map(trace.cpu) == [4000, 2000])
        #expect(trace.records.map(trace.memory) == [4 << 20, 0])
        #expect(trace.records.map(\.line) == [3, 4])
        let dropped = trace.report.notes.filter { $0.outcome == .dropped }.map(\.subject)
        #expect(dropped.contains("1 of 3 jobs"))
        #expect(dropped.contains("2 header lines"))
    }

    static let specifications: [(String, pods: [Int], milli: [Int64])] = [
        ("1:ppn=64:x86_64:cl_zewura#excl", [1], [64_000]),
        ("2:ppn=8", [2], [8000]),
        ("1:ppn=2+3:ppn=4:brno", [1, 3], [2000, 4000]),
        ("1:ppn=0.5:brno", [1], [500]),
        ("zewura19.cerit-sc.cz:ppn=6:brno", [1], [6000]),
        ("1:^zewura17.cerit-sc.cz:ppn=3", [1], [3000]),
        ("2", [2], [1000]),
        ("1::", [1], [16_000]),
        ("1:ppn=x", [1], [16_000]),
    ]

    @Test(arguments: specifications)
    func `a node specification says how many pods of how many CPUs`(
        _ text: String, _ pods: [Int], _ milli: [Int64]
    ) throws {
        let line = "7 1356996147 0 60 16 1 1024 16 600 4096 1 62 1 1 -1 1 1 1 {5,5} q \(text)"
        let trace = try ReadTrace("swf", text: line)
        #expect(trace.records.map(\.count) == pods)
        #expect(trace.records.map(trace.cpu) == milli)
        #expect(Set(trace.records.map(\.group)) == ["7"])
        let one = try ReadTrace("swf", text: line, ["jobs": "pod"])
        #expect(one.records.map(one.cpu) == [16_000])
        let many = try ReadTrace("swf", text: line, ["jobs": "processors"])
        #expect(many.records.map(\.count) == [16])
        #expect(many.records.map(many.cpu) == [1000])
    }

    @Test func `clusters, hosts and exclusive nodes become constraints on request`() throws {
        let line =
            "7 9 0 60 8 1 1 8 600 4096 1 62 1 1 -1 1 1 1 {5} q 1:ppn=8:cl_a:^b3.x.cz:nfs4#excl"
        #expect(try ReadTrace("swf", text: line).shapes.shapes[0].placement == nil)
        let shape = try ReadTrace("swf", text: line, ["constraints": "select"]).shapes.shapes[0]
        #expect(shape.nodeSelector == [Label(key: "topsim.dev/cluster", value: "a")])
        #expect(
            shape.placement?.requiredNodeTerms?.first?.matchExpressions == [
                NodeSelectorRequirement(
                    key: "kubernetes.io/hostname", operation: .isNotIn, values: ["b3"])
            ])
        #expect(shape.placement?.podAntiAffinity.required.count == 1)
    }

    @Test(.enabled(if: SharedFolder.isPresent))
    func `the recorded jobs are all read`() throws {
        let folder = try #require(SharedFolder.url).appending(path: "data/traces/swf")
        let tiny = try ReadTrace("swf", file: folder.appending(path: "accasim_workload.swf"))
        let lines = try String(
            contentsOf: folder.appending(path: "accasim_workload.swf"), encoding: .utf8
        ).split(separator: "\n")
        #expect(tiny.records.count == lines.count)
        let wagap = try ReadTrace(
            "swf", file: folder.appending(path: "wagap-2013.swf"),
            ["jobs": "pod", "memory": "requested"])
        let statistics = try Statistics(["wagap"])
        #expect(wagap.records.count == statistics.integer("rows"))
        let procs = wagap.records.map { wagap.cpu($0) / 1000 }
        try statistics.check(procs, "procs", decimals: 2)
        try statistics.check(wagap.records.map(wagap.memory), "reqmem_bytes", decimals: 2)
        let arrivals = wagap.records.map { $0.arrival.nanoseconds / 1_000_000_000 }
        try statistics.check(zip(arrivals, arrivals.dropFirst()).map { $1 - $0 }, "ia", decimals: 2)
        #expect(arrivals.last == Int64(statistics.integer("span_s")))
        #expect(wagap.records.count { $0.lifetime == .zero } >= 2)
        let notes = wagap.report.notes.map { "\($0.outcome) \($0.subject)" }
        #expect(notes.contains("guessed 2 of 17,900 jobs"))
        let pods = try ReadTrace("swf", file: folder.appending(path: "wagap-2013.swf"))
        let ofOneNode = pods.records.count { $0.count == 1 }
        #expect(ofOneNode > 16_000)
    }
}
