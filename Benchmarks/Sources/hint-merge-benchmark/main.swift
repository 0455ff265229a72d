// What hints and merge cost against the number of NUMA nodes: devices, CPUs and memory, sockets of up to 8 NUMA nodes.
//
//     hint-merge-benchmark [MILLISECONDS A CELL]
//
// Each cell is the fastest of several batches, in microseconds, of `NodeModel.topologyAnswer`: a pod enters the
// node, three providers are asked, their lists are merged, the pod leaves. The letter is p for a preferred answer, n for
// one that is not, ! for the work limit; the number behind it counts the answer's NUMA nodes. In "first" all is free, in
// "last" all NUMA nodes but the last are full; the others fall into up to 8 classes by free CPUs, memory and devices.

import HardwareModel
import NodeManagers
import Primitives
import WorkloadModel

let budget = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 200

/// One machine, and ways to fill it.
struct Bench {
    let count: Int
    let model: NodeModel
    var state: NodeState
    let resources: ResourceTable
    private var nextPod = 0

    init(count: Int, policy: String, closest: Bool) throws {
        self.count = count
        var machine = Machine(name: "machine")
        let perSocket = min(8, count)
        for socket in 0..<count / perSocket { machine.sockets.append(Socket(osIndex: socket)) }
        for node in 0..<count {
            let socket = node / perSocket
            machine.numaNodes.append(
                NUMANode(osIndex: node, memory: 17 << 30, hugePages: [], socket: socket))
            machine.uncoreCaches.append(UncoreCache(size: 0))
            for index in 0..<4 {
                machine.cores.append(Core(osIndex: node * 4 + index, socket: socket))
                machine.cpus.append(
                    CPU(
                        osIndex: node * 4 + index, core: node * 4 + index, socket: socket,
                        numaNode: node, uncoreCache: node))
            }
        }
        machine.distances = NUMADistances(
            count: count,
            values: (0..<count * count).map {
                let (from, to) = ($0 / count, $0 % count)
                return from == to ? 10 : from / perSocket == to / perSocket ? 12 : 32
            })
        var table = ResourceTable()
        var plugins = [
            DeviceResource(
                name: "example.com/nic",
                devices: (0..<2 * count).map { PluginDevice(id: "nic\($0)", numaNodes: [$0 / 2]) })
        ]
        _ = table.intern("example.com/nic")
        for node in 0..<count {
            // A device that pulls a pod to one NUMA node.
            _ = table.intern("example.com/pin\(node)")
            plugins.append(
                DeviceResource(
                    name: "example.com/pin\(node)",
                    devices: [PluginDevice(id: "pin", numaNodes: [node])]))
        }
        var settings = KubeletSettings()
        settings.topologyManagerPolicy = policy
        settings.topologyManagerPolicyOptions = [
            "prefer-closest-numa-nodes": "\(closest)", "max-allowable-numa-nodes": "64",
        ]
        settings.cpuManagerPolicy = "static"
        settings.reservedSystemCPUs = [0]
        settings.memoryManagerPolicy = "Static"
        settings.kubeReserved = ["cpu": 1000, "memory": Int64(count) << 30]
        settings.evictionHardMemory = .bytes(0)
        settings.reservedMemory = (0..<count).map {
            ReservedMemory(numaNode: $0, limits: ["memory": 1 << 30])
        }
        resources = table
        model = try NodeModel(
            machine: machine, settings: settings, devices: plugins, resources: table)
        state = model.makeState()
    }

    func pod(cpus: Int, gibibytes: Int, nics: Int = 0, pinnedTo node: Int? = nil) -> PreparedPod {
        var amounts: [ResourceAmount] = []
        amounts.append(ResourceAmount(ResourceTable.cpu, Int64(cpus) * 1000))
        amounts.append(ResourceAmount(ResourceTable.memory, Int64(gibibytes) << 30))
        if nics > 0 {
            amounts.append(ResourceAmount(resources.index(of: "example.com/nic")!, Int64(nics)))
        }
        if let node {
            amounts.append(ResourceAmount(resources.index(of: "example.com/pin\(node)")!, 1))
        }
        return prepared(amounts)
    }

    private func prepared(_ amounts: [ResourceAmount]) -> PreparedPod {
        let container = ContainerShape(
            name: "main", kind: .app,
            resources: ContainerResources(requests: amounts, limits: amounts))
        let hasCPUs = amounts.contains { $0.resource == ResourceTable.cpu }
        return model.prepare(
            PodShape(qos: hasCPUs ? .guaranteed : .bestEffort, containers: [container]))
    }

