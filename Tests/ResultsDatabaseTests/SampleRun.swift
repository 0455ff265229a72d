import Foundation
import HardwareModel
import Metrics
import Primitives
import Records
import ResultsDatabase
import WorkloadModel

/// A made-up run that touches every table: two nodes of two NUMA nodes, three workloads, every outcome, every level
/// of null. The same seed gives the same records.
struct SampleRun {
    var seed: UInt64 = 1
    var podCount = 60

    static let hugePages = ResourceIndex(3)
    static let functions = ResourceIndex(4)

    var description: RunDescription {
        var run = RunDescription(
            name: "it's a sample", seed: seed, topsimVersion: "0.1.0", kubeletVersion: "1.36")
        run.description = "Two workers and a database that does not always fit"
        run.scenarioJSON = #"{"metadata":{"name":"sample"},"seed":1}"#
        run.epoch = 1_700_000_000
        run.inputFiles = [
            InputFile(
                path: "sample.yaml", sha256: String(repeating: "0f", count: 32), bytes: 1_234)
        ]
        _ = run.resources.intern("hugepages-1Gi")
        _ = run.resources.intern("intel.com/sriov_vfs")
        run.machines = [MachineDescription(name: "dual", machine: SampleRun.machine)]
        var group = NodeGroupDescription(
            name: "worker", machine: 0, nodeNames: ["worker-0", "worker-1"])
        group.cpuManagerPolicy = "static"
        group.topologyManagerPolicy = "single-numa-node"
        group.reservedCPUs = [0, 4]
        group.resources = [
            NodeResource(resource: ResourceTable.cpu, capacity: 8_000, allocatable: 6_000),
            NodeResource(resource: ResourceTable.memory, capacity: 64 << 30, allocatable: 60 << 30),
        ]
        if let layout = SampleRun.layout {
            group.virtualMachines = VirtualMachineDescription(host: 0, layout: layout)
        }
        run.nodeGroups = [group]
        run.workloads = [
            WorkloadDescription(
                name: "upf", namespace: "core", controller: .deployment, replicas: 2),
            WorkloadDescription(name: "batch", namespace: "jobs", controller: .job, replicas: 1),
            WorkloadDescription(
                name: "trace", namespace: "default", controller: .none, replicas: 1),
        ]
        run.shapes = SampleRun.shapes
        run.targetMix = [
            TargetMixMember(workload: "upf", weight: 3),
            TargetMixMember(workload: "batch", weight: 1),
        ]
        return run
    }

    /// One socket, two NUMA nodes, four cores, eight CPUs.
    static let machine: Machine = {
        var machine = Machine(name: "1s2n2c2t")
        machine.sockets = [Socket(osIndex: 0)]
        machine.numaNodes = [
            NUMANode(
                osIndex: 0, memory: 32 << 30,
                hugePages: [HugePagePool(pageSize: 1 << 30, count: 8)],
                socket: 0),
            NUMANode(osIndex: 1, memory: 32 << 30, socket: 0),
        ]
        machine.uncoreCaches = [UncoreCache(size: 16 << 20)]
        machine.cores = (0..<4).map { Core(osIndex: $0, socket: 0) }
        machine.cpus = (0..<8).map { cpu in
            CPU(
                osIndex: cpu, core: cpu % 4, socket: 0, numaNode: (cpu % 4) / 2,
                uncoreCache: cpu < 6 ? 0 : nil)
        }
        machine.distances = NUMADistances(count: 2, values: [10, 21, 21, 10])
        return machine
    }()

    /// Two CPUs of a guest on the machine.
    static let layout: VirtualMachineLayout? = {
        let guest = try? MachineShape(parsing: "1s1n2c1t").makeMachine(memoryPerNUMANode: 8 << 30)
        let settings = VirtualMachineSettings(host: machine, hostName: "dual")
        return guest.flatMap { try? VirtualMachineLayout(settings, guest: $0) }
    }()

    static let shapes: [PodShape] = {
        func shape(_ qos: QoSClass, cpu: Int64, gibibytes: Int64, sidecar: Bool) -> PodShape {
            let amounts = [
                ResourceAmount(ResourceTable.cpu, cpu),
                ResourceAmount(ResourceTable.memory, gibibytes << 30),
            ]
            var containers = [
                ContainerShape(
                    name: "app", kind: .app,
                    resources: ContainerResources(
                        requests: amounts, limits: qos == .guaranteed ? amounts : []))
            ]
            if sidecar {
                containers.insert(ContainerShape(name: "proxy", kind: .sidecar), at: 0)
            }
            var shape = PodShape(qos: qos, containers: containers)
            shape.requests = amounts
            return shape
        }
        return [
            shape(.guaranteed, cpu: 2_000, gibibytes: 4, sidecar: true),
            shape(.burstable, cpu: 500, gibibytes: 1, sidecar: false),
        ]
    }()

