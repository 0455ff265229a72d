import HardwareModel

extension MachineFormat {
    static let synthetic = MachineFormat(
        name: "hwloc's synthetic strings",
        making: "`lstopo --of synthetic` writes a regular machine that it runs on",
        recognises: { looksLikeSyntheticString($0.head) }
    ) { file throws(InputError) in
        [try readSyntheticMachine(bytes: file.bytes, file: file.name)]
    }
}

/// Reads a machine from a synthetic string of hwloc, such as `Package:2 [NUMANode(memory=64GiB)] L3:1 Core:16 PU:2`.
///
/// Parts and their numbers are as hwloc 2 makes them: cores are numbered through the whole machine, memory in brackets
/// is near all CPUs of the part before it, and a CPU lives on the smallest of the NUMA nodes near it.
///
/// - Parameters:
///   - bytes: The string, which nobody needs to trust.
///   - file: How the user named it; its last part becomes the machine's name.
/// - Throws: One error with its place.
public func readSyntheticMachine(
    bytes: [UInt8], file: String
) throws(InputError) -> ImportedMachine {
    guard bytes.count <= SyntheticScanner.byteLimit else {
        throw InputError([
            Diagnostic(
                file: file,
                message: "the string has \(bytes.count) bytes, and the limit is "
                    + "\(SyntheticScanner.byteLimit)")
        ])
    }
    let topology: SyntheticTopology
    do throws(SyntheticError) { topology = try SyntheticTopology(bytes) } catch {
        throw InputError([
            Diagnostic(
                file: file, line: 1, column: error.position + 1, message: error.message,
                hint: error.hint,
                sourceLine: bytes.count <= 100 && !bytes.contains(0x0A)
                    ? String(validating: bytes, as: UTF8.self) : nil)
        ])
    }
    let name = MachineFile(name: file, bytes: []).machineName(without: [".synthetic", ".txt"])
    var builder = SyntheticMachineBuilder(topology)
    let description = builder.describe(name: name)
    let (machine, mistakes) = description.assemble()
    if !mistakes.isEmpty {
        throw InputError(mistakes.map { Diagnostic(file: file, message: $0) })
    }
    return ImportedMachine(machine: machine, report: builder.report(of: machine, file: file))
}

/// Whether a text can only be meant as a synthetic string: it begins with a part's name, a colon and a number, or with
/// a NUMA node in brackets.
func looksLikeSyntheticString(_ text: some StringProtocol) -> Bool {
    let text = text.drop { $0.isWhitespace }.lowercased()
    guard !text.hasPrefix("[") else {
        return text.hasPrefix("[numa") || text.hasPrefix("[node")
    }
    let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
    let behind = text.dropFirst(name.count)
    guard behind.hasPrefix(":"), behind.dropFirst().first?.isNumber == true else { return false }
    let letters = name.filter(\.isLetter)
    let parts = [
        "package", "socket", "die", "numanode", "node", "core", "pu", "group", "tile", "module",
        "cluster",
    ]
    return letters.count > 1 && parts.contains { $0.hasPrefix(letters) }
        || name.first == "l" && name.dropFirst().first?.isNumber == true
}

/// Turns the levels of a synthetic string into groups of CPUs.
private struct SyntheticMachineBuilder {
    let topology: SyntheticTopology
    private let cpuNumbers: [Int]
    private var numaNodes: [NUMANodeInPlace] = []
    /// Places where hwloc's own size stands for one that the string does not give.
    private var hasDefaultMemory = false
    private var hasDefaultCache = false

    private struct NUMANodeInPlace {
        var osIndex: Int
        var memory: Int64
        var leaves: Range<Int>
        var socket: Int?
    }

    init(_ topology: SyntheticTopology) {
        self.topology = topology
        cpuNumbers = topology.numbers.last ?? []
    }

    mutating func describe(name: String) -> MachineDescription {
        var description = MachineDescription(name: name)
        let order = hardwareOrder()
        // CPUs come out socket by socket, so sockets are put in the order of their CPUs.
        let rank = Dictionary(
            uniqueKeysWithValues: order.enumerated().map { (cpuNumbers[$1], $0) })
        for (depth, level) in topology.levels.enumerated() {
            switch level.part {
            case .socket:
                description.sockets = groups(depth).map { .init(osIndex: $0, cpus: $1) }
                    .sorted { (rank[$0.cpus[0]] ?? 0) < (rank[$1.cpus[0]] ?? 0) }
            case .die: description.dies = groups(depth).map { .init(osIndex: $0, cpus: $1) }
            case .numaNode: addNUMANodes(ofLevel: depth)
            case .cache where level.part?.isUncoreCache == true:
                hasDefaultCache = level.attributes.size == nil
                // hwloc's own: 1 MiB in L2 and four times as much in each level above.
                let size = level.attributes.size ?? 16 << 20
                description.uncoreCaches = groups(depth).map { .init(size: size, cpus: $1) }
            default: break
            }
        }
        addAttachedNUMANodes()
        description.numaNodes = groupsOfNUMANodes()
        description.cores = cores(order)
        return description
    }

    /// The number and the CPUs of each part of a level.
    private func groups(_ depth: Int) -> [(Int, [Int])] {
        topology.numbers[depth].enumerated().map { part, number in
            (number, topology.leaves(of: part, level: depth).map { cpuNumbers[$0] })
        }
    }

    /// Positions of the CPUs as hwloc orders them: in each part, the part with the lowest CPU comes first.
    private func hardwareOrder() -> [Int] {
        var blocks = cpuNumbers.indices.map { (low: cpuNumbers[$0], leaves: [$0]) }
        for level in topology.levels.dropFirst().reversed() {
            let width = level.count
            blocks = stride(from: 0, to: blocks.count, by: width).map { start in
                let inside = blocks[start..<start + width].sorted { $0.low < $1.low }
                return (inside[0].low, inside.flatMap(\.leaves))
            }
        }
        return blocks.flatMap(\.leaves)
    }

