public import Metrics
public import Primitives

/// How much of a run is recorded.
public enum RecordLevel: String, Sendable, CaseIterable {
    /// Cluster samples, histograms and metrics.
    case summary
    /// Also pods, containers with their CPUs and alignment, rejections and node samples.
    case pods
    /// Also memory blocks and devices: all that a replay needs.
    case full
}

/// How far a run got.
public enum RunStatus: String, Sendable, CaseIterable {
    /// It is being written, or whoever wrote it was killed.
    case running
    case complete
    /// Ended by a signal, in good order.
    case interrupted
    case failed
}

/// The unit of a resource's amounts.
public enum ResourceUnit: String, Sendable, CaseIterable {
    case milliCPU = "milli-CPU"
    case bytes
    case units

    /// As `ResourceTable` defines it: milli-CPU for cpu, bytes for memory, storage and huge pages, else whole units.
    public init(ofResource name: String) {
        switch name {
        case "cpu": self = .milliCPU
        case "memory", "ephemeral-storage": self = .bytes
        default: self = name.hasPrefix("hugepages-") ? .bytes : .units
        }
    }
}

/// What is known of a run when it is over.
public struct RunEnding: Sendable {
    /// `complete`, `interrupted` or `failed`.
    public var status: RunStatus
    /// In simulated time.
    public var ended: SimTime
    /// Why it failed.
    public var failure: String?
    public var metrics: [Metric] = []
    public var distributions: [NamedDistribution] = []
    public var engine: [EngineFact] = []

    public init(status: RunStatus, ended: SimTime, failure: String? = nil) {
        self.status = status
        self.ended = ended
        self.failure = failure
    }
}

/// A fact about the execution, which differs from one execution of a run to the next.
public struct EngineFact: Sendable, Hashable {
    public var name: String
    public var value: Double
    public var unit: String

    public init(name: String, value: Double, unit: String) {
        self.name = name
        self.value = value
        self.unit = unit
    }
}
