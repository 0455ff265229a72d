import HardwareModel
import Primitives

/// Largest text of `lscpu` or `numactl` that is read, in bytes.
public let lscpuSizeLimit = 4 << 20

/// Reads a machine from what `lscpu` prints (`-p`, `-e`, `-J`, or its summary) and, for memory and distances, from
/// what `numactl -H` prints, in a file of its own or behind it in the same one.
///
/// A table (`lscpu -p`) says which CPUs share a core; the summary only counts, so siblings are then guessed.
///
/// - Parameters:
///   - lscpu: The first file's contents, which nobody needs to trust.
///   - file: How the user named it; its last part without its ending becomes the machine's name.
///   - numactl: The other file's contents and name, if there is one.
/// - Throws: Every line that is not as the tools write it; every contradiction between the two.
public func readLscpu(
    lscpu: [UInt8], file: String, numactl: (bytes: [UInt8], file: String)? = nil
) throws(InputError) -> ImportedMachine {
    var text = LscpuText()
    for (bytes, name) in [(lscpu, file)] + (numactl.map { [($0.bytes, $0.file)] } ?? []) {
        guard bytes.count <= lscpuSizeLimit else {
            throw InputError([
                Diagnostic(
                    file: name,
                    message: "the file has \(grouped(bytes.count)) bytes, and the limit is "
                        + grouped(lscpuSizeLimit))
            ])
        }
        try text.take(bytes: bytes, file: name)
    }
    try text.diagnostics.throwIfErrors()
    var maker = LscpuMachine(text, file: file)
    maker.make()
    try maker.diagnostics.throwIfErrors()
    let (machine, mistakes) = maker.description.assemble()
    if !mistakes.isEmpty {
        throw InputError(mistakes.map { Diagnostic(file: file, message: $0) })
    }
    maker.report.taken(
        "machine",
        "\(machine.cpus.count) CPUs in \(machine.cores.count) cores, \(machine.sockets.count) sockets "
            + "and \(machine.numaNodes.count) NUMA nodes",
        file: file)
    return ImportedMachine(
        machine: machine, report: maker.report, unstated: maker.unstated, memoryUnit: 1 << 20)
}

/// Turns the lines into groups of CPUs.
struct LscpuMachine {
    let text: LscpuText
    let file: String
    var description: MachineDescription
    var diagnostics = Diagnostics()
    var report = ImportReport()
    var unstated: Set<MachineFactKind> = [.dies, .devices, .hugePages]
    /// NUMA node of each CPU, by whichever tool said it first.
    private(set) var nodeOfCPU: [Int: Int] = [:]

    init(_ text: LscpuText, file: String) {
        self.text = text
        self.file = file
        let name = MachineFile(name: file, bytes: []).machineName(
            without: [".txt", ".json", ".csv", ".lscpu"])
        description = MachineDescription(name: name)
    }

    mutating func make() {
        let offline = text.rows.filter { !$0.isOnline }.map(\.cpu).sorted()
        if !offline.isEmpty {
            report.dropped(
                "CPUs \(listFormat(of: offline))",
                "they are offline, and a machine has only CPUs that pods can run on", file: file)
        }
        let rows = text.rows.filter(\.isOnline)
        placeOnNodes(rows)
        if rows.isEmpty {
            makeFromSummary()
        } else {
            makeFromTable(rows)
        }
        makeNUMANodes()
        if text.tables > 1 {
            report.dropped(
                "a second table of CPUs", "the first has the same CPUs under lscpu's own numbers",
                file: file)
        }
        report.guessed(
            "huge pages", "neither tool says them, so there are none; a dump of /sys has them",
            file: file)
    }
}

// MARK: NUMA nodes

extension LscpuMachine {
    private mutating func placeOnNodes(_ rows: [LscpuText.Row]) {
        for row in rows {
            if let node = row.node { nodeOfCPU[row.cpu] = node }
        }
        let known = Set(rows.map(\.cpu))
        for (node, said) in text.nodes.sorted(by: { $0.key < $1.key }) {
            for cpu in said.cpus ?? [] {
                if let other = nodeOfCPU[cpu], other != node {
                    contradict(
                        "CPU \(cpu) is on NUMA node \(node) here, and elsewhere on \(other)",
                        at: said.mark)
                } else if !known.isEmpty, !known.contains(cpu) {
                    contradict("CPU \(cpu) has no row in the table of CPUs", at: said.mark)
                } else {
                    nodeOfCPU[cpu] = node
                }
            }
        }
        for (key, field) in text.summary {
            guard key.hasPrefix("NUMA node"), key.hasSuffix(" CPU(s)"),
                let node = Int(key.dropFirst("NUMA node".count).dropLast(" CPU(s)".count)),
                0..<KernelLists.numaNodeLimit ~= node, let cpus = list(field)
            else { continue }
            // A table knows better: the summary lists CPUs that could be there, too.
            for cpu in cpus where known.isEmpty && nodeOfCPU[cpu] == nil { nodeOfCPU[cpu] = node }
        }
    }

    mutating func contradict(_ message: String, at mark: SourceMark) {
        diagnostics.add(Diagnostic(file: mark.file, line: mark.line, message: message))
    }

    /// The CPUs of a line of the summary; a mistake is told once, nil then.
    mutating func list(_ field: LscpuText.Field) -> [Int]? {
        do throws(KernelFileProblem) {
            return try KernelLists.list(
                field.text, of: "CPUs", below: KernelLists.cpuLimit, at: "")
        } catch {
            contradict(error.message, at: field.mark)
            return nil
        }
    }

