package import HardwareModel
package import Primitives

/// A machine's CPUs as the kubelet's CPU Manager sees them: units by ascending id, and truncated averages.
///
/// Built once for each kind of node; never changes. (cm/cpumanager/topology/topology.go)
package final class CPUTopology: Sendable {
    /// One line of the kubelet's table of CPUs. Ids, not positions.
    package struct Row: Hashable, Sendable {
        package var cpu: Int
        /// The lowest CPU of the core's threads.
        package var core: Int
        package var socket: Int
        package var numaNode: Int
        package var uncore: Int

        package init(cpu: Int, core: Int, socket: Int, numaNode: Int, uncore: Int) {
            self.cpu = cpu
            self.core = core
            self.socket = socket
            self.numaNode = numaNode
            self.uncore = uncore
        }
    }

    /// How many there are of each; the kubelet divides by these.
    package struct Counts: Hashable, Sendable {
        package var cpus: Int
        package var cores: Int
        package var sockets: Int
        package var numaNodes: Int
        package var uncores: Int

        package init(cpus: Int, cores: Int, sockets: Int, numaNodes: Int, uncores: Int) {
            self.cpus = cpus
            self.cores = cores
            self.sockets = sockets
            self.numaNodes = numaNodes
            self.uncores = uncores
        }
    }

    /// A socket, NUMA node, uncore cache or core.
    package struct Unit: Sendable {
        package let id: Int
        package let cpus: CPUSet
        /// Of all its CPUs, free or not.
        package let count: Int
        /// The words of a CPU set that hold its CPUs.
        package let words: Range<Int>

        init(id: Int, cpus: CPUSet) {
            self.id = id
            self.cpus = cpus
            count = cpus.count
            words = CPUTopology.words(of: cpus)
        }

        /// How many of its CPUs are in `set`.
        @inline(__always)
        package func count(in set: borrowing CPUSet) -> Int {
            var total = 0
            for word in words {
                total &+= (set[word: word] & cpus[word: word]).nonzeroBitCount
            }
            return total
        }
    }

    package let counts: Counts
    package let all: CPUSet
    /// Words of a CPU set that can be non-zero.
    package let wordCount: Int
    package let cpusPerCore: Int
    package let cpusPerSocket: Int
    package let cpusPerUncore: Int
    /// NUMA nodes are then the first level of packing, and sockets the second.
    package let packsNUMANodesFirst: Bool

    package let sockets: [Unit]
    /// NUMA nodes that have CPUs.
    package let numaNodes: [Unit]
    package let uncores: [Unit]
    package let cores: [Unit]
    /// Every core has as many threads as the average says.
    package let hasUniformCores: Bool
    /// Cores and sockets are as large as their averages, so that "free" means free.
    package let hasUniformUnits: Bool
    /// A core or socket is free when as many of its CPUs are as it has, not as the average says: no kubelet does so.
    package let countsRealUnits: Bool
    package let maximumThreads: Int
    /// By core; empty where a core's threads lie in more than two words.
    let coreMasks: [CoreMask]
    let nodeMasks: UnitMasks
    let socketMasks: UnitMasks
    let uncoreMasks: UnitMasks
    /// For each first-level unit its second-level units, and for each of these its cores.
    let packedUnits: PositionLists
    let packedCores: PositionLists

    let smallestNUMANode: Int
    let smallestSocket: Int
    package let allSockets: [Int]
    package let allNUMANodes: [Int]
    /// Positions of units below a unit, ascending; a unit is below every unit it shares a CPU with.
    package let numaNodesInSocket: [[Int]]
    package let socketsInNUMANode: [[Int]]
    package let uncoresInNUMANode: [[Int]]
    package let coresInNUMANode: [[Int]]
    package let coresInSocket: [[Int]]
    package let coresInUncore: [[Int]]

    /// Position of each CPU's unit, by OS index; -1 for a CPU that does not exist.
    package let coreOfCPU: [Int32]
    package let numaNodeOfCPU: [Int32]
    package let socketOfCPU: [Int32]
    package let uncoreOfCPU: [Int32]
    /// Threads of core `c`: `coreThreads[coreThreadStart[c]..<coreThreadStart[c + 1]]`, ascending.
    package let coreThreads: [Int32]
    package let coreThreadStart: [Int32]

    /// - Precondition: CPUs are distinct and in 0..<1024; at least one.
    package init(rows: [Row], counts: Counts? = nil, countsRealUnits: Bool = false) {
        precondition(!rows.isEmpty, "a machine has a CPU")
        self.countsRealUnits = countsRealUnits
        let rows = rows.sorted { $0.cpu < $1.cpu }
        all = CPUSet(rows.map(\.cpu))
        wordCount = CPUTopology.words(of: all).upperBound

        func units(_ id: (Row) -> Int) -> [Unit] {
            var sets: [Int: CPUSet] = [:]
            for row in rows { sets[id(row), default: CPUSet()].insert(row.cpu) }
            return sets.keys.sorted().map { Unit(id: $0, cpus: sets[$0]!) }
        }
        sockets = units(\.socket)
        numaNodes = units(\.numaNode)
        uncores = units(\.uncore)
        cores = units(\.core)

        let counts =
            counts
            ?? Counts(
                cpus: rows.count, cores: cores.count, sockets: sockets.count,
                numaNodes: numaNodes.count, uncores: uncores.count)
        self.counts = counts
        cpusPerCore = counts.cores == 0 ? 0 : counts.cpus / counts.cores
        cpusPerSocket = counts.sockets == 0 ? 0 : counts.cpus / counts.sockets
        cpusPerUncore = counts.uncores == 0 ? 0 : counts.cpus / counts.uncores
        packsNUMANodesFirst = counts.sockets >= counts.numaNodes
        maximumThreads = cores.map(\.count).max() ?? 1
        hasUniformCores = cores.allSatisfy { $0.count == counts.cpus / max(1, counts.cores) }

        let masks = cores.compactMap(CoreMask.init)
        coreMasks = masks.count == cores.count ? masks : []
        nodeMasks = UnitMasks(numaNodes, stride: wordCount)
        socketMasks = UnitMasks(sockets, stride: wordCount)
        uncoreMasks = UnitMasks(uncores, stride: wordCount)
        let socketAverage = cpusPerSocket
        hasUniformUnits = hasUniformCores && sockets.allSatisfy { $0.count == socketAverage }

        func below(_ outer: [Unit], _ inner: [Unit]) -> [[Int]] {
            outer.map { unit in
                inner.indices.filter { !inner[$0].cpus.isDisjoint(with: unit.cpus) }
            }
        }
        smallestNUMANode = numaNodes.map(\.count).min() ?? 0
        smallestSocket = sockets.map(\.count).min() ?? 0
        allSockets = Array(sockets.indices)
        allNUMANodes = Array(numaNodes.indices)
        numaNodesInSocket = below(sockets, numaNodes)
        socketsInNUMANode = below(numaNodes, sockets)
        uncoresInNUMANode = below(numaNodes, uncores)
        coresInNUMANode = below(numaNodes, cores)
        coresInSocket = below(sockets, cores)
        coresInUncore = below(uncores, cores)
        packedUnits = PositionLists(packsNUMANodesFirst ? socketsInNUMANode : numaNodesInSocket)
        packedCores = PositionLists(packsNUMANodesFirst ? coresInSocket : coresInNUMANode)

        func positions(_ units: [Unit]) -> [Int32] {
            var positions = Array(repeating: Int32(-1), count: CPUSet.capacity)
            for (position, unit) in units.enumerated() {
                for cpu in unit.cpus { positions[cpu] = Int32(position) }
            }
            return positions
        }
        coreOfCPU = positions(cores)
        numaNodeOfCPU = positions(numaNodes)
        socketOfCPU = positions(sockets)
        uncoreOfCPU = positions(uncores)

        var threads: [Int32] = []
        var starts: [Int32] = [0]
        for core in cores {
            threads += core.cpus.map(Int32.init)
            starts.append(Int32(threads.count))
        }
        coreThreads = threads
        coreThreadStart = starts
    }

    /// The kubelet's view of `machine`: a core's id is its lowest CPU; without an uncore cache the socket stands in.
    package convenience init(_ machine: Machine, countsRealUnits: Bool = false) {
        var lowest = Array(repeating: Int.max, count: machine.cores.count)
        for cpu in machine.cpus { lowest[cpu.core] = min(lowest[cpu.core], cpu.osIndex) }
        self.init(
            rows: machine.cpus.map { cpu in
                let socket = machine.sockets[cpu.socket].osIndex
                return Row(
                    cpu: cpu.osIndex, core: lowest[cpu.core], socket: socket,
                    numaNode: cpu.numaNode.map { machine.numaNodes[$0].osIndex } ?? 0,
                    uncore: cpu.uncoreCache ?? socket)
            },
            countsRealUnits: countsRealUnits)
    }

    /// How many CPUs `set` holds, of those that the machine has.
    @inline(__always)
    package func count(_ set: CPUSet) -> Int {
        set.withWords { words in
            var total = 0
            for word in 0..<wordCount { total &+= words[word].nonzeroBitCount }
            return total
        }
    }

    /// All CPUs of the sockets that the NUMA nodes at these positions touch.
    package func socketCPUs(ofNUMANodes mask: some Sequence<Int>) -> CPUSet {
        var result = CPUSet()
        for node in mask {
            for (position, socket) in sockets.enumerated()
            where numaNodesInSocket[position].contains(node) { result.formUnion(socket.cpus) }
        }
        return result
    }

    private static func words(of set: CPUSet) -> Range<Int> {
        let used = (0..<CPUSet.wordCount).filter { set[word: $0] != 0 }
        guard let low = used.first, let high = used.last else { return 0..<0 }
        return low..<high + 1
    }
}
