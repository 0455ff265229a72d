import GRDB
import Primitives
import Records
import Testing

import ResultsDatabase

@Suite struct RecorderTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `every record can be read back as it was`(seed: UInt64) throws {
        let run = SampleRun(seed: seed, podCount: 40)
        let folder = try TemporaryFolder()
        try run.record(to: folder.file("run.sqlite"))
        let reader = try ResultsReader(path: folder.file("run.sqlite"))
        var pods: [PodRecord] = []
        var rejections: [RejectionRecord] = []
        var nodeSamples: [NodeSample] = []
        var clusterSamples: [ClusterSample] = []
        for record in run.records {
            switch record {
            case .ended(let pod): pods.append(pod)
            case .rejected(let rejection): rejections.append(rejection)
            case .nodeSampled(let sample): nodeSamples.append(sample)
            case .clusterSampled(let sample): clusterSamples.append(sample)
            case .placed, .changed: break
            }
        }
        #expect(try reader.allPods() == pods.sorted { $0.pod < $1.pod })
        #expect(try reader.allRejections() == rejections)
        #expect(try reader.allNodeSamples() == nodeSamples)
        #expect(try reader.allClusterSamples() == clusterSamples)
    }

    @Test(arguments: [2, 8, 64, 1_000])
    func `rows are the same however they are cut into batches`(podsAtOnce: Int) throws {
        let folder = try TemporaryFolder()
        let run = SampleRun(seed: 4, podCount: 300)
        let whole = try run.record(to: folder.file("whole.sqlite"))
        let cut = try run.record(to: folder.file("cut.sqlite"), podsAtOnce: podsAtOnce)
        #expect(cut.digest == whole.digest)
        #expect(cut.digest?.tables.first { $0.name == "pod" }?.rows == 300)
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `lists of CPUs and NUMA nodes read as the sets' own descriptions`(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "lists")
        var arena = TextArena(words: ["word"])
        var cpus = CPUSet()
        for _ in 0..<random.below(12) {
            let first = Int(random.below(1_024))
            let length = Int(random.below(seed % 3 == 0 ? 200 : 6))
            for cpu in first..<min(first + length, 1_024) { cpus.insert(cpu) }
        }
        let nodes = NUMANodeSet(mask: random.next() | (seed % 2 == 0 ? random.next() : 0))
        let places = [
            arena.list(cpus), arena.list(nodes), arena.list(CPUSet(0..<1_024)),
            arena.list(NUMANodeSet(mask: .max)), arena.word(0),
        ]
        #expect(
            places.map(arena.text) == [
                cpus.description, nodes.description, "0-1023", "0-63", "word",
            ])
    }

    @Test func `shapes that come up later are written once`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        var description = SampleRun().description
        description.shapes = []
        let recorder = try ResultsRecorder(to: path, describing: description, level: .full)
        recorder.describe(shapes: [SampleRun.shapes[0]])
        recorder.describe(shapes: SampleRun.shapes)
        recorder.describe(shapes: SampleRun.shapes)
        _ = try recorder.finish(SampleRun().ending)
        let counts = try ResultsReader(path: path).rowCounts()
        #expect(counts.first { $0.table == "pod_shape" }?.rows == 2)
        #expect(counts.first { $0.table == "container_shape" }?.rows == 3)
    }
}

extension TextArena {
    fileprivate func text(_ place: Place) -> String {
        let (start, length) = TextArena.bounds(place.cell)
        return String(decoding: bytes[start..<start + length], as: UTF8.self)
    }
}

// MARK: Rows back to records, the slow and plain way

extension ResultsReader {
    func allPods() throws -> [PodRecord] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM pod ORDER BY id").map { row in
                func time(_ column: String) -> SimTime? {
                    (row[column] as Int64?).map(SimTime.init(nanoseconds:))
                }
                return PodRecord(
                    pod: PodIndex(row["id"] as Int),
                    workload: WorkloadIndex(row["workload"] as Int),
                    shape: PodShapeIndex(row["pod_shape"] as Int), owner: row["owner"],
                    replica: row["replica"], incarnation: row["incarnation"],
                    replaces: (row["replaces"] as Int?).map { PodIndex($0) },
                    traceName: row["trace_name"], node: (row["node"] as Int?).map { NodeIndex($0) },
                    arrival: try #require(time("arrival_ns")), scheduled: time("scheduled_ns"),
                    started: time("started_ns"), finished: time("finished_ns"),
                    outcome: try #require(PodOutcome(rawValue: row["outcome"])),
                    attempts: row["attempts"], admissionSequence: row["admission_sequence"] ?? 0,
                    releaseSequence: row["release_sequence"] ?? 0)
            }
        }
    }

    func allRejections() throws -> [RejectionRecord] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM rejection ORDER BY id").map { row in
                RejectionRecord(
                    time: SimTime(nanoseconds: row["time_ns"]), pod: PodIndex(row["pod"] as Int),
                    node: (row["node"] as Int?).map { NodeIndex($0) },
                    stage: try #require(RejectionStage(rawValue: row["stage"])),
                    reason: row["reason"], message: row["message"])
            }
        }
    }

    func allNodeSamples() throws -> [NodeSample] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM node_sample ORDER BY id").map { row in
                NodeSample(
                    time: SimTime(nanoseconds: row["time_ns"]), node: NodeIndex(row["node"] as Int),
                    numaNode: row["numa_node"], resource: ResourceIndex(row["resource"] as Int),
                    capacity: row["capacity"], reserved: row["reserved"], used: row["used"],
                    free: row["free"], shared: row["shared"] ?? 0)
            }
        }
    }

    func allClusterSamples() throws -> [ClusterSample] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM cluster_sample ORDER BY id").map { row in
                var sample = ClusterSample(time: SimTime(nanoseconds: row["time_ns"]))
                sample.arrived = row["arrived"]
                sample.pending = row["pending"]
                sample.running = row["running"]
                sample.succeeded = row["succeeded"]
                sample.failed = row["failed"]
                sample.deleted = row["deleted"]
                let id = row["id"] as Int
                sample.resources = try Row.fetchAll(
                    database,
                    sql: "SELECT * FROM cluster_resource_sample WHERE cluster_sample = ?",
                    arguments: [id]
                ).map { row in
                    ResourceSample(
                        resource: ResourceIndex(row["resource"] as Int),
                        allocatable: row["allocatable"], requested: row["requested"],
                        free: row["free"], stranded: row["stranded"])
                }
                sample.fits = try Row.fetchAll(
                    database, sql: "SELECT * FROM mix_sample WHERE cluster_sample = ?",
                    arguments: [id]
                ).map { row in
                    MixSample(
                        member: row["member"], admitted: row["admitted"], fitting: row["fitting"])
                }
                return sample
            }
        }
    }
}
