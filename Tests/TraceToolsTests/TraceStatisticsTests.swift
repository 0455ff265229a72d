import Foundation
import Primitives
import Reporting
import Testing
import TraceTools
import WorkloadModel

@Suite struct `What a recording amounts to` {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `counts, and what runs at once, are those of a plain look at all pods`(
        _ seed: UInt64
    ) throws {
        var random = RandomTrace(seed: seed)
        let text = random.text(pods: 150)
        var source = try TraceText.source(text)
        var statistics = TraceStatistics()
        while let record = try source.next() { statistics.add(record, of: source) }
        let pods = try TraceText.pods(text)
        func end(_ pod: TraceText.Pod) -> Int64? {
            [pod.lifetime.map { pod.arrival + $0 }, pod.deletion].compactMap(\.self).min()
        }
        #expect(statistics.records == pods.count)
        #expect(statistics.pods == pods.reduce(0) { $0 + Int64($1.count) })
        #expect(
            statistics.endless
                == pods.filter { end($0) == nil }.reduce(0) { $0 + Int64($1.count) })
        #expect(statistics.lastEnd == pods.compactMap(end).max() ?? 0)
        // Busiest at an arrival: all that came up to then and have not ended.
        func running(_ at: Int, _ amount: (TraceText.Pod) -> Int64) -> Int64 {
            pods[...at].filter { end($0).map { $0 > pods[at].arrival } ?? true || $0 == pods[at] }
                .reduce(0) { $0 + Int64($1.count) * amount($1) }
        }
        let most = pods.indices.map { running($0) { _ in 1 } }.max() ?? 0
        #expect(statistics.mostAtOnce == most)
        let cpu = pods.indices.map { running($0) { $0.shape.request(ResourceTable.cpu) } }.max()
        #expect(statistics.sizes[0].most == Int128(cpu ?? 0))
        #expect(
            statistics.shapes.map(\.pods).reduce(0, +) == statistics.pods)
    }

    @Test func `the report says it to people and to programs`() throws {
        var source = try TraceText.source(
            """
            topsim-trace 1
            shape a cpu=2 memory=1Gi limits=equal
            shape b cpu=500m example.com/vf=1
            columns arrival lifetime shape name group
            0 10000000000 a p0 g
            1000000000 10000000000 a p1
            2000000000 - b p2
            60000000000 5000000000 a p3
            """)
        var statistics = TraceStatistics()
        while let record = try source.next() { statistics.add(record, of: source) }
        let report = TraceReport(statistics, of: source)
        let wanted = """
            t0: topsim, 4 pods, 2 shapes
            arrivals from 0 s to 1 min, the last end at 1 min 5 s
            most at once: 3 pods at 2 s
            1 never end; 1 belong to a group

                             P50   P90   P99  MOST    MEAN  AT ONCE
            gap              1 s  58 s  58 s  58 s    20 s
            lifetime        10 s  10 s  10 s  10 s  8.33 s
            cpu                2     2     2     2   1.625      4.5
            memory          1 GB  1 GB  1 GB  1 GB    1 GB   2.1 GB
            example.com/vf     1     1     1     1       1        1

            SHAPE  PODS  SHARE  QOS         ASKS FOR
            a         3   75 %  Guaranteed  cpu=2 memory=1Gi
            b         1   25 %  Burstable   cpu=500m example.com/vf=1

            NEED            PODS  SHARE
            exclusive CPUs     3   75 %
            devices            1   25 %

            """
        #expect(report.text == wanted)
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(report.json.text.utf8)) as? [String: Any])
        #expect(json["pods"] as? Int == 4)
        #expect(json["mostPodsAtOnce"] as? Int == 3)
        let requests = try #require(json["requests"] as? [String: [String: Any]])
        #expect(requests["cpu"]?["mostAtOnce"] as? Int == 4500)
    }
}