    private mutating func admit(_ pod: PreparedPod) {
        if case .rejected(let rejection) = model.admit(PodIndex(nextPod), pod, in: &state) {
            print("not filled: \(rejection.message(resources))")
        }
        nextPod += 1
    }

    /// What `nodes` NUMA nodes just hold, and fewer do not.
    func pod(filling nodes: Int) -> PreparedPod {
        pod(cpus: 4 * nodes - 1, gibibytes: 16 * nodes - 1, nics: 2 * nodes)
    }

    mutating func takeNICs(_ nics: Int, on node: Int) {
        guard nics > 0 else { return }
        admit(
            prepared([
                ResourceAmount(resources.index(of: "example.com/nic")!, Int64(nics)),
                ResourceAmount(resources.index(of: "example.com/pin\(node)")!, 1),
            ]))
    }

    mutating func fill(_ node: Int, cpus: Int, gibibytes: Int) {
        guard cpus > 0 else { return }
        admit(pod(cpus: cpus, gibibytes: gibibytes, pinnedTo: node))
    }

    /// Microseconds of one answer, and the answer.
    mutating func measure(_ pod: PreparedPod) -> (Double, TopologyAnswer?) {
        let clock = ContinuousClock()
        var answer: TopologyAnswer?
        var best = Double.infinity
        var repeats = 1
        let end = clock.now + .milliseconds(budget)
        while clock.now < end || best == .infinity {
            let time = clock.measure {
                for _ in 0..<repeats { answer = model.topologyAnswer(to: pod, in: &state) }
            }
            let seconds =
                Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
            best = min(best, seconds * 1e6 / Double(repeats))
            if seconds < 0.002 { repeats *= 2 }
        }
        return (best, answer)
    }
}

enum Case: String, CaseIterable {
    case first, last
    case someFull = "N/4 NUMA nodes, half are full"
    case closest = "the same, closest"
    case scattered = "scattered devices"
    case scatteredClosest = "the same, closest "
    case notPreferred = "not preferred"
    case notPreferredClosest = "the same, closest  "
    case none

    func run(_ count: Int) throws -> (Double, TopologyAnswer?) {
        let isClosest =
            self == .closest || self == .notPreferredClosest || self == .scatteredClosest
        var bench = try Bench(
            count: count, policy: self == .none ? "restricted" : "best-effort", closest: isClosest)
        // NUMA node 0 has the reserved CPU.
        switch self {
        case .first: return bench.measure(bench.pod(cpus: 2, gibibytes: 8, nics: 1))
        case .last:
            for node in 0..<count - 1 { bench.fill(node, cpus: node == 0 ? 3 : 4, gibibytes: 16) }
            return bench.measure(bench.pod(cpus: 2, gibibytes: 8, nics: 1))
        case .someFull, .closest:
            for node in 0..<count where node % 8 > 3 {
                bench.fill(node, cpus: 1 + node % 3, gibibytes: 1 + node % 8)
            }
            let nodes = max(1, count / 4)
            return bench.measure(bench.pod(filling: nodes))
        case .scattered, .scatteredClosest, .notPreferred, .notPreferredClosest, .none:
            for node in 0..<count {
                if node % 8 == 7 {
                    bench.fill(node, cpus: 1 + node % 3, gibibytes: 1 + node % 8)
                } else {
                    bench.takeNICs(node % 3, on: node)
                }
            }
            let isScattered = self == .scattered || self == .scatteredClosest
            let nodes = max(1, count / 4)
            // Free devices lie on more NUMA nodes than so many devices need; fewer find room in the same number.
            return bench.measure(
                isScattered
                    ? bench.pod(filling: nodes)
                    : bench.pod(cpus: 4 * nodes, gibibytes: 16 * nodes - 1, nics: 2 * nodes + nodes)
            )
        }
    }
}

var header = "| NUMA nodes |"
for item in Case.allCases { header += " \(item.rawValue) |" }
print(header)
print("|--:|" + String(repeating: "--:|", count: Case.allCases.count))
for count in [1, 2, 4, 8, 16, 32, 64] {
    var line = "| \(count) |"
    for item in Case.allCases {
        let (time, answer) = try item.run(count)
        let mark =
            answer.map { $0.wouldStall ? "!" : $0.isPreferred ? "p" : "n" } ?? "?"
        let rounded = Double(Int(time * 100)) / 100
        line += " \(rounded) \(mark)\(answer?.nodes.map { $0.count } ?? 0) |"
    }
    print(line)
}
