import Primitives
import WorkloadModel

extension TraceFormat {
    /// A CSV file whose columns the user names.
    static let csv = TraceFormat(
        name: "csv", summary: "A CSV file whose columns are named in the scenario",
        options: [
            "columns.*", "missing", "origin", "gpuResource", "limits", "names",
        ],
        recognises: { _ in false },
        open: { input, options, resources throws(InputError) in
            let mapping = try CSVMapping(options, resources: &resources)
            let origin = try mapping.origin(of: input)
            return try OrderedTraceReader(file: input.name) { () throws(InputError) in
                try CSVReader(input, mapping, origin: origin)
            }
        })
}

/// Which column of a CSV file means what.
struct CSVMapping: Sendable {
    enum Missing: String, Sendable, CaseIterable {
        /// An empty field of a column that is named is a mistake.
        case error
        /// Nothing is asked for; an empty lifetime lasts for ever.
        case none
        /// The line is left out.
        case skip
    }

    enum Origin: String, Sendable, CaseIterable {
        /// The first arrival becomes time 0.
        case first
        /// Times are those of the file.
        case zero
    }

    /// A column and what its numbers are multiplied by.
    struct Column: Sendable {
        var name: String
        /// Nil for time stamps, and where there is no unit.
        var unit: Int64?
    }

    var arrival: Column
    var lifetime: Column?
    /// When the pod ends, instead of a lifetime.
    var end: Column?
    var cpu: Column?
    var memory: Column?
    var gpu: Column?
    var priority: Column?
    var count: Column?
    var name: Column?
    var group: Column?
    var missing: Missing
    var origin: Origin
    var limits: RecordedLimits
    var gpuResource: ResourceIndex

    static let times = RecordedTime.units
    static let cpus: [(name: String, nanoseconds: Int64)] = [("cores", 1000), ("milli", 1)]
    static let sizes: [(name: String, nanoseconds: Int64)] = [
        ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
        ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
    ]

    init(_ options: TraceOptions, resources: inout ResourceTable) throws(InputError) {
        func column(
            _ key: String, _ units: [(name: String, nanoseconds: Int64)] = [],
            default fallback: String = "", orTimestamp: Bool = false
        ) throws(InputError) -> Column? {
            let name = options["columns.\(key)"] ?? options["columns.\(key).column"]
            guard let name else { return nil }
            let unit = options["columns.\(key).unit"] ?? fallback
            if unit.isEmpty || orTimestamp && unit == "timestamp" {
                return Column(name: name, unit: nil)
            }
            guard let known = units.first(where: { $0.name == unit }) else {
                let words = units.map(\.name) + (orTimestamp ? ["timestamp"] : [])
                throw options.mistake(
                    "columns.\(key).unit", unit,
                    words.isEmpty
                        ? "no unit" : words.map { "`\($0)`" }.joined(separator: " or "))
            }
            return Column(name: name, unit: known.nanoseconds)
        }
        guard
            let arrival = try column(
                "arrival", CSVMapping.times, default: "s", orTimestamp: true)
        else {
            throw InputError([
                Diagnostic(
                    file: "", message: "`columns` does not say which column is `arrival`",
                    hint: "for example `columns: {arrival: submit_time, cpu: cores}`")
            ])
        }
        self.arrival = arrival
        lifetime = try column("lifetime", CSVMapping.times, default: "s")
        end = try column("end", CSVMapping.times, default: "s", orTimestamp: true)
        cpu = try column("cpu", CSVMapping.cpus, default: "cores")
        memory = try column("memory", CSVMapping.sizes, default: "B")
        gpu = try column("gpu")
        priority = try column("priority")
        count = try column("count")
        name = try column("name")
        group = try column("group")
        if lifetime != nil, end != nil {
            throw InputError([
                Diagnostic(
                    file: "", message: "`columns` has both `lifetime` and `end`",
                    hint: "one of them says when a pod is over")
            ])
        }
        missing = try options.word("missing", default: .error)
        origin = try options.word("origin", default: .first)
        limits = try options.word("limits", default: .none)
        gpuResource = resources.intern(options["gpuResource"] ?? "nvidia.com/gpu")
    }

    var columns: [Column] {
        [arrival, lifetime, end, cpu, memory, gpu, priority, count, name, group].compactMap { $0 }
    }

    /// The time of the file that becomes 0.
    func origin(of input: TraceInput) throws(InputError) -> Int64 {
        guard origin == .first else { return 0 }
        var file = try CSVFile(input)
        let columns = try CSVColumns(of: &file, needed: self.columns.map(\.name))
        let field = columns[arrival.name]
        var first: Int64?
        while true {
            do throws(InputError) {
                guard let row = try file.next() else { break }
                guard row.count == columns.count, !row.isEmpty(field) else { continue }
                let time = try ArrivalList.time(row, field, arrival.name, arrival.unit)
                first = min(first ?? time, time)
            } catch {
                // Told when the line's turn has come.
                continue
            }
        }
        return first ?? 0
    }
}

private struct CSVReader: TraceRecordReader {
    private var file: CSVFile
    private let columns: CSVColumns
    private let mapping: CSVMapping
    private let origin: Int64
    private var records = 0
    private var skipped = 0
    private var empty = 0
    private var known: [ShapeKey: PodShapeIndex] = [:]

    private struct ShapeKey: Hashable {
        var cpu, memory, gpu, priority: Int64
    }

    init(_ input: TraceInput, _ mapping: CSVMapping, origin: Int64) throws(InputError) {
        var file = try CSVFile(input)
        columns = try CSVColumns(of: &file, needed: mapping.columns.map(\.name))
        self.file = file
        self.mapping = mapping
        self.origin = origin
    }

