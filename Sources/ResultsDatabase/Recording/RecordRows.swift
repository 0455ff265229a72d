import Metrics
import Primitives
import Records

/// The rows of records that are not yet handed over, a buffer a table.
struct RecordRows {
    private(set) var pods: RowBuffer
    private(set) var containers: RowBuffer
    private(set) var memoryBlocks: RowBuffer
    private(set) var devices: RowBuffer
    private(set) var hostPlacements: RowBuffer
    private(set) var rejections: RowBuffer
    private(set) var nodeEvents: RowBuffer
    private(set) var nodeSamples: RowBuffer
    private(set) var evictions: RowBuffer
    private var actions: RowBuffer
    private var rollouts: RowBuffer
    private var nodes: RowBuffer
    private var clusterSamples: RowBuffer
    private var resourceSamples: RowBuffer
    private var mixSamples: RowBuffer

    /// The newest of the pods that ended.
    private var highestPod = PodIndex(rawValue: 0)
    /// Pods end in another order than that of their numbers, in which SQLite appends three times as fast as it inserts.
    /// So that many of the newest stay until most of their neighbours have ended as well.
    private let podsHeldBack: Int

    private var rejectionCount: Int64 = 0
    private var nodeEventCount: Int64 = 0
    private var nodeSampleCount: Int64 = 0
    private var evictionCount: Int64 = 0
    private var rolloutCount: Int64 = 0
    private var clusterSampleCount: Int64 = 0

    /// `PodUID.workloadKey` of each workload.
    private let workloadKeys: [UInt64]

    /// - Parameters:
    ///   - podsAtOnce: Pods of a full buffer.
    ///   - workloadKeys: `PodUID.workloadKey` of each workload, in order.
    init(podsAtOnce: Int, workloadKeys: [UInt64]) {
        self.workloadKeys = workloadKeys
        func buffer(_ table: String, words: [String] = []) -> RowBuffer {
            RowBuffer(Schema.table(table), capacity: podsAtOnce / 2, words: words)
        }
        pods = RowBuffer(
            Schema.table("pod"), capacity: podsAtOnce, words: PodOutcome.allCases.map(\.rawValue))
        podsHeldBack = podsAtOnce / 2
        containers = buffer("container")
        memoryBlocks = buffer("memory_block")
        devices = buffer("device_allocation")
        hostPlacements = buffer("host_placement")
        rejections = buffer("rejection", words: RejectionStage.allCases.map(\.rawValue))
        nodeEvents = buffer("node_event")
        nodeSamples = buffer("node_sample")
        evictions = buffer("eviction")
        actions = RowBuffer(Schema.table("action"))
        rollouts = RowBuffer(Schema.table("rollout"))
        nodes = RowBuffer(Schema.table("node"))
        clusterSamples = buffer("cluster_sample")
        resourceSamples = buffer("cluster_resource_sample")
        mixSamples = buffer("mix_sample")
    }
}

// MARK: Records to rows

extension RecordRows {
    mutating func add(_ pod: PodRecord) {
        highestPod = max(highestPod, pod.pod)
        let uid = PodUID(
            workloadKey: workloadKeys[pod.workload.position], owner: pod.owner,
            replica: pod.replica, incarnation: pod.incarnation)
        pods.row { row, text in
            row.integer(pod.pod.rawValue)
            row.integer(Int64(bitPattern: uid.bits))
            row.integer(pod.workload.rawValue)
            row.integer(pod.shape.rawValue)
            row.integer(pod.owner)
            row.integer(pod.replica)
            row.integer(pod.incarnation)
            row.integer(pod.replaces.map { Int64($0.rawValue) })
            if let name = pod.traceName { row.text(text.string(name)) } else { row.null() }
            row.integer(pod.node.map { Int64($0.rawValue) })
            row.integer(pod.arrival.nanoseconds)
            row.integer(pod.scheduled?.nanoseconds)
            row.integer(pod.started?.nanoseconds)
            row.integer(pod.finished?.nanoseconds)
            row.text(text.word(pod.outcome.position))
            row.integer(pod.attempts)
            row.integer(pod.admissionSequence == 0 ? nil : pod.admissionSequence)
            row.integer(pod.releaseSequence == 0 ? nil : pod.releaseSequence)
        }
    }

    /// - Parameter inFull: Whether memory blocks and devices are kept as well.
    mutating func add(_ placement: PlacementRecord, inFull: Bool) {
        for (position, container) in placement.containers.enumerated() {
            add(container, at: position, of: placement.pod)
            if inFull { addHoldings(of: container, at: position, of: placement.pod) }
        }
    }

