import HardwareModel
import Primitives

extension SysfsReader {
    /// CPUs that are online, without those that the cgroup of whoever made the dump forbids, as hwloc does.
    mutating func readCPUs() throws(KernelFileProblem) {
        var folders: [Int] = []
        for name in tree.names(in: Self.cpuFolder) {
            if let cpu = try KernelLists.index(
                in: name, after: "cpu", below: KernelLists.cpuLimit, at: Self.cpuFolder)
            {
                folders.append(cpu)
            }
        }
        folders.sort()
        var online: [Int]
        if let listed = try list(Self.cpuFolder + "/online"), !listed.isEmpty {
            online = listed
        } else {
            // cpu0 often has no `online` file, as it cannot be taken offline; one that is offline has no topology.
            let withTopology = folders.filter {
                tree.isFolder(Self.cpuFolder + "/cpu\($0)/topology")
            }
            online = (withTopology.isEmpty ? folders : withTopology).filter {
                tree.number(Self.cpuFolder + "/cpu\($0)/online") != 0
            }
        }
        let onlineSet = Set(online)
        let offline = folders.filter { !onlineSet.contains($0) }
        if !offline.isEmpty {
            dropped(
                "CPUs \(listFormat(of: offline))",
                "they are offline, and a machine has only CPUs that pods can run on")
        }
        let limits = try readCgroup()
        allowedNodes = limits.nodes
        if let allowed = limits.cpus.map({ Set($0) }) {
            let forbidden = online.filter { !allowed.contains($0) }
            online.removeAll { !allowed.contains($0) }
            if !forbidden.isEmpty {
                dropped(
                    "CPUs \(listFormat(of: forbidden))",
                    "the cgroup of the process that made the dump may not use them, and hwloc leaves such out"
                )
            }
        }
        guard let last = online.last else {
            throw KernelFileProblem(
                path: Self.cpuFolder,
                message: tree.names(in: Self.cpuFolder).isEmpty
                    ? "nothing is in it; links are followed only within the dump"
                    : "no CPU is online and allowed here")
        }
        cpus = online
        isCPU = [Bool](repeating: false, count: last + 1)
        for cpu in cpus { isCPU[cpu] = true }
    }

    // MARK: Sockets and dies

    mutating func readSockets() throws(KernelFileProblem) {
        let model = processorModel()
        let told = try groups(byAnyOf: ["package_cpus", "core_siblings"]) ?? groupsByPackageID()
        guard let told else {
            unstated.insert(.sockets)
            guessed("sockets", "no file tells them, so all CPUs are in socket 0")
            description.sockets = [.init(osIndex: 0, model: model, cpus: cpus)]
            return
        }
        let ids = told.map { topologyID($0[0], "physical_package_id") }
        let known = ids.compactMap(\.self)
        if known.count == told.count, Set(known).count == told.count {
            description.sockets = zip(known, told).map {
                .init(osIndex: $0, model: model, cpus: $1)
            }
        } else {
            let why = known.isEmpty ? "unknown here" : "not one for each socket"
            guessed(
                "sockets", "physical_package_id is \(why), so sockets are numbered by first CPU")
            description.sockets = told.enumerated().map {
                .init(osIndex: $0, model: model, cpus: $1)
            }
        }
    }

    private func groupsByPackageID() -> [[Int]]? {
        var groups: [Int: [Int]] = [:]
        for cpu in cpus {
            guard let id = topologyID(cpu, "physical_package_id") else { return nil }
            groups[id, default: []].append(cpu)
        }
        return groups.values.sorted { $0[0] < $1[0] }
    }

    /// Dies only where some socket has several, as hwloc does.
    mutating func readDies() throws(KernelFileProblem) {
        var dies: [MachineDescription.DieGroup] = []
        for socket in description.sockets {
            var byDie: [Int: [Int]] = [:]
            for cpu in socket.cpus {
                if let die = topologyID(cpu, "die_id") { byDie[die, default: []].append(cpu) }
            }
            dies += byDie.sorted { $0.key < $1.key }.map { .init(osIndex: $0.key, cpus: $0.value) }
        }
        if dies.count > description.sockets.count { description.dies = dies }
    }

    // MARK: Cores and caches

