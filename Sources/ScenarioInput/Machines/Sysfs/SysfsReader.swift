import HardwareModel

/// Fills a machine's description from the kernel's files, as they lie in a dump or on this computer.
///
/// It takes what is there, and notes in the report what it had to guess and what a machine has no place for.
/// Sources: the kernel's Documentation/ABI/stable/sysfs-devices-node, sysfs-devices-system-cpu and
/// admin-guide/cputopology.rst; where hwloc's topology-linux.c decides a doubt, the line says so.
struct SysfsReader {
    let tree: any FileTree
    /// How messages call the source.
    let file: String
    var description: MachineDescription
    var report = ImportReport()
    var unstated: Set<MachineFactKind> = []
    /// CPUs that are online and allowed, ascending.
    var cpus: [Int] = []
    /// By OS index, whether a CPU is one of `cpus`.
    var isCPU: [Bool] = []
    /// NUMA nodes that the cgroup of whoever made the dump allows; nil is all.
    var allowedNodes: [Int]?

    init(tree: any FileTree, file: String, name: String) {
        self.tree = tree
        self.file = file
        description = MachineDescription(name: name)
    }

    mutating func read() throws(KernelFileProblem) {
        try readCPUs()
        try readSockets()
        try readDies()
        try readCores()
        try readUncoreCaches()
        try readNUMANodes()
        try readDevices()
        sortCores()
        noteWhatElseThereIs()
    }
}

// MARK: Small steps that all parts share

extension SysfsReader {
    static let cpuFolder = "sys/devices/system/cpu"
    static let nodeFolder = "sys/devices/system/node"

    mutating func guessed(_ subject: String, _ reason: String) {
        report.guessed(subject, reason, file: file)
    }

    mutating func dropped(_ subject: String, _ reason: String) {
        report.dropped(subject, reason, file: file)
    }

    func list(
        _ path: String, of what: String = "CPUs", below limit: Int = KernelLists.cpuLimit
    ) throws(KernelFileProblem) -> [Int]? {
        guard let text = tree.text(path) else { return nil }
        return try KernelLists.list(text, of: what, below: limit, at: path)
    }

    /// The CPUs in the first of some files that is there: lists before masks, new names before old.
    func cpuSet(_ folder: String, _ names: [String]) throws(KernelFileProblem) -> [Int]? {
        for name in names {
            if let list = try list("\(folder)/\(name)_list") { return list }
            let path = "\(folder)/\(name)"
            if let text = tree.text(path) {
                return try KernelLists.mask(
                    text, of: "CPUs", below: KernelLists.cpuLimit, at: path)
            }
        }
        return nil
    }

    /// Only those that are online and allowed.
    func present(_ members: [Int]) -> [Int] {
        members.filter { $0 < isCPU.count && isCPU[$0] }
    }

    /// An id in a CPU's topology folder; nil when it is missing or -1, as on some ARM boards and VMs.
    func topologyID(_ cpu: Int, _ name: String) -> Int? {
        tree.number("\(Self.cpuFolder)/cpu\(cpu)/topology/\(name)")
            .flatMap { (0..<Int(Int32.max)).contains($0) ? $0 : nil }
    }

    /// The CPUs grouped by the set of CPUs that each says it is with, by first CPU; nil when none says.
    ///
    /// A CPU that two sets claim stays where it was first.
    func groups(byAnyOf names: [String]) throws(KernelFileProblem) -> [[Int]]? {
        var isPlaced = [Bool](repeating: false, count: isCPU.count)
        var groups: [[Int]] = []
        var isTold = false
        for cpu in cpus where !isPlaced[cpu] {
            let told = try cpuSet("\(Self.cpuFolder)/cpu\(cpu)/topology", names)
            isTold = isTold || told != nil
            isPlaced[cpu] = true
            var group = [cpu]
            for member in present(told ?? []) where !isPlaced[member] {
                isPlaced[member] = true
                group.append(member)
            }
            groups.append(group.sorted())
        }
        return isTold ? groups : nil
    }
}
