import Primitives

extension MachineDescription {
    /// The machine as far as it can be built, and what the groups contradict each other in.
    ///
    /// It does not call `validate()`: a reader that must read what it cannot simulate starts from here. CPUs come
    /// out socket by socket, and within a socket in the order of the cores as given: hwloc's logical order.
    package func assemble() -> (machine: Machine, mistakes: [String]) {
        var assembly = MachineAssembly(self)
        assembly.placeSockets()
        assembly.placeDies()
        assembly.placeNUMANodes()
        assembly.placeUncoreCaches()
        assembly.placeCoresAndCPUs()
        assembly.placeDistances()
        return (assembly.machine, assembly.mistakes)
    }
}

/// Builds one machine from groups of OS indices.
private struct MachineAssembly {
    let description: MachineDescription
    var machine: Machine
    var mistakes: [String] = []
    /// Contradictions past this many of one kind are not told.
    static let mistakeLimit = 100
    /// Every OS index named by any group, ascending.
    let cpus: [Int]
    /// Position of a CPU's OS index in `cpus`.
    let positions: [Int: Int]
    /// By position in `cpus`: the position of what holds the CPU.
    var sockets: [Int?]
    var dies: [Int?]
    var numaNodes: [Int?]
    var uncoreCaches: [Int?]
    /// Where each NUMA node of the description went when they were sorted.
    var numaNodeOrder: [Int] = []

    init(_ description: MachineDescription) {
        self.description = description
        machine = Machine(name: description.name)
        machine.devices = description.devices
        var named: Set<Int> = []
        for group in description.sockets { named.formUnion(group.cpus) }
        for group in description.dies { named.formUnion(group.cpus) }
        for group in description.numaNodes { named.formUnion(group.cpus) }
        for group in description.uncoreCaches { named.formUnion(group.cpus) }
        for group in description.cores { named.formUnion(group.cpus) }
        cpus = named.sorted()
        positions = Dictionary(uniqueKeysWithValues: cpus.enumerated().map { ($1, $0) })
        sockets = [Int?](repeating: nil, count: cpus.count)
        dies = sockets
        numaNodes = sockets
        uncoreCaches = sockets
    }

    /// Notes who holds each CPU, and tells CPUs that two groups claim, each pair of groups once.
    mutating func claim(
        _ groups: [[Int]], into holders: WritableKeyPath<Self, [Int?]>,
        name: (Int) -> String
    ) {
        var contested: [(first: Int, second: Int, cpus: [Int])] = []
        for (group, members) in groups.enumerated() {
            for cpu in members {
                guard let position = positions[cpu] else { continue }
                guard let holder = self[keyPath: holders][position] else {
                    self[keyPath: holders][position] = group
                    continue
                }
                if let known = contested.firstIndex(where: {
                    $0.first == holder && $0.second == group
                }) {
                    contested[known].cpus.append(cpu)
                } else if contested.count < Self.mistakeLimit {
                    contested.append((holder, group, [cpu]))
                }
            }
        }
        for (first, second, cpus) in contested {
            let list = cpuList(cpus)
            mistakes.append(
                first == second
                    ? "\(name(first)) names \(list) more than once"
                    : "\(list) \(cpus.count == 1 ? "is" : "are") in both \(name(first)) and "
                        + name(second))
        }
    }

    mutating func placeSockets() {
        guard !description.sockets.isEmpty else {
            machine.sockets = [Socket(osIndex: 0)]
            sockets = [Int?](repeating: 0, count: cpus.count)
            return
        }
        machine.sockets = description.sockets.map { Socket(osIndex: $0.osIndex, model: $0.model) }
        claim(description.sockets.map(\.cpus), into: \.sockets) { [description] in
            "socket \(description.sockets[$0].osIndex)"
        }
        requireAll(\.sockets, "in no socket")
    }

    mutating func placeDies() {
        claim(description.dies.map(\.cpus), into: \.dies) { [description] in
            "die \(description.dies[$0].osIndex)"
        }
        for group in description.dies {
            let sockets = socketsHolding(group.cpus)
            if sockets.count > 1 {
                let list = listFormat(of: sockets.map { machine.sockets[$0].osIndex }.sorted())
                mistakes.append("die \(group.osIndex) spans sockets \(list)")
            }
            if group.cpus.isEmpty { mistakes.append("die \(group.osIndex) has no CPU") }
            machine.dies.append(Die(osIndex: group.osIndex, socket: sockets.first ?? 0))
        }
    }

    mutating func placeNUMANodes() {
        let groups = description.numaNodes
        let order = groups.indices.sorted {
            (groups[$0].osIndex, $0) < (groups[$1].osIndex, $1)
        }
        numaNodeOrder = [Int](repeating: 0, count: groups.count)
        for (position, given) in order.enumerated() {
            numaNodeOrder[given] = position
            machine.numaNodes.append(place(groups[given]))
        }
        claim(order.map { groups[$0].cpus }, into: \.numaNodes) {
            "NUMA node \(groups[order[$0]].osIndex)"
        }
    }

