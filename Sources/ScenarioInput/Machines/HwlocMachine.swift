import HardwareModel

/// Turns the objects of a hwloc file into groups of CPUs.
struct HwlocMachine {
    let topology: HwlocTopology
    /// By object: the nearest object of a kind at or around it.
    private let socket: [Int?]
    private let die: [Int?]
    private let cache: [Int?]
    private let core: [Int?]
    /// Positions of the objects that are kept.
    private let cpus: [Int]
    let numaNodes: [Int]
    /// CPUs that are online and allowed.
    var cpuCount: Int { cpus.count }
    /// By NUMA node in `numaNodes`: the OS indices of the CPUs near it, by its cpuset.
    private let near: [[Int]]

    /// The sockets of the CPUs inside each object.
    private let socketsInside: [Sockets]
    /// The page size that is not a huge one: the smallest of the machine when it is at most 64 KiB.
    private let basePage: Int64?

    private enum Sockets: Equatable {
        case none
        case one(Int)
        case many
    }

    /// Most CPUs, cores, caches or sockets that are looked at; beyond it the file is not of a machine.
    static let partLimit = 8192
    /// Most NUMA nodes that are looked at.
    static let numaNodeLimit = 1024

    init(_ topology: HwlocTopology) throws(XMLError) {
        self.topology = topology
        let objects = topology.objects
        func around(_ kind: HwlocObject.Kind) -> [Int?] {
            var nearest: [Int?] = []
            nearest.reserveCapacity(objects.count)
            for (index, object) in objects.enumerated() {
                nearest.append(object.kind == kind ? index : object.parent.flatMap { nearest[$0] })
            }
            return nearest
        }
        socket = around(.socket)
        die = around(.die)
        cache = around(.uncoreCache)
        core = around(.core)

        let root = objects[0]
        let allowed = try topology.bitmap(root.allowedCPUs)
        let online = try topology.bitmap(root.onlineCPUs)
        let allowedNodes = try topology.bitmap(root.allowedNodes)
        cpus = objects.indices.filter { index in
            guard objects[index].kind == .cpu, let cpu = objects[index].osIndex else {
                return false
            }
            return (allowed?.contains(cpu) ?? true) && (online?.contains(cpu) ?? true)
        }
        numaNodes = objects.indices.filter { index in
            guard objects[index].kind == .numaNode, let node = objects[index].osIndex else {
                return false
            }
            return allowedNodes?.contains(node) ?? true
        }
        try HwlocMachine.checkCounts(objects)
        if cpus.isEmpty {
            throw XMLError(
                position: root.place,
                message: "no CPU is both online and allowed, so the machine has none")
        }
        try HwlocMachine.checkUnique(topology, cpus, "PU")
        try HwlocMachine.checkUnique(topology, numaNodes, "NUMANode")
        near = try HwlocMachine.nearCPUs(topology, numaNodes, cpus)
        socketsInside = HwlocMachine.socketsInside(objects, cpus, socket)
        let smallest = objects.lazy.flatMap(\.pages).map(\.size).min()
        basePage = smallest.flatMap { $0 <= 65_536 ? $0 : nil }
    }

    private static func checkUnique(
        _ topology: HwlocTopology, _ objects: [Int], _ type: String
    ) throws(XMLError) {
        var seen: Set<Int> = []
        for index in objects {
            let object = topology.objects[index]
            guard let osIndex = object.osIndex, !seen.insert(osIndex).inserted else { continue }
            throw XMLError(
                position: object.place,
                message: "a second \(type) object with the `os_index` \(osIndex)")
        }
    }

    private static func checkCounts(_ objects: [HwlocObject]) throws(XMLError) {
        let parts: [(HwlocObject.Kind, String, Int)] = [
            (.cpu, "CPUs", partLimit), (.core, "cores", partLimit), (.socket, "sockets", partLimit),
            (.die, "dies", partLimit), (.uncoreCache, "L3 caches", partLimit),
            (.numaNode, "NUMA nodes", numaNodeLimit),
        ]
        for (kind, name, limit) in parts {
            let count = objects.count { $0.kind == kind }
            guard count <= limit else {
                throw XMLError(
                    position: objects[0].place,
                    message: "\(count) \(name), and no machine has more than \(limit)")
            }
        }
    }

    private static func socketsInside(
        _ objects: [HwlocObject], _ cpus: [Int], _ socket: [Int?]
    ) -> [Sockets] {
        var inside = [Sockets](repeating: .none, count: objects.count)
        for cpu in cpus { inside[cpu] = socket[cpu].map { .one($0) } ?? .none }
        // Children stand after their parents, so one walk backwards carries all upwards.
        for index in objects.indices.reversed() {
            guard let parent = objects[index].parent, inside[index] != .none else { continue }
            inside[parent] =
                inside[parent] == .none || inside[parent] == inside[index] ? inside[index] : .many
        }
        return inside
    }

    /// The CPUs in each NUMA node's cpuset; without a cpuset those inside it, as in some old files.
    private static func nearCPUs(
        _ topology: HwlocTopology, _ numaNodes: [Int], _ cpus: [Int]
    ) throws(XMLError) -> [[Int]] {
        var near: [[Int]] = []
        for node in numaNodes {
            if topology.objects[node].isMemoryOnly {
                near.append([])
                continue
            }
            let set = try topology.bitmap(topology.objects[node].cpuset)
            let members = cpus.filter { cpu in
                guard let osIndex = topology.objects[cpu].osIndex else { return false }
                return set?.contains(osIndex) ?? topology.isInside(cpu, node)
            }
            near.append(members.compactMap { topology.objects[$0].osIndex })
        }
        return near
    }

