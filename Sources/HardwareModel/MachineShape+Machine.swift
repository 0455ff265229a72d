/// How CPUs are numbered, as firmware and kernels do it.
public enum CPUNumbering: String, Sendable, CaseIterable {
    /// Siblings next to each other: core 0 has CPUs 0 and 1.
    case adjacent
    /// First CPUs of all cores, then their siblings: of 32 cores, core 0 has CPUs 0 and 32.
    case split
    /// As `split`, but numbers alternate between sockets, then between a socket's NUMA nodes, as on Dell hosts:
    /// with two sockets even CPUs are on NUMA node 0 and odd ones on 1; siblings are n and n + half.
    case alternate
}

extension MachineShape {
    /// The machine of this shape: every NUMA node alike, OS indices from 0.
    ///
    /// - Parameters:
    ///   - name: What it is called; nil takes the shape itself.
    ///   - memoryPerNUMANode: Bytes, huge pages included.
    ///   - hugePagesPerNUMANode: Pools that every NUMA node has.
    ///   - distances: SLIT rows; nil takes `defaultDistances`.
    ///   - uncoreCacheSize: Bytes of each L3 cache; 0 when unknown.
    /// - Throws: Every mistake at once, such as more huge pages than memory.
    public func makeMachine(
        name: String? = nil, memoryPerNUMANode: Int64,
        hugePagesPerNUMANode: [HugePagePool] = [], numbering: CPUNumbering = .adjacent,
        distances: [[Int]]? = nil, uncoreCacheSize: Int64 = 0, devices: [Device] = []
    ) throws(MachineError) -> Machine {
        var description = describe(name: name ?? text, numbering: numbering)
        for node in description.numaNodes.indices {
            description.numaNodes[node].memory = memoryPerNUMANode
            description.numaNodes[node].hugePages = hugePagesPerNUMANode
        }
        for cache in description.uncoreCaches.indices {
            description.uncoreCaches[cache].size = uncoreCacheSize
        }
        description.distances = distances ?? defaultDistances
        description.devices = devices
        return try description.makeMachine()
    }

    /// Distances of a machine whose own are not known: 10 local, 12 in the same socket, 21 elsewhere.
    ///
    /// Two-socket Xeons with sub-NUMA clusters report just these in their SLIT (Sapphire Rapids: 10, 12, 21), and
    /// 21 is what two-socket Xeons report without clusters too. ACPI 6.5, section 5.2.17, fixes only the 10.
    public var defaultDistances: [[Int]] {
        let coordinates = Coordinates(of: self)
        let sockets = coordinates.firstSocketOfNUMANode
        return sockets.enumerated().map { from, socket in
            sockets.enumerated().map { to, other in from == to ? 10 : socket == other ? 12 : 21 }
        }
    }

    /// Groups of CPUs without memory sizes.
    private func describe(name: String, numbering: CPUNumbering) -> MachineDescription {
        let coordinates = Coordinates(of: self)
        let cpus = coordinates.numberCPUs(numbering)
        /// CPUs of the cores for which `place` gives each number from 0.
        func groups(_ place: [Int]) -> [[Int]] {
            var groups = [[Int]](repeating: [], count: (place.max() ?? -1) + 1)
            for (core, group) in place.enumerated() { groups[group] += cpus[core] }
            return groups
        }
        var description = MachineDescription(name: name)
        description.sockets = groups(coordinates.socket).enumerated().map {
            .init(osIndex: $0, cpus: $1)
        }
        description.numaNodes = groups(coordinates.numaNode).enumerated().map {
            .init(osIndex: $0, memory: 0, cpus: $1)
        }
        description.uncoreCaches = groups(coordinates.uncoreCache).map { .init(cpus: $0) }
        if levels.contains(where: { $0.part == .die }) {
            let diesPerSocket = total(of: .die) / total(of: .socket)
            description.dies = groups(coordinates.die).enumerated().map {
                .init(osIndex: $0 % diesPerSocket, cpus: $1)
            }
        }
        description.cores = cpus.map { .init(cpus: $0) }
        return description
    }
}

/// Where each core of a shape lies: by core in logical order, the number of each part around it.
private struct Coordinates {
    var socket: [Int]
    var die: [Int]
    var numaNode: [Int]
    var uncoreCache: [Int]
    let threads: Int

    init(of shape: MachineShape) {
        let cores = shape.total(of: .core)
        threads = shape.count(of: .cpu)
        func numbers(_ part: MachineShape.Part) -> [Int] {
            let coresInOne = cores / max(1, shape.total(of: part))
            return (0..<cores).map { $0 / coresInOne }
        }
        socket = numbers(.socket)
        die = numbers(.die)
        numaNode = numbers(.numaNode)
        uncoreCache = numbers(.uncoreCache)
    }

    /// By NUMA node: the socket of its first core.
    var firstSocketOfNUMANode: [Int] {
        var sockets: [Int] = []
        for (core, node) in numaNode.enumerated() where node == sockets.count {
            sockets.append(socket[core])
        }
        return sockets
    }

    /// By core: the OS indices of its CPUs.
    func numberCPUs(_ numbering: CPUNumbering) -> [[Int]] {
        let cores = socket.count
        switch numbering {
        case .adjacent:
            return (0..<cores).map { core in (0..<threads).map { core * threads + $0 } }
        case .split:
            return (0..<cores).map { core in (0..<threads).map { core + $0 * cores } }
        case .alternate:
            var cpus = [[Int]](repeating: [], count: cores)
            for (rank, core) in dealt().enumerated() {
                cpus[core] = (0..<threads).map { rank + $0 * cores }
            }
            return cpus
        }
    }

    /// Cores in the order in which `alternate` numbers them: dealt like cards, one from each NUMA node in turn,
    /// NUMA nodes taken from each socket in turn.
    private func dealt() -> [Int] {
        // A hand is the cores that share both socket and NUMA node.
        var hands: [(socket: Int, cores: [Int])] = []
        for core in socket.indices {
            let isNew =
                core == 0 || socket[core] != socket[core - 1]
                || numaNode[core] != numaNode[core - 1]
            if isNew { hands.append((socket[core], [])) }
            hands[hands.count - 1].cores.append(core)
        }
        var handsInSocket: [Int: Int] = [:]
        let places = hands.map { hand in
            defer { handsInSocket[hand.socket, default: 0] += 1 }
            return (handsInSocket[hand.socket, default: 0], hand.socket)
        }
        let order = hands.indices.sorted { places[$0] < places[$1] }
        let rounds = hands.map(\.cores.count).max() ?? 0
        return (0..<rounds).flatMap { round in
            order.compactMap { round < hands[$0].cores.count ? hands[$0].cores[round] : nil }
        }
    }
}
