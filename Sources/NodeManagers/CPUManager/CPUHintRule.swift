package import Primitives

/// Which NUMA nodes could give a number of CPUs, and which of them are preferred: the static policy's hints.
///
/// A group of NUMA nodes would do when it has enough free CPUs; it is preferred when no smaller group could hold
/// the request even if nothing were taken. (cm/cpumanager/policy_static.go, generateCPUTopologyHints)
package struct CPUHintRule: Sendable {
    /// Position in the layout of each NUMA node with CPUs; subscripts are positions in `topology.numaNodes`.
    package let nodePositions: [Int]
    private let topology: CPUTopology
    /// NUMA nodes with CPUs.
    private let domain: NUMAMask
    /// The most CPUs, free or not, that 0, 1, 2, … NUMA nodes have.
    private let mostCPUs: [Int]
    private let alignsBySocket: Bool

    package init(topology: CPUTopology, layout: NUMALayout, alignsBySocket: Bool = false) {
        self.topology = topology
        self.alignsBySocket = alignsBySocket
        nodePositions = topology.numaNodes.map { layout.position(osIndex: $0.id) ?? 0 }
        domain = nodePositions.reduce(.none) { $0.union(NUMAMask(node: $1)) }
        var most = [0]
        for count in topology.numaNodes.map(\.count).sorted(by: >) {
            most.append(most.last! + count)
        }
        mostCPUs = most
    }

    /// Adds the hints for `count` CPUs out of `available` without `excluded`, and `reusable`; every reusable CPU
    /// must lie inside.
    package func add(
        _ count: Int, available: CPUSet, without excluded: CPUSet = CPUSet(), reusable: CPUSet?,
        to hints: inout HintCollector
    ) {
        var free: InlineArray<64, Int32> = InlineArray(repeating: 0)
        available.subtracting(excluded).withWords { words in
            for unit in topology.allNUMANodes {
                free[nodePositions[unit]] = Int32(
                    truncatingIfNeeded: topology.nodeMasks.count(unit, in: words))
            }
        }
        var required = NUMAMask.none
        var needed = count
        if let reusable {
            needed -= reusable.count
            for (unit, position) in nodePositions.enumerated()
            where topology.numaNodes[unit].count(in: reusable) > 0 { required.insert(position) }
        }
        // Narrower groups are too small even when they are empty.
        var minimumSize = 1
        while minimumSize < nodePositions.count, mostCPUs[minimumSize] < count { minimumSize += 1 }
        if hints.isWide {
            let family = family(
                free, needed: needed, required: required, minimumSize: minimumSize,
                nodeCount: hints.layout.count)
            return hints.add(family, of: [ResourceTable.cpu])
        }
        var alsoPreferred: ((NUMAMask) -> Bool)?
        if alignsBySocket {
            alsoPreferred = { isSocketAligned($0, minimumSize: minimumSize) }
        }
        hints.masks(
            ResourceTable.cpu, over: domain, preferredSize: minimumSize,
            isAlsoPreferred: alsoPreferred
        ) { mask in
            guard required.isSubset(of: mask) else { return false }
            var total: Int32 = 0
            for node in mask { total &+= free[node] }
            return Int(total) >= needed
        }
    }

    private func family(
        _ free: InlineArray<64, Int32>, needed: Int, required: NUMAMask, minimumSize: Int,
        nodeCount: Int
    ) -> HintFamily {
        var open = OpenMasks(domain: domain, required: required)
        open.require((0..<nodeCount).map { Int64(free[$0]) }, atLeast: Int64(needed))
        var family = HintFamily(open: open, preferredSize: minimumSize)
        if alignsBySocket, let wanted = minimumSockets(minimumSize) {
            let sockets = topology.numaNodesInSocket.map { below in
                below.reduce(NUMAMask.none) { $0.union(NUMAMask(node: nodePositions[$1])) }
            }
            family.socketRule = SocketRule(sockets: sockets, wanted: wanted)
        }
        return family
    }

    private func minimumSockets(_ minimumSize: Int) -> Int? {
        let nodesPerSocket = topology.counts.numaNodes / max(1, topology.counts.sockets)
        guard nodesPerSocket > 0 else { return nil }
        return (minimumSize + nodesPerSocket - 1) / nodesPerSocket
    }

    /// `align-by-socket`: as few sockets as the fewest NUMA nodes lie on. (isHintSocketAligned)
    private func isSocketAligned(_ mask: NUMAMask, minimumSize: Int) -> Bool {
        guard let minimumSockets = minimumSockets(minimumSize) else { return false }
        var sockets = 0
        for below in topology.numaNodesInSocket
        where below.contains(where: { mask.contains(nodePositions[$0]) }) { sockets += 1 }
        return sockets == minimumSockets
    }
}
