import Primitives
import WorkloadModel

extension TraceFormat {
    /// Pods of Alibaba's openb trace (GPU cluster 2023), from github.com/alibaba/clusterdata, cluster-trace-gpu-v2023.
    static let openb = TraceFormat(
        name: "openb", summary: "Pods of Alibaba's GPU cluster 2023 with CPU, memory, GPUs and times",
        options: [
            "gpuResource", "gpuShare", "gpuSpec", "modelLabel", "limits", "qos", "lifetime",
            "times", "every",
        ],
        recognises: {
            startsWithHeader($0, naming: ["name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli"])
        },
        open: { input, options, resources throws(InputError) in
            let mapping = try OpenbMapping(options)
            let gpu = resources.intern(mapping.gpuResource)
            return try OrderedTraceReader(file: input.name) { () throws(InputError) in
                try OpenbReader(input, mapping, gpu: gpu)
            }
        })
}

/// What of a trace's pods becomes what, where Kubernetes has no such thing.
struct OpenbMapping: Hashable, Sendable {
    enum GPUShare: String, Sendable, CaseIterable {
        /// A share of a GPU takes a whole device.
        case whole
        /// A pod with a share of a GPU takes none.
        case ignore
    }

    enum GPUSpec: String, Sendable, CaseIterable {
        /// Models that a pod asks for are not looked at.
        case ignore
        /// A pod goes to nodes whose `modelLabel` is one of the models that it names.
        case select
    }

    enum QoS: String, Sendable, CaseIterable {
        /// The class follows from `limits` alone.
        case ignore
        /// LS and Guaranteed get limits that equal the requests; BE and Burstable get none.
        case limits
    }

    enum Lifetime: String, Sendable, CaseIterable {
        /// From creation to deletion, which counts the recorded wait as well.
        case total
        /// From the recorded start to deletion; pods that never started live from creation to deletion.
        case running
    }

    enum Times: String, Sendable, CaseIterable {
        case recorded
        /// In the order of the lines, `every` apart, and for ever: filling a cluster, as the authors did.
        case order
    }

    var gpuResource: String
    var gpuShare: GPUShare
    var gpuSpec: GPUSpec
    var modelLabel: String
    var limits: RecordedLimits
    var qos: QoS
    var lifetime: Lifetime
    var times: Times
    var every: SimDuration

    init(_ options: TraceOptions) throws(InputError) {
        gpuResource = options["gpuResource"] ?? "nvidia.com/gpu"
        gpuShare = try options.word("gpuShare", default: .whole)
        gpuSpec = try options.word("gpuSpec", default: .ignore)
        modelLabel = options["modelLabel"] ?? "alibabacloud.com/gpu-card-model"
        limits = try options.word("limits", default: .none)
        qos = try options.word("qos", default: .ignore)
        lifetime = try options.word("lifetime", default: .total)
        times = try options.word("times", default: .recorded)
        every = try options.duration("every", default: .seconds(1))
    }
}

/// Positions of the columns that are read.
struct OpenbColumns {
    let all: CSVColumns
    let name, cpu, memory, gpus, gpuMilli: Int
    /// Absent in lists of resources alone, such as `multigpu50`.
    let creation, deletion, scheduled, spec, qos, phase: Int?

    init(of file: inout CSVFile, withTimes: Bool) throws(InputError) {
        all = try CSVColumns(
            of: &file,
            needed: ["name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli"]
                + (withTimes ? ["creation_time", "deletion_time"] : []))
        name = all["name"]
        cpu = all["cpu_milli"]
        memory = all["memory_mib"]
        gpus = all["num_gpu"]
        gpuMilli = all["gpu_milli"]
        creation = all.optional("creation_time")
        deletion = all.optional("deletion_time")
        scheduled = all.optional("scheduled_time")
        spec = all.optional("gpu_spec")
        qos = all.optional("qos")
        phase = all.optional("pod_phase")
    }
}

/// One line as it stands in the file, checked.
struct OpenbPod {
    var name: String
    var milliCPU: Int64
    var memoryMiB: Int64
    var gpus: Int64
    /// Thousandths of one GPU, when it shares it.
    var share: Int64?
    /// The models that it may run on; empty for any.
    var models: [String]
    /// Alibaba's word, empty where nothing is said.
    var qos: String
    var phase: String
    /// Whole seconds of the trace.
    var creation: Int64
    var deletion: Int64?
    var scheduled: Int64?

    private static let times = Int64(0)...Int64(1 << 33)

