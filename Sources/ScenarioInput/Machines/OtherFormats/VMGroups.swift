import HardwareModel

extension MachineFormat {
    static let vmGroups = MachineFormat(
        name: "VM groups",
        making:
            "a JSON list of groups such as `[{\"mem\": \"4G\", \"cores\": 2, \"packages\": 2}]`",
        recognises: { file in
            let head = file.head.filter { !$0.isWhitespace }
            return head.hasPrefix("[{")
                && ["\"mem\":", "\"nvmem\":", "\"cores\":"].contains { head.contains($0) }
        }
    ) { file throws(InputError) in [try readVMGroups(bytes: file.bytes, file: file.name)] }
}

/// Reads a machine from a list of groups of NUMA nodes, as e2e suites describe the virtual machines that they boot.
///
/// A group has `nodes` NUMA nodes a die, `dies` a package and `packages`, each node with `cores` of `threads` CPUs
/// (2 when not given), `mem` of DRAM or `nvmem` of persistent memory; a group without cores is memory alone. Nodes and
/// CPUs are numbered through. Distances are 10 to the node itself, 11 in a die and 21 elsewhere unless `node-dist`
/// (both ways), `dist-all` or the `dist-…` defaults say otherwise.
///
/// Source: nri-plugins and cri-resource-manager, topology2qemuopts.
///
/// - Throws: Every mistake with its line.
public func readVMGroups(bytes: [UInt8], file: String) throws(InputError) -> ImportedMachine {
    let root = try readJSONSource(bytes, file: file)
    let name = MachineFile(name: file, bytes: []).machineName(without: [".json"])
    var reader = VMGroupsReader(file: file)
    let description = reader.describe(root, name: name)
    return try reader.fields.imported(description)
}

private struct VMGroupsReader {
    var fields: MachineFields
    private var groups: [Group] = []
    private var threads: Int?
    private var presentCPUs: Int?
    private var sameDie = 11
    private var samePackage = 21
    private var otherPackage = 21
    private var allDistances: SourceNode?

    private struct Group {
        var source: SourceNode
        var memory: Int64
        var kind = NUMANode.Kind.dram
        var cores: Int
        var nodes: Int
        var dies: Int
        var packages: Int
        var distances: [(to: Int, value: Int)] = []
    }

    /// The group, package and die that a NUMA node is in.
    private struct Place: Equatable {
        var group: Int
        var package: Int
        var die: Int
    }

    private static let keys: Set<String> = [
        "mem", "nvmem", "dimm", "cores", "threads", "nodes", "dies", "packages", "cpus-present",
        "node-dist", "dist-all", "dist-other-package", "dist-same-package", "dist-same-die", "cxl",
        "hdm-for-passthrough",
    ]

    init(file: String) { fields = MachineFields(file: file) }

    mutating func describe(_ root: SourceNode, name: String) -> MachineDescription {
        for group in fields.list(root, "the list of groups", limit: HwlocMachine.numaNodeLimit) {
            read(group)
        }
        var description = MachineDescription(name: name)
        checkSizes(root)
        guard !fields.diagnostics.hasErrors else { return description }
        let places = place(into: &description)
        description.distances = distances(places, root)
        dropAbsentCPUs(from: &description)
        fields.taken(
            "machine",
            "\(description.sockets.count) sockets, \(description.numaNodes.count) NUMA nodes, "
                + "\(description.cores.count) cores")
        fields.guessed("huge pages and devices", "the format does not tell them: there are none")
        return description
    }