    private mutating func place(_ group: MachineDescription.NUMANodeGroup) -> NUMANode {
        let sockets = socketsHolding(group.cpus)
        var socket = sockets.count == 1 ? sockets[0] : nil
        if let wanted = group.socket {
            let known = machine.sockets.firstIndex { $0.osIndex == wanted }
            if known == nil {
                mistakes.append(
                    "NUMA node \(group.osIndex) is in socket \(wanted), which the machine does not "
                        + "have")
            }
            if group.cpus.isEmpty { socket = known }
            if let known, let other = sockets.first(where: { $0 != known }) {
                mistakes.append(
                    "NUMA node \(group.osIndex) is in socket \(wanted) but has CPUs in socket "
                        + "\(machine.sockets[other].osIndex)")
            }
        }
        return NUMANode(
            osIndex: group.osIndex, kind: group.kind, memory: group.memory,
            hugePages: group.hugePages.sorted { $0.pageSize < $1.pageSize }, socket: socket)
    }

    mutating func placeUncoreCaches() {
        machine.uncoreCaches = description.uncoreCaches.map { UncoreCache(size: $0.size) }
        claim(description.uncoreCaches.map(\.cpus), into: \.uncoreCaches) { [description] in
            "the uncore cache of \(cpuList(description.uncoreCaches[$0].cpus))"
        }
    }

    mutating func placeCoresAndCPUs() {
        var groups = description.cores
        if groups.isEmpty {
            // In the order of the NUMA nodes' own lists, then whatever only other groups name.
            var seen: Set<Int> = []
            let listed = description.numaNodes.flatMap(\.cpus) + cpus
            groups = listed.filter { seen.insert($0).inserted }.map { .init(cpus: [$0]) }
        }
        checkCores(groups)
        // Stable: socket by socket, cores within it as given.
        let order = groups.indices.sorted {
            (socket(of: groups[$0]), $0) < (socket(of: groups[$1]), $1)
        }
        var coresInSocket = [Int](repeating: 0, count: machine.sockets.count)
        var isPlaced = [Bool](repeating: false, count: cpus.count)
        for group in order.map({ groups[$0] }) {
            let socket = socket(of: group)
            machine.cores.append(
                Core(osIndex: group.osIndex ?? coresInSocket[socket], socket: socket))
            coresInSocket[socket] += 1
            for cpu in group.cpus {
                guard let position = positions[cpu], !isPlaced[position] else { continue }
                isPlaced[position] = true
                machine.cpus.append(
                    CPU(
                        osIndex: cpu, core: machine.cores.count - 1,
                        socket: sockets[position] ?? socket, die: dies[position],
                        numaNode: numaNodes[position], uncoreCache: uncoreCaches[position]))
            }
        }
    }

    private mutating func checkCores(_ groups: [MachineDescription.CoreGroup]) {
        var holders = [Int?](repeating: nil, count: cpus.count)
        for (group, core) in groups.enumerated() {
            for cpu in core.cpus {
                guard let position = positions[cpu] else { continue }
                if holders[position] != nil, mistakes.count < Self.mistakeLimit {
                    mistakes.append("CPU \(cpu) is in more than one core")
                }
                holders[position] = group
            }
        }
        let homeless = cpus.indices.filter { holders[$0] == nil }.map { cpus[$0] }
        if !homeless.isEmpty {
            mistakes.append("\(cpuList(homeless)) \(isOrAre(homeless)) in no core")
        }
    }

    mutating func placeDistances() {
        guard let rows = description.distances else { return }
        let count = description.numaNodes.count
        guard rows.count == count, rows.allSatisfy({ $0.count == count }) else {
            let columns = rows.map(\.count)
            let found =
                Set(columns).count <= 1
                ? "\(rows.count) × \(columns.first ?? 0)" : "rows of unequal length"
            mistakes.append(
                "the distance table must be \(count) × \(count), one row and column a NUMA node, "
                    + "and is \(found)")
            return
        }
        var values = [Int](repeating: 0, count: count * count)
        for from in 0..<count {
            for to in 0..<count {
                values[numaNodeOrder[from] * count + numaNodeOrder[to]] = rows[from][to]
            }
        }
        machine.distances = NUMADistances(count: count, values: values)
    }

    private mutating func requireAll(_ holders: KeyPath<Self, [Int?]>, _ what: String) {
        let missing = cpus.indices.filter { self[keyPath: holders][$0] == nil }.map { cpus[$0] }
        if !missing.isEmpty { mistakes.append("\(cpuList(missing)) \(isOrAre(missing)) \(what)") }
    }

    /// Positions of the sockets that hold any of `members`, ascending.
    private func socketsHolding(_ members: [Int]) -> [Int] {
        Set(members.compactMap { positions[$0].flatMap { sockets[$0] } }).sorted()
    }

    private func socket(of core: MachineDescription.CoreGroup) -> Int {
        core.cpus.first.flatMap { positions[$0] }.flatMap { sockets[$0] } ?? 0
    }
}

/// `CPU 3` or `CPUs 0-3,8`.
private func cpuList(_ cpus: [Int]) -> String {
    let distinct = Set(cpus).sorted()
    return (distinct.count == 1 ? "CPU " : "CPUs ") + listFormat(of: distinct)
}

private func isOrAre(_ cpus: [Int]) -> String { cpus.count == 1 ? "is" : "are" }