    private mutating func makeNUMANodes() {
        let online = Set(description.cores.flatMap(\.cpus))
        var members: [Int: [Int]] = [:]
        for (cpu, node) in nodeOfCPU where online.contains(cpu) {
            members[node, default: []].append(cpu)
        }
        var nodes = Set(members.keys).union(text.nodes.keys)
        for key in text.summary.keys where key.hasPrefix("NUMA node") && key.hasSuffix(" CPU(s)") {
            if let node = Int(key.dropFirst("NUMA node".count).dropLast(" CPU(s)".count)),
                0..<KernelLists.numaNodeLimit ~= node
            {
                nodes.insert(node)
            }
        }
        if nodes.isEmpty {
            unstated.insert(.numaNodes)
            report.guessed(
                "NUMA nodes", "no line says them, so all CPUs are on NUMA node 0", file: file)
            nodes = [0]
            members[0] = online.sorted()
        }
        let ordered = nodes.sorted()
        for node in ordered {
            description.numaNodes.append(
                .init(
                    osIndex: node, memory: (text.nodes[node]?.size ?? 0) << 20,
                    cpus: (members[node] ?? []).sorted()))
        }
        noteMemory(ordered)
        let columns = ordered.compactMap { text.distanceColumns.firstIndex(of: $0) }
        let rows = ordered.compactMap { node in
            text.distances[node].map { row in columns.map { row[$0] } }
        }
        if rows.count == ordered.count, columns.count == ordered.count {
            description.distances = rows
        } else {
            unstated.insert(.distances)
        }
    }

    private mutating func noteMemory(_ nodes: [Int]) {
        let without = nodes.filter { text.nodes[$0]?.size == nil }
        if without.isEmpty {
            report.guessed(
                "memory", "numactl rounds it down to whole MiB, and it is taken so", file: file)
            return
        }
        if without.count == nodes.count { unstated.insert(.memory) }
        report.guessed(
            "memory of NUMA node\(without.count == 1 ? "" : "s") \(listFormat(of: without))",
            "lscpu does not say it, so it is 0 bytes; add what `numactl -H` prints", file: file)
    }
}

// MARK: From a table

extension LscpuMachine {
    private struct Key: Hashable {
        var socket: Int
        var part: Int
    }

    private mutating func makeFromTable(_ rows: [LscpuText.Row]) {
        let model = text.summary["Model name"]?.text ?? ""
        let rows = rows.sorted { $0.cpu < $1.cpu }
        if rows.contains(where: { $0.socket == nil }) {
            unstated.insert(.sockets)
            report.guessed("sockets", "no column says them, so all are socket 0", file: file)
        }
        if rows.contains(where: { $0.core == nil }) {
            unstated.insert(.cores)
            report.guessed("cores", "no column says them, so each CPU is one", file: file)
        }
        if rows.contains(where: { $0.book != nil }) {
            report.dropped("books", "a machine has nothing above its sockets", file: file)
        }
        let sockets = rows.map { Key(socket: 0, part: $0.socket ?? 0) }
        description.sockets = grouped(rows, by: sockets).map {
            .init(osIndex: $0.key.part, model: model == "-" ? "" : model, cpus: $0.cpus)
        }
        description.cores = grouped(
            rows,
            by: rows.map { row in
                // A CPU of unknown core is one of its own, under a number that no core has.
                Key(socket: row.socket ?? 0, part: row.core ?? -1 - row.cpu)
            }
        ).map { .init(osIndex: $0.key.part < 0 ? nil : $0.key.part, cpus: $0.cpus) }
        let cached = rows.filter { $0.uncoreCache != nil }
        if cached.isEmpty {
            unstated.insert(.uncoreCaches)
            return
        }
        let size = uncoreCacheSize()
        description.uncoreCaches = grouped(
            cached, by: cached.map { Key(socket: $0.socket ?? 0, part: $0.uncoreCache ?? 0) }
        ).map { .init(size: size ?? 0, cpus: $0.cpus) }
        if size == nil {
            report.guessed(
                "size of the L3 caches", "the table does not say it, so it is unknown", file: file)
        }
    }

    /// CPUs by key, in the order in which keys are first seen.
    private func grouped(
        _ rows: [LscpuText.Row], by keys: [Key]
    ) -> [(key: Key, cpus: [Int])] {
        var places: [Key: Int] = [:]
        var groups: [(key: Key, cpus: [Int])] = []
        for (row, key) in zip(rows, keys) {
            if let place = places[key] {
                groups[place].cpus.append(row.cpu)
            } else {
                places[key] = groups.count
                groups.append((key, [row.cpu]))
            }
        }
        return groups
    }

    /// Bytes of one L3 cache from `128 MiB (16 instances)`, or from the older `8192K` of each.
    private func uncoreCacheSize() -> Int64? {
        guard let words = text.summary["L3 cache"]?.text.split(separator: " ").map(String.init)
        else { return nil }
        if words.count == 1 { return kibibytes(words[0]) }
        let units: [String: Int64] = ["B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30]
        guard words.count >= 2, let unit = units[words[1]] else { return nil }
        // Fractions of a unit are printed with one digit, such as `1.5 MiB`.
        let parts = words[0].split(separator: ".")
        guard let whole = parts.first.flatMap({ Int64($0) }), 0...(1 << 20) ~= whole else {
            return nil
        }
        let tenths = parts.count > 1 ? Int64(parts[1].prefix(1)) ?? 0 : 0
        let total = whole * unit + tenths * unit / 10
        return total / max(1, uncoreCacheCount() ?? 1)
    }

    private func uncoreCacheCount() -> Int64? {
        guard let text = text.summary["L3 cache"]?.text, let open = text.firstIndex(of: "(") else {
            return nil
        }
        let count = text[text.index(after: open)...].prefix { $0.isNumber }
        return Int64(count).flatMap { 1...8192 ~= $0 ? $0 : nil }
    }
}
