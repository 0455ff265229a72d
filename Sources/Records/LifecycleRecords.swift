public import Primitives

/// One action of a scenario, or of a desired-state loop, from its beginning to its end.
public struct ActionRecord: Sendable, Hashable {
    public enum Outcome: String, Sendable, CaseIterable {
        case done
        /// Some of it could not be done; the message says what and why.
        case failed
        /// The run ended before it.
        case unfinished
    }

    /// From 0, in order of beginning.
    public var action: Int
    /// As a scenario writes it under `do`, or `scale-up` and `scale-down` of a loop.
    public var kind: String
    /// Nodes or workload that it is about.
    public var target: String
    public var began: SimTime
    public var ended: SimTime
    public var outcome: Outcome
    public var message: String

    public init(
        action: Int, kind: String, target: String, began: SimTime, ended: SimTime,
        outcome: Outcome, message: String
    ) {
        self.action = action
        self.kind = kind
        self.target = target
        self.began = began
        self.ended = ended
        self.outcome = outcome
        self.message = message
    }
}

/// An answer to one request to evict a pod, or a deletion of a pod because of its node.
public struct EvictionRecord: Sendable, Hashable {
    public enum Verdict: String, Sendable, CaseIterable {
        case accepted
        /// 429: a PodDisruptionBudget allows none now; it is asked again.
        case refused
        /// 500: it is not asked again.
        case failed
        /// The taint eviction controller deleted the pod, which no budget stops.
        case tainted
        /// Pod GC deleted it after its node was gone.
        case orphaned
    }

    public var time: SimTime
    /// `ActionRecord.action` on whose behalf; nil for the controllers of taints and garbage.
    public var action: Int?
    public var pod: PodIndex
    public var node: NodeIndex
    public var verdict: Verdict
    /// What the API server says.
    public var message: String

    public init(
        time: SimTime, action: Int?, pod: PodIndex, node: NodeIndex, verdict: Verdict,
        message: String
    ) {
        self.time = time
        self.action = action
        self.pod = pod
        self.node = node
        self.verdict = verdict
        self.message = message
    }
}

/// A step of an owner that is scaled, updated or deleted while the run is on.
public struct RolloutRecord: Sendable, Hashable {
    public enum Step: String, Sendable, CaseIterable {
        /// The spec was changed.
        case changed
        /// Every replica is of the newest template and available, and no other pod is left.
        case complete
        /// progressDeadlineSeconds went by without progress.
        case deadlineExceeded = "deadline-exceeded"
        case deleted
    }

    public var time: SimTime
    public var workload: WorkloadIndex
    public var owner: UInt32
    public var step: Step
    /// Pods of the owner that are wanted, that exist, that are of the newest template, and that are available.
    public var wanted: Int
    public var existing: Int
    public var updated: Int
    public var available: Int
    public var message: String

    public init(
        time: SimTime, workload: WorkloadIndex, owner: UInt32, step: Step, wanted: Int,
        existing: Int, updated: Int, available: Int, message: String
    ) {
        self.time = time
        self.workload = workload
        self.owner = owner
        self.step = step
        self.wanted = wanted
        self.existing = existing
        self.updated = updated
        self.available = available
        self.message = message
    }
}
