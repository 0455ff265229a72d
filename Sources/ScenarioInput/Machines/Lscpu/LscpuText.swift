/// What `lscpu` and `numactl -H` print, as they say it: one pass over their lines, in any order and in one file or two.
struct LscpuText {
    /// One CPU of a table; nil is a column that is not there or says `-`.
    struct Row {
        var cpu: Int
        var core: Int?
        var socket: Int?
        var node: Int?
        var book: Int?
        var uncoreCache: Int?
        var isOnline = true
        var mark: SourceMark
    }

    /// A NUMA node of `numactl -H`.
    struct Node {
        var cpus: [Int]?
        /// MiB, rounded down.
        var size: Int64?
        var mark: SourceMark
    }

    /// A line of the summary, such as `Socket(s): 2`.
    struct Field {
        var text: String
        var mark: SourceMark
    }

    /// Rows of the first table; a second one, with the kernel's numbers, is counted.
    private(set) var rows: [Row] = []
    private(set) var tables = 0
    private(set) var summary: [String: Field] = [:]
    private(set) var nodes: [Int: Node] = [:]
    /// Rows of numactl's table of distances by NUMA node, values in the order of `distanceColumns`.
    private(set) var distances: [Int: [Int]] = [:]
    private(set) var distanceColumns: [Int] = []
    var diagnostics = Diagnostics()

    private var columns: [String]?
    private var isCommaTable = true
    private var isInDistances = false
    /// CPUs that the present table has had.
    private var seen: Set<Int> = []

    /// Whether a file looks like what either tool prints.
    static func recognises(_ file: MachineFile) -> Bool {
        if file.outermostKeys.contains("lscpu") || file.outermostKeys == ["cpus"] { return true }
        return file.head.split(separator: "\n").contains { line in
            line.hasPrefix("# CPU,") || line.hasPrefix("CPU(s):") || line.hasPrefix("CPU NODE ")
                || line.hasPrefix("On-line CPU(s) list:") || isNodeCount(line)
        }
    }

    /// `available: 2 nodes (0-1)`
    private static func isNodeCount(_ line: Substring) -> Bool {
        line.hasPrefix("available: ") && line.contains(" nodes (")
    }

    mutating func take(bytes: [UInt8], file: String) throws(InputError) {
        if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
            take(json: try readJSONSource(bytes, file: file))
            return
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw InputError([Diagnostic(file: file, message: "the file is not UTF-8 text")])
        }
        columns = nil
        isInDistances = false
        for (number, line) in text.lines.enumerated() {
            take(line: line, at: SourceMark(file: file, line: number + 1, column: 1))
        }
    }
}

// MARK: Lines

extension LscpuText {
    private mutating func take(line: Substring, at mark: SourceMark) {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard let first = words.first else {
            isInDistances = false
            return
        }
        if first == "#" {
            if words.count == 2, words[1].lowercased().hasPrefix("cpu,") {
                startTable(cells(words[1], isComma: true), isComma: true)
            }
        } else if first == "CPU", words.count > 1, !line.contains(": ") {
            startTable(cells(line, isComma: false), isComma: false)
        } else if let columns,
            line.first?.isNumber == true || (!isCommaTable && first.allSatisfy(\.isNumber))
        {
            takeRow(cells(line, isComma: isCommaTable), columns, at: mark)
        } else if first == "node", words.count > 1 {
            takeNode(line, words, at: mark)
        } else if isInDistances, first.hasSuffix(":"), let node = Int(first.dropLast()) {
            let values = words.dropFirst().map { Int($0) }
            guard values.count == distanceColumns.count, values.allSatisfy({ $0 != nil }),
                0..<KernelLists.numaNodeLimit ~= node
            else {
                error(
                    "a row of \(values.count) distances for \(distanceColumns.count) NUMA nodes",
                    at: mark)
                return
            }
            distances[node] = values.compactMap(\.self)
        } else if let colon = line.firstIndex(of: ":") {
            let key = trimmed(line[..<colon])
            if summary[key] == nil, summary.count < 1000 {
                summary[key] = Field(
                    text: trimmed(line[line.index(after: colon)...]), mark: mark)
            }
        }
    }

    /// `node 0 cpus: 0 1 2`, `node 0 size: 96000 MB`, `node distances:`, and the head of the table of distances.
    private mutating func takeNode(
        _ line: Substring, _ words: [Substring], at mark: SourceMark
    ) {
        if words[1] == "distances:" {
            isInDistances = true
            return
        }
        if isInDistances {
            distanceColumns = words.dropFirst().compactMap { Int($0) }
            return
        }
        guard words.count >= 3, let node = Int(words[1]) else { return }
        guard 0..<KernelLists.numaNodeLimit ~= node else {
            error(
                "NUMA node \(words[1]), and Linux has at most \(KernelLists.numaNodeLimit)",
                at: mark)
            return
        }
        switch words[2] {
        case "cpus:":
            let cpus = words.dropFirst(3).map { Int($0) }
            guard
                cpus.allSatisfy({ $0.map { 0..<KernelLists.cpuLimit ~= $0 } ?? false })
            else {
                error(
                    "the CPUs of NUMA node \(node) are no list of CPU numbers below \(KernelLists.cpuLimit)",
                    at: mark)
                return
            }
            nodes[node, default: Node(mark: mark)].cpus = cpus.compactMap(\.self)
        case "size:":
            guard words.count >= 5, words[4] == "MB", let size = Int64(words[3]),
                0...(1 << 40) ~= size
            else {
                error("the size of NUMA node \(node) is no number of MB", at: mark)
                return
            }
            nodes[node, default: Node(mark: mark)].size = size
        default: break
        }
    }

