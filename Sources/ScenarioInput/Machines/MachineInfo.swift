import HardwareModel
import Primitives

/// Largest MachineInfo file that is read, in bytes; one of 2 x 56 CPUs has 20 kB.
public let machineInfoSizeLimit = 4 << 20

/// Reads a machine from cadvisor's MachineInfo, the JSON that the kubelet's managers see hardware through.
///
/// cadvisor tells neither devices nor dies, and often neither huge pages nor distances; the report says which.
/// Source: cadvisor info/v1/machine.go. A core's id is unique only within its socket, `num_physical_cores` counts ids
/// and not cores, and a cache without sharing CPUs is the NUMA node's or the core's that lists it.
///
/// - Parameters:
///   - bytes: The file's contents, which nobody needs to trust.
///   - file: How the user named the file; its last part without its endings becomes the machine's name.
/// - Throws: One error for text that is not JSON; every value of a wrong type; every contradiction of the machine.
public func readMachineInfo(bytes: [UInt8], file: String) throws(InputError) -> ImportedMachine {
    let root = try readJSONSource(
        bytes, file: file,
        limits: SourceLimits(bytes: machineInfoSizeLimit, depth: 32, values: 400_000))
    var reader = MachineInfoReader(file: file)
    reader.read(root)
    try reader.diagnostics.throwIfErrors()
    let (machine, mistakes) = reader.description.assemble()
    if !mistakes.isEmpty {
        throw InputError(mistakes.map { Diagnostic(file: file, message: $0) })
    }
    reader.noteRest(of: root, machine)
    return ImportedMachine(machine: machine, report: reader.report, unstated: reader.unstated)
}

private struct MachineInfoReader {
    let file: String
    var description: MachineDescription
    var diagnostics = Diagnostics()
    var report = ImportReport()
    var unstated: Set<MachineFactKind> = [.dies, .devices, .hugePages]

    private var sockets: [Int: [Int]] = [:]
    /// L3 caches by what makes one of them: the NUMA node or socket that lists it, and its id.
    private var caches: [CacheKey: (size: Int64, cpus: [Int])] = [:]
    private var tellsCaches = false

    private struct CacheKey: Hashable, Comparable {
        var socket: Int
        /// -1 for caches that cores list.
        var node: Int
        var id: Int

        static func < (first: CacheKey, second: CacheKey) -> Bool {
            (first.socket, first.node, first.id) < (second.socket, second.node, second.id)
        }
    }

    init(file: String) {
        self.file = file
        let name = MachineFile(name: file, bytes: []).machineName(
            without: [".machineinfo.json", ".json"])
        description = MachineDescription(name: name)
    }

    mutating func read(_ root: SourceNode) {
        guard root.entries != nil else {
            diagnostics.error(at: root, "expected MachineInfo, an object, found \(root.said)")
            return
        }
        guard let topology = root["topology"] else {
            diagnostics.error(
                at: root, "the object has no `topology`, so it is not cadvisor's MachineInfo")
            return
        }
        guard let nodes = list(topology, "topology"), !nodes.isEmpty else {
            if topology.isNull || topology.elements?.isEmpty == true {
                diagnostics.error(at: topology, "`topology` is empty, so the machine has no CPU")
            }
            return
        }
        guard nodes.count <= KernelLists.numaNodeLimit else {
            diagnostics.error(
                at: topology,
                "\(nodes.count) NUMA nodes, and Linux has at most \(KernelLists.numaNodeLimit)")
            return
        }
        for node in nodes { readNode(node) }
        description.sockets = sockets.sorted { $0.key < $1.key }.map {
            .init(osIndex: $0.key, cpus: $0.value)
        }
        // One that a NUMA node without CPUs lists is nobody's.
        description.uncoreCaches = caches.filter { !$0.value.cpus.isEmpty }
            .sorted { $0.key < $1.key }.map {
                .init(size: $0.value.size, cpus: $0.value.cpus)
            }
        if !tellsCaches { unstated.insert(.uncoreCaches) }
        readDistances(nodes)
    }

