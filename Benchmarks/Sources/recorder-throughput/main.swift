// What recording costs: one million pods with what they got, pushed as fast as they can be made.
//
//     recorder-throughput [PODS] [FOLDER] [NODE SAMPLES]
//
// Prints the producer's time (what a simulation would feel), the time of `finish`, and the process's CPU time.

import Foundation
import HardwareModel
import Metrics
import Primitives
import Records
import ResultsDatabase
import WorkloadModel

let arguments = CommandLine.arguments
let podCount = arguments.count > 1 ? Int(arguments[1]) ?? 1_000_000 : 1_000_000
let folder = arguments.count > 2 ? arguments[2] : NSTemporaryDirectory()
let sampleCount = arguments.count > 3 ? Int(arguments[3]) ?? 0 : 100_000
let nodeCount = 1_000

var run = RunDescription(
    name: "recorder-throughput", seed: 1, topsimVersion: "0", kubeletVersion: "1.36")
let hugePages = run.resources.intern("hugepages-1Gi")
let functions = run.resources.intern("intel.com/sriov_vfs")
run.machines = [MachineDescription(name: "m", machine: Machine(name: "m"))]
run.nodeGroups = [
    NodeGroupDescription(name: "n", machine: 0, nodeNames: (0..<nodeCount).map { "n-\($0)" })
]
run.workloads = [
    WorkloadDescription(name: "w", namespace: "default", controller: .replicaSet, replicas: 1)
]
run.shapes = [
    PodShape(qos: .guaranteed, containers: [ContainerShape(name: "app", kind: .app)])
]

/// Pods that end, in order of time.
struct Departures {
    var heap: [(time: Int64, pod: Int)] = []

    mutating func push(_ time: Int64, _ pod: Int) {
        heap.append((time, pod))
        var child = heap.count - 1
        while child > 0, heap[child].time < heap[(child - 1) / 2].time {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> (time: Int64, pod: Int) {
        let first = heap[0]
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].time < heap[child].time { child += 1 }
            guard heap[child].time < heap[parent].time else { break }
            heap.swapAt(child, parent)
            parent = child
        }
        return first
    }
}

/// What one pod got: 1.3 containers, 1.4 memory blocks and 0.4 devices on average.
func placement(of pod: Int, at time: SimTime, _ random: inout RandomStream) -> PlacementRecord {
    var containers: [ContainerPlacement] = []
    for position in 0..<(random.below(10) < 3 ? 2 : 1) {
        let numaNode = Int(random.below(2))
        let nodes = NUMANodeSet(mask: 1 << UInt64(numaNode))
        var container = ContainerPlacement(name: position == 0 ? "app" : "sidecar")
        let first = numaNode * 32 + Int(random.below(20))
        let count = 1 + Int(random.below(12))
        container.cpus = CPUSet(first..<first + count)
        container.cpus.formUnion(CPUSet(first + 64..<first + 64 + count))
        container.cpuNUMANodes = nodes
        container.affinity = nodes
        container.affinityIsPreferred = true
        container.alignment = Alignment(core: true, uncore: false, numa: true, socket: true)
        container.memory = [
            MemoryBlock(resource: ResourceTable.memory, numaNodes: nodes, bytes: 4 << 30)
        ]
        if random.below(3) == 0 {
            container.memory.append(
                MemoryBlock(resource: hugePages, numaNodes: nodes, bytes: 2 << 30))
            container.devices.append(
                DevicePlacement(
                    resource: functions, id: "vf-\(random.below(64))", numaNodes: nodes))
        }
        containers.append(container)
    }
    return PlacementRecord(
        pod: PodIndex(pod), node: NodeIndex(pod % nodeCount), time: time, containers: containers)
}

func produce(_ sink: ResultsRecorder?) {
    var random = RandomStream(seed: 1, name: "benchmark")
    var departures = Departures()
    var sequence: Int64 = 0
    func end(_ departure: (time: Int64, pod: Int)) {
        sequence += 1
        sink?.ended(
            PodRecord(
                pod: PodIndex(departure.pod), workload: WorkloadIndex(0), shape: PodShapeIndex(0),
                owner: UInt32(departure.pod), replica: 0, incarnation: 0, replaces: nil,
                traceName: nil, node: NodeIndex(departure.pod % nodeCount),
                arrival: SimTime(nanoseconds: Int64(departure.pod) * 1_000_003),
                scheduled: SimTime(nanoseconds: Int64(departure.pod) * 1_000_003 + 10_000_000),
                started: SimTime(nanoseconds: Int64(departure.pod) * 1_000_003 + 20_000_000),
                finished: SimTime(nanoseconds: departure.time), outcome: .succeeded, attempts: 1,
                admissionSequence: sequence, releaseSequence: sequence + 1))
    }
    for pod in 0..<podCount {
        let time = Int64(pod) * 1_000_003
        while let next = departures.heap.first, next.time <= time { end(departures.pop()) }
        let placement = placement(of: pod, at: SimTime(nanoseconds: time), &random)
        sink?.placed(placement)
        if pod % 20 == 0 {
            sink?.rejected(
                RejectionRecord(
                    time: placement.time, pod: placement.pod, node: placement.node,
                    stage: .admission, reason: "TopologyAffinityError",
                    message: "Resources cannot be allocated with Topology locality"))
        }
        // A product of two uniform numbers has a long tail: 10,000 pods on average are on the nodes.
        departures.push(time + Int64(random.unit() * random.unit() * 40e9), pod)
    }
    while !departures.heap.isEmpty { end(departures.pop()) }
    for sample in 0..<sampleCount {
        sink?.sampled(
            NodeSample(
                time: SimTime(nanoseconds: Int64(sample)), node: NodeIndex(sample % nodeCount),
                numaNode: sample % 2, resource: ResourceTable.cpu, capacity: 64_000,
                reserved: 2_000,
                used: 30_000, free: 32_000, shared: 30_000))
    }
}

func measure(_ name: String, _ work: () throws -> Void) rethrows {
    func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let before = processorSeconds()
    let start = ContinuousClock.now
    try work()
    let wall = ContinuousClock.now - start
    let wallSeconds = Double(wall.components.seconds) + Double(wall.components.attoseconds) / 1e18
    print(
        name, String(format: "%.2f s, %.2f s of CPU", wallSeconds, processorSeconds() - before))
}

measure("making records only      ") { produce(nil) }
let path = folder + "/recorder-throughput.sqlite"
for file in [path, path + ".partial"] { try? FileManager.default.removeItem(atPath: file) }
try measure("open, record, finish     ") {
    let recorder = try ResultsRecorder(to: path, describing: run, level: .pods)
    measure("  making and recording   ") { produce(recorder) }
    try measure("  finish                 ") {
        let ending = RunEnding(status: .complete, ended: SimTime(nanoseconds: 1))
        let results = try recorder.finish(ending)
        print("  \(results.digest?.hexadecimal ?? "-"), \(results.bytes / 1_000_000) MB")
        for table in results.digest?.tables ?? [] where table.rows > 1_000 {
            print("    \(table.name): \(table.rows) rows")
        }
    }
}
try measure("digest again             ") { _ = try RunDigest(ofFile: path) }