    /// Pushes the run's records, in the order of a run.
    func push(to sink: some RecordSink) {
        for record in records {
            switch record {
            case .placed(let record):
                sink.placed(record)
                sink.placedOnHost(SampleRun.onHost(record))
            case .rejected(let record): sink.rejected(record)
            case .ended(let record): sink.ended(record)
            case .changed(let event): sink.changed(event)
            case .nodeSampled(let sample): sink.sampled(sample)
            case .clusterSampled(let sample): sink.sampled(sample)
            }
        }
        let time = SimTime(nanoseconds: 7_000_000_000)
        sink.acted(
            ActionRecord(
                action: 0, kind: "drain", target: "node-0", began: .zero, ended: time,
                outcome: .failed, message: "0 done; node-0: a reason"))
        sink.evicted(
            EvictionRecord(
                time: time, action: 0, pod: PodIndex(0), node: NodeIndex(0), verdict: .refused,
                message: "a budget's words"))
        sink.rolled(
            RolloutRecord(
                time: time, workload: WorkloadIndex(0), owner: 0, step: .changed, wanted: 3,
                existing: 2, updated: 1, available: 1, message: "a new template"))
    }

    /// The first container as a host might see it.
    static func onHost(_ placement: PlacementRecord) -> HostPlacementRecord {
        var record = HostPlacementRecord(pod: placement.pod, node: placement.node, containers: [])
        guard let first = placement.containers.first else { return record }
        var container = HostPlacement(
            position: 0, isAlignedInGuest: true, isAlignedOnHost: first.cpus.isEmpty)
        container.cpus = first.cpus
        container.cpuNUMANodes = first.cpuNUMANodes
        record.containers = [container]
        return record
    }

    enum Record {
        case placed(PlacementRecord)
        case rejected(RejectionRecord)
        case ended(PodRecord)
        case changed(NodeEventRecord)
        case nodeSampled(NodeSample)
        case clusterSampled(ClusterSample)
    }

    var records: [Record] {
        var random = RandomStream(seed: seed, name: "sample run")
        var records: [Record] = []
        var sequence: Int64 = 0
        for position in 0..<podCount {
            let arrival = SimTime(nanoseconds: Int64(position) * 1_500_000_000)
            let outcome = PodOutcome.allCases[Int(random.below(5))]
            var pod = PodRecord(
                pod: PodIndex(position), workload: WorkloadIndex(position % 3),
                shape: PodShapeIndex(position % 2), owner: UInt32(position / 3),
                replica: UInt32(random.below(2)), incarnation: position % 7 == 6 ? 1 : 0,
                replaces: position % 7 == 6 ? PodIndex(position - 3) : nil,
                traceName: position % 3 == 2 ? "openb-pod-\(position)" : nil, node: nil,
                arrival: arrival, scheduled: nil, started: nil, finished: nil, outcome: outcome,
                attempts: UInt32(1 + random.below(3)), admissionSequence: 0, releaseSequence: 0)
            if outcome != .pending {
                pod.node = NodeIndex(position % 2)
                pod.scheduled = arrival + .milliseconds(10)
            } else {
                records.append(.rejected(rejection(of: pod, stage: .scheduler)))
            }
            if position % 50 == 5 {
                let kinds = NodeEventRecord.Kind.allCases
                records.append(
                    .changed(
                        NodeEventRecord(
                            time: arrival, node: NodeIndex(position % 2),
                            kind: kinds[position / 50 % kinds.count],
                            message: "event at \(position)")))
            }
            if outcome == .failed {
                pod.finished = arrival + .milliseconds(20)
                records.append(.rejected(rejection(of: pod, stage: .admission)))
            }
            if outcome == .succeeded || outcome == .deleted || outcome == .running {
                sequence += 1
                pod.started = arrival + .milliseconds(Int64(20 + random.below(4_000)))
                pod.admissionSequence = sequence
                records.append(.placed(placement(of: pod, &random)))
                if outcome != .running {
                    sequence += 1
                    pod.finished = arrival + .seconds(Int64(5 + random.below(60)))
                    pod.releaseSequence = sequence
                }
            }
            records.append(.ended(pod))
            if position % 10 == 0 { records += samples(at: arrival, &random) }
        }
        // Pods end in another order than they come.
        let ends = records.indices.filter { if case .ended = records[$0] { true } else { false } }
        for (first, second) in zip(ends, ends.dropFirst(2)) where random.below(2) == 0 {
            records.swapAt(first, second)
        }
        return records
    }

    private func rejection(of pod: PodRecord, stage: RejectionStage) -> RejectionRecord {
        let isScheduler = stage == .scheduler
        return RejectionRecord(
            time: pod.arrival + .milliseconds(isScheduler ? 5 : 20), pod: pod.pod,
            node: isScheduler ? nil : pod.node, stage: stage,
            reason: isScheduler ? "Unschedulable" : "TopologyAffinityError",
            message: isScheduler
                ? "0/2 nodes are available: 2 Insufficient cpu."
                : "Resources can't be allocated with Topology locality")
    }