    var report: ImportReport {
        var report = ImportReport()
        let used = mapping.columns.map(\.name)
        report.taken(
            "columns", "\(used.joined(separator: ", ")) of \(grouped(records)) lines",
            file: file.name)
        for name in columns.names where !used.contains(name) {
            report.dropped("column \(name)", "`columns` does not name it", file: file.name)
        }
        if mapping.origin == .first {
            report.guessed("origin", "the first arrival becomes time 0", file: file.name)
        }
        if skipped > 0 {
            report.dropped(
                "\(grouped(skipped)) lines", "have an empty field (`missing: skip`)",
                file: file.name)
        }
        if empty > 0 {
            report.guessed(
                "\(grouped(empty)) empty fields",
                "ask for nothing, or last for ever (`missing: none`)", file: file.name)
        }
        return report
    }

    mutating func next(shapes: inout PodShapeTable) throws(InputError) -> TraceRecord? {
        while let row = try file.next() {
            try columns.check(row)
            if mapping.missing == .skip,
                mapping.columns.contains(where: { row.isEmpty(columns[$0.name]) })
            {
                skipped += 1
                continue
            }
            return try record(row, &shapes)
        }
        return nil
    }

    private mutating func record(
        _ row: CSVRow, _ shapes: inout PodShapeTable
    ) throws(InputError) -> TraceRecord {
        let field = columns[mapping.arrival.name]
        let time = try ArrivalList.time(row, field, mapping.arrival.name, mapping.arrival.unit)
        let (arrival, overflow) = time.subtractingReportingOverflow(origin)
        guard arrival >= 0, !overflow else {
            throw row.error(
                field, "`\(mapping.arrival.name)` is `\(row.text(field))`, before time 0",
                hint: "with `origin: first` the first arrival becomes time 0")
        }
        let key = ShapeKey(
            cpu: try amount(row, mapping.cpu) ?? 0, memory: try amount(row, mapping.memory) ?? 0,
            gpu: try amount(row, mapping.gpu, upTo: 1000) ?? 0,
            priority: try amount(row, mapping.priority, from: -2_147_483_648, upTo: 2_147_483_647)
                ?? 0)
        var record = TraceRecord(
            name: try name(row), arrival: SimTime(nanoseconds: arrival),
            lifetime: try lifetime(row, arrivesAt: time), shape: shape(key, &shapes), line: row.line)
        record.count = Int(try amount(row, mapping.count, from: 1, upTo: 1_000_000) ?? 1)
        record.group = mapping.group.map { row.text(columns[$0.name]) } ?? ""
        records += 1
        return record
    }

    private func name(_ row: CSVRow) throws(InputError) -> String {
        guard let column = mapping.name else { return "line-\(row.line)" }
        let name = row.text(columns[column.name])
        guard isObjectName(name) else {
            throw row.error(
                columns[column.name], "`\(name)` cannot name a pod",
                hint: "lower-case letters, digits, `-` and `.`; leave `name` out to number the pods")
        }
        return name
    }

    /// A number of a column, times its unit; nil where there is no such column, or nothing in it.
    private mutating func amount(
        _ row: CSVRow, _ column: CSVMapping.Column?, from low: Int64 = 0, upTo high: Int64 = 1 << 60
    ) throws(InputError) -> Int64? {
        guard let column, try isGiven(row, column) else { return nil }
        let field = columns[column.name]
        guard let number = RecordedTime.nanoseconds(row.text(field).utf8, unit: column.unit ?? 1),
            (low...high).contains(number)
        else {
            throw row.error(
                field, "`\(column.name)` is `\(row.text(field))`, and a number "
                    + (low < 0
                        ? "of 32 bits"
                        : high == 1 << 60
                            ? "of at least \(low)" : "from \(low) to \(grouped(Int(high)))")
                    + " was expected")
        }
        return number
    }

    private mutating func isGiven(
        _ row: CSVRow, _ column: CSVMapping.Column
    ) throws(InputError) -> Bool {
        guard row.isEmpty(columns[column.name]) else { return true }
        if mapping.missing == .error {
            throw row.error(
                columns[column.name], "`\(column.name)` is empty",
                hint: "`missing: none` takes it as nothing asked, `missing: skip` leaves the line out")
        }
        empty += 1
        return false
    }

    private mutating func lifetime(
        _ row: CSVRow, arrivesAt arrival: Int64
    ) throws(InputError) -> SimDuration? {
        if let column = mapping.lifetime {
            return try amount(row, column, upTo: .max).map { SimDuration(nanoseconds: $0) }
        }
        guard let column = mapping.end, try isGiven(row, column) else { return nil }
        let field = columns[column.name]
        let end = try ArrivalList.time(row, field, column.name, column.unit)
        let (lifetime, overflow) = end.subtractingReportingOverflow(arrival)
        guard lifetime >= 0, !overflow else {
            throw row.error(
                field, "`\(column.name)` is `\(row.text(field))`, before the pod arrives")
        }
        return SimDuration(nanoseconds: lifetime)
    }

    private mutating func shape(_ key: ShapeKey, _ shapes: inout PodShapeTable) -> PodShapeIndex {
        if let index = known[key] { return index }
        var shape = PodShape(
            recorded: [
                (
                    "main",
                    [
                        ResourceAmount(ResourceTable.cpu, key.cpu),
                        ResourceAmount(ResourceTable.memory, key.memory),
                        ResourceAmount(mapping.gpuResource, key.gpu),
                    ]
                )
            ], limits: mapping.limits)
        shape.priority = Int32(truncatingIfNeeded: key.priority)
        let index = shapes.intern(shape)
        known[key] = index
        return index
    }
}
