import Primitives
package import Records

/// Judges what a container got against the boundaries of the machine. (Records.Alignment)
package struct AlignmentRules: Sendable {
    private let topology: CPUTopology
    /// Position in the layout of each NUMA node with CPUs.
    private let nodePositions: [Int]
    private let nodeCores: CPUTopology.PositionLists
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
        nodeCores = CPUTopology.PositionLists(topology.coresInNUMANode)
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
        cpus.withWords { words in
            var spread = CPUSpread()
            for node in topology.allNUMANodes {
                let count = topology.nodeMasks.count(node, in: words)
                guard count > 0 else { continue }
                spread.count &+= count
                spread.nodes.insert(nodePositions[node])
                if hasSplitCore(node, words) { spread.isCoreAligned = false }
            }
            for uncore in topology.uncores.indices
            where topology.uncoreMasks.touches(uncore, words) { spread.uncores &+= 1 }
            for socket in topology.allSockets where topology.socketMasks.touches(socket, words) {
                spread.sockets &+= 1
            }
            return spread
        }
    }

    /// Whether some but not all threads of a core of the NUMA node are taken.
    private func hasSplitCore(_ node: Int, _ words: UnsafePointer<UInt64>) -> Bool {
        guard topology.maximumThreads > 1 else { return false }
        let hasMasks = !topology.coreMasks.isEmpty
        for index in nodeCores.range(node) {
            let core = Int(nodeCores.positions[index])
            if hasMasks {
                let mask = topology.coreMasks[core]
                let threads = mask.threads(in: words)
                if threads.first | threads.second != 0,
                    threads.first != mask.first || threads.second != mask.second
                {
                    return true
                }
            } else {
                let unit = topology.cores[core]
                var count = 0
                for word in unit.words {
                    count += (unit.cpus[word: word] & words[word]).nonzeroBitCount
                }
                if count > 0, count < unit.count { return true }
            }
        }
        return false
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
            counts.exclusiveCPUs = Int32(topology.count(exclusive))
        }
        return counts
    }
}