    private func placement(of pod: PodRecord, _ random: inout RandomStream) -> PlacementRecord {
        var app = ContainerPlacement(name: "app")
        let numaNode = Int(random.below(2))
        let nodes: NUMANodeSet = [numaNode]
        if pod.shape.position == 0 {
            app.cpus = [2 * numaNode + 1, 2 * numaNode + 5]
            app.cpuNUMANodes = nodes
            app.affinity = nodes
            app.affinityIsPreferred = random.below(4) > 0
            app.alignment = Alignment(
                core: true, uncore: random.below(2) == 0, numa: app.affinityIsPreferred,
                socket: nil)
            app.memory = [
                MemoryBlock(resource: ResourceTable.memory, numaNodes: nodes, bytes: 4 << 30),
                MemoryBlock(
                    resource: SampleRun.hugePages, numaNodes: [0, 1], bytes: 1 << 30),
            ]
            app.devices = [
                DevicePlacement(resource: SampleRun.functions, id: "vf'0", numaNodes: nodes),
                DevicePlacement(resource: SampleRun.functions, id: "vf-1", numaNodes: []),
            ]
        }
        let containers =
            pod.shape.position == 0 ? [ContainerPlacement(name: "proxy"), app] : [app]
        return PlacementRecord(
            pod: pod.pod, node: pod.node ?? NodeIndex(0), time: pod.started ?? .zero,
            containers: containers)
    }

    private func samples(at time: SimTime, _ random: inout RandomStream) -> [Record] {
        var records: [Record] = []
        for numaNode in 0..<2 {
            let used = 500 * Int64(random.below(7))
            records.append(
                .nodeSampled(
                    NodeSample(
                        time: time, node: NodeIndex(0), numaNode: numaNode,
                        resource: ResourceTable.cpu, capacity: 4_000, reserved: 1_000, used: used,
                        free: 3_000 - used, shared: 3_000 - used)))
            records.append(
                .nodeSampled(
                    NodeSample(
                        time: time, node: NodeIndex(0), numaNode: numaNode,
                        resource: ResourceTable.memory, capacity: 32 << 30, reserved: 2 << 30,
                        used: used << 23, free: (30 << 30) - used << 23, shared: 0)))
        }
        records.append(
            .nodeSampled(
                NodeSample(
                    time: time, node: NodeIndex(0), numaNode: nil, resource: SampleRun.functions,
                    capacity: 16, reserved: 0, used: 3, free: 13, shared: 0)))
        var sample = ClusterSample(time: time)
        sample.arrived = time.nanoseconds / 1_500_000_000 + 1
        sample.running = sample.arrived / 2
        sample.pending = sample.arrived - sample.running
        let requested = 500 * Int64(random.below(24))
        sample.resources = [
            ResourceSample(
                resource: ResourceTable.cpu, allocatable: 12_000, requested: requested,
                free: 12_000 - requested, stranded: (12_000 - requested) / 4),
            ResourceSample(
                resource: SampleRun.functions, allocatable: 32, requested: 6, free: 26, stranded: 0),
        ]
        sample.fits = [
            MixSample(member: 0, admitted: 2, fitting: 3),
            MixSample(member: 1, admitted: 7, fitting: 7),
        ]
        records.append(.clusterSampled(sample))
        return records
    }

    var ending: RunEnding {
        var ending = RunEnding(
            status: .complete, ended: SimTime(nanoseconds: Int64(podCount) * 1_500_000_000))
        ending.metrics = [
            Metric(
                name: "use.cpu", value: 0.71, unit: .ratio, polarity: .higher,
                definition: "Requested CPU over allocatable CPU, weighted by time"),
            Metric(
                name: "balance", value: -0.0, unit: .ratio, polarity: .neither,
                definition: "Jain's index"),
            Metric(
                name: "wait.mean", value: .nan, unit: .nanoseconds, polarity: .lower,
                definition: "Arrival to start"),
        ]
        ending.distributions = [
            NamedDistribution(
                name: "wait", unit: "ns",
                distribution: LatencyDistribution(
                    count: 3, mean: 2, p50: 2, p90: 3, p99: 3, max: 3,
                    buckets: [
                        HistogramBucket(low: 1, high: 1, count: 1),
                        HistogramBucket(low: 2_048, high: 2_049, count: 2),
                    ]))
        ]
        ending.engine = [
            EngineFact(name: "events", value: 12_345, unit: "events"),
            EngineFact(name: "wall", value: 0.25, unit: "s"),
        ]
        return ending
    }

    /// Records the whole run.
    @discardableResult
    func record(
        to path: String, level: RecordLevel = .full, status: RunStatus = .complete,
        podsAtOnce: Int = 4_096
    ) throws -> FinishedResults {
        let recorder = try ResultsRecorder(
            to: path, describing: description, level: level, podsAtOnce: podsAtOnce)
        push(to: recorder)
        var ending = ending
        ending.status = status
        return try recorder.finish(ending)
    }
}

/// A folder that goes away with the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "topsim-results-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// Names in the folder, sorted.
    var contents: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
    }
}
