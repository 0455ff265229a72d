public import Primitives
public import Records

/// What a run amounts to.
public struct RunSummary: Sendable, Hashable {
    /// When the run ended.
    public var end: SimTime
    public var pods: PodCounts
    /// Scheduler before admission, the most frequent first.
    public var rejections: [RejectionCount]
    public var alignment: AlignmentTotals
    /// Those that the nodes offer, in the order of the scenario's resources.
    public var resources: [ResourceSummary]
    /// Jain's index of the nodes' use of CPUs; nil when none was used.
    public var balance: Double?
    /// Nil without a target mix.
    public var policyTax: Double?
    /// In nanoseconds; nil when there was no pod of the kind.
    public var wait: LatencyDistribution?
    public var schedulingWait: LatencyDistribution?
    /// From the first wish for a replica to its start, over all pods that failed in between.
    public var timeToReady: LatencyDistribution?
    public var turnaround: LatencyDistribution?
    /// In thousandths.
    public var boundedSlowdown: LatencyDistribution?
    /// Bugs of the kubelet that are modelled as they are; whoever drives the run sets them.
    public var upstreamBugs: [UpstreamBugCount] = []
    /// What the run did to the API server; whoever drives the run sets it.
    public var controlPlane: ControlPlaneLoad?
    /// Containers in virtual machines; nil when there was none with something to align.
    public var hostAlignment: HostAlignmentTotals?
    /// Actions, evictions and rollouts.
    public var lifecycle = LifecycleSummary()
    /// What happened to kubelets and device plugins, those that did, in the order of the kinds.
    public var nodeEvents: [NodeEventCount] = []

    public init(
        end: SimTime, pods: PodCounts, rejections: [RejectionCount], alignment: AlignmentTotals,
        resources: [ResourceSummary], balance: Double?, policyTax: Double?,
        wait: LatencyDistribution?, schedulingWait: LatencyDistribution?,
        turnaround: LatencyDistribution?, boundedSlowdown: LatencyDistribution?
    ) {
        self.end = end
        self.pods = pods
        self.rejections = rejections
        self.alignment = alignment
        self.resources = resources
        self.balance = balance
        self.policyTax = policyTax
        self.wait = wait
        self.schedulingWait = schedulingWait
        self.turnaround = turnaround
        self.boundedSlowdown = boundedSlowdown
    }

    /// Refusals at one stage.
    public func rejectionCount(at stage: RejectionStage) -> Int64 {
        rejections.reduce(0) { $1.stage == stage ? $0 + $1.count : $0 }
    }

    /// Scheduling cycles after which no pod ran: no node was found, or the kubelet refused.
    public var wastedCycles: Int64 {
        pods.schedulingAttempts - pods.scheduled + rejectionCount(at: .admission)
    }

    /// Pods that a kubelet was asked to admit.
    public var admissionAttempts: Int64 { pods.admitted + rejectionCount(at: .admission) }
}

/// Pod objects by what became of them.
public struct PodCounts: Sendable, Hashable {
    public var arrived: Int64 = 0
    /// Of `arrived`, those that replace another.
    public var recreated: Int64 = 0
    /// Of `arrived`, those that a kubelet started.
    public var started: Int64 = 0
    /// Of `arrived`, those that the scheduler bound.
    public var scheduled: Int64 = 0
    public var succeeded: Int64 = 0
    public var failed: Int64 = 0
    public var deleted: Int64 = 0
    public var running: Int64 = 0
    public var pending: Int64 = 0
    /// Scheduling cycles of all of them.
    public var schedulingAttempts: Int64 = 0
    /// Answers of a kubelet that were yes.
    public var admitted: Int64 = 0

    public init() {}

    mutating func add(_ pod: PodRecord) {
        arrived += 1
        if pod.incarnation > 0 { recreated += 1 }
        if pod.started != nil { started += 1 }
        if pod.scheduled != nil { scheduled += 1 }
        schedulingAttempts += Int64(pod.attempts)
        switch pod.outcome {
        case .succeeded: succeeded += 1
        case .failed: failed += 1
        case .deleted, .preempted, .evicted, .lost: deleted += 1
        case .running: running += 1
        case .pending: pending += 1
        }
    }
}

public struct RejectionCount: Sendable, Hashable {
    public var stage: RejectionStage
    /// Kubernetes' own word.
    public var reason: String
    public var count: Int64

    public init(stage: RejectionStage, reason: String, count: Int64) {
        self.stage = stage
        self.reason = reason
        self.count = count
    }
}

/// How often one thing happened to a node.
public struct NodeEventCount: Sendable, Hashable {
    public var kind: NodeEventRecord.Kind
    public var count: Int64

    public init(kind: NodeEventRecord.Kind, count: Int64) {
        self.kind = kind
        self.count = count
    }
}

/// How often one bug of the kubelet changed what a run decided.
public struct UpstreamBugCount: Sendable, Hashable {
    /// As docs/fidelity.md calls it.
    public var name: String
    public var count: Int64

    public init(name: String, count: Int64) {
        self.name = name
        self.count = count
    }
}

/// Shares of one resource.
public struct ResourceSummary: Sendable, Hashable {
    public var name: String
    /// Of allocatable, over the run.
    public var use: Double
    /// Of allocatable; nil when no pod of the target mix asks for it.
    public var stranded: Double?
    /// Of free; nil when no pod of the target mix asks for it or nothing was free.
    public var fragmentation: Double?

    public init(name: String, use: Double, stranded: Double? = nil, fragmentation: Double? = nil) {
        self.name = name
        self.use = use
        self.stranded = stranded
        self.fragmentation = fragmentation
    }
}
