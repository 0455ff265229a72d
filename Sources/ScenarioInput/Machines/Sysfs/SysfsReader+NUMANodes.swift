import HardwareModel
import Primitives

extension SysfsReader {
    /// NUMA nodes with memory, huge pages and distances; one for the whole machine where the kernel has none.
    mutating func readNUMANodes() throws(KernelFileProblem) {
        var online: [Int] = []
        for name in tree.names(in: Self.nodeFolder) {
            if let node = try KernelLists.index(
                in: name, after: "node", below: KernelLists.numaNodeLimit, at: Self.nodeFolder)
            {
                online.append(node)
            }
        }
        if let listed = try list(
            Self.nodeFolder + "/online", of: "NUMA nodes", below: KernelLists.numaNodeLimit)
        {
            let folders = Set(online)
            online = listed.filter { folders.contains($0) }
        }
        online.sort()
        let allowed = allowedNodes.map { Set($0) }
        let nodes = online.filter { allowed?.contains($0) ?? true }
        guard !nodes.isEmpty else {
            readWholeMachine()
            return
        }
        if nodes.count < online.count {
            dropped(
                "NUMA nodes \(listFormat(of: online.filter { !nodes.contains($0) }))",
                "the cgroup of the process that made the dump may not use them, and hwloc leaves such out"
            )
        }
        for node in nodes {
            description.numaNodes.append(try numaNode(node, isOnly: nodes.count == 1))
        }
        noteMemory()
        readDistances(nodes, online)
        placeNodesWithoutCPUs()
    }

    /// A kernel without NUMA: all CPUs are near all memory.
    private mutating func readWholeMachine() {
        let memory = totalMemory(in: tree.text("proc/meminfo") ?? "")
        description.numaNodes = [
            .init(
                osIndex: 0, memory: memory ?? 0, hugePages: machineHugePages(), cpus: cpus)
        ]
        unstated.insert(.distances)
        guessed("NUMA nodes", "the kernel shows none, so all CPUs and memory are NUMA node 0")
        noteMemory()
    }

    private mutating func noteMemory() {
        let without = description.numaNodes.filter { $0.memory == 0 }.map(\.osIndex)
        guard !without.isEmpty else { return }
        if without.count == description.numaNodes.count { unstated.insert(.memory) }
        guessed(
            "memory of NUMA node\(without.count == 1 ? "" : "s") \(listFormat(of: without))",
            "no meminfo tells it, so it is 0 bytes")
    }

    private mutating func numaNode(
        _ node: Int, isOnly: Bool
    ) throws(KernelFileProblem) -> MachineDescription.NUMANodeGroup {
        let folder = Self.nodeFolder + "/node\(node)"
        var members = try list(folder + "/cpulist")
        if members == nil, let mask = tree.text(folder + "/cpumap") {
            members = try KernelLists.mask(
                mask, of: "CPUs", below: KernelLists.cpuLimit, at: folder + "/cpumap")
        }
        var memory = totalMemory(in: tree.text(folder + "/meminfo") ?? "")
        var pages = hugePages(in: folder + "/hugepages")
        if isOnly {
            if memory == nil, let whole = totalMemory(in: tree.text("proc/meminfo") ?? "") {
                memory = whole
                guessed(
                    "memory of NUMA node \(node)",
                    "the node has no meminfo of its own, and being alone it has what /proc/meminfo says"
                )
            }
            if pages == nil { pages = machineHugePages() }
        }
        if pages == nil { unstated.insert(.hugePages) }
        let cpus = present(members ?? [])
        return .init(
            osIndex: node, kind: kind(ofNode: node, hasCPUs: !(members ?? []).isEmpty),
            memory: memory ?? 0, hugePages: pages ?? [],
            cpus: cpus, socket: cpus.isEmpty ? socket(ofAbsent: members ?? []) : nil)
    }

    /// Bytes of `MemTotal: 123 kB`, or of `Node 0 MemTotal: 123 kB`.
    private func totalMemory(in meminfo: String) -> Int64? {
        kibibyteCount(of: "MemTotal:", in: meminfo).flatMap { count in
            let (bytes, overflow) = count.multipliedReportingOverflow(by: 1024)
            return overflow ? nil : bytes
        }
    }

    private func kibibyteCount(of key: String, in meminfo: String) -> Int64? {
        for line in meminfo.split(separator: "\n").prefix(200) {
            let words = line.split(separator: " ")
            guard let place = words.firstIndex(where: { $0 == key }), place + 1 < words.count
            else { continue }
            return Int64(words[place + 1]).flatMap { $0 >= 0 ? $0 : nil }
        }
        return nil
    }

    /// Pools of `hugepages-2048kB` folders; nil when the folder is not there.
    private func hugePages(in folder: String) -> [HugePagePool]? {
        guard tree.isFolder(folder) else { return nil }
        return tree.names(in: folder).prefix(64).compactMap { name in
            guard name.hasPrefix("hugepages-"), name.hasSuffix("kB"),
                let size = kibibytes(String(name.dropFirst("hugepages-".count).dropLast(2))),
                size > 0
            else { return nil }
            let count = tree.number("\(folder)/\(name)/nr_hugepages") ?? 0
            return HugePagePool(pageSize: size, count: Int64(max(0, count)))
        }
    }

