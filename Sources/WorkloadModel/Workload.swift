public import Primitives

/// One entry of a scenario's `workload`: owners that arrive over time, each with pods of one shape, or a trace.
///
/// Each arrival creates one owner (of kind `controller`) with `replicas` pods. A pod's lifetime counts from its
/// start; when it is over, the pod of a Job or a bare pod has succeeded, and any other owner loses that replica.
public struct Workload: Sendable {
    public var name: String
    public var namespace: String
    public var controller: ControllerKind
    public var replicas: Int
    public var source: Source
    /// How many pods fail before a Job is given up (`spec.backoffLimit`).
    public var backoffLimit: Int
    /// RA2's category of what it runs; nil when nobody says.
    public var workloadClass: WorkloadClass?
    /// How many pods of a Job run at once (`spec.parallelism`); nil is all of `replicas`.
    public var parallelism: Int?
    /// The only node that its pods may run on, as an index of the cluster's nodes; nil leaves that to the scheduler.
    public var pinnedNode: NodeIndex?

    public enum Source: Sendable {
        /// Pods of `shape` by an arrival process; a nil lifetime runs until the end.
        case generated(shape: PodShape, arrivals: ArrivalProcess, lifetime: Distribution?)
        /// Pods that a recording names, read one at a time.
        case trace(any PodTraceSource)
    }

    public init(
        name: String, namespace: String = "default", controller: ControllerKind, replicas: Int = 1,
        source: Source, backoffLimit: Int = 6
    ) {
        self.name = name
        self.namespace = namespace
        self.controller = controller
        self.replicas = replicas
        self.source = source
        self.backoffLimit = backoffLimit
        parallelism = nil
        pinnedNode = nil
    }
}

/// What owns a pod, which decides what follows when a kubelet refuses it (spec: Kubernetes 1.36 controllers).
public enum ControllerKind: String, Sendable, CaseIterable {
    /// A bare pod: a refusal is final.
    case none = "Pod"
    case replicaSet = "ReplicaSet"
    case deployment = "Deployment"
    case statefulSet = "StatefulSet"
    case daemonSet = "DaemonSet"
    case job = "Job"
}

/// When owners arrive. Times and gaps are in seconds of simulated time.
public enum ArrivalProcess: Sendable, Hashable {
    /// `count` owners, the first at `start`, then one each `every`.
    case fixed(start: SimTime, every: SimDuration, count: Int)
    /// Independent gaps from `gap`, from `start`, at most `count` owners when given.
    case renewal(start: SimTime, gap: Distribution, count: Int?)
    /// Poisson arrivals at `rate` per second while on, none while off; the phases alternate, starting on.
    case onOff(
        start: SimTime, ratePerSecond: Double, on: Distribution, off: Distribution, count: Int?)
    /// Poisson arrivals whose rate follows a table over each `period`: rate `ratesPerSecond[i]` in the i-th equal part.
    case curve(start: SimTime, period: SimDuration, ratesPerSecond: [Double], count: Int?)
    /// Jobs of a CronJob, which the simulation makes as it comes to their times.
    case cron(CronJobRules)

    /// The rules of a CronJob, when this is one's.
    public var cronJobRules: CronJobRules? {
        if case .cron(let rules) = self { rules } else { nil }
    }
    /// One owner at each of these times, which ascend: a recording of arrivals alone.
    case list([SimTime])
}

/// A distribution of durations in seconds.
public enum Distribution: Sendable, Hashable {
    case fixed(Double)
    case exponential(mean: Double)
    case weibull(shape: Double, scale: Double)
    /// exp(N(ln median, sigma)).
    case lognormal(median: Double, sigma: Double)
    case uniform(low: Double, high: Double)
    /// Ascending values with cumulative weights; drawn without interpolation.
    case empirical(values: [Double], cumulativeWeights: [Double])
}

/// A recording of pods that can be read again from its beginning.
public protocol PodTraceSource: Sendable {
    /// Opens the recording. Reads one pod at a time; nothing holds them all.
    func makeReader(resources: ResourceTable) throws -> any PodTraceReader
}

public protocol PodTraceReader {
    /// The next pod in order of arrival, or nil at the end.
    mutating func next(shapes: inout PodShapeTable) throws -> TracePod?
}

/// One pod of a recording.
public struct TracePod: Sendable {
    public var name: String
    public var arrival: SimTime
    /// Nil runs until the end of the simulation.
    public var lifetime: SimDuration?
    /// When a bare pod is deleted, wherever it stands; nil when only its lifetime ends it.
    public var deletion: SimTime?
    public var shape: PodShapeIndex

    public init(
        name: String, arrival: SimTime, lifetime: SimDuration?, deletion: SimTime? = nil,
        shape: PodShapeIndex
    ) {
        self.name = name
        self.arrival = arrival
        self.lifetime = lifetime
        self.deletion = deletion
        self.shape = shape
    }
}
