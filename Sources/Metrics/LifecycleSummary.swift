import Primitives
import Records

/// What actions on nodes and owners amount to.
public struct LifecycleSummary: Sendable, Hashable {
    public var actions: Int64 = 0
    public var failedActions: Int64 = 0
    public var unfinishedActions: Int64 = 0
    public var evictions: Int64 = 0
    /// Answers 429: each makes its drain wait.
    public var refusedEvictions: Int64 = 0
    /// Pods that the controllers of taints and garbage deleted.
    public var taintedPods: Int64 = 0
    public var orphanedPods: Int64 = 0
    public var drains: Int64 = 0
    /// Nanoseconds of all drains together, and of the longest; of whole actions.
    public var drainNanoseconds: Int64 = 0
    public var longestDrainNanoseconds: Int64 = 0
    public var rolloutsCompleted: Int64 = 0
    public var deadlinesExceeded: Int64 = 0
    /// Σ over workloads of replicas wanted and not Ready × time.
    public var unavailableNanoseconds: Int64 = 0

    public init() {}

    public var isEmpty: Bool { self == LifecycleSummary() }

    mutating func add(_ action: ActionRecord) {
        actions += 1
        switch action.outcome {
        case .done: break
        case .failed: failedActions += 1
        case .unfinished: unfinishedActions += 1
        }
        guard action.kind == "drain" else { return }
        drains += 1
        let duration = (action.ended - action.began).nanoseconds
        drainNanoseconds += duration
        longestDrainNanoseconds = max(longestDrainNanoseconds, duration)
    }

    mutating func add(_ eviction: EvictionRecord) {
        switch eviction.verdict {
        case .accepted: evictions += 1
        case .refused: refusedEvictions += 1
        case .failed: break
        case .tainted: taintedPods += 1
        case .orphaned: orphanedPods += 1
        }
    }

    mutating func add(_ rollout: RolloutRecord) {
        switch rollout.step {
        case .complete: rolloutsCompleted += 1
        case .deadlineExceeded: deadlinesExceeded += 1
        case .changed, .deleted: break
        }
    }
}

extension LifecycleSummary {
    /// As named numbers; none when nothing happened.
    var metrics: [Metric] {
        guard !isEmpty else { return [] }
        let counts: [(MetricDefinition, Int64)] = [
            (.actions, actions), (.actionsFailed, failedActions),
            (.actionsUnfinished, unfinishedActions), (.evictions, evictions),
            (.evictionsRefused, refusedEvictions), (.podsTainted, taintedPods),
            (.podsOrphaned, orphanedPods), (.rolloutsCompleted, rolloutsCompleted),
            (.deadlinesExceeded, deadlinesExceeded),
        ]
        var metrics = counts.map { $0.metric(Double($1)) }
        if drains > 0 {
            metrics.append(
                MetricDefinition.drainDuration.metric(
                    Double(drainNanoseconds) / Double(drains), for: "mean"))
            metrics.append(
                MetricDefinition.drainDuration.metric(Double(longestDrainNanoseconds), for: "max"))
        }
        metrics.append(
            MetricDefinition.unavailableReplicas.metric(Double(unavailableNanoseconds)))
        return metrics
    }
}

extension MetricDefinition {
    static let actions = Self(
        "lifecycle.actions", .count, .neither, "actions on nodes, of the scenario and of loops")
    static let actionsFailed = Self(
        "lifecycle.actions_failed", .count, .lower, "actions of which some part could not be done")
    static let actionsUnfinished = Self(
        "lifecycle.actions_unfinished", .count, .lower, "actions that the run's end found under way"
    )
    static let evictions = Self(
        "evictions.accepted", .count, .neither, "evictions that the API server accepted")
    static let evictionsRefused = Self(
        "evictions.refused", .count, .lower,
        "evictions that a disruption budget refused; each is asked again")
    static let podsTainted = Self(
        "evictions.tainted", .count, .lower, "pods deleted because their node did not answer")
    static let podsOrphaned = Self(
        "evictions.orphaned", .count, .lower, "pods deleted because their node was gone")
    static let drainDuration = Self(
        "drain_duration.<statistic>", .nanoseconds, .lower,
        "time from the beginning of a drain action until its last node is empty, or it failed")
    static let unavailableReplicas = Self(
        "replicas_unavailable", .nanoseconds, .lower,
        "replicas of ReplicaSets, Deployments and StatefulSets that were wanted and not Ready, times how long"
    )
    static let rolloutsCompleted = Self(
        "rollouts.completed", .count, .higher, "changes of owners that were rolled out")
    static let deadlinesExceeded = Self(
        "rollouts.deadline_exceeded", .count, .lower,
        "Deployments that made no progress within their deadline")
}