    init(_ row: CSVRow, _ columns: OpenbColumns) throws(InputError) {
        try columns.all.check(row)
        name = row.text(columns.name)
        guard isObjectName(name) else {
            throw row.error(columns.name, "`\(name)` cannot name a pod")
        }
        milliCPU = try row.integer(columns.cpu, "cpu_milli", in: 0...1_000_000_000)
        memoryMiB = try row.integer(columns.memory, "memory_mib", in: 0...1 << 30)
        gpus = try row.integer(columns.gpus, "num_gpu", in: 0...1000)
        let milli = try row.integer(columns.gpuMilli, "gpu_milli", in: 0...1000)
        share = gpus == 1 && milli < 1000 ? milli : nil
        if gpus > 1 && milli != 1000 {
            throw row.error(
                columns.gpuMilli, "`gpu_milli` is \(milli) for \(gpus) GPUs",
                hint: "only a pod with one GPU has a share of it")
        }
        var models: [String] = []
        let spec = columns.spec.map(row.text) ?? ""
        for model in spec.split(separator: "|").map(String.init) where !models.contains(model) {
            models.append(model)
        }
        self.models = models
        qos = columns.qos.map(row.text) ?? ""
        phase = columns.phase.map(row.text) ?? ""
        creation = 0
        if let column = columns.creation {
            creation = try row.integer(column, "creation_time", in: OpenbPod.times)
        }
        if let column = columns.deletion, !row.isEmpty(column) {
            let time = try row.integer(column, "deletion_time", in: OpenbPod.times)
            if time < creation {
                throw row.error(
                    column, "`deletion_time` \(time) is before `creation_time` \(creation)")
            }
            deletion = time
        }
        if let column = columns.scheduled, !row.isEmpty(column) {
            scheduled = try row.integer(column, "scheduled_time", in: OpenbPod.times)
        }
    }
}

struct OpenbReader: TraceRecordReader {
    private var file: CSVFile
    private let columns: OpenbColumns
    private let mapping: OpenbMapping
    private let gpu: ResourceIndex
    private var counts = OpenbCounts()
    /// Shapes by what makes them differ, so that equal lines cost one look.
    private var known: [ShapeKey: PodShapeIndex] = [:]

    private struct ShapeKey: Hashable {
        var milliCPU: Int64
        var memoryMiB: Int64
        var devices: Int64
        var models: [String]
        var limits: RecordedLimits
    }

    init(_ input: TraceInput, _ mapping: OpenbMapping, gpu: ResourceIndex) throws(InputError) {
        var file = try CSVFile(input)
        columns = try OpenbColumns(of: &file, withTimes: mapping.times == .recorded)
        self.file = file
        self.mapping = mapping
        self.gpu = gpu
    }

    var report: ImportReport { counts.report(mapping, columns, file: file.name) }

    mutating func next(shapes: inout PodShapeTable) throws(InputError) -> TraceRecord? {
        guard let row = try file.next() else { return nil }
        let pod = try OpenbPod(row, columns)
        let ordinal = counts.pods
        counts.add(pod)
        var record = TraceRecord(
            name: pod.name, arrival: .zero, shape: shape(of: pod, in: &shapes), line: row.line)
        switch mapping.times {
        case .recorded:
            record.arrival = SimTime(nanoseconds: pod.creation * 1_000_000_000)
            let start = mapping.lifetime == .running ? pod.scheduled ?? pod.creation : pod.creation
            record.lifetime = pod.deletion.map {
                SimDuration(nanoseconds: max(0, $0 - start) * 1_000_000_000)
            }
        case .order:
            let (time, overflow) = mapping.every.nanoseconds.multipliedReportingOverflow(
                by: Int64(ordinal))
            guard !overflow else {
                throw row.error(0, "`every` puts this line past the end of time")
            }
            record.arrival = SimTime(nanoseconds: time)
        }
        return record
    }

    private mutating func shape(of pod: OpenbPod, in shapes: inout PodShapeTable) -> PodShapeIndex {
        let hasLimits =
            mapping.qos == .limits ? ["LS", "Guaranteed"].contains(pod.qos) : mapping.limits == .equal
        let key = ShapeKey(
            milliCPU: pod.milliCPU, memoryMiB: pod.memoryMiB,
            devices: pod.share != nil && mapping.gpuShare == .ignore ? 0 : pod.gpus,
            models: mapping.gpuSpec == .select ? pod.models : [],
            limits: hasLimits ? .equal : .none)
        if let index = known[key] { return index }
        let index = shapes.intern(makeShape(key))
        known[key] = index
        return index
    }