    /// Pools of the whole machine, all sizes from /sys or the default size from /proc/meminfo.
    private mutating func machineHugePages() -> [HugePagePool] {
        if let pools = hugePages(in: "sys/kernel/mm/hugepages") { return pools }
        let meminfo = tree.text("proc/meminfo") ?? ""
        guard let size = kibibyteCount(of: "Hugepagesize:", in: meminfo), size > 0,
            size < 1 << 40, let count = kibibyteCount(of: "HugePages_Total:", in: meminfo)
        else {
            unstated.insert(.hugePages)
            return []
        }
        return [HugePagePool(pageSize: size * 1024, count: count)]
    }

    /// Each node's row has a value for every online node, in order; nodes that are left out leave their columns.
    private mutating func readDistances(_ nodes: [Int], _ online: [Int]) {
        let columns = nodes.compactMap { online.firstIndex(of: $0) }
        var rows: [[Int]] = []
        for node in nodes {
            let row = (tree.text(Self.nodeFolder + "/node\(node)/distance") ?? "")
                .split(separator: " ").map { Int($0) ?? 0 }
            if row.isEmpty, rows.isEmpty, node != nodes.last { continue }
            guard row.count == online.count else {
                unstated.insert(.distances)
                if !row.isEmpty {
                    dropped(
                        "distances",
                        "NUMA node \(node) has \(row.count) values, and \(online.count) NUMA nodes are "
                            + "online")
                }
                return
            }
            rows.append(columns.map { row[$0] })
        }
        guard rows.count == nodes.count else {
            unstated.insert(.distances)
            return
        }
        description.distances = rows
    }
}

// MARK: Memory without CPUs

extension SysfsReader {
    /// Xeon Phi of the second generation (Intel, family 6, models 87 and 133), whose nodes without CPUs are MCDRAM.
    private var isKnightsLanding: Bool {
        func value(_ key: String) -> String? {
            let lines = (tree.text("proc/cpuinfo") ?? "").split(separator: "\n", maxSplits: 64)
            for line in lines.prefix(64) {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2, trimmed(parts[0]) == key { return trimmed(parts[1]) }
            }
            return nil
        }
        return value("vendor_id") == "GenuineIntel" && value("cpu family") == "6"
            && ["87", "133"].contains(value("model"))
    }

    /// What a NUMA node's memory is, where a driver or the processor tells: a GPU's, or what a DAX device became.
    private func kind(ofNode node: Int, hasCPUs: Bool) -> NUMANode.Kind {
        if !hasCPUs, isKnightsLanding { return .hbm }
        // POWER9 with NVIDIA GPUs.
        for gpu in tree.names(in: "proc/driver/nvidia/gpus").prefix(1024) {
            let status = tree.text("proc/driver/nvidia/gpus/\(gpu)/numa_status") ?? ""
            for line in status.split(separator: "\n") {
                let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
                if words.first == "Node:", words.count > 1, Int(words[1]) == node { return .gpu }
            }
        }
        for device in tree.names(in: "sys/bus/dax/drivers/kmem").prefix(1024) {
            let path = "sys/bus/dax/drivers/kmem/\(device)"
            guard tree.number(path + "/target_node") == node, let place = tree.resolve(path) else {
                continue
            }
            if place.contains("/ndbus") { return .persistent }
            if place.contains("/hmem") { return .specificPurpose }
        }
        return .dram
    }

    /// The socket of CPUs that are all offline or forbidden; it is in the machine for its memory, as in hwloc.
    private mutating func socket(ofAbsent members: [Int]) -> Int? {
        let ids = Set(members.map { topologyID($0, "physical_package_id") })
        guard ids.count == 1, let id = ids.first ?? nil else { return nil }
        if !description.sockets.contains(where: { $0.osIndex == id }) {
            let model = description.sockets.first?.model ?? ""
            description.sockets.append(.init(osIndex: id, model: model, cpus: []))
        }
        return id
    }

    /// The socket of a node that never had CPUs: that of the nearest node with CPUs, where one is nearest.
    private mutating func placeNodesWithoutCPUs() {
        let sockets = description.sockets.map { (index: $0.osIndex, cpus: Set($0.cpus)) }
        let homes = description.numaNodes.map { node -> Int? in
            let around = sockets.filter { socket in node.cpus.contains { socket.cpus.contains($0) }
            }
            return around.count == 1 ? around[0].index : nil
        }
        for (position, node) in description.numaNodes.enumerated()
        where node.cpus.isEmpty && node.socket == nil {
            let initiators = tree.names(
                in: Self.nodeFolder + "/node\(node.osIndex)/access0/initiators")
            let named = description.numaNodes.indices.filter {
                initiators.contains("node\(description.numaNodes[$0].osIndex)")
                    && !description.numaNodes[$0].cpus.isEmpty
            }
            let near = named.isEmpty ? nearest(to: position) : named
            let places = Set(near.map { homes[$0] })
            if places.count == 1, let socket = places.first ?? nil {
                description.numaNodes[position].socket = socket
            }
            if node.kind == .dram {
                guessed(
                    "NUMA node \(node.osIndex)",
                    "it has memory and no CPUs, and the kernel does not say of which kind, so it is DRAM"
                )
            }
        }
    }

    /// Positions of the nodes with CPUs at the least distance; none where all are equally far.
    private func nearest(to position: Int) -> [Int] {
        guard let rows = description.distances else { return [] }
        let candidates = description.numaNodes.indices.filter {
            !description.numaNodes[$0].cpus.isEmpty
        }
        guard let least = candidates.map({ rows[position][$0] }).min() else { return [] }
        return candidates.filter { rows[position][$0] == least }
    }
}