    private mutating func read(_ node: SourceNode) {
        guard fields.mapping(node, "a group") != nil else { return }
        for entry in node.entries ?? [] where !Self.keys.contains(entry.key) {
            fields.diagnostics.error(
                at: entry.value, "a group of NUMA nodes has no key `\(entry.key)`",
                hint: "keys are " + Self.keys.sorted().joined(separator: ", "))
        }
        if node["cxl"] != nil {
            fields.dropped("cxl", "memory behind CXL is no NUMA node at boot", at: node)
            return
        }
        let limit = 1...HwlocMachine.partLimit
        let cores = fields.integer(node["cores"], "cores", in: 0...HwlocMachine.partLimit) ?? 0
        let memory = size(node["mem"], "mem")
        let persistent = size(node["nvmem"], "nvmem")
        var group = Group(
            source: node, memory: memory, cores: cores,
            nodes: fields.integer(node["nodes"], "nodes", in: limit) ?? 1,
            dies: fields.integer(node["dies"], "dies", in: limit) ?? 1,
            packages: fields.integer(node["packages"], "packages", in: limit) ?? 1)
        if memory == 0, persistent > 0 {
            group.memory = persistent
            group.kind = .persistent
        } else if persistent > 0 {
            fields.dropped(
                "nvmem", "a NUMA node has one kind of memory, and `mem` is taken", at: node)
        }
        if fields.text(node["dimm"], "dimm") == "unplugged" {
            fields.dropped("memory", "it is not plugged in at boot", at: node)
            group.memory = 0
        }
        readThreads(node, cores)
        readDistances(node, into: &group)
        groups.append(group)
    }

    private mutating func readThreads(_ node: SourceNode, _ cores: Int) {
        let given = fields.integer(node["threads"], "threads", in: 1...HwlocMachine.partLimit)
        if let wanted = node["threads"], given != nil, cores == 0 {
            fields.diagnostics.error(at: wanted, "`threads` without `cores`")
        }
        if cores > 0 {
            let wanted = given ?? threads ?? 2
            if let threads, threads != wanted {
                fields.diagnostics.error(
                    at: node["threads"] ?? node,
                    "`threads` is \(wanted), and an earlier group has \(threads): all cores are "
                        + "alike")
            }
            if given == nil, threads == nil {
                fields.guessed("threads", "not given, so a core has 2", at: node)
            }
            threads = wanted
        }
        if let count = fields.integer(node["cpus-present"], "cpus-present"), count > 0 {
            presentCPUs = count
        }
    }

    private mutating func readDistances(_ node: SourceNode, into group: inout Group) {
        let range = 1...1_000_000
        sameDie = fields.integer(node["dist-same-die"], "dist-same-die", in: range) ?? sameDie
        samePackage =
            fields.integer(node["dist-same-package"], "dist-same-package", in: range)
            ?? samePackage
        otherPackage =
            fields.integer(node["dist-other-package"], "dist-other-package", in: range)
            ?? otherPackage
        if let table = node["dist-all"] { allDistances = table }
        for entry in fields.mapping(node["node-dist"], "node-dist")?.entries ?? [] {
            guard let to = Int(entry.key), to >= 0 else {
                fields.diagnostics.error(
                    at: entry.value, "`\(entry.key)` in `node-dist` is no number of a NUMA node")
                continue
            }
            if let value = fields.integer(entry.value, "node-dist", in: range) {
                group.distances.append((to, value))
            }
        }
    }

    /// Bytes of `2G`: units are of 1,024, as QEMU reads them.
    private mutating func size(_ node: SourceNode?, _ what: String) -> Int64 {
        guard let node, let text = fields.text(node, what) else { return 0 }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let shifts: [String: Int64] = ["": 0, "k": 10, "m": 20, "g": 30, "t": 40]
        guard let amount = Int64(digits),
            let shift = shifts[text.dropFirst(digits.count).lowercased()],
            amount <= Int64.max >> shift
        else {
            fields.diagnostics.error(
                at: node, "`\(what)` is `\(text.prefix(40))`, and a size such as `2G` was expected")
            return 0
        }
        return amount << shift
    }

    /// Counts before anything is built by them.
    private mutating func checkSizes(_ root: SourceNode) {
        guard !fields.diagnostics.hasErrors else { return }
        var nodes = 0
        var cpus = 0
        for group in groups {
            // Each factor is at most 8,192, so the products stay below 2^63.
            let count = min(group.nodes * group.dies * group.packages, 1 << 20)
            nodes += count
            cpus += min(count * group.cores * (threads ?? 2), 1 << 50)
        }
        if nodes > HwlocMachine.numaNodeLimit {
            fields.diagnostics.error(
                at: root,
                "the groups have more than \(HwlocMachine.numaNodeLimit) NUMA nodes, and no machine "
                    + "has")
        } else if cpus > HwlocMachine.partLimit {
            fields.diagnostics.error(
                at: root,
                "the groups have more than \(HwlocMachine.partLimit) CPUs, and no machine has")
        } else if cpus == 0 {
            fields.diagnostics.error(
                at: root, "no group has `cores`, so the machine has no CPU")
        }
    }
}

