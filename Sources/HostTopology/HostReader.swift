import HardwareModel

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// CPUs that the C library counts as online; 0 when it cannot tell.
func onlineProcessorCount() -> Int { max(0, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

/// Fills a machine's description from the kernel's files, one kind of part a step.
struct HostReader {
    let files: SystemFiles
    let numa: (any NUMALibrary)?
    var description = MachineDescription(name: "host")
    /// Online CPUs, ascending.
    private(set) var cpus: [Int] = []

    init(files: SystemFiles, numa: (any NUMALibrary)?) {
        self.files = files
        self.numa = numa
        if let product = files.text("/sys/class/dmi/id/product_name"), !product.isEmpty {
            description.name = product
        }
    }
}

// MARK: CPUs

extension HostReader {
    private static let cpuFolder = "/sys/devices/system/cpu"

    /// Sockets, dies, cores and L3 caches.
    mutating func readCPUs(fallback: Int) throws(HostMachineError) {
        cpus = onlineCPUs(fallback: fallback)
        guard !cpus.isEmpty else {
            throw HostMachineError(
                message:
                    "no CPU is found in \(files.root + Self.cpuFolder), so this is not Linux or "
                    + "/sys is hidden")
        }
        let sockets = groups { topology($0, "physical_package_id") ?? 0 }
        let model = processorModel()
        description.sockets = sockets.map { .init(osIndex: $0.id, model: model, cpus: $0.cpus) }
        readDies(sockets)
        readCores()
        readUncoreCaches()
    }

    private func onlineCPUs(fallback: Int) -> [Int] {
        if let online = files.list(Self.cpuFolder + "/online"), !online.isEmpty { return online }
        let present = files.numbers(in: Self.cpuFolder, after: "cpu")
        // cpu0 often has no `online` file, as it cannot be taken offline.
        let online = present.filter { files.number(Self.cpuFolder + "/cpu\($0)/online") != 0 }
        return online.isEmpty ? Array(0..<max(0, fallback)) : online
    }

    /// An id in a CPU's topology folder; nil when it is missing or -1.
    private func topology(_ cpu: Int, _ name: String) -> Int? {
        files.number(Self.cpuFolder + "/cpu\(cpu)/topology/\(name)").flatMap { $0 < 0 ? nil : $0 }
    }

    /// CPUs by an id, ascending by id.
    private func groups(_ id: (Int) -> Int) -> [(id: Int, cpus: [Int])] {
        var groups: [Int: [Int]] = [:]
        for cpu in cpus { groups[id(cpu), default: []].append(cpu) }
        return groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Dies only where some socket has several, as hwloc does.
    private mutating func readDies(_ sockets: [(id: Int, cpus: [Int])]) {
        var dies: [MachineDescription.DieGroup] = []
        for socket in sockets {
            var byDie: [Int: [Int]] = [:]
            for cpu in socket.cpus {
                if let die = topology(cpu, "die_id") { byDie[die, default: []].append(cpu) }
            }
            dies += byDie.sorted { $0.key < $1.key }.map { .init(osIndex: $0.key, cpus: $0.value) }
        }
        if dies.count > sockets.count { description.dies = dies }
    }

    /// Cores by their sibling lists: ids of cores repeat between sockets, dies and clusters.
    private mutating func readCores() {
        var placed: Set<Int> = []
        for cpu in cpus where !placed.contains(cpu) {
            let folder = Self.cpuFolder + "/cpu\(cpu)/topology/"
            let listed =
                files.list(folder + "core_cpus_list") ?? files.list(folder + "thread_siblings_list")
            let siblings = ((listed ?? []) + [cpu])
                .filter { cpus.contains($0) && placed.insert($0).inserted }.sorted()
            description.cores.append(.init(osIndex: topology(cpu, "core_id"), cpus: siblings))
        }
    }

    private mutating func readUncoreCaches() {
        var placed: Set<Int> = []
        for cpu in cpus where !placed.contains(cpu) {
            let folder = Self.cpuFolder + "/cpu\(cpu)/cache"
            for index in files.numbers(in: folder, after: "index") {
                let path = "\(folder)/index\(index)"
                guard files.number(path + "/level") == 3,
                    files.text(path + "/type") != "Instruction",
                    let sharing = files.list(path + "/shared_cpu_list")
                else { continue }
                let members = sharing.filter { cpus.contains($0) && placed.insert($0).inserted }
                if members.isEmpty { continue }
                let size = files.text(path + "/size").flatMap { kibibytes($0) } ?? 0
                description.uncoreCaches.append(.init(size: size, cpus: members))
            }
        }
    }

    /// `model name` of x86, `cpu` of POWER; ARM boards have neither.
    private func processorModel() -> String {
        let lines = (files.text("/proc/cpuinfo") ?? "").split(separator: "\n")
        for key in ["model name", "cpu"] {
            for line in lines {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2, trimmed(parts[0]) == key { return trimmed(parts[1]) }
            }
        }
        return ""
    }
}

// MARK: Memory

extension HostReader {
    private static let nodeFolder = "/sys/devices/system/node"

    /// NUMA nodes with memory, huge pages and distances; one for the whole machine where the kernel has none.
    mutating func readNUMANodes() {
        let nodes =
            files.list(Self.nodeFolder + "/online")
            ?? files.numbers(in: Self.nodeFolder, after: "node")
        let known = nodes.filter { files.text(Self.nodeFolder + "/node\($0)/cpulist") != nil }
        guard !known.isEmpty else {
            description.numaNodes = [wholeMachine()]
            return
        }
        description.numaNodes = known.map { numaNode($0) }
        description.distances = distances(known)
    }

    private func numaNode(_ node: Int) -> MachineDescription.NUMANodeGroup {
        let folder = Self.nodeFolder + "/node\(node)"
        let members = files.list(folder + "/cpulist") ?? []
        return .init(
            osIndex: node, memory: memory(ofNode: node, folder),
            hugePages: hugePages(in: folder + "/hugepages"),
            cpus: members.filter { cpus.contains($0) })
    }

    private func memory(ofNode node: Int, _ folder: String) -> Int64 {
        let meminfo = files.text(folder + "/meminfo") ?? ""
        // libnuma warns on stderr about a meminfo without these lines.
        let isComplete = meminfo.contains("MemTotal:") && meminfo.contains("MemFree:")
        if isComplete, let numa, numa.isAvailable, let bytes = numa.memory(ofNode: node) {
            return bytes
        }
        return totalMemory(in: meminfo)
    }

    private func wholeMachine() -> MachineDescription.NUMANodeGroup {
        .init(
            osIndex: 0, memory: totalMemory(in: files.text("/proc/meminfo") ?? ""),
            hugePages: hugePages(in: "/sys/kernel/mm/hugepages"), cpus: cpus)
    }

    /// Bytes of `MemTotal: 123 kB`, or of `Node 0 MemTotal: 123 kB`.
    private func totalMemory(in meminfo: String) -> Int64 {
        for line in meminfo.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let key = words.firstIndex(of: "MemTotal:"), key + 1 < words.count,
                let count = Int64(words[key + 1])
            else { continue }
            let (bytes, overflow) = count.multipliedReportingOverflow(by: 1024)
            return overflow ? 0 : bytes
        }
        return 0
    }

    /// Pools of `hugepages-2048kB` folders.
    private func hugePages(in folder: String) -> [HugePagePool] {
        files.names(in: folder).compactMap { name in
            guard name.hasPrefix("hugepages-"), name.hasSuffix("kB"),
                let size = kibibytes(String(name.dropFirst("hugepages-".count).dropLast(2))),
                size > 0
            else { return nil }
            let count = files.number("\(folder)/\(name)/nr_hugepages") ?? 0
            return HugePagePool(pageSize: size, count: Int64(max(0, count)))
        }
    }

    /// Rows from libnuma, else from the nodes' own files; nil unless every value is known.
    private func distances(_ nodes: [Int]) -> [[Int]]? {
        if let numa, numa.isAvailable {
            let rows = nodes.map { from in nodes.compactMap { numa.distance(from: from, to: $0) } }
            if rows.allSatisfy({ $0.count == nodes.count }) { return rows }
        }
        // A row has a value for each online node, in order.
        let rows = nodes.map { node in
            (files.text(Self.nodeFolder + "/node\(node)/distance") ?? "")
                .split(separator: " ").compactMap { Int($0) }
        }
        return rows.allSatisfy { $0.count == nodes.count } ? rows : nil
    }
}

// MARK: Devices

extension HostReader {
    private static let pciFolder = "/sys/bus/pci/devices"
    /// PCI classes that pods ask for: storage, network, display, processors, signal processing, accelerators.
    private static let usefulClasses: Set<Int> = [0x01, 0x02, 0x03, 0x0B, 0x11, 0x12]

    /// PCI devices with their NUMA node and the OS's names for them.
    mutating func readDevices() {
        let nodes = Set(description.numaNodes.map(\.osIndex))
        for address in files.names(in: Self.pciFolder) {
            let folder = "\(Self.pciFolder)/\(address)"
            guard let code = files.number(folder + "/class"),
                Self.usefulClasses.contains(code >> 16) || code >> 8 == 0x0C06
            else { continue }
            let names = ["net", "infiniband", "nvme", "drm"].flatMap {
                files.names(in: "\(folder)/\($0)")
            }
            let node = files.number(folder + "/numa_node") ?? -1
            description.devices.append(
                Device(
                    name: names.first ?? address, pciBusID: address, pciClass: code >> 8,
                    vendorID: files.number(folder + "/vendor"),
                    deviceID: files.number(folder + "/device"),
                    numaNodes: nodes.contains(node) ? [node] : [], osNames: names))
        }
    }
}

/// Bytes of a number of KiB with or without `K`: `16384K`.
private func kibibytes(_ text: String) -> Int64? {
    guard let count = Int64(text.hasSuffix("K") ? String(text.dropLast()) : text), count >= 0 else {
        return nil
    }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 1024)
    return overflow ? nil : bytes
}

private func trimmed(_ text: Substring) -> String {
    var text = text
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text.drop { $0.isWhitespace })
}