    /// The machine's parts as groups of CPUs.
    func describe(name: String) throws(XMLError) -> MachineDescription {
        var description = MachineDescription(name: name)
        description.sockets = sockets()
        description.dies = members(by: die).enumerated().map { number, die in
            .init(osIndex: topology.objects[die.object].osIndex ?? number, cpus: die.cpus)
        }
        description.uncoreCaches = members(by: cache).map {
            .init(size: topology.objects[$0.object].size, cpus: $0.cpus)
        }
        description.cores = cores()
        description.numaNodes = memory()
        description.distances = distances()
        description.devices = try devices()
        return description
    }
}

// MARK: CPUs

extension HwlocMachine {
    /// The objects that are nearest to some CPU, in document order, each with the OS indices of its CPUs.
    private func members(by nearest: [Int?]) -> [(object: Int, cpus: [Int])] {
        var groups: [Int: [Int]] = [:]
        for cpu in cpus {
            guard let object = nearest[cpu], let osIndex = topology.objects[cpu].osIndex else {
                continue
            }
            groups[object, default: []].append(osIndex)
        }
        return groups.keys.sorted().map { ($0, groups[$0] ?? []) }
    }

    /// Sockets, those that hold memory alone included (their CPUs are offline or forbidden).
    private func sockets() -> [MachineDescription.SocketGroup] {
        var cpusOfSocket: [Int: [Int]] = [:]
        for node in numaNodes.compactMap({ socket[$0] }) { cpusOfSocket[node] = [] }
        for group in members(by: socket) { cpusOfSocket[group.object] = group.cpus }
        let all = cpusOfSocket.keys.sorted()
        return all.enumerated().map { number, object in
            let model = topology.objects[object].model
            return .init(
                osIndex: topology.objects[object].osIndex ?? number,
                model: model.isEmpty ? topology.objects[0].model : model,
                cpus: cpusOfSocket[object] ?? [])
        }
    }

    /// Cores in document order; a CPU outside any core is one.
    private func cores() -> [MachineDescription.CoreGroup] {
        var groups: [MachineDescription.CoreGroup] = []
        var last: Int?
        for cpu in cpus {
            guard let osIndex = topology.objects[cpu].osIndex else { continue }
            if let object = core[cpu], object == last {
                groups[groups.count - 1].cpus.append(osIndex)
            } else {
                groups.append(
                    .init(
                        osIndex: core[cpu].flatMap { topology.objects[$0].osIndex }, cpus: [osIndex]
                    ))
            }
            last = core[cpu]
        }
        return groups
    }
}

// MARK: Memory

extension HwlocMachine {
    /// NUMA nodes, each CPU on one of them; a 1.x file of a machine without NUMA gets one node, as hwloc 2 shows.
    private func memory() -> [MachineDescription.NUMANodeGroup] {
        guard !numaNodes.isEmpty else {
            let root = topology.objects[0]
            return [
                .init(
                    osIndex: 0, memory: root.size, hugePages: pools(of: root),
                    cpus: cpus.compactMap { topology.objects[$0].osIndex })
            ]
        }
        let homes = homes()
        return numaNodes.indices.map { node in
            let object = topology.objects[numaNodes[node]]
            return .init(
                osIndex: object.osIndex ?? 0, kind: kind(of: object), memory: object.size,
                hugePages: pools(of: object),
                cpus: near[node].filter { homes[$0] == node },
                socket: homeSocket(of: numaNodes[node]))
        }
    }

    /// By CPU: the NUMA node that the kernel puts it on.
    ///
    /// hwloc 2 lists a CPU in every memory that is near it: DRAM, HBM, a GPU's, persistent memory. The kernel puts
    /// it on one node, and the others are memory only. That one is DRAM before other kinds, then the smaller
    /// cpuset (a cluster's before the whole socket's), then the lower OS index, as the kernel numbers the nodes
    /// that have CPUs first.
    private func homes() -> [Int: Int] {
        let order = numaNodes.indices.sorted { first, second in
            rank(first).lexicographicallyPrecedes(rank(second))
        }
        var homes: [Int: Int] = [:]
        for node in order {
            for cpu in near[node] where homes[cpu] == nil { homes[cpu] = node }
        }
        return homes
    }

    private func rank(_ node: Int) -> [Int] {
        let object = topology.objects[numaNodes[node]]
        let kindRank =
            switch kind(of: object) {
            case .dram: 0
            case .hbm, .specificPurpose, .persistent: 1
            case .gpu: 2
            }
        return [kindRank, near[node].count, object.osIndex ?? 0]
    }

    private func kind(of object: HwlocObject) -> NUMANode.Kind {
        switch object.subtype {
        case "MCDRAM", "HBM": .hbm
        case "GPUMemory": .gpu
        case "SPM": .specificPurpose
        case "NVM", "DAX", "PMEM": .persistent
        default: .dram
        }
    }

    /// Page sizes that are not the base page.
    private func pools(of object: HwlocObject) -> [HugePagePool] {
        object.pages.filter { $0.size != basePage }
            .map { HugePagePool(pageSize: $0.size, count: $0.count) }
    }

    /// OS index of the socket around a NUMA node, or of the one that holds every CPU under the node's parent.
    private func homeSocket(of node: Int) -> Int? {
        if let socket = socket[node] { return socketOSIndex(socket) }
        var object = topology.objects[node].parent
        while let current = object {
            switch socketsInside[current] {
            case .none: object = topology.objects[current].parent
            case .one(let socket): return socketOSIndex(socket)
            case .many: return nil
            }
        }
        return nil
    }

    private func socketOSIndex(_ object: Int) -> Int? { topology.objects[object].osIndex }
}
