package import Primitives

/// The tree of pools of nri-plugins' topology-aware policy: machine, sockets, NUMA nodes.
///
/// Positions are post-order, children first, as the plugin numbers them. (nri-plugins, topology-aware/policy/pools.go)
package struct TopologyAwarePools: Sendable {
    package struct Pool: Sendable {
        /// `root`, `socket 0`, `NUMA node 0`.
        package let name: String
        package let cpus: CPUSet
        /// Steps from the root.
        package internal(set) var depth: Int
        package internal(set) var parent: Int?
        package let children: [Int]
        /// Isolated CPUs, and those that are shared or made exclusive.
        package let isolated: CPUSet
        package let sharable: CPUSet
        package let numaNodeCount: Int
        package let isSocket: Bool
    }

    /// In order of id.
    package private(set) var pools: [Pool] = []

    package var root: Int { pools.count - 1 }

    package init(_ topology: CPUTopology, isolated: CPUSet, reserved: CPUSet) {
        func add(
            _ name: String, _ cpus: CPUSet, _ children: [Int], nodes: Int, isSocket: Bool
        ) -> Int {
            let own = cpus.subtracting(reserved)
            pools.append(
                Pool(
                    name: name, cpus: cpus, depth: 0, parent: nil, children: children,
                    isolated: own.intersection(isolated), sharable: own.subtracting(isolated),
                    numaNodeCount: nodes, isSocket: isSocket))
            for child in children { pools[child].parent = pools.count - 1 }
            return pools.count - 1
        }
        var sockets: [Int] = []
        for (socket, unit) in topology.sockets.enumerated() {
            let nodes = topology.numaNodesInSocket[socket]
            var children: [Int] = []
            for node in nodes where nodes.count > 1 {
                let numaNode = topology.numaNodes[node]
                children.append(
                    add("NUMA node \(numaNode.id)", numaNode.cpus, [], nodes: 1, isSocket: false))
            }
            sockets.append(
                add(
                    "socket \(unit.id)", unit.cpus, children, nodes: nodes.count, isSocket: true))
        }
        if sockets.count > 1 {
            _ = add(
                "root", topology.all, sockets, nodes: topology.numaNodes.count, isSocket: false)
        }
        for position in pools.indices.reversed() {
            pools[position].depth = pools[position].parent.map { pools[$0].depth + 1 } ?? 0
        }
    }

    /// Whether `pool` is `other` or below it.
    package func isInside(_ pool: Int, _ other: Int) -> Bool {
        var next: Int? = pool
        while let position = next {
            if position == other { return true }
            next = pools[position].parent
        }
        return false
    }
}
