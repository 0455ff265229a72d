package import Primitives

/// Chooses CPUs: whole sockets and NUMA nodes, then uncore caches, then cores, then single CPUs.
///
/// On 2 sockets × 4 cores × 2 threads, 3 CPUs from an idle machine are both threads of the first core and one of
/// the next. Units are tried fewest free CPUs first, then lowest id; each step's order is fixed when it begins.
/// (cm/cpumanager/cpu_assignment.go, cpuAccumulator)
package struct CPUTaker {
    /// Single CPUs core by core (packed), or in plain order without a step for whole cores (spread).
    package enum Strategy: String, Sendable {
        case packed, spread
    }

    package enum Outcome {
        case taken(CPUSet)
        case tooFew(requested: Int, available: Int)
        case notFound
        /// Where the kubelet would loop for ever.
        case neverEnds
        /// More combinations of NUMA nodes than `CPUDistribution.workLimit`; the kubelet tries them all.
        case wouldStall
    }

    let topology: CPUTopology
    let strategy: Strategy
    var free: CPUSet
    var needed: Int
    var taken = CPUSet()

    init(_ topology: CPUTopology, from free: CPUSet, count: Int, strategy: Strategy) {
        self.topology = topology
        self.strategy = strategy
        self.free = free
        needed = count
    }

    /// `count` CPUs of `free`, packed. (takeByTopologyNUMAPacked)
    package static func packed(
        _ count: Int, from free: CPUSet, on topology: CPUTopology, strategy: Strategy = .packed,
        prefersUncores: Bool = false
    ) -> Outcome {
        var taker = CPUTaker(topology, from: free, count: count, strategy: strategy)
        if taker.isSatisfied { return .taken(CPUSet()) }
        let available = taker.freeCount(free)
        if count > available { return .tooFew(requested: count, available: available) }

        taker.takeWholeNUMANodesAndSockets()
        if prefersUncores { taker.takeUncores() }
        if strategy == .packed, topology.hasUniformCores, !topology.coreMasks.isEmpty {
            if !taker.isSatisfied { taker.takeCoresAndSingleCPUs() }
        } else {
            if strategy == .packed { taker.takeWholeCores() }
            taker.takeSingleCPUs()
        }
        return taker.isSatisfied ? .taken(taker.taken) : .notFound
    }

    var isSatisfied: Bool { needed < 1 }

    func freeCount(_ set: CPUSet) -> Int { topology.count(set) }

    /// Takes all CPUs of a unit, busy ones too where the kubelet's average calls it free.
    mutating func take(_ unit: borrowing CPUTopology.Unit) {
        for word in unit.words {
            taken[word: word] |= unit.cpus[word: word]
            free[word: word] &= ~unit.cpus[word: word]
        }
        needed -= unit.count
    }

    mutating func take(_ cpu: Int) {
        taken.insert(cpu)
        free.remove(cpu)
        needed -= 1
    }

    mutating func take(_ cpus: CPUSet) {
        taken.formUnion(cpus)
        free.subtract(cpus)
        needed -= freeCount(cpus)
    }

    // MARK: 1 and 2: whole NUMA nodes and sockets

    private mutating func takeWholeNUMANodesAndSockets() {
        // A NUMA node or socket that is larger than the need is not taken, so most requests skip both levels.
        if topology.packsNUMANodesFirst {
            takeWholeNUMANodes()
            takeWholeSockets()
        } else {
            takeWholeSockets()
            takeWholeNUMANodes()
        }
    }

    private mutating func takeWholeNUMANodes() {
        guard !isSatisfied, topology.smallestNUMANode <= needed else { return }
        let before = free
        forEachNUMANode(in: before) { taker, node, freeCount in
            let unit = taker.topology.numaNodes[node]
            if freeCount == unit.count, taker.needed >= unit.count { taker.take(unit) }
            return true
        }
    }

    private mutating func takeWholeSockets() {
        guard !isSatisfied, topology.smallestSocket <= needed else { return }
        let before = free
        let average = topology.cpusPerSocket
        forEachSocket(in: before) { taker, socket, freeCount in
            let unit = taker.topology.sockets[socket]
            let whole = taker.topology.countsRealUnits ? unit.count : average
            if freeCount == whole, taker.needed >= unit.count { taker.take(unit) }
            return true
        }
    }

    // MARK: 4: whole cores

    private mutating func takeWholeCores() {
        guard !isSatisfied else { return }
        let average = topology.cpusPerCore
        let before = free
        forEachCoreGroup(in: before) { taker, cores in
            let countsRealUnits = taker.topology.countsRealUnits
            for core in cores {
                let free = taker.threadCount(core, in: before)
                guard free > 0 else { continue }
                let unit = taker.topology.cores[core]
                guard free == (countsRealUnits ? unit.count : average) else { continue }
                if taker.needed >= unit.count { taker.take(unit) }
            }
            return true
        }
    }

    // MARK: 5: single CPUs

    private mutating func takeSingleCPUs() {
        guard !isSatisfied else { return }
        let before = free
        switch strategy {
        case .packed:
            forEachCoreGroup(in: before) { taker, cores in
                // Cores by free threads ascending: a pass for each count beats sorting.
                for threads in 1...taker.topology.maximumThreads {
                    for core in cores where taker.threadCount(core, in: before) == threads {
                        let start = Int(taker.topology.coreThreadStart[core])
                        let end = Int(taker.topology.coreThreadStart[core + 1])
                        for index in start..<end {
                            let cpu = Int(taker.topology.coreThreads[index])
                            guard before.contains(cpu) else { continue }
                            taker.take(cpu)
                            if taker.isSatisfied { return false }
                        }
                    }
                }
                return true
            }
        case .spread:
            forEachSocket(in: before) { taker, socket, _ in
                for cpu in before.intersection(taker.topology.sockets[socket].cpus) {
                    taker.take(cpu)
                    if taker.isSatisfied { return false }
                }
                return true
            }
        }
    }

    // MARK: Orders

    /// How many threads of `core` are in `set`.
    @inline(__always)
    func threadCount(_ core: Int, in set: borrowing CPUSet) -> Int {
        let start = Int(topology.coreThreadStart[core])
        let end = Int(topology.coreThreadStart[core + 1])
        var total = 0
        for index in start..<end {
            let cpu = Int(topology.coreThreads[index])
            total &+= Int(truncatingIfNeeded: set[word: cpu &>> 6] &>> UInt64(cpu & 63) & 1)
        }
        return total
    }

    /// Calls `body` with the units at `positions` that have a CPU in `set` (within `outer`, when given), fewest
    /// CPUs in `set` first, then by id, until it answers false; says whether it never did.
    @inline(__always)
    mutating func forEachUnit(
        of units: [CPUTopology.Unit], at positions: [Int], within outer: CPUTopology.Unit?,
        in set: CPUSet, _ body: (inout CPUTaker, Int, Int) -> Bool
    ) -> Bool {
        if positions.count == 1 {
            let count = units[positions[0]].count(in: set)
            return count == 0 || body(&self, positions[0], count)
        }
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: positions.count) { keys in
            var used = 0
            for position in positions {
                let count = units[position].count(in: set)
                guard count > 0 else { continue }
                if let outer, !touches(units[position], outer, in: set) { continue }
                let key = UInt64(count) &<< 32 | UInt64(position)
                var slot = used
                while slot > 0, keys[slot - 1] > key {
                    keys[slot] = keys[slot - 1]
                    slot -= 1
                }
                keys[slot] = key
                used += 1
            }
            for slot in 0..<used {
                let key = keys[slot]
                if !body(&self, Int(key & 0xffff_ffff), Int(key &>> 32)) { return false }
            }
            return true
        }
    }

    /// Whether a CPU of `set` lies in both units.
    private func touches(
        _ unit: CPUTopology.Unit, _ outer: CPUTopology.Unit, in set: CPUSet
    ) -> Bool {
        for word in unit.words
        where unit.cpus[word: word] & outer.cpus[word: word] & set[word: word] != 0 { return true }
        return false
    }

    /// NUMA nodes: alone when they are the first level, else within sockets.
    @inline(__always)
    mutating func forEachNUMANode(
        in set: CPUSet, _ body: (inout CPUTaker, Int, Int) -> Bool
    ) {
        let topology = topology
        if topology.packsNUMANodesFirst {
            _ = forEachUnit(
                of: topology.numaNodes, at: topology.allNUMANodes, within: nil, in: set, body)
        } else {
            _ = forEachUnit(
                of: topology.sockets, at: topology.allSockets, within: nil, in: set
            ) { taker, socket, _ in
                taker.forEachUnit(
                    of: topology.numaNodes, at: topology.numaNodesInSocket[socket],
                    within: topology.sockets[socket], in: set, body)
            }
        }
    }

    /// Sockets: alone when they are the first level, else within NUMA nodes.
    @inline(__always)
    mutating func forEachSocket(
        in set: CPUSet, _ body: (inout CPUTaker, Int, Int) -> Bool
    ) {
        let topology = topology
        if topology.packsNUMANodesFirst {
            _ = forEachUnit(
                of: topology.numaNodes, at: topology.allNUMANodes, within: nil, in: set
            ) { taker, node, _ in
                taker.forEachUnit(
                    of: topology.sockets, at: topology.socketsInNUMANode[node],
                    within: topology.numaNodes[node], in: set, body)
            }
        } else {
            _ = forEachUnit(
                of: topology.sockets, at: topology.allSockets, within: nil, in: set, body)
        }
    }

    /// The cores of each second-level unit, in the units' order. A core is one when a CPU of it is in `set`;
    /// callers look at thread counts and so skip the rest.
    @inline(__always)
    mutating func forEachCoreGroup(
        in set: CPUSet, _ body: (inout CPUTaker, [Int]) -> Bool
    ) {
        let topology = topology
        if topology.packsNUMANodesFirst {
            forEachSocket(in: set) { taker, socket, _ in
                body(&taker, topology.coresInSocket[socket])
            }
        } else {
            forEachNUMANode(in: set) { taker, node, _ in
                body(&taker, topology.coresInNUMANode[node])
            }
        }
    }
}
