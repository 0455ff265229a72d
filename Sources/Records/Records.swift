public import Primitives

/// Receives what happened, in the order in which it happened.
///
/// The simulation pushes plain values; sinks compute metrics, write SQLite or judge laws. A sink must not change
/// the run.
public protocol RecordSink: AnyObject {
    /// Whether container placements are worth building for this sink.
    var wantsPlacements: Bool { get }
    /// Whether placements should tell memory blocks and devices as well.
    var wantsHoldings: Bool { get }
    /// Whether node samples are worth building for this sink.
    var wantsNodeSamples: Bool { get }

    /// A node of the cluster; all come once, in order of index, before anything else.
    func introduced(_ node: NodeRecord)
    /// A shape of pod that later records name; comes once, before the first of them, in order of index.
    func introduced(_ shape: ShapeRecord)
    /// A kubelet admitted a pod: what every sink may know at no cost. Comes before `placed`.
    func admitted(_ admission: AdmissionRecord)
    /// A kubelet admitted a pod; comes before the pod's own record.
    func placed(_ placement: PlacementRecord)
    /// The same pod as the host of a virtual machine sees it; comes after `placed`.
    func placedOnHost(_ placement: HostPlacementRecord)
    /// The scheduler found no node, or a kubelet refused.
    func rejected(_ rejection: RejectionRecord)
    /// A pod reached its end, or the run did while the pod still was pending or running. One record a pod object.
    func ended(_ pod: PodRecord)
    /// A kubelet restarted or stopped, or a device plugin changed. Refusals that follow from it come after it.
    func changed(_ event: NodeEventRecord)
    func sampled(_ sample: NodeSample)
    func sampled(_ sample: ClusterSample)
    /// An action ended, or the run did.
    func acted(_ action: ActionRecord)
    func evicted(_ eviction: EvictionRecord)
    func rolled(_ rollout: RolloutRecord)
    /// Pods of owners that are scaled or updated were missing: Σ over owners of replicas that were wanted and not
    /// available, times nanoseconds, since the run began.
    func missed(_ nanoseconds: Int64)
}

extension RecordSink {
    /// Who wants placements wants them whole.
    public var wantsHoldings: Bool { wantsPlacements }
    /// Most sinks know the nodes and shapes from the scenario, or do without.
    public func introduced(_ node: NodeRecord) {}
    public func introduced(_ shape: ShapeRecord) {}
    /// Most nodes are no virtual machines.
    public func placedOnHost(_ placement: HostPlacementRecord) {}
    /// Most scenarios have no such event.
    public func changed(_ event: NodeEventRecord) {}
    /// Most scenarios have no action.
    public func acted(_ action: ActionRecord) {}
    public func evicted(_ eviction: EvictionRecord) {}
    public func rolled(_ rollout: RolloutRecord) {}
    public func missed(_ nanoseconds: Int64) {}
    /// Most sinks read admissions from `placed` and `ended`.
    public func admitted(_ admission: AdmissionRecord) {}
}

/// What one node offers to pods: its allocatable amounts, ascending by resource, none zero.
public struct NodeRecord: Sendable, Hashable {
    public var node: NodeIndex
    public var allocatable: [ResourceAmount]
    /// Of a node that came while the run was on; nil for those of the scenario.
    public var joined: JoinedNode?

    public init(node: NodeIndex, allocatable: [ResourceAmount]) {
        self.node = node
        self.allocatable = allocatable
    }
}

/// A node that came while the run was on.
public struct JoinedNode: Sendable, Hashable {
    public var time: SimTime
    public var name: String
    /// Position of its group in the scenario.
    public var group: Int

    public init(time: SimTime, name: String, group: Int) {
        self.time = time
        self.name = name
        self.group = group
    }
}

/// What every pod of one shape asks for: effective requests of the whole pod, ascending by resource.
public struct ShapeRecord: Sendable, Hashable {
    public var shape: PodShapeIndex
    public var requests: [ResourceAmount]

    public init(shape: PodShapeIndex, requests: [ResourceAmount]) {
        self.shape = shape
        self.requests = requests
    }
}

/// How a pod object ended, or where the run's end found it.
public enum PodOutcome: String, Sendable, CaseIterable {
    case succeeded, failed, deleted, running, pending
    /// It had to leave for a pod of higher priority.
    case preempted
    /// It was evicted: by a drain, or because its node no longer answered.
    case evicted
    /// Its node was removed under it.
    case lost
}