    private mutating func add(_ container: ContainerPlacement, at position: Int, of pod: PodIndex) {
        let count = container.cpus.count
        containers.row { row, text in
            row.integer(pod.rawValue)
            row.integer(position)
            if count > 0 { row.text(text.list(container.cpus)) } else { row.null() }
            row.integer(count)
            if count > 0 { row.text(text.list(container.cpuNUMANodes)) } else { row.null() }
            if let nodes = container.affinity { row.text(text.list(nodes)) } else { row.null() }
            row.flag(container.affinityIsPreferred)
            row.flag(container.alignment?.core)
            row.flag(container.alignment?.uncore)
            row.flag(container.alignment?.numa)
            row.flag(container.alignment?.socket)
        }
    }

    private mutating func addHoldings(
        of container: ContainerPlacement, at position: Int, of pod: PodIndex
    ) {
        for (place, block) in container.memory.enumerated() {
            memoryBlocks.row { row, text in
                row.integer(pod.rawValue)
                row.integer(position)
                row.integer(place)
                row.integer(block.resource.rawValue)
                row.text(text.list(block.numaNodes))
                row.integer(block.bytes)
            }
        }
        for (place, device) in container.devices.enumerated() {
            devices.row { row, text in
                row.integer(pod.rawValue)
                row.integer(position)
                row.integer(place)
                row.integer(device.resource.rawValue)
                row.text(text.string(device.id))
                let nodes = device.numaNodes
                if nodes.isEmpty { row.null() } else { row.text(text.list(nodes)) }
            }
        }
    }

    mutating func add(_ placement: HostPlacementRecord) {
        for container in placement.containers {
            hostPlacements.row { row, text in
                row.integer(placement.pod.rawValue)
                row.integer(container.position)
                if container.cpus.isEmpty {
                    row.null()
                } else {
                    row.text(text.list(container.cpus))
                }
                for nodes in [
                    container.cpuNUMANodes, container.memoryNUMANodes, container.deviceNUMANodes,
                ] {
                    if nodes.isEmpty { row.null() } else { row.text(text.list(nodes)) }
                }
                row.flag(container.isAlignedInGuest)
                row.flag(container.isAlignedOnHost)
                row.flag(container.isCoreAlignedOnHost)
                row.integer(container.distanceThousandths)
                row.flag(container.hasUnbackedHugePages)
            }
        }
    }

    mutating func add(_ rejection: RejectionRecord) {
        rejectionCount += 1
        rejections.row { row, text in
            row.integer(rejectionCount)
            row.integer(rejection.time.nanoseconds)
            row.integer(rejection.pod.rawValue)
            row.integer(rejection.node.map { Int64($0.rawValue) })
            row.text(text.word(rejection.stage.position))
            row.text(text.string(rejection.reason))
            row.text(text.string(rejection.message))
        }
    }

    mutating func add(_ event: NodeEventRecord) {
        nodeEventCount += 1
        nodeEvents.row { row, text in
            row.integer(nodeEventCount)
            row.integer(event.time.nanoseconds)
            row.integer(event.node.rawValue)
            row.text(text.string(event.kind.rawValue))
            row.text(text.string(event.message))
        }
    }

    /// A node that came while the run was on.
    mutating func add(_ node: NodeIndex, _ joined: JoinedNode) {
        nodes.row { row, text in
            row.integer(node.rawValue)
            row.text(text.string(joined.name))
            row.integer(joined.group)
        }
    }

    mutating func add(_ action: ActionRecord) {
        actions.row { row, text in
            row.integer(action.action)
            row.text(text.string(action.kind))
            row.text(text.string(action.target))
            row.integer(action.began.nanoseconds)
            row.integer(action.ended.nanoseconds)
            row.text(text.string(action.outcome.rawValue))
            row.text(text.string(action.message))
        }
    }

    mutating func add(_ eviction: EvictionRecord) {
        evictionCount += 1
        evictions.row { row, text in
            row.integer(evictionCount)
            row.integer(eviction.time.nanoseconds)
            row.integer(eviction.action.map { Int64($0) })
            row.integer(eviction.pod.rawValue)
            row.integer(eviction.node.rawValue)
            row.text(text.string(eviction.verdict.rawValue))
            row.text(text.string(eviction.message))
        }
    }