    // MARK: NUMA nodes, cores and caches

    private mutating func readNode(_ node: SourceNode) {
        guard isObject(node, "a NUMA node") else { return }
        guard let index = integer(node["node_id"], "node_id", 0...1023, of: node) else { return }
        var group = MachineDescription.NUMANodeGroup(
            osIndex: index,
            memory: Int64(integer(node["memory"], "memory", 0...Int.max, of: node) ?? 0),
            hugePages: pools(node["hugepages"]))
        var socketsHere: Set<Int> = []
        for core in list(node["cores"], "cores") ?? [] {
            guard let (socket, cpus) = readCore(core) else { continue }
            group.cpus += cpus
            socketsHere.insert(socket)
        }
        for cache in list(node["caches"], "caches") ?? [] {
            guard let found = uncoreCache(cache) else { continue }
            let key = CacheKey(socket: socketsHere.min() ?? 0, node: index, id: found.id)
            caches[key, default: (found.size, [])].cpus += group.cpus
        }
        if description.numaNodes.count < KernelLists.numaNodeLimit {
            description.numaNodes.append(group)
        }
    }

    private mutating func readCore(_ core: SourceNode) -> (socket: Int, cpus: [Int])? {
        guard isObject(core, "a core"),
            let id = integer(core["core_id"], "core_id", -1...Int(Int32.max), of: core),
            let socket = integer(core["socket_id"], "socket_id", -1...Int(Int32.max), of: core)
        else { return nil }
        var cpus: [Int] = []
        for thread in list(core["thread_ids"], "thread_ids") ?? [] {
            guard
                let cpu = integer(
                    thread, "thread_ids", 0...(KernelLists.cpuLimit - 1), of: thread)
            else { return nil }
            cpus.append(cpu)
        }
        guard !cpus.isEmpty else {
            diagnostics.error(at: core, "a core without `thread_ids`, so without CPUs")
            return nil
        }
        description.cores.append(.init(osIndex: id < 0 ? nil : id, cpus: cpus))
        sockets[max(0, socket), default: []] += cpus
        for cache in list(core["uncore_caches"], "uncore_caches") ?? [] {
            guard let found = uncoreCache(cache) else { continue }
            let key = CacheKey(socket: max(0, socket), node: -1, id: found.id)
            caches[key, default: (found.size, [])].cpus += cpus
        }
        // A core alone on its L3, as in some VMs, lists it among its own caches.
        for cache in list(core["caches"], "caches") ?? [] {
            guard let found = uncoreCache(cache) else { continue }
            caches[CacheKey(socket: max(0, socket), node: -2 - cpus[0], id: found.id)] =
                (found.size, cpus)
        }
        return (max(0, socket), cpus)
    }

    /// A cache of level 3 that holds data; others are not the machine's business.
    private mutating func uncoreCache(_ cache: SourceNode) -> (id: Int, size: Int64)? {
        guard isObject(cache, "a cache") else { return nil }
        tellsCaches = true
        guard let level = integer(cache["level"], "level", 0...16, of: cache), level == 3,
            cache["type"]?.text != "Instruction"
        else { return nil }
        let id = cache["id"].flatMap { integer($0, "id", -1...Int(Int32.max), of: cache) } ?? 0
        let size = integer(cache["size"], "size", 0...Int.max, of: cache) ?? 0
        return (id, Int64(size))
    }

    /// Pools of a NUMA node; `page_size` is in KiB.
    private mutating func pools(_ node: SourceNode?) -> [HugePagePool] {
        guard let elements = list(node, "hugepages") else { return [] }
        unstated.remove(.hugePages)
        return elements.compactMap { pool in
            guard isObject(pool, "a pool of huge pages"),
                let size = integer(pool["page_size"], "page_size", 1...(Int.max >> 10), of: pool),
                let count = integer(pool["num_pages"], "num_pages", 0...(1 << 40), of: pool)
            else { return nil }
            return HugePagePool(pageSize: Int64(size) * 1024, count: Int64(count))
        }
    }

