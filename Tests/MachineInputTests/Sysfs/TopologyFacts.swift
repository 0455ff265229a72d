import HardwareModel
import ScenarioInput

/// What two readings of one machine can be compared by: each fact as one text, in an order that both share.
struct TopologyFacts {
    enum Fact: String, CaseIterable, Sendable {
        case sockets, dies, numaNodes, numaCPUs, cores, uncoreCaches, cacheSizes, distances
        case logicalOrder, memory, hugePages, devices
    }

    /// Facts that the reading does not state are absent.
    var texts: [Fact: String] = [:]
    /// Bytes of memory by OS index of the NUMA node.
    var memory: [Int: Int64] = [:]
    /// By PCI address: OS indices of the NUMA nodes, all of them for a device that is local to no one of them.
    var devices: [String: [Int]] = [:]
    var deviceClasses: [String: Int] = [:]

    init() {}

    init(of machine: Machine) {
        func cpus(_ belongs: (CPU) -> Bool) -> String {
            machine.cpus.filter(belongs).map(\.osIndex).sorted().map(String.init)
                .joined(separator: ",")
        }
        texts[.sockets] = joined(
            machine.sockets.indices.map { socket in
                "\(machine.sockets[socket].osIndex): \(cpus { $0.socket == socket })"
            })
        texts[.dies] = joined(machine.dies.indices.map { die in cpus { $0.die == die } })
        let nodes = machine.numaNodes
        texts[.numaNodes] = joined(nodes.map { String($0.osIndex) })
        texts[.numaCPUs] = joined(
            nodes.indices.map { node in "\(nodes[node].osIndex): \(cpus { $0.numaNode == node })" })
        texts[.cores] = joined(machine.cores.indices.map { core in cpus { $0.core == core } })
        let caches = machine.uncoreCaches.indices.map { cache in
            cpus { $0.uncoreCache == cache }
        }
        texts[.uncoreCaches] = joined(caches)
        texts[.cacheSizes] = joined(zip(caches, machine.uncoreCaches).map { "\($0): \($1.size)" })
        texts[.logicalOrder] = machine.cpus.map { String($0.osIndex) }.joined(separator: ",")
        texts[.hugePages] = joined(
            nodes.map { node in
                "\(node.osIndex): "
                    + node.hugePages.filter { $0.count > 0 }
                    .map { "\($0.count)x\($0.pageSize)" }.joined()
            })
        // hwloc leaves out the table of one NUMA node.
        if let distances = machine.distances, nodes.count > 1 {
            texts[.distances] = nodes.indices.map { from in
                nodes.indices.map { String(distances[from, $0]) }.joined(separator: " ")
            }.joined(separator: "; ")
        }
        for node in nodes { memory[node.osIndex] = node.memory }
        texts[.memory] = joined(nodes.map { "\($0.osIndex): \($0.memory)" })
        let all = nodes.map(\.osIndex)
        for device in machine.devices {
            guard let address = device.pciBusID else { continue }
            devices[address] = device.numaNodes.isEmpty ? all : device.numaNodes
            deviceClasses[address] = device.pciClass
        }
    }

    private func joined(_ parts: [String]) -> String {
        parts.filter { !$0.isEmpty }.sorted().joined(separator: "; ")
    }
}
