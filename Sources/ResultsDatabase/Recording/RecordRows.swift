import Metrics
import Primitives
import Records

/// The rows of records that are not yet handed over, a buffer a table.
struct RecordRows {
    private(set) var pods = RowBuffer(
        Schema.table("pod"), capacity: 131_072, words: PodOutcome.allCases.map(\.rawValue))
    private(set) var containers = RowBuffer(Schema.table("container"), capacity: 65_536)
    private(set) var memoryBlocks = RowBuffer(Schema.table("memory_block"), capacity: 65_536)
    private(set) var devices = RowBuffer(Schema.table("device_allocation"), capacity: 65_536)
    private(set) var rejections = RowBuffer(
        Schema.table("rejection"), capacity: 32_768, words: RejectionStage.allCases.map(\.rawValue))
    private(set) var nodeSamples = RowBuffer(Schema.table("node_sample"), capacity: 65_536)
    private var clusterSamples = RowBuffer(Schema.table("cluster_sample"), capacity: 65_536)
    private var resourceSamples = RowBuffer(
        Schema.table("cluster_resource_sample"), capacity: 65_536)
    private var mixSamples = RowBuffer(Schema.table("mix_sample"), capacity: 65_536)

    private var rejectionCount: Int64 = 0
    private var nodeSampleCount: Int64 = 0
    private var clusterSampleCount: Int64 = 0
}

// MARK: Records to rows

extension RecordRows {
    mutating func add(_ pod: PodRecord) {
        pods.integer(pod.pod.rawValue)
        pods.integer(pod.workload.rawValue)
        pods.integer(pod.shape.rawValue)
        pods.integer(pod.owner)
        pods.integer(pod.replica)
        pods.integer(pod.incarnation)
        pods.integer(pod.replaces.map { Int64($0.rawValue) })
        pods.string(pod.traceName)
        pods.integer(pod.node.map { Int64($0.rawValue) })
        pods.integer(pod.arrival.nanoseconds)
        pods.integer(pod.scheduled?.nanoseconds)
        pods.integer(pod.started?.nanoseconds)
        pods.integer(pod.finished?.nanoseconds)
        pods.word(pod.outcome.position)
        pods.integer(pod.attempts)
        pods.integer(pod.admissionSequence == 0 ? nil : pod.admissionSequence)
        pods.integer(pod.releaseSequence == 0 ? nil : pod.releaseSequence)
    }

    mutating func add(_ placement: PlacementRecord) {
        for (position, container) in placement.containers.enumerated() {
            add(container, at: position, of: placement.pod)
        }
    }

    private mutating func add(_ container: ContainerPlacement, at position: Int, of pod: PodIndex) {
        let count = container.cpus.count
        containers.integer(pod.rawValue)
        containers.integer(position)
        if count == 0 {
            containers.null()
            containers.integer(0)
            containers.null()
        } else {
            containers.list(container.cpus)
            containers.integer(count)
            containers.list(container.cpuNUMANodes)
        }
        if let affinity = container.affinity {
            containers.list(affinity)
        } else {
            containers.null()
        }
        containers.flag(container.affinityIsPreferred)
        containers.flag(container.alignment?.core)
        containers.flag(container.alignment?.uncore)
        containers.flag(container.alignment?.numa)
        containers.flag(container.alignment?.socket)
        for (place, block) in container.memory.enumerated() {
            memoryBlocks.integer(pod.rawValue)
            memoryBlocks.integer(position)
            memoryBlocks.integer(place)
            memoryBlocks.integer(block.resource.rawValue)
            memoryBlocks.list(block.numaNodes)
            memoryBlocks.integer(block.bytes)
        }
        for (place, device) in container.devices.enumerated() {
            devices.integer(pod.rawValue)
            devices.integer(position)
            devices.integer(place)
            devices.integer(device.resource.rawValue)
            devices.string(device.id)
            if device.numaNodes.isEmpty { devices.null() } else { devices.list(device.numaNodes) }
        }
    }