    /// Cores by their sibling sets: ids of cores repeat between sockets, dies and clusters.
    ///
    /// Siblings with different core ids are cores of their own: AMD's compute units of the family 15h, which hwloc
    /// and cadvisor see so, too.
    mutating func readCores() throws(KernelFileProblem) {
        guard let told = try groups(byAnyOf: ["core_cpus", "thread_siblings"]) else {
            unstated.insert(.cores)
            guessed("cores", "no file tells which CPUs share one, so each CPU is one")
            description.cores = cpus.map { .init(osIndex: topologyID($0, "core_id"), cpus: [$0]) }
            return
        }
        var split = 0
        for siblings in told {
            var byID: [(id: Int?, cpus: [Int])] = []
            for cpu in siblings {
                let id = topologyID(cpu, "core_id")
                if let known = byID.firstIndex(where: { $0.id == id }) {
                    byID[known].cpus.append(cpu)
                } else {
                    byID.append((id, [cpu]))
                }
            }
            if byID.count > 1 { split += 1 }
            description.cores += byID.map { .init(osIndex: $0.id, cpus: $0.cpus) }
        }
        if split > 0 {
            guessed(
                "cores",
                "\(split) sets of thread siblings have different core ids inside, so their CPUs are cores of "
                    + "their own, as cadvisor and hwloc see AMD's compute units")
        }
    }

    /// Caches of level 3 that hold data, by the CPUs that share them.
    mutating func readUncoreCaches() throws(KernelFileProblem) {
        var isPlaced = [Bool](repeating: false, count: isCPU.count)
        var isTold = false
        var higher = 0
        for cpu in cpus {
            let folder = Self.cpuFolder + "/cpu\(cpu)/cache"
            for name in tree.names(in: folder) where name.hasPrefix("index") {
                isTold = true
                let path = "\(folder)/\(name)"
                guard let level = tree.number(path + "/level"), level >= 3,
                    tree.text(path + "/type") != "Instruction"
                else { continue }
                if level > 3 { higher = max(higher, level) }
                guard level == 3, !isPlaced[cpu] else { continue }
                let sharing = try sharingCPUs(path) ?? [cpu]
                let members = (present(sharing) + [cpu]).filter { member in
                    defer { isPlaced[member] = true }
                    return !isPlaced[member]
                }
                let size = tree.text(path + "/size").flatMap { kibibytes($0) } ?? 0
                description.uncoreCaches.append(.init(size: size, cpus: members.sorted()))
            }
        }
        if !isTold { unstated.insert(.uncoreCaches) }
        if higher > 0 {
            dropped("caches of level \(higher)", "a machine has caches of level 3 alone")
        }
    }

    private func sharingCPUs(_ path: String) throws(KernelFileProblem) -> [Int]? {
        if let list = try list(path + "/shared_cpu_list") { return list }
        guard let text = tree.text(path + "/shared_cpu_map") else { return nil }
        return try KernelLists.mask(
            text, of: "CPUs", below: KernelLists.cpuLimit, at: path + "/shared_cpu_map")
    }

    /// Cores in hwloc's logical order: socket by socket, and what lies in something larger side by side.
    mutating func sortCores() {
        let groupings = [
            description.dies.map(\.cpus), description.numaNodes.map(\.cpus),
            description.uncoreCaches.map(\.cpus),
        ]
        // The grouping with the fewest, so the largest, parts comes first; none of them splits a core.
        let ordered = groupings.enumerated()
            .sorted { ($0.element.count, $0.offset) < ($1.element.count, $1.offset) }
            .map(\.element)
        var firsts = [[Int]](repeating: [], count: isCPU.count)
        for grouping in ordered {
            var first: [Int: Int] = [:]
            for group in grouping {
                guard let least = group.min() else { continue }
                for cpu in group { first[cpu] = least }
            }
            for cpu in cpus { firsts[cpu].append(first[cpu] ?? Int.max) }
        }
        description.cores.sort { one, other in
            let (oneCPU, otherCPU) = (one.cpus[0], other.cpus[0])
            return (firsts[oneCPU] + [oneCPU])
                .lexicographicallyPrecedes(firsts[otherCPU] + [otherCPU])
        }
    }

    /// `model name` of x86, `cpu` of POWER; ARM boards have neither.
    private func processorModel() -> String {
        let lines = (tree.text("proc/cpuinfo") ?? "").split(separator: "\n", maxSplits: 200)
        for key in ["model name", "cpu"] {
            for line in lines.prefix(200) {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2, trimmed(parts[0]) == key { return trimmed(parts[1]) }
            }
        }
        return ""
    }
}

/// Bytes of a number of KiB with or without `K`: `16384K`.
func kibibytes(_ text: String) -> Int64? {
    guard let count = Int64(text.hasSuffix("K") ? String(text.dropLast()) : text), count >= 0 else {
        return nil
    }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 1024)
    return overflow ? nil : bytes
}

/// Without white space at its ends.
func trimmed(_ text: Substring) -> String {
    var text = text.drop { $0.isWhitespace }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
}
