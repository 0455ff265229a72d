import Primitives
package import Records

/// Judges what a container got against the boundaries of the machine. (Records.Alignment)
package struct AlignmentRules: Sendable {
    private let topology: CPUTopology
    /// Position in the layout of each NUMA node with CPUs.
    private let nodePositions: [Int]
    /// CPUs that could be exclusive, by position in the layout.
    private let assignable: [Int]
    /// The most such CPUs on 0, 1, 2, … NUMA nodes, and in 0, 1, 2, … uncore caches.
    private let mostOnNodes: [Int]
    private let mostInUncores: [Int]

    init(topology: CPUTopology, layout: NUMALayout, reserved: CPUSet) {
        self.topology = topology
        nodePositions = topology.numaNodes.map { layout.position(osIndex: $0.id) ?? 0 }
        var assignable = Array(repeating: 0, count: layout.count)
        for (unit, position) in zip(topology.numaNodes, nodePositions) {
            assignable[position] += unit.cpus.subtracting(reserved).count
        }
        self.assignable = assignable
        func most(_ counts: [Int]) -> [Int] {
            counts.sorted(by: >).reduce(into: [0]) { $0.append($0.last! + $1) }
        }
        mostOnNodes = most(assignable)
        mostInUncores = most(topology.uncores.map { $0.cpus.subtracting(reserved).count })
    }

    func assignableCPUs(on mask: NUMAMask) -> Int {
        mask.reduce(0) { $0 + assignable[$1] }
    }

    /// The fewest NUMA nodes that could hold `count` exclusive CPUs if nothing were taken.
    func minimumNodes(forCPUs count: Int) -> Int {
        mostOnNodes.firstIndex { $0 >= count } ?? mostOnNodes.count
    }

    /// Where a container's exclusive CPUs lie.
    struct CPUSpread {
        var count = 0
        var nodes = NUMAMask.none
        var isCoreAligned = true
        var uncores = 0
        var sockets = 0
    }

    func spread(of cpus: CPUSet) -> CPUSpread {
        var spread = CPUSpread()
        // Most machines have few units, which then are bits of a word; others are counted unit by unit.
        var uncores: UInt64 = 0
        var sockets: UInt64 = 0
        for word in 0..<topology.wordCount {
            var rest = cpus[word: word]
            while rest != 0 {
                let cpu = word &* 64 &+ rest.trailingZeroBitCount
                rest &= rest &- 1
                spread.count &+= 1
                let node = topology.numaNodeOfCPU[cpu]
                guard node >= 0 else { continue }
                spread.nodes.insert(nodePositions[Int(node)])
                uncores |= 1 << UInt64(topology.uncoreOfCPU[cpu] & 63)
                sockets |= 1 << UInt64(topology.socketOfCPU[cpu] & 63)
                let core = Int(topology.coreOfCPU[cpu])
                let threads =
                    Int(topology.coreThreadStart[core])..<Int(topology.coreThreadStart[core + 1])
                if threads.count > 1 {
                    for index in threads
                    where !cpus.contains(Int(topology.coreThreads[index])) {
                        spread.isCoreAligned = false
                    }
                }
            }
        }
        spread.uncores =
            topology.uncores.count <= 64
            ? uncores.nonzeroBitCount
            : topology.uncores.count { !$0.cpus.isDisjoint(with: cpus) }
        spread.sockets =
            topology.sockets.count <= 64
            ? sockets.nonzeroBitCount
            : topology.sockets.count { !$0.cpus.isDisjoint(with: cpus) }
        return spread
    }

    /// Whether the CPUs lie in the fewest uncore caches that could hold so many.
    func isUncoreAligned(_ spread: CPUSpread) -> Bool {
        spread.uncores == 1
            || mostInUncores[min(spread.uncores, mostInUncores.count) - 1] < spread.count
    }
}

extension NodeModel {
    /// How what a container holds lies; nil when it holds nothing to align.
    package func alignment(
        of container: ContainerSlot, _ prepared: PreparedContainer, in state: NodeState
    ) -> Alignment? {
        var nodes = NUMAMask.none
        var hasSomething = false
        var result = Alignment()
        if prepared.cpus > 0 || prepared.memory.isManaged, let cpus = state.cpu.cpus(of: container),
            !cpus.isEmpty
        {
            let spread = alignment.spread(of: cpus)
            nodes = spread.nodes
            hasSomething = true
            result.core = spread.isCoreAligned
            result.uncore = alignment.isUncoreAligned(spread)
            result.socket = spread.sockets == 1
        }
        if state.memory.presence(of: container) != .absent, state.memory.types(of: container) != 0 {
            nodes = nodes.union(state.memory.nodes(of: container))
            hasSomething = true
        }
        if !prepared.devices.isEmpty {
            hasSomething =
                addDevices(of: container, prepared, in: state, to: &nodes) || hasSomething
        }
        guard hasSomething else { return nil }
        result.numa = nodes.count <= prepared.minimumNodes
        return result
    }

    /// Adds the NUMA nodes that the container's devices bring in; a device on several brings none when one of
    /// them is there already.
    private func addDevices(
        of container: ContainerSlot, _ prepared: PreparedContainer, in state: NodeState,
        to nodes: inout NUMAMask
    ) -> Bool {
        var hasDevices = false
        for isShared in [false, true] {
            for demand in prepared.devices {
                let kind = deviceManager.catalog.kinds[demand.kind]
                for (index, word) in kind.words.enumerated() {
                    let held = state.devices.devices(of: container, word: word)
                    guard held != 0 else { continue }
                    hasDevices = true
                    for group in kind.groups
                    where group.nodes.isSingle != isShared && held & group.devices[index] != 0
                        && !group.nodes.intersects(nodes)
                    {
                        nodes.insert(group.nodes.first)
                    }
                }
            }
        }
        return hasDevices
    }

    /// The pod's containers counted by how they lie.
    func alignmentCounts(
        of range: ContainerRange, _ pod: PreparedPod, in state: NodeState
    ) -> AlignmentCounts {
        var counts = AlignmentCounts()
        var exclusive = CPUSet()
        for position in pod.containers.indices {
            let slot = range[position]
            guard let alignment = alignment(of: slot, pod.containers[position], in: state) else {
                continue
            }
            counts.containers += 1
            if alignment.numa == true { counts.numaAligned += 1 }
            guard let core = alignment.core else { continue }
            counts.cpuContainers += 1
            if core { counts.coreAligned += 1 }
            if alignment.uncore == true { counts.uncoreAligned += 1 }
            if alignment.socket == true { counts.socketAligned += 1 }
            if let cpus = state.cpu.cpus(of: slot) { exclusive.formUnion(cpus) }
        }
        if counts.cpuContainers > 0 {
            for word in 0..<topology.wordCount {
                counts.exclusiveCPUs &+= Int32(exclusive[word: word].nonzeroBitCount)
            }
        }
        return counts
    }
}