    mutating func add(_ rejection: RejectionRecord) {
        rejectionCount += 1
        rejections.integer(rejectionCount)
        rejections.integer(rejection.time.nanoseconds)
        rejections.integer(rejection.pod.rawValue)
        rejections.integer(rejection.node.map { Int64($0.rawValue) })
        rejections.word(rejection.stage.position)
        rejections.string(rejection.reason)
        rejections.string(rejection.message)
    }

    mutating func add(_ sample: NodeSample) {
        nodeSampleCount += 1
        nodeSamples.integer(nodeSampleCount)
        nodeSamples.integer(sample.time.nanoseconds)
        nodeSamples.integer(sample.node.rawValue)
        nodeSamples.integer(sample.numaNode.map(Int64.init))
        nodeSamples.integer(sample.resource.rawValue)
        nodeSamples.integer(sample.capacity)
        nodeSamples.integer(sample.reserved)
        nodeSamples.integer(sample.used)
        nodeSamples.integer(sample.free)
        nodeSamples.integer(sample.resource == ResourceTable.cpu ? sample.shared : nil)
    }

    mutating func add(_ sample: ClusterSample) {
        clusterSampleCount += 1
        let id = clusterSampleCount
        clusterSamples.integer(id)
        clusterSamples.integer(sample.time.nanoseconds)
        clusterSamples.integer(sample.arrived)
        clusterSamples.integer(sample.pending)
        clusterSamples.integer(sample.running)
        clusterSamples.integer(sample.succeeded)
        clusterSamples.integer(sample.failed)
        clusterSamples.integer(sample.deleted)
        for resource in sample.resources {
            resourceSamples.integer(id)
            resourceSamples.integer(resource.resource.rawValue)
            resourceSamples.integer(resource.allocatable)
            resourceSamples.integer(resource.requested)
            resourceSamples.integer(resource.free)
            resourceSamples.integer(resource.stranded)
        }
        for fit in sample.fits {
            mixSamples.integer(id)
            mixSamples.integer(fit.member)
            mixSamples.integer(fit.admitted)
            mixSamples.integer(fit.fitting)
        }
    }

    /// The summary and the facts about the execution.
    static func buffers(of ending: RunEnding) -> [RowBuffer] {
        var metrics = RowBuffer(Schema.table("metric"), capacity: 0)
        for metric in ending.metrics {
            metrics.string(metric.name)
            metrics.real(metric.value)
            metrics.string(metric.unit.rawValue)
            metrics.string(metric.polarity.rawValue)
            metrics.string(metric.definition)
        }
        var histograms = RowBuffer(Schema.table("histogram"), capacity: 0)
        for named in ending.distributions {
            for bucket in named.distribution.buckets {
                histograms.string(named.name)
                histograms.integer(bucket.low)
                histograms.integer(bucket.high)
                histograms.string(named.unit)
                histograms.integer(bucket.count)
            }
        }
        var engine = RowBuffer(Schema.table("engine"), capacity: 0)
        for fact in ending.engine {
            engine.string(fact.name)
            engine.real(fact.value)
            engine.string(fact.unit)
        }
        return [metrics, histograms, engine]
    }
}

// MARK: Handing over

extension RecordRows {
    /// What the full buffers hold.
    mutating func takeFull() -> [RowBuffer] { take(where: \.isFull) }

    /// What all buffers hold.
    mutating func takeAll() -> [RowBuffer] { take { !$0.isEmpty } }

    private mutating func take(where isDue: (RowBuffer) -> Bool) -> [RowBuffer] {
        var batch: [RowBuffer] = []
        func take(_ buffer: inout RowBuffer) {
            if isDue(buffer) { batch.append(buffer.take()) }
        }
        take(&clusterSamples)
        take(&resourceSamples)
        take(&mixSamples)
        take(&nodeSamples)
        take(&rejections)
        take(&containers)
        take(&memoryBlocks)
        take(&devices)
        take(&pods)
        return batch
    }
}

extension PodOutcome {
    /// Its place among the cases, which is its place among the buffer's words.
    fileprivate var position: Int {
        switch self {
        case .succeeded: 0
        case .failed: 1
        case .deleted: 2
        case .running: 3
        case .pending: 4
        }
    }
}

extension RejectionStage {
    fileprivate var position: Int {
        switch self {
        case .scheduler: 0
        case .admission: 1
        }
    }
}
