import Primitives
import WorkloadModel

extension TraceFormat {
    /// Batch jobs in the Standard Workload Format of the Parallel Workloads Archive, with 18 columns, or with the 21
    /// of the CERIT-SC logs (nodes taken, queue, PBS node specification).
    static let swf = TraceFormat(
        name: "swf", summary: "Batch jobs in the Standard Workload Format (18 or 21 columns)",
        options: ["jobs", "memory", "limits", "constraints", "origin"],
        recognises: { start in
            let lines = start.split(separator: UInt8(ascii: "\n"))
            if lines.count > 1, lines[0].first == UInt8(ascii: ";") { return true }
            guard let line = lines.first(where: { $0.first != UInt8(ascii: ";") }) else {
                return false
            }
            return [18, 21].contains(SWFLine(line).fields.count)
                && SWFLine(line).fields.prefix(18).allSatisfy {
                    RecordedTime.nanoseconds(line[$0]) != nil
                }
        },
        open: { input, options, _ throws(InputError) in
            let mapping = try SWFMapping(options)
            let origin = mapping.origin == .first ? try SWFReader.firstSubmission(input) : 0
            return try OrderedTraceReader(file: input.name) { () throws(InputError) in
                try SWFReader(input, mapping, origin: origin)
            }
        })
}

struct SWFMapping: Sendable {
    enum Jobs: String, Sendable, CaseIterable {
        /// A pod for each node that the node specification names; without one a job is one pod.
        case nodes
        /// A job is one pod of all its processors.
        case pod
        /// A job is a pod of one CPU for each of its processors.
        case processors
    }

    enum Memory: String, Sendable, CaseIterable {
        case ignore
        /// The requested memory: KB a processor with 18 columns, bytes a node with 21.
        case requested
    }

    enum Constraints: String, Sendable, CaseIterable {
        case ignore
        /// Clusters, hosts and exclusive nodes become node affinity and pod anti-affinity.
        case select
    }

    var jobs: Jobs
    var memory: Memory
    var limits: RecordedLimits
    var constraints: Constraints
    var origin: CSVMapping.Origin

    init(_ options: TraceOptions) throws(InputError) {
        jobs = try options.word("jobs", default: .nodes)
        memory = try options.word("memory", default: .ignore)
        limits = try options.word("limits", default: .none)
        constraints = try options.word("constraints", default: .ignore)
        origin = try options.word("origin", default: .first)
    }

    /// The node label that names a cluster of the machines file.
    static let clusterLabel = "topsim.dev/cluster"
}

/// A line cut at blanks.
struct SWFLine {
    private(set) var fields: [Range<Int>] = []

    init(_ bytes: ArraySlice<UInt8>) {
        var start: Int?
        for position in bytes.indices {
            let isBlank = bytes[position] == 0x20 || bytes[position] == 0x09
            if isBlank, let first = start {
                fields.append(first..<position)
                start = nil
            } else if !isBlank, start == nil {
                start = position
            }
        }
        if let start { fields.append(start..<bytes.endIndex) }
    }
}

/// One job as it stands in the file, checked.
struct SWFJob {
    var number: Int64
    /// Nanoseconds; -1 second is unknown.
    var submit: Int64
    var run: Int64
    var processors: Int64
    /// Bytes, of one processor with 18 columns and of one node with 21; 0 when unknown.
    var memory: Int64
    var hasNodeColumns: Bool
    /// Nil where there is none, or it was not understood.
    var nodes: SWFNodeSpec?
    var line: Int

    /// Most processors of one job.
    static let processorLimit: Int64 = 10_000_000