    private func cores(_ order: [Int]) -> [MachineDescription.CoreGroup] {
        guard let depth = topology.levels.firstIndex(where: { $0.part == .core }) else {
            return order.map { .init(cpus: [cpuNumbers[$0]]) }
        }
        let width = topology.cpuCount / topology.levels[depth].total
        var cores: [MachineDescription.CoreGroup] = []
        for start in stride(from: 0, to: order.count, by: width) {
            let leaves = order[start..<start + width]
            let core = (leaves.first ?? 0) / width
            cores.append(
                .init(osIndex: topology.numbers[depth][core], cpus: leaves.map { cpuNumbers[$0] }))
        }
        return cores
    }
}

// MARK: Memory

extension SyntheticMachineBuilder {
    /// hwloc's own: 1 GiB.
    private static let defaultMemory: Int64 = 1 << 30

    private func socket(around leaves: Range<Int>) -> Int? {
        guard let depth = topology.levels.firstIndex(where: { $0.part == .socket }) else {
            return nil
        }
        let width = topology.cpuCount / topology.levels[depth].total
        let first = leaves.lowerBound / width
        return (leaves.upperBound - 1) / width == first ? topology.numbers[depth][first] : nil
    }

    private mutating func add(_ osIndex: Int, _ memory: Int64?, _ leaves: Range<Int>) {
        if memory == nil { hasDefaultMemory = true }
        numaNodes.append(
            NUMANodeInPlace(
                osIndex: osIndex, memory: memory ?? Self.defaultMemory, leaves: leaves,
                socket: socket(around: leaves)))
    }

    private mutating func addNUMANodes(ofLevel depth: Int) {
        for (part, number) in topology.numbers[depth].enumerated() {
            add(
                number, topology.levels[depth].attributes.size,
                topology.leaves(of: part, level: depth))
        }
    }

    /// hwloc numbers memory in brackets while it builds the tree: that of the parts inside comes first.
    private mutating func addAttachedNUMANodes() {
        var next = 0
        addAttached(level: 0, part: 0, &next)
    }

    private mutating func addAttached(level: Int, part: Int, _ next: inout Int) {
        guard topology.attachedCount > 0 else { return }
        if level + 1 < topology.levels.count {
            let count = topology.levels[level + 1].count
            for child in part * count..<(part + 1) * count {
                addAttached(level: level + 1, part: child, &next)
            }
        }
        for memory in topology.levels[level].attached {
            add(
                topology.attachedNumbers[next], memory.size,
                topology.leaves(of: part, level: level))
            next += 1
        }
    }

    /// Each CPU on one NUMA node: the smallest near it, then the one with the lowest number.
    private func groupsOfNUMANodes() -> [MachineDescription.NUMANodeGroup] {
        var homes = [Int?](repeating: nil, count: topology.cpuCount)
        let order = numaNodes.indices.sorted {
            (numaNodes[$0].leaves.count, numaNodes[$0].osIndex)
                < (numaNodes[$1].leaves.count, numaNodes[$1].osIndex)
        }
        for node in order {
            for leaf in numaNodes[node].leaves where homes[leaf] == nil { homes[leaf] = node }
        }
        return numaNodes.enumerated().map { position, node in
            .init(
                osIndex: node.osIndex, memory: node.memory,
                cpus: node.leaves.filter { homes[$0] == position }.map { cpuNumbers[$0] },
                socket: node.socket)
        }
    }
}

// MARK: Report

extension SyntheticMachineBuilder {
    func report(of machine: Machine, file: String) -> ImportReport {
        var report = ImportReport()
        let levels = topology.levels
        report.taken(
            "machine",
            "\(machine.sockets.count) sockets, \(machine.numaNodes.count) NUMA nodes, "
                + "\(machine.cores.count) cores and \(machine.cpus.count) CPUs", file: file)
        if !topology.hasOwnMemory {
            report.guessed(
                "NUMA node 0", "the string has no NUMA node, and hwloc puts one around all",
                file: file)
        }
        if hasDefaultMemory {
            report.guessed(
                "memory", "where none is given a NUMA node has 1 GiB, as in hwloc", file: file)
        }
        if hasDefaultCache {
            report.guessed(
                "uncore caches", "no size is given, and hwloc's own is 16 MiB", file: file)
        }
        if !levels.contains(where: { $0.part == .core }) {
            report.guessed("cores", "no cores are given, so every CPU is one", file: file)
        }
        if !levels.contains(where: { $0.part == .socket }) {
            report.guessed("socket 0", "no sockets are given, so one is around all", file: file)
        }
        let ignored = levels.dropFirst().filter {
            $0.part == .group || ($0.part?.isCache == true && $0.part?.isUncoreCache == false)
        }
        if !ignored.isEmpty {
            report.dropped(
                "\(ignored.count) levels", "groups and caches other than L3 have no effect here",
                file: file)
        }
        let attributes = levels.map(\.attributes) + levels.flatMap(\.attached)
        if attributes.contains(where: \.hasSideCache) {
            report.dropped("memorysidecachesize", "caches of memory have no effect", file: file)
        }
        for name in attributes.flatMap(\.unknown) {
            report.dropped(
                "attribute \(name)", "hwloc has no attribute of that name here", file: file)
        }
        if levels[0].attributes.size != nil {
            report.dropped(
                "memory of the machine", "memory belongs to NUMA nodes", file: file)
        }
        report.guessed(
            "huge pages, distances and devices", "the format has no word for them: there are none",
            file: file)
        return report
    }
}