extension VMGroupsReader {
    /// Nodes and CPUs numbered through, groups in their order.
    private mutating func place(into description: inout MachineDescription) -> [Place] {
        var places: [Place] = []
        var cpu = 0
        let threads = threads ?? 2
        let hasDies = groups.contains { $0.cores > 0 && $0.dies > 1 }
        for (number, group) in groups.enumerated() {
            for package in 0..<group.packages {
                let firstOfPackage = cpu
                for die in 0..<group.dies {
                    let firstOfDie = cpu
                    for _ in 0..<group.nodes {
                        let count = group.cores * threads
                        description.numaNodes.append(
                            .init(
                                osIndex: places.count, kind: group.kind, memory: group.memory,
                                cpus: Array(cpu..<cpu + count)))
                        description.cores += stride(from: cpu, to: cpu + count, by: threads).map {
                            .init(cpus: Array($0..<$0 + threads))
                        }
                        cpu += count
                        places.append(Place(group: number, package: package, die: die))
                    }
                    if hasDies, cpu > firstOfDie {
                        description.dies.append(
                            .init(osIndex: die, cpus: Array(firstOfDie..<cpu)))
                    }
                }
                if cpu > firstOfPackage {
                    description.sockets.append(
                        .init(
                            osIndex: description.sockets.count,
                            cpus: Array(firstOfPackage..<cpu)))
                }
            }
        }
        return places
    }

    private mutating func distances(_ places: [Place], _ root: SourceNode) -> [[Int]] {
        let count = places.count
        if let allDistances {
            let rows = fields.list(allDistances, "dist-all").map { row in
                fields.list(row, "dist-all").compactMap {
                    fields.integer($0, "dist-all", in: 1...1_000_000)
                }
            }
            if rows.count != count || rows.contains(where: { $0.count != count }) {
                fields.diagnostics.error(
                    at: allDistances, "`dist-all` must be \(count) rows of \(count) distances")
            }
            return rows
        }
        var rows = places.map { from in
            places.map { to in
                if from == to { return sameDie }
                let isInPackage = from.group == to.group && from.package == to.package
                return isInPackage ? samePackage : otherPackage
            }
        }
        for node in places.indices { rows[node][node] = 10 }
        // A later node's word counts in both directions.
        for from in places.indices {
            for (to, value) in groups[places[from].group].distances where to != from {
                guard to < count else {
                    fields.diagnostics.error(
                        at: groups[places[from].group].source,
                        "`node-dist` names NUMA node \(to), and there are \(count)")
                    return rows
                }
                rows[from][to] = value
                rows[to][from] = value
            }
        }
        return rows
    }

    /// CPUs past `cpus-present` are not plugged in at boot.
    private mutating func dropAbsentCPUs(from description: inout MachineDescription) {
        guard let presentCPUs else { return }
        func kept(_ cpus: [Int]) -> [Int] { cpus.filter { $0 < presentCPUs } }
        fields.dropped("CPUs from \(presentCPUs) on", "`cpus-present` leaves them out at boot")
        for node in description.numaNodes.indices {
            description.numaNodes[node].cpus = kept(description.numaNodes[node].cpus)
        }
        description.sockets = description.sockets.map {
            .init(osIndex: $0.osIndex, cpus: kept($0.cpus))
        }.filter { !$0.cpus.isEmpty }
        description.dies = description.dies.map {
            .init(osIndex: $0.osIndex, cpus: kept($0.cpus))
        }.filter { !$0.cpus.isEmpty }
        description.cores = description.cores.map { .init(cpus: kept($0.cpus)) }
            .filter { !$0.cpus.isEmpty }
    }
}