    init(_ bytes: ArraySlice<UInt8>, file: String, line: Int) throws(InputError) {
        let fields = SWFLine(bytes).fields
        func error(_ field: Int, _ message: String, hint: String? = nil) -> InputError {
            InputError([
                Diagnostic(
                    file: file, line: line,
                    column: (field < fields.count ? fields[field].lowerBound : bytes.endIndex)
                        - bytes.startIndex + 1, message: message, hint: hint,
                    sourceLine: String(decoding: bytes.prefix(2000), as: UTF8.self))
            ])
        }
        guard fields.count == 18 || fields.count == 21 else {
            throw error(
                min(fields.count, 18),
                "\(fields.count) columns; a job has 18, or 21 with nodes, queue and node specification",
                hint: "the Standard Workload Format; header lines start with `;`")
        }
        func seconds(_ field: Int, _ name: String) throws(InputError) -> Int64 {
            guard let value = RecordedTime.nanoseconds(bytes[fields[field]]),
                abs(value) <= 1 << 62
            else {
                let text = String(decoding: bytes[fields[field]].prefix(100), as: UTF8.self)
                throw error(
                    field, "\(name) (column \(field + 1)) is `\(text)`, and a number was expected")
            }
            return value
        }
        func whole(_ field: Int, _ name: String, upTo limit: Int64) throws(InputError) -> Int64 {
            guard let value = RecordedTime.nanoseconds(bytes[fields[field]], unit: 1) else {
                return try seconds(field, name)
            }
            guard (-1...limit).contains(value) else {
                throw error(
                    field,
                    "\(name) (column \(field + 1)) is \(value), and a number from -1 to "
                        + "\(grouped(Int(limit))) was expected")
            }
            return value
        }
        self.line = line
        number = try whole(0, "the job's number", upTo: 1 << 32)
        submit = try seconds(1, "the submit time")
        guard submit >= 0 else {
            throw error(1, "the submit time (column 2) is negative")
        }
        _ = try seconds(2, "the wait")
        run = try seconds(3, "the run time")
        let allocated = try whole(4, "the allocated processors", upTo: SWFJob.processorLimit)
        let requested = try whole(7, "the requested processors", upTo: SWFJob.processorLimit)
        processors = requested > 0 ? requested : max(0, allocated)
        hasNodeColumns = fields.count == 21
        let text = bytes[fields[9]]
        guard let asked = RecordedTime.nanoseconds(text, unit: 1) else {
            throw error(9, "the requested memory (column 10) is not a number")
        }
        let (size, overflow) = max(0, asked).multipliedReportingOverflow(
            by: hasNodeColumns ? 1 : 1024)
        guard !overflow, size <= 1 << 50 else {
            throw error(9, "the requested memory (column 10) is more than 1 PiB")
        }
        memory = size
        nodes =
            hasNodeColumns
            ? SWFNodeSpec(String(decoding: bytes[fields[20]].prefix(4096), as: UTF8.self)) : nil
    }
}

struct SWFReader: TraceRecordReader {
    private var lines: TraceLines
    private let mapping: SWFMapping
    private let origin: Int64
    private var counts = Counts()
    /// Further pods of the job that was read last, the last one first.
    private var waiting: [TraceRecord] = []
    private var known: [ShapeKey: PodShapeIndex] = [:]

    /// A job of 10,000 CPUs that lists a node for each has a line of some 60 KB.
    private static let lineLimit = 1 << 20

    private struct Counts {
        var jobs = 0
        var headers = 0
        var withNodes = 0
        var strange = 0
        var withoutProcessors = 0
        var withoutRunTime = 0
        var exclusive = 0
        var constrained = 0
        var properties = 0
        var disagreeing = 0
    }

    private struct ShapeKey: Hashable {
        var milliCPU: Int64
        var memory: Int64
        var part: SWFNodeSpec.Part?
        var isExclusive: Bool
    }

    init(_ input: TraceInput, _ mapping: SWFMapping, origin: Int64) throws(InputError) {
        lines = try TraceLines(input, lineLimit: SWFReader.lineLimit)
        self.mapping = mapping
        self.origin = origin
    }

    /// The earliest submit time in nanoseconds.
    static func firstSubmission(_ input: TraceInput) throws(InputError) -> Int64 {
        var lines = try TraceLines(input, lineLimit: lineLimit)
        var first: Int64?
        while let line = try lines.next() {
            let fields = SWFLine(line).fields
            guard fields.count >= 18, line[fields[0]].first != UInt8(ascii: ";"),
                let submit = RecordedTime.nanoseconds(line[fields[1]]), submit >= 0
            else { continue }
            first = min(first ?? submit, submit)
        }
        return first ?? 0
    }