    private func makeShape(_ key: ShapeKey) -> PodShape {
        var shape = PodShape(
            recorded: [
                (
                    "main",
                    [
                        ResourceAmount(ResourceTable.cpu, key.milliCPU),
                        ResourceAmount(ResourceTable.memory, key.memoryMiB << 20),
                        ResourceAmount(gpu, key.devices),
                    ]
                )
            ], limits: key.limits)
        if key.models.count == 1 {
            shape.nodeSelector = [Label(key: mapping.modelLabel, value: key.models[0])]
        } else if key.models.count > 1 {
            var placement = PlacementRules()
            placement.requiredNodeTerms = [
                NodeSelectorTerm(matchExpressions: [
                    NodeSelectorRequirement(
                        key: mapping.modelLabel, operation: .isIn, values: key.models)
                ])
            ]
            shape.placement = placement
        }
        return shape
    }
}

/// How many pods each mapping touches.
private struct OpenbCounts {
    var pods = 0
    var shares = 0
    var models = 0
    var endless = 0
    var instant = 0
    var withoutMemory = 0
    var started = 0
    /// By word, in the order in which they were met.
    var qos: [(word: String, count: Int)] = []
    var phases: [(word: String, count: Int)] = []

    mutating func add(_ pod: OpenbPod) {
        pods += 1
        if pod.share != nil { shares += 1 }
        if !pod.models.isEmpty { models += 1 }
        if pod.deletion == nil { endless += 1 }
        if pod.deletion == pod.creation { instant += 1 }
        if pod.memoryMiB == 0 { withoutMemory += 1 }
        if pod.scheduled != nil { started += 1 }
        OpenbCounts.count(pod.qos, in: &qos)
        OpenbCounts.count(pod.phase, in: &phases)
    }

    /// Words past the 16th are not told apart: a hostile file may have millions.
    private static func count(_ word: String, in words: inout [(word: String, count: Int)]) {
        if let place = words.firstIndex(where: { $0.word == word }) {
            words[place].count += 1
        } else if words.count < 16 {
            words.append((word, 1))
        }
    }

    private func said(_ words: [(word: String, count: Int)]) -> String {
        words.map { "\($0.word.isEmpty ? "none" : $0.word) \(grouped($0.count))" }
            .joined(separator: ", ")
    }

    func report(_ mapping: OpenbMapping, _ columns: OpenbColumns, file: String) -> ImportReport {
        var report = ImportReport()
        func of(_ count: Int) -> String { "\(grouped(count)) of \(grouped(pods)) pods" }
        report.taken(
            "columns", "name, cpu_milli, memory_mib, num_gpu, gpu_milli of \(of(pods))", file: file)
        if shares > 0 {
            report.dropped(
                of(shares),
                mapping.gpuShare == .whole
                    ? "share a GPU in the trace and take a whole one here (`gpuShare: whole`)"
                    : "share a GPU in the trace and take none here (`gpuShare: ignore`)", file: file)
        }
        if models > 0 {
            if mapping.gpuSpec == .select {
                report.taken(
                    of(models),
                    "go to nodes whose label `\(mapping.modelLabel)` is one of their GPU models",
                    file: file)
            } else {
                report.dropped(
                    of(models), "name GPU models, which are not looked at (`gpuSpec: ignore`)",
                    file: file)
            }
        }
        if mapping.times == .order {
            report.guessed(
                "times",
                "pods arrive in the order of the lines and run for ever (`times: order`)", file: file
            )
        } else {
            if endless > 0 {
                report.guessed(
                    of(endless), "have no deletion time and run until the end", file: file)
            }
            if instant > 0 {
                report.taken(
                    of(instant), "are deleted as they are created, and end as they start",
                    file: file)
            }
        }
        if withoutMemory > 0 {
            report.taken(of(withoutMemory), "ask for no memory", file: file)
        }
        if columns.qos != nil {
            let reason =
                mapping.qos == .ignore
                ? "Alibaba's classes are not Kubernetes', and `limits` decides the class"
                : "LS and Guaranteed get limits that equal the requests, others none"
            report.add(
                ImportNote(
                    mapping.qos == .ignore ? .dropped : .guessed, "column qos (\(said(qos)))",
                    reason, file: file))
        }
        if columns.phase != nil {
            report.dropped(
                "column pod_phase (\(said(phases)))", "the recorded cluster's doing", file: file)
        }
        if columns.scheduled != nil {
            report.dropped(
                "column scheduled_time",
                mapping.lifetime == .running && mapping.times == .recorded
                    ? "is where lifetimes start; the recorded waits of \(of(started)) are not replayed"
                    : "\(of(started)) were scheduled by the recorded cluster", file: file)
        }
        return report
    }
}