/// The life of one pod object.
public struct PodRecord: Sendable, Hashable {
    public var pod: PodIndex
    public var workload: WorkloadIndex
    public var shape: PodShapeIndex
    /// Which owner of the workload, from 0 in order of arrival, and which replica of the owner.
    public var owner: UInt32
    public var replica: UInt32
    /// 0 for the first pod object of a replica, one more for each that replaces it.
    public var incarnation: UInt32
    public var replaces: PodIndex?
    /// The name of a pod that a trace names; else nil and the name follows from workload, owner, replica.
    public var traceName: String?
    public var node: NodeIndex?
    public var arrival: SimTime
    /// When the scheduler bound it; nil when it never did.
    public var scheduled: SimTime?
    /// When the kubelet admitted it and its containers started.
    public var started: SimTime?
    public var finished: SimTime?
    public var outcome: PodOutcome
    /// Scheduling cycles it went through.
    public var attempts: UInt32
    /// Positions of admission and release in the run's sequence of node decisions, from 1; 0 when there was none.
    /// Replaying by them reaches the same state.
    public var admissionSequence: Int64
    public var releaseSequence: Int64
    /// When its replica was wanted first: before `arrival` when it waited for its controller, or replaces a pod that failed.
    public var wanted: SimTime

    public init(
        pod: PodIndex, workload: WorkloadIndex, shape: PodShapeIndex, owner: UInt32,
        replica: UInt32, incarnation: UInt32, replaces: PodIndex?, traceName: String?,
        node: NodeIndex?, arrival: SimTime, scheduled: SimTime?, started: SimTime?,
        finished: SimTime?, outcome: PodOutcome, attempts: UInt32, admissionSequence: Int64,
        releaseSequence: Int64, wanted: SimTime? = nil
    ) {
        self.pod = pod
        self.workload = workload
        self.shape = shape
        self.owner = owner
        self.replica = replica
        self.incarnation = incarnation
        self.replaces = replaces
        self.traceName = traceName
        self.node = node
        self.arrival = arrival
        self.scheduled = scheduled
        self.started = started
        self.finished = finished
        self.outcome = outcome
        self.attempts = attempts
        self.admissionSequence = admissionSequence
        self.releaseSequence = releaseSequence
        self.wanted = wanted ?? arrival
    }
}

/// What a kubelet handed out to one pod, as of admission.
public struct PlacementRecord: Sendable, Hashable {
    public var pod: PodIndex
    public var node: NodeIndex
    public var time: SimTime
    public var containers: [ContainerPlacement]

    public init(pod: PodIndex, node: NodeIndex, time: SimTime, containers: [ContainerPlacement]) {
        self.pod = pod
        self.node = node
        self.time = time
        self.containers = containers
    }
}

/// What one container got. In order of the pod's shape: init containers and sidecars, then apps.
public struct ContainerPlacement: Sendable, Hashable {
    public var name: String
    /// Exclusive CPUs by OS index; empty when it runs in the shared pool.
    public var cpus: CPUSet
    /// NUMA nodes of those CPUs.
    public var cpuNUMANodes: NUMANodeSet
    /// The Topology Manager's affinity; nil is "no affinity".
    public var affinity: NUMANodeSet?
    public var affinityIsPreferred: Bool
    public var memory: [MemoryBlock]
    public var devices: [DevicePlacement]
    /// Nil where the boundary does not apply: no exclusive CPU, no memory block and no device.
    public var alignment: Alignment?

    public init(name: String) {
        self.name = name
        cpus = CPUSet()
        cpuNUMANodes = NUMANodeSet()
        affinity = nil
        affinityIsPreferred = false
        memory = []
        devices = []
        alignment = nil
    }
}

/// Memory of one kind on a group of NUMA nodes, as the Memory Manager grants it.
public struct MemoryBlock: Sendable, Hashable {
    /// `memory` or `hugepages-<size>`.
    public var resource: ResourceIndex
    public var numaNodes: NUMANodeSet
    public var bytes: Int64

    public init(resource: ResourceIndex, numaNodes: NUMANodeSet, bytes: Int64) {
        self.resource = resource
        self.numaNodes = numaNodes
        self.bytes = bytes
    }
}

public struct DevicePlacement: Sendable, Hashable {
    public var resource: ResourceIndex
    public var id: String
    /// Empty when the device reports no topology.
    public var numaNodes: NUMANodeSet

    public init(resource: ResourceIndex, id: String, numaNodes: NUMANodeSet) {
        self.resource = resource
        self.id = id
        self.numaNodes = numaNodes
    }
}