    mutating func add(_ rollout: RolloutRecord) {
        rolloutCount += 1
        rollouts.row { row, text in
            row.integer(rolloutCount)
            row.integer(rollout.time.nanoseconds)
            row.integer(rollout.workload.rawValue)
            row.integer(rollout.owner)
            row.text(text.string(rollout.step.rawValue))
            row.integer(rollout.wanted)
            row.integer(rollout.existing)
            row.integer(rollout.updated)
            row.integer(rollout.available)
            row.text(text.string(rollout.message))
        }
    }

    mutating func add(_ sample: NodeSample) {
        nodeSampleCount += 1
        nodeSamples.row { row, _ in
            row.integer(nodeSampleCount)
            row.integer(sample.time.nanoseconds)
            row.integer(sample.node.rawValue)
            row.integer(sample.numaNode.map(Int64.init))
            row.integer(sample.resource.rawValue)
            row.integer(sample.capacity)
            row.integer(sample.reserved)
            row.integer(sample.used)
            row.integer(sample.free)
            row.integer(sample.resource == ResourceTable.cpu ? sample.shared : nil)
        }
    }

    mutating func add(_ sample: ClusterSample) {
        clusterSampleCount += 1
        let id = clusterSampleCount
        clusterSamples.row { row, _ in
            row.integer(id)
            row.integer(sample.time.nanoseconds)
            row.integer(sample.arrived)
            row.integer(sample.pending)
            row.integer(sample.running)
            row.integer(sample.succeeded)
            row.integer(sample.failed)
            row.integer(sample.deleted)
        }
        for resource in sample.resources {
            resourceSamples.row { row, _ in
                row.integer(id)
                row.integer(resource.resource.rawValue)
                row.integer(resource.allocatable)
                row.integer(resource.requested)
                row.integer(resource.free)
                row.integer(resource.stranded)
            }
        }
        for fit in sample.fits {
            mixSamples.row { row, _ in
                row.integer(id)
                row.integer(fit.member)
                row.integer(fit.admitted)
                row.integer(fit.fitting)
            }
        }
    }

    /// The summary and the facts about the execution.
    static func buffers(of ending: RunEnding) -> [RowBuffer] {
        var metrics = RowBuffer(Schema.table("metric"))
        for metric in ending.metrics {
            metrics.row { row, text in
                row.text(text.string(metric.name))
                row.real(metric.value)
                row.text(text.string(metric.unit.rawValue))
                row.text(text.string(metric.polarity.rawValue))
                row.text(text.string(metric.definition))
            }
        }
        var histograms = RowBuffer(Schema.table("histogram"))
        for named in ending.distributions {
            for bucket in named.distribution.buckets {
                histograms.row { row, text in
                    row.text(text.string(named.name))
                    row.integer(bucket.low)
                    row.integer(bucket.high)
                    row.text(text.string(named.unit))
                    row.integer(bucket.count)
                }
            }
        }
        var engine = RowBuffer(Schema.table("engine"))
        for fact in ending.engine where fact.value.isFinite {
            engine.row { row, text in
                row.text(text.string(fact.name))
                row.real(fact.value)
                row.text(text.string(fact.unit))
            }
        }
        return [metrics, histograms, engine]
    }
}

// MARK: Handing over

extension RecordRows {
    /// What the full buffers hold.
    mutating func takeFull() -> [RowBuffer] {
        var batch = take(where: \.isFull)
        if pods.isFull { batch.append(takeOlderPods()) }
        return batch
    }

    /// What all buffers hold, but for the newest pods when there are many.
    mutating func takeMost() -> [RowBuffer] {
        var batch = take { !$0.isEmpty }
        batch.append(pods.rowCount > podsHeldBack ? takeOlderPods() : pods.take())
        return batch
    }

    /// What all buffers hold.
    mutating func takeAll() -> [RowBuffer] { take { !$0.isEmpty } + [pods.take()] }

    private mutating func takeOlderPods() -> RowBuffer {
        let limit = Int64(highestPod.position - podsHeldBack)
        let older = pods.take(below: limit)
        // When a second's pods are all new, none is worth waiting for.
        return older.isEmpty ? pods.take() : older
    }

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
        take(&nodeEvents)
        take(&nodes)
        take(&actions)
        take(&evictions)
        take(&rollouts)
        take(&containers)
        take(&memoryBlocks)
        take(&devices)
        take(&hostPlacements)
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
        case .preempted: 5
        case .evicted: 6
        case .lost: 7
        }
    }
}

extension RejectionStage {
    fileprivate var position: Int {
        switch self {
        case .scheduler: 0
        case .admission: 1
        case .readmission: 2
        }
    }
}