    mutating func next(shapes: inout PodShapeTable) throws(InputError) -> TraceRecord? {
        if let record = waiting.popLast() { return record }
        while let line = try lines.next() {
            guard let first = line.first(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
            if first == UInt8(ascii: ";") {
                counts.headers += 1
                continue
            }
            let job = try SWFJob(line, file: lines.name, line: lines.line)
            counts.jobs += 1
            guard job.processors > 0 else {
                counts.withoutProcessors += 1
                continue
            }
            waiting = records(of: job, &shapes).reversed()
            return waiting.popLast()
        }
        return nil
    }

    private mutating func records(
        of job: SWFJob, _ shapes: inout PodShapeTable
    ) -> [TraceRecord] {
        if job.run < 0 { counts.withoutRunTime += 1 }
        note(job)
        let name = "job-\(max(0, job.number))"
        func record(_ suffix: String, count: Int, _ shape: PodShapeIndex) -> TraceRecord {
            TraceRecord(
                name: name + suffix, arrival: SimTime(nanoseconds: job.submit - origin),
                lifetime: SimDuration(nanoseconds: max(0, job.run)), shape: shape,
                group: String(job.number), count: count, line: job.line)
        }
        if mapping.jobs == .nodes, let spec = job.nodes {
            return spec.parts.enumerated().map { position, part in
                let key = ShapeKey(
                    milliCPU: part.milliCPU, memory: job.memory, part: part,
                    isExclusive: spec.isExclusive)
                return record(
                    spec.parts.count == 1 ? "" : "-\(position)", count: part.nodes,
                    shape(key, &shapes))
            }
        }
        let pods = mapping.jobs == .processors ? job.processors : 1
        let processors = job.processors / pods
        let memory =
            job.hasNodeColumns ? job.memory / pods : job.memory.multipliedSaturating(by: processors)
        let key = ShapeKey(
            milliCPU: processors * 1000, memory: memory,
            part: job.nodes?.parts.count == 1 ? job.nodes?.parts[0] : nil,
            isExclusive: job.nodes?.isExclusive ?? false)
        return [record("", count: Int(pods), shape(key, &shapes))]
    }

    private mutating func note(_ job: SWFJob) {
        guard job.hasNodeColumns else { return }
        counts.withNodes += 1
        guard let spec = job.nodes else {
            counts.strange += 1
            return
        }
        if spec.isExclusive { counts.exclusive += 1 }
        if spec.parts.contains(where: {
            $0.cluster != nil || $0.host != nil || !$0.notHosts.isEmpty || !$0.notClusters.isEmpty
        }) {
            counts.constrained += 1
        }
        if spec.parts.contains(where: { !$0.otherProperties.isEmpty }) { counts.properties += 1 }
        let milli = spec.parts.reduce(0) { $0 + Int64($1.nodes) * $1.milliCPU }
        if milli != job.processors * 1000 { counts.disagreeing += 1 }
    }

    private mutating func shape(_ key: ShapeKey, _ shapes: inout PodShapeTable) -> PodShapeIndex {
        var key = key
        if mapping.memory == .ignore { key.memory = 0 }
        if mapping.constraints == .ignore {
            key.part = nil
            key.isExclusive = false
        }
        key.part?.nodes = 1
        key.part?.otherProperties = []
        if let index = known[key] { return index }
        var shape = PodShape(
            recorded: [
                (
                    "main",
                    [
                        ResourceAmount(ResourceTable.cpu, key.milliCPU),
                        ResourceAmount(ResourceTable.memory, key.memory),
                    ]
                )
            ], limits: mapping.limits)
        constrain(&shape, key)
        let index = shapes.intern(shape)
        known[key] = index
        return index
    }

    private func constrain(_ shape: inout PodShape, _ key: ShapeKey) {
        guard let part = key.part else { return }
        if let cluster = part.cluster {
            shape.nodeSelector.append(Label(key: SWFMapping.clusterLabel, value: cluster))
        }
        if let host = part.host {
            shape.nodeSelector.append(Label(key: "kubernetes.io/hostname", value: host))
        }
        var expressions: [NodeSelectorRequirement] = []
        if !part.notHosts.isEmpty {
            expressions.append(
                NodeSelectorRequirement(
                    key: "kubernetes.io/hostname", operation: .isNotIn, values: part.notHosts))
        }
        if !part.notClusters.isEmpty {
            expressions.append(
                NodeSelectorRequirement(
                    key: SWFMapping.clusterLabel, operation: .isNotIn, values: part.notClusters))
        }
        var placement = PlacementRules()
        if !expressions.isEmpty {
            placement.requiredNodeTerms = [NodeSelectorTerm(matchExpressions: expressions)]
        }
        if key.isExclusive {
            // An empty selector is every pod: nobody else on the node, before or after it.
            placement.podAntiAffinity.required = [
                PodAffinityTerm(
                    labelSelector: LabelSelector(), topologyKey: "kubernetes.io/hostname")
            ]
        }
        if !placement.isEmpty { shape.placement = placement }
    }

    var report: ImportReport {
        var report = ImportReport()
        let file = lines.name
        func of(_ count: Int) -> String { "\(grouped(count)) of \(grouped(counts.jobs)) jobs" }
        report.taken(
            "columns 1, 2, 4, 5, 8",
            "number, submit and run time, processors of \(of(counts.jobs))",
            file: file)
        report.dropped(
            "columns 3, 6, 7, 9, 11 to 18",
            "the recorded wait, use and accounting are the recorded system's doing", file: file)
        if mapping.memory == .requested {
            report.taken(
                "column 10",
                "requested memory, KB a processor with 18 columns, bytes a node with 21", file: file
            )
        } else {
            report.dropped("column 10", "requested memory (`memory: ignore`)", file: file)
        }
        if origin > 0 {
            report.guessed("origin", "the first submit time becomes time 0", file: file)
        }
        if counts.headers > 0 {
            report.dropped("\(grouped(counts.headers)) header lines", "are comments", file: file)
        }
        if counts.withoutProcessors > 0 {
            report.dropped(
                of(counts.withoutProcessors), "name no processors, and are left out", file: file)
        }
        if counts.withoutRunTime > 0 {
            report.guessed(
                of(counts.withoutRunTime), "have a negative run time, and end as they start",
                file: file)
        }
        if counts.withNodes > 0 {
            report.dropped("columns 19, 20", "the nodes taken, and the queue", file: file)
            noteNodes(&report, of)
        }
        return report
    }

    private func noteNodes(_ report: inout ImportReport, _ of: (Int) -> String) {
        let file = lines.name
        if counts.strange > 0 {
            report.guessed(
                of(counts.strange), "have a node specification that is not understood: one pod",
                file: file)
        }
        if counts.disagreeing > 0 {
            report.guessed(
                of(counts.disagreeing),
                mapping.jobs == .nodes
                    ? "ask for other numbers of processors in columns 8 and 21; column 21 is taken"
                    : "ask for other numbers of processors in columns 8 and 21; column 8 is taken",
                file: file)
        }
        if counts.properties > 0 {
            report.dropped(
                of(counts.properties), "ask for properties that no node here has a word for",
                file: file)
        }
        let isTaken = mapping.constraints == .select
        if counts.constrained > 0 {
            report.add(
                ImportNote(
                    isTaken ? .taken : .dropped, of(counts.constrained),
                    isTaken
                        ? "name clusters or hosts: node affinity"
                        : "name clusters or hosts, which are not looked at (`constraints: ignore`)",
                    file: file))
        }
        if counts.exclusive > 0 {
            report.add(
                ImportNote(
                    isTaken ? .taken : .dropped, of(counts.exclusive),
                    isTaken
                        ? "want nodes for themselves: anti-affinity to every pod"
                        : "want nodes for themselves, and share them here (`constraints: ignore`)",
                    file: file))
        }
    }
}

extension Int64 {
    func multipliedSaturating(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
