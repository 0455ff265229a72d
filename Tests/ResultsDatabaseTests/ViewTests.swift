import GRDB
import Primitives
import Records
import ResultsDatabase
import Testing

/// What the views say of small cases worked out by hand, and of larger ones worked out the plain way.
@Suite struct ViewTests {
    private func rows(
        _ query: String, after push: (ResultsRecorder) -> Void
    ) throws -> [Row] {
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        let run = SampleRun(podCount: 0)
        let recorder = try ResultsRecorder(to: path, describing: run.description, level: .full)
        push(recorder)
        _ = try recorder.finish(
            RunEnding(status: .complete, ended: SimTime(nanoseconds: 10_000_000_000)))
        return try ResultsReader(path: path).read { try Row.fetchAll($0, sql: query) }
    }

    /// From 0 s to 4 s NUMA node 0 has all CPUs free and no memory; from 4 s to 10 s no CPU and some memory. NUMA node 1
    /// is half used throughout. The smallest pod of the run asks for 500 milli-CPU and 1 GiB.
    private func pushTwoNUMANodes(to recorder: ResultsRecorder) {
        let gibibyte: Int64 = 1 << 30
        for (seconds, cpu, memory) in [(0, 0, 32), (4, 4_000, 12)] as [(Int64, Int64, Int64)] {
            for (numaNode, cpu, memory) in [(0, cpu, memory), (1, 2_000, 16)] {
                let time = SimTime.zero + .seconds(seconds)
                recorder.sampled(
                    NodeSample(
                        time: time, node: NodeIndex(0), numaNode: numaNode,
                        resource: ResourceTable.cpu, capacity: 4_000, reserved: 0, used: cpu,
                        free: 4_000 - cpu, shared: 4_000 - cpu))
                recorder.sampled(
                    NodeSample(
                        time: time, node: NodeIndex(0), numaNode: numaNode,
                        resource: ResourceTable.memory, capacity: 32 * gibibyte, reserved: 0,
                        used: memory * gibibyte, free: (32 - memory) * gibibyte, shared: 0))
            }
        }
    }

    @Test func `numa_balance weighs by time`() throws {
        // NUMA node 0: 0 for 4 s, then all for 6 s, is 60 %; NUMA node 1: 50 %.
        let row = try #require(
            try rows(
                "SELECT * FROM numa_balance WHERE resource = 'cpu'", after: pushTwoNUMANodes
            ).first)
        #expect(row["node"] == "worker-0")
        #expect(row["numa_nodes"] == 2)
        #expect(row["lowest_percent"] == 50.0)
        #expect(row["highest_percent"] == 60.0)
        #expect(row["difference_percent"] == 10.0)
    }

    @Test func `stranded_by_node counts what no pod of the run could use`() throws {
        let rows = try rows(
            "SELECT * FROM stranded_by_node ORDER BY resource", after: pushTwoNUMANodes)
        #expect(rows.map { $0["resource"] } == ["cpu", "memory"])
        // CPU: 6,000 free for 4 s, of which 4,000 beside no memory; 2,000 for 6 s.
        #expect(rows[0]["mean_free"] == 3_600.0)
        #expect(rows[0]["mean_stranded"] == 1_600.0)
        #expect(rows[0]["stranded_percent"] == 44.44)
        // Memory: 16 GiB throughout, and 20 GiB for 6 s beside no CPU.
        #expect(rows[1]["mean_free"] == 28.0 * Double(1 << 30))
        #expect(rows[1]["mean_stranded"] == 12.0 * Double(1 << 30))
        #expect(rows[1]["stranded_percent"] == 42.86)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `wait_percentiles are nearest ranks`(seed: UInt64) throws {
        let run = SampleRun(seed: seed, podCount: 200)
        let rows = try rows("SELECT * FROM wait_percentiles") { run.push(to: $0) }
        var waits: [String: [Int64]] = [:]
        for case .ended(let pod) in run.records {
            guard let started = pod.started else { continue }
            let wait = (started - pod.arrival).nanoseconds
            for name in ["(all)", run.description.workloads[pod.workload.position].name] {
                waits[name, default: []].append(wait)
            }
        }
        #expect(rows.map { $0["workload"] } == ["upf", "batch", "trace", "(all)"])
        for row in rows {
            let sorted = try #require(waits[row["workload"]]).sorted()
            func quantile(_ percent: Int) -> Double {
                // The smallest value that at least so many per cent do not exceed.
                let rank = sorted.indices.first { ($0 + 1) * 100 >= percent * sorted.count }
                return Double(sorted[rank ?? 0]) / 1e9
            }
            #expect(row["pods"] == sorted.count)
            #expect(row["p50_s"] == quantile(50))
            #expect(row["p90_s"] == quantile(90))
            #expect(row["p99_s"] == quantile(99))
            #expect(row["max_s"] == quantile(100))
        }
    }

    @Test func `pods have names that tell replicas and incarnations apart`() throws {
        let run = SampleRun(seed: 2, podCount: 300)
        let rows = try rows("SELECT name FROM pods") { run.push(to: $0) }
        let names = rows.map { $0["name"] as String }
        #expect(names.count == 300)
        #expect(Set(names).count == 300)
    }
}