    private mutating func error(_ message: String, at mark: SourceMark) {
        diagnostics.add(Diagnostic(file: mark.file, line: mark.line, message: message))
    }

    private func cells(_ line: Substring, isComma: Bool) -> [String] {
        isComma
            ? line.split(separator: ",", omittingEmptySubsequences: false).map { trimmed($0) }
            : line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    }
}

// MARK: Tables

extension LscpuText {
    private mutating func startTable(_ names: [String], isComma: Bool) {
        columns = names.map { $0.lowercased() }
        isCommaTable = isComma
        tables += 1
        seen = []
    }

    private mutating func takeRow(_ cells: [String], _ columns: [String], at mark: SourceMark) {
        guard tables == 1 else { return }
        guard cells.count == columns.count else {
            error(
                "a row of \(cells.count) values under \(columns.count) columns", at: mark)
            return
        }
        var values: [String: String] = [:]
        for (column, cell) in zip(columns, cells) { add(cell, as: column, to: &values) }
        takeRow(values, at: mark)
    }

    /// Newer versions put caches between colons in one cell, under `L1d:L1i:L2:L3`.
    private func add(_ cell: String, as column: String, to values: inout [String: String]) {
        let names = column.split(separator: ":", omittingEmptySubsequences: false)
        let parts = cell.split(separator: ":", omittingEmptySubsequences: false)
        guard names.count == parts.count else { return }
        for (name, part) in zip(names, parts) where !name.isEmpty {
            values[String(name)] = String(part)
        }
    }

    /// One CPU by column name, in lower case.
    private mutating func takeRow(_ values: [String: String], at mark: SourceMark) {
        func number(_ column: String, below limit: Int) -> Int?? {
            guard let text = values[column], !text.isEmpty, text != "-" else { return .some(nil) }
            guard let value = Int(text), 0..<limit ~= value else { return nil }
            return value
        }
        let limits = ["cpu": KernelLists.cpuLimit, "node": KernelLists.numaNodeLimit]
        var found: [String: Int] = [:]
        for column in ["cpu", "core", "socket", "node", "book", "l3"] {
            let limit = limits[column] ?? 1 << 31
            guard let value = number(column, below: limit) else {
                error(
                    "`\(values[column] ?? "")` in the column \(column.uppercased()) is no number below \(limit)",
                    at: mark)
                return
            }
            found[column] = value
        }
        guard let cpu = found["cpu"] else {
            error("a row without a CPU", at: mark)
            return
        }
        guard seen.insert(cpu).inserted else {
            error("CPU \(cpu) has two rows", at: mark)
            return
        }
        rows.append(
            Row(
                cpu: cpu, core: found["core"], socket: found["socket"], node: found["node"],
                book: found["book"], uncoreCache: found["l3"],
                isOnline: !["n", "no", "false", "0"].contains(values["online"]?.lowercased() ?? ""),
                mark: mark))
    }
}

// MARK: JSON

extension LscpuText {
    /// `lscpu -J`: {"lscpu": [{"field": "CPU(s):", "data": "8", "children": […]}]};
    /// `lscpu -J -e`: {"cpus": [{"cpu": 0, "core": 0, …}]}.
    private mutating func take(json root: SourceNode) {
        if let fields = root["lscpu"] { take(fields: fields) }
        guard let cpus = root["cpus"] else { return }
        guard let elements = cpus.elements else {
            diagnostics.error(at: cpus, "`cpus` is a list, and this is \(cpus.said)")
            return
        }
        tables += 1
        seen = []
        for element in elements where tables == 1 {
            guard let entries = element.entries else {
                diagnostics.error(at: element, "expected a CPU, an object, found \(element.said)")
                continue
            }
            var values: [String: String] = [:]
            for entry in entries {
                add(entry.value.text ?? "", as: entry.key.lowercased(), to: &values)
            }
            takeRow(values, at: element.mark)
        }
    }

    private mutating func take(fields: SourceNode) {
        guard let elements = fields.elements else {
            diagnostics.error(
                at: fields, "a list of fields was expected, and this is \(fields.said)")
            return
        }
        for element in elements {
            guard element.entries != nil, let field = element["field"]?.text else {
                diagnostics.error(
                    at: element, "expected an object with `field` and `data`, found \(element.said)"
                )
                continue
            }
            let key = field.hasSuffix(":") ? String(field.dropLast()) : field
            if let data = element["data"]?.text, summary[key] == nil, summary.count < 1000 {
                summary[key] = Field(text: data, mark: element.mark)
            }
            if let children = element["children"], !children.isNull { take(fields: children) }
        }
    }
}
