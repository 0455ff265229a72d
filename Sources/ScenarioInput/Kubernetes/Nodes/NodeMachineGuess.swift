import HardwareModel
import Primitives

/// A machine for a Node that nobody described: as many CPUs and as much memory, the rest guessed.
///
/// One NUMA node and one CPU a core, unless labels of Node Feature Discovery or a NodeResourceTopology say
/// otherwise. Each guess is reported.
struct NodeMachineGuess {
    /// Most CPUs that a guess is made for.
    static let cpuLimit: Int64 = 8192

    let node: NodeObject
    let zones: NodeZones?
    private(set) var report = ImportReport()
    private var description: MachineDescription
    private var osIndices: [Int] = [0]

    init(_ node: NodeObject, zones: NodeZones?) {
        self.node = node
        self.zones = zones
        description = MachineDescription(name: node.name)
    }

    private mutating func guessed(_ reason: String) {
        report.guessed("Node \(node.name)", reason, file: node.file, line: node.line)
    }

    /// - Throws: An amount that no machine has.
    mutating func makeMachine() throws(InputError) -> Machine {
        let cpus = ((node.capacity["cpu"] ?? 0) + 999) / 1000
        guard cpus > 0, cpus <= NodeMachineGuess.cpuLimit else {
            throw refusal("a machine of \(grouped(Int(clamping: cpus))) CPUs cannot be guessed")
        }
        if (node.capacity["cpu"] ?? 0) % 1000 != 0 {
            guessed("a part of a CPU is counted as a whole one: \(cpus) CPUs")
        }
        placeNUMANodes(cpus: Int(cpus))
        placeCores(cpus: Int(cpus))
        try placeMemory()
        do throws(MachineError) {
            return try description.makeMachine()
        } catch {
            throw refusal(error.mistakes.joined(separator: "; "))
        }
    }

    private func refusal(_ message: String) -> InputError {
        InputError([
            Diagnostic(
                file: node.file, line: node.line, message: "Node `\(node.name)`: \(message)")
        ])
    }

    // MARK: CPUs

    private mutating func placeNUMANodes(cpus: Int) {
        if let zones, !zones.zones.isEmpty, zones.zones.count <= cpus {
            osIndices = zones.zones.map(\.osIndex)
        } else if node.label("feature.node.kubernetes.io/memory-numa") == "true", cpus > 1 {
            osIndices = [0, 1]
            guessed("the label `memory-numa` says more than one NUMA node; two are taken")
        } else {
            guessed("nothing says how many NUMA nodes there are; one is taken")
        }
        let shares = shares(of: cpus)
        var next = 0
        for (osIndex, share) in zip(osIndices, shares) {
            description.numaNodes.append(
                .init(osIndex: osIndex, memory: 0, cpus: Array(next..<next + share)))
            description.sockets.append(
                .init(
                    osIndex: description.sockets.count, model: node.info.architecture,
                    cpus: Array(next..<next + share)))
            next += share
        }
        if let zones, osIndices.count > 1 {
            let rows = zones.zones.map { zone in
                osIndices.map { other in zone.costs.first { $0.osIndex == other }?.value ?? 0 }
            }
            if rows.allSatisfy({ $0.allSatisfy { $0 > 0 } }) { description.distances = rows }
        }
        if osIndices.count > 1 {
            guessed("each NUMA node is a socket with CPUs of consecutive numbers")
        }
    }

    /// How many CPUs each NUMA node has: as the zones say, else an equal part.
    private mutating func shares(of cpus: Int) -> [Int] {
        if let zones, zones.zones.count == osIndices.count {
            let said = zones.zones.map { ($0.capacity["cpu"] ?? 0) / 1000 }
            if said.allSatisfy({ $0 > 0 }), said.reduce(0, +) == Int64(cpus) {
                return said.map { Int($0) }
            }
            guessed(
                "its NodeResourceTopology has \(said.reduce(0, +)) CPUs in all and not \(cpus); "
                    + "they are spread evenly")
        }
        return evenly(Int64(cpus), over: osIndices.count).map { Int($0) }
    }

    private mutating func placeCores(cpus: Int) {
        let shares = description.numaNodes.map(\.cpus)
        switch node.label("feature.node.kubernetes.io/cpu-hardware_multithreading") {
        case "true" where shares.allSatisfy { $0.count % 2 == 0 }:
            description.cores = shares.flatMap { cpus in
                stride(from: 0, to: cpus.count, by: 2).map {
                    .init(cpus: [cpus[$0], cpus[$0 + 1]])
                }
            }
            guessed("two CPUs a core, with consecutive numbers, since it has hardware threads")
        case "false": break
        default: guessed("nothing says how many CPUs a core has; one is taken")
        }
    }

    // MARK: Memory

    private mutating func placeMemory() throws(InputError) {
        let total = node.capacity["memory"] ?? 0
        let said = zones?.zones.map { $0.capacity["memory"] ?? 0 } ?? []
        let parts: [Int64]
        if said.count == osIndices.count, said.allSatisfy({ $0 > 0 }), said.reduce(0, +) == total {
            parts = said
        } else {
            parts = evenly(total, over: osIndices.count)
        }
        for position in description.numaNodes.indices {
            description.numaNodes[position].memory = parts[position]
        }
        for entry in node.capacity.entries where entry.amount > 0 {
            guard let size = ResourceTable.hugePageSize(ofResource: entry.name) else { continue }
            guard size >= 4096, size & (size - 1) == 0 else {
                throw refusal("`\(entry.name)` is no size of a huge page")
            }
            let zoned = zones?.zones.map { ($0.capacity[entry.name] ?? 0) / size } ?? []
            let count = entry.amount / size
            let isZoned = zoned.count == osIndices.count && zoned.reduce(0, +) == count
            let pages = isZoned ? zoned : evenly(count, over: osIndices.count)
            for position in description.numaNodes.indices where pages[position] > 0 {
                description.numaNodes[position].hugePages.append(
                    HugePagePool(pageSize: size, count: pages[position]))
            }
        }
        if osIndices.count > 1, said.isEmpty {
            guessed("memory and huge pages are spread evenly over the NUMA nodes")
        }
    }
}

/// An equal part each; the first ones take what does not divide.
func evenly(_ total: Int64, over count: Int) -> [Int64] {
    guard count > 0 else { return [] }
    let (part, rest) = (total / Int64(count), total % Int64(count))
    return (0..<count).map { part + (Int64($0) < rest ? 1 : 0) }
}
