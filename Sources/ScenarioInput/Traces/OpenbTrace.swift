import Foundation
import Primitives
import WorkloadModel

/// Pods of Alibaba's openb trace (GPU cluster 2023) from its CSV file, with their own times.
///
/// A line becomes a pod of one container that requests its CPU, memory and GPUs, arrives at `creation_time` and
/// runs for `deletion_time − creation_time` once started; without a deletion time it runs until the end. GPU
/// shares and the trace's QoS words (LS, BE) are outside a kubelet's world: `OpenbMapping` says what they become.
/// Source of the format: github.com/alibaba/clusterdata, cluster-trace-gpu-v2023.
struct OpenbTrace: PodTraceSource {
    let url: URL
    let name: String
    let mapping: OpenbMapping
    /// Lines in order of creation time, when the file is not in that order.
    let order: [OpenbTraceLine]?

    func makeReader(resources: ResourceTable) throws -> any PodTraceReader {
        var file = try CSVFile(url: url, name: name)
        let columns = try OpenbColumns(of: &file)
        return OpenbTraceReader(
            file: file, columns: columns, mapping: mapping, order: order,
            gpuResource: resources.index(of: mapping.gpuResource))
    }
}

/// What of a trace's pods becomes what, where Kubernetes has no such thing.
struct OpenbMapping: Hashable, Sendable {
    enum GPUShare: String, Sendable {
        /// A share of a GPU takes a whole device.
        case whole
        /// A pod with a share of a GPU takes none.
        case ignore
    }

    enum Limits: String, Sendable {
        /// Requests only: the pods are Burstable.
        case none
        /// Limits equal requests: the pods are Guaranteed, and those of whole CPUs may get exclusive ones.
        case equal
    }

    enum GPUSpec: String, Sendable {
        /// Models that a pod asks for are not looked at.
        case ignore
        /// A pod that names one model selects nodes by `modelLabel`.
        case select
    }

    var gpuResource: String
    var gpuShare: GPUShare
    var gpuSpec: GPUSpec
    var modelLabel: String
    var limits: Limits
    /// Seconds and nanoseconds of the trace before which pods are left out.
    var skip: SimDuration
    var speed: Int64
}

/// Where a line is, and when its pod is created.
struct OpenbTraceLine: Sendable {
    var offset: UInt64
    var line: Int
    var creation: Int64
}

/// Positions of the columns that are read; the others are not looked at.
struct OpenbColumns {
    let all: CSVColumns
    let name, cpu, memory, gpus, gpuMilli, creation, deletion: Int
    let spec: Int?

    init(of file: inout CSVFile) throws(InputError) {
        all = try CSVColumns(
            of: &file,
            needed: [
                "name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli", "creation_time",
                "deletion_time",
            ])
        name = all["name"]
        cpu = all["cpu_milli"]
        memory = all["memory_mib"]
        gpus = all["num_gpu"]
        gpuMilli = all["gpu_milli"]
        creation = all["creation_time"]
        deletion = all["deletion_time"]
        spec = all.optional("gpu_spec")
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
    /// Whole seconds of the trace.
    var creation: Int64
    var deletion: Int64?

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
        let spec = columns.spec.map(row.text) ?? ""
        var models: [String] = []
        for model in spec.split(separator: "|").map(String.init) where !models.contains(model) {
            models.append(model)
        }
        self.models = models
        creation = try row.integer(columns.creation, "creation_time", in: 0...1 << 33)
        if row.isEmpty(columns.deletion) {
            deletion = nil
        } else {
            let time = try row.integer(columns.deletion, "deletion_time", in: 0...1 << 33)
            if time < creation {
                throw row.error(
                    columns.deletion,
                    "`deletion_time` \(time) is before `creation_time` \(creation)")
            }
            deletion = time
        }
    }
}

private struct OpenbTraceReader: PodTraceReader {
    var file: CSVFile
    let columns: OpenbColumns
    let mapping: OpenbMapping
    let order: [OpenbTraceLine]?
    let gpuResource: ResourceIndex?
    var position = 0
    /// Shapes by what makes them differ, so that equal lines cost one look.
    var known: [ShapeKey: PodShapeIndex] = [:]

    struct ShapeKey: Hashable {
        var milliCPU: Int64
        var memoryMiB: Int64
        var devices: Int64
        var model: String?
    }

    mutating func next(shapes: inout PodShapeTable) throws -> TracePod? {
        while let row = try nextRow() {
            let pod = try OpenbPod(row, columns)
            let nanoseconds = pod.creation * 1_000_000_000 - mapping.skip.nanoseconds
            if nanoseconds < 0 { continue }
            let lifetime = pod.deletion.map { deletion in
                SimDuration(
                    nanoseconds: (deletion - pod.creation) * 1_000_000_000 / mapping.speed)
            }
            return TracePod(
                name: pod.name, arrival: SimTime(nanoseconds: nanoseconds / mapping.speed),
                lifetime: lifetime, shape: shape(of: pod, in: &shapes))
        }
        return nil
    }

    private mutating func nextRow() throws(InputError) -> CSVRow? {
        guard let order else { return try file.next() }
        guard position < order.count else { return nil }
        try file.seek(to: order[position].offset, line: order[position].line)
        position += 1
        return try file.next()
    }

    private mutating func shape(of pod: OpenbPod, in shapes: inout PodShapeTable) -> PodShapeIndex {
        let key = ShapeKey(
            milliCPU: pod.milliCPU, memoryMiB: pod.memoryMiB, devices: mapping.devices(of: pod),
            model: mapping.model(of: pod))
        if let index = known[key] { return index }
        let index = shapes.intern(makeShape(key))
        known[key] = index
        return index
    }

    private func makeShape(_ key: ShapeKey) -> PodShape {
        let bytes = key.memoryMiB << 20
        var amounts = [
            ResourceAmount(ResourceTable.cpu, key.milliCPU),
            ResourceAmount(ResourceTable.memory, bytes),
        ].filter { $0.amount > 0 }
        let isGuaranteed = mapping.limits == .equal && amounts.count == 2
        var limits = mapping.limits == .equal ? amounts : []
        if let gpuResource, key.devices > 0 {
            // An extended resource's limit is its request. (k/k validation)
            amounts.append(ResourceAmount(gpuResource, key.devices))
            limits.append(ResourceAmount(gpuResource, key.devices))
        }
        let container = ContainerShape(
            name: "main", kind: .app,
            resources: ContainerResources(requests: amounts, limits: limits))
        let isBestEffort = !amounts.contains { $0.resource <= ResourceTable.memory }
        var shape = PodShape(
            qos: isGuaranteed ? .guaranteed : isBestEffort ? .bestEffort : .burstable,
            containers: [container])
        shape.requests = amounts
        shape.limits = limits
        // k/k pkg/scheduler/util/pod_resources.go: what a container without a request counts as.
        shape.nonZeroMilliCPU = key.milliCPU > 0 ? key.milliCPU : 100
        shape.nonZeroMemory = bytes > 0 ? bytes : 200 << 20
        if let model = key.model {
            shape.nodeSelector = [Label(key: mapping.modelLabel, value: model)]
        }
        return shape
    }
}

extension OpenbMapping {
    /// Devices that a pod asks for.
    func devices(of pod: OpenbPod) -> Int64 {
        pod.share != nil && gpuShare == .ignore ? 0 : pod.gpus
    }

    /// The one model that a pod's nodes must have.
    func model(of pod: OpenbPod) -> String? {
        gpuSpec == .select && pod.models.count == 1 ? pod.models[0] : nil
    }
}