/// Whether what a container got lies inside one unit of each boundary; nil where it has nothing to align.
public struct Alignment: Sendable, Hashable {
    /// No core is shared with another container.
    public var core: Bool?
    /// Exclusive CPUs lie in the fewest uncore caches that could hold them.
    public var uncore: Bool?
    /// CPUs, memory blocks and devices together lie in the fewest NUMA nodes that could hold them when empty.
    public var numa: Bool?
    /// Exclusive CPUs lie in one socket.
    public var socket: Bool?

    public init(core: Bool? = nil, uncore: Bool? = nil, numa: Bool? = nil, socket: Bool? = nil) {
        self.core = core
        self.uncore = uncore
        self.numa = numa
        self.socket = socket
    }
}

public enum RejectionStage: String, Sendable, CaseIterable {
    case scheduler, admission
    /// A restarted kubelet did not take back a pod that ran.
    case readmission
}

/// A refusal. `reason` is Kubernetes' own word (`TopologyAffinityError`, `Unschedulable`).
public struct RejectionRecord: Sendable, Hashable {
    public var time: SimTime
    public var pod: PodIndex
    public var node: NodeIndex?
    public var stage: RejectionStage
    public var reason: String
    public var message: String

    public init(
        time: SimTime, pod: PodIndex, node: NodeIndex?, stage: RejectionStage, reason: String,
        message: String
    ) {
        self.time = time
        self.pod = pod
        self.node = node
        self.stage = stage
        self.reason = reason
        self.message = message
    }
}

/// One resource on one NUMA node of one node at one time; written only where something changed.
public struct NodeSample: Sendable, Hashable {
    public var time: SimTime
    public var node: NodeIndex
    /// OS index; nil for what has no NUMA node.
    public var numaNode: Int?
    public var resource: ResourceIndex
    public var capacity: Int64
    public var reserved: Int64
    /// Exclusive CPUs (milli), memory blocks (bytes) or devices in use.
    public var used: Int64
    public var free: Int64
    /// CPUs only: the shared pool without the reserved CPUs (milli).
    public var shared: Int64

    public init(
        time: SimTime, node: NodeIndex, numaNode: Int?, resource: ResourceIndex, capacity: Int64,
        reserved: Int64, used: Int64, free: Int64, shared: Int64
    ) {
        self.time = time
        self.node = node
        self.numaNode = numaNode
        self.resource = resource
        self.capacity = capacity
        self.reserved = reserved
        self.used = used
        self.free = free
        self.shared = shared
    }
}

/// The whole cluster at one time.
public struct ClusterSample: Sendable, Hashable {
    public var time: SimTime
    /// Pod objects by where they stand; together they are all that arrived.
    public var arrived: Int64
    public var pending: Int64
    public var running: Int64
    public var succeeded: Int64
    public var failed: Int64
    public var deleted: Int64
    public var resources: [ResourceSample]
    /// For each pod of the target mix: how many the nodes would still admit, greedily, and how many fit by totals.
    public var fits: [MixSample]

    public init(time: SimTime) {
        self.time = time
        arrived = 0
        pending = 0
        running = 0
        succeeded = 0
        failed = 0
        deleted = 0
        resources = []
        fits = []
    }
}

/// One resource over all nodes. Unit: the resource's own.
public struct ResourceSample: Sendable, Hashable {
    public var resource: ResourceIndex
    public var allocatable: Int64
    /// Σ requests of the pods that run.
    public var requested: Int64
    /// Allocatable minus requested, on the nodes.
    public var free: Int64
    /// Of `free`, what lies on nodes where no pod of the target mix would be admitted.
    public var stranded: Int64

    public init(
        resource: ResourceIndex, allocatable: Int64, requested: Int64, free: Int64, stranded: Int64
    ) {
        self.resource = resource
        self.allocatable = allocatable
        self.requested = requested
        self.free = free
        self.stranded = stranded
    }
}

/// How much room there is for one member of the target mix.
public struct MixSample: Sendable, Hashable {
    /// Position in the scenario's target mix.
    public var member: Int
    /// Σ over nodes of how many more the node's real admission takes, one after another (k_π).
    public var admitted: Int64
    /// Σ over nodes of how many more fit by the node's totals alone (k_none).
    public var fitting: Int64

    public init(member: Int, admitted: Int64, fitting: Int64) {
        self.member = member
        self.admitted = admitted
        self.fitting = fitting
    }
}
