package import HardwareModel
package import NodeManagers
import Primitives

/// A machine of a topologies file.
package struct VectorMachine: Sendable {
    package let name: String
    package let topology: CPUTopology
    package let layout: NUMALayout
    /// As hardware, for whole nodes; nil where the file gives no memory.
    package let machine: Machine?

    /// Reads one entry of `machines`.
    init(_ json: JSONValue) throws(VectorStop) {
        name = try required(json["name"]?.text, "name")
        var rows: [CPUTopology.Row] = []
        for row in json["cpus"]?.elements ?? [] {
            let ids = row.elements.compactMap(\.integer)
            guard ids.count == 5 else { throw .malformed("a row of `cpus` has five numbers") }
            guard ids.allSatisfy({ $0 >= 0 && $0 < CPUSet.capacity * 16 }),
                ids[0] < CPUSet.capacity, ids[3] < 64
            else {
                throw .malformed(
                    "`cpus` has CPUs from 0 to \(CPUSet.capacity - 1), NUMA nodes from 0 to 63")
            }
            rows.append(
                CPUTopology.Row(
                    cpu: ids[0], core: ids[1], socket: ids[2], numaNode: ids[3], uncore: ids[4]))
        }
        guard !rows.isEmpty else { throw .malformed("a machine has no `cpus`") }
        guard Set(rows.map(\.cpu)).count == rows.count else {
            throw .malformed("`cpus` names a CPU twice")
        }
        var counts: CPUTopology.Counts?
        if let json = json["counts"] {
            counts = CPUTopology.Counts(
                cpus: try required(json["cpus"]?.integer, "counts.cpus"),
                cores: try required(json["cores"]?.integer, "counts.cores"),
                sockets: try required(json["sockets"]?.integer, "counts.sockets"),
                numaNodes: try required(json["numa"]?.integer, "counts.numa"),
                uncores: try required(json["uncore"]?.integer, "counts.uncore"))
        }
        if let counts {
            let all = [counts.cpus, counts.cores, counts.sockets, counts.numaNodes, counts.uncores]
            guard all.allSatisfy({ $0 >= 0 && $0 <= CPUSet.capacity }) else {
                throw .malformed("`counts` are from 0 to \(CPUSet.capacity)")
            }
        }
        topology = CPUTopology(rows: rows, counts: counts)
        guard let numa = json["numa"]?.elements, !numa.isEmpty else {
            layout = NUMALayout(osIndices: topology.numaNodes.map(\.id))
            machine = nil
            return
        }
        let distances = try VectorMachine.distances(json["distances"], count: numa.count)
        let hardware = try VectorMachine.hardware(name, rows, numa, distances)
        machine = hardware
        layout = NUMALayout(hardware)
    }

    static func distances(_ json: JSONValue?, count: Int) throws(VectorStop) -> [Int]? {
        // A row that the case never reads is null.
        guard let json, !json.isNull, !json.elements.contains(.null) else { return nil }
        let values = json.elements.flatMap { $0.elements.compactMap(\.integer) }
        guard values.count == count * count else {
            throw .malformed("`distances` is not a square table")
        }
        guard values.allSatisfy({ $0 >= 0 && $0 <= 1 << 16 }) else {
            throw .malformed("`distances` are from 0 to 65536")
        }
        return values
    }

    private static func hardware(
        _ name: String, _ rows: [CPUTopology.Row], _ numa: [JSONValue], _ distances: [Int]?
    ) throws(VectorStop) -> Machine {
        var machine = Machine(name: name)
        let sockets = Set(rows.map(\.socket)).sorted()
        let cores = Set(rows.map(\.core)).sorted()
        let uncores = Set(rows.map(\.uncore)).sorted()
        machine.sockets = sockets.map { Socket(osIndex: $0) }
        machine.uncoreCaches = uncores.map { _ in UncoreCache(size: 0) }
        machine.cores = cores.map { core in
            let socket = rows.first { $0.core == core }!.socket
            return Core(osIndex: core, socket: sockets.firstIndex(of: socket)!)
        }
        var ids: [Int] = []
        for node in numa {
            let id = try required(node["id"]?.integer, "numa.id")
            guard id >= 0, id < 64, !ids.contains(id) else {
                throw .malformed("`numa` has ids from 0 to 63, each once")
            }
            ids.append(id)
            let memory = try required(node["memory"]?.integer, "numa.memory")
            guard memory >= 0, memory <= 1 << 55 else {
                throw .malformed("`numa.memory` is a number of bytes up to 2⁵⁵")
            }
            var pools: [HugePagePool] = []
            for (key, size) in [("hugepages_2Mi", Int64(2) << 20), ("hugepages_1Gi", 1 << 30)] {
                if let count = node[key]?.integer {
                    guard count >= 0, Int64(count) <= Int64(memory) / size else {
                        throw .malformed("`\(key)` are more than the memory holds")
                    }
                    pools.append(HugePagePool(pageSize: size, count: Int64(count)))
                }
            }
            machine.numaNodes.append(
                NUMANode(osIndex: id, memory: Int64(memory), hugePages: pools))
        }
        for row in rows {
            guard let node = ids.firstIndex(of: row.numaNode) else {
                throw .malformed("a CPU lies on a NUMA node that `numa` does not have")
            }
            machine.cpus.append(
                CPU(
                    osIndex: row.cpu, core: cores.firstIndex(of: row.core)!,
                    socket: sockets.firstIndex(of: row.socket)!, numaNode: node,
                    uncoreCache: uncores.firstIndex(of: row.uncore)!))
        }
        if let distances {
            machine.distances = NUMADistances(count: ids.count, values: distances)
        }
        return machine
    }
}

/// `0-3,8` as a set; CPUs beyond the largest possible one are refused.
func cpuSet(_ text: String) throws(VectorStop) -> CPUSet {
    var set = CPUSet()
    guard !text.isEmpty else { return set }
    for part in text.split(separator: ",") {
        let ends = part.split(separator: "-").map { Int($0) }
        guard let low = ends.first ?? nil, let high = ends.last ?? nil, ends.count <= 2,
            low >= 0, low <= high, high < CPUSet.capacity
        else { throw .malformed("`\(text)` is not a list of CPUs") }
        for cpu in low...high { set.insert(cpu) }
    }
    return set
}