    private mutating func readDistances(_ nodes: [SourceNode]) {
        var rows: [[Int]] = []
        for node in nodes {
            guard let row = list(node["distances"], "distances"), !row.isEmpty else { continue }
            rows.append(
                row.compactMap { integer($0, "distances", 0...Machine.highestDistance, of: $0) })
        }
        let count = nodes.count
        if rows.count == count, rows.allSatisfy({ $0.count == count }) {
            description.distances = rows
        } else {
            unstated.insert(.distances)
            if !rows.isEmpty {
                report.dropped(
                    "distances", "they are no table of \(count) rows of \(count) values", file: file
                )
            }
        }
    }

    // MARK: What is guessed and dropped

    mutating func noteRest(of root: SourceNode, _ machine: Machine) {
        report.taken(
            "machine",
            "\(machine.cpus.count) CPUs in \(machine.cores.count) cores, \(machine.sockets.count) "
                + "sockets and \(machine.numaNodes.count) NUMA nodes",
            file: file)
        let whole = root["hugepages"]?.elements ?? []
        if unstated.contains(.hugePages) {
            report.guessed(
                "huge pages",
                "MachineInfo does not say them, so there are none; a dump of /sys has them",
                file: file
            )
        }
        if unstated.contains(.hugePages), !whole.isEmpty {
            report.dropped(
                "`hugepages` of the whole machine", "they are of no NUMA node", file: file)
        }
        if unstated.contains(.distances), machine.numaNodes.count > 1 {
            report.guessed(
                "distances", "MachineInfo does not say them, so all NUMA nodes are alike",
                file: file)
        }
        if unstated.contains(.uncoreCaches) {
            report.guessed("L3 caches", "MachineInfo does not say them", file: file)
        }
        for key in ["network_devices", "disk_map", "filesystems"] {
            guard let node = root[key], !node.isNull else { continue }
            let count = node.elements?.count ?? node.entries?.count ?? 0
            if count > 0 {
                report.dropped(
                    "`\(key)`", "MachineInfo does not say on which NUMA nodes these are",
                    file: file, line: node.mark.line)
            }
        }
        for (key, ours) in [
            ("num_cores", machine.cpus.count), ("num_sockets", machine.sockets.count),
        ] {
            guard let said = root[key]?.text.flatMap({ Int($0) }), said > 0, said != ours else {
                continue
            }
            report.dropped(
                "`\(key)`", "it says \(said), and `topology` has \(ours)", file: file,
                line: root[key]?.mark.line ?? 0)
        }
        let memory = machine.numaNodes.reduce(0) { $0 &+ $1.memory }
        if let said = root["memory_capacity"]?.text.flatMap({ Int64($0) }), said != memory {
            report.dropped(
                "`memory_capacity`",
                "it says \(said) bytes, and the NUMA nodes have \(memory) together", file: file,
                line: root["memory_capacity"]?.mark.line ?? 0)
        }
    }

    // MARK: Values

    private mutating func isObject(_ node: SourceNode, _ what: String) -> Bool {
        if node.entries != nil { return true }
        diagnostics.error(at: node, "expected \(what), an object, found \(node.said)")
        return false
    }

    /// The elements of a list; nil for null or nothing.
    private mutating func list(_ node: SourceNode?, _ key: String) -> [SourceNode]? {
        guard let node, !node.isNull else { return nil }
        if let elements = node.elements { return elements }
        diagnostics.error(at: node, "`\(key)` is a list, and this is \(node.said)")
        return nil
    }

    private mutating func integer(
        _ node: SourceNode?, _ key: String, _ range: ClosedRange<Int>, of owner: SourceNode
    ) -> Int? {
        guard let node, !node.isNull else {
            diagnostics.error(at: owner, "`\(key)` is missing")
            return nil
        }
        guard case .scalar(let text, isQuoted: false) = node.value, let value = Int(text) else {
            diagnostics.error(at: node, "`\(key)` is a whole number, and this is \(node.said)")
            return nil
        }
        guard range.contains(value) else {
            diagnostics.error(
                at: node,
                "`\(key)` is \(value), and it is \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }
}
