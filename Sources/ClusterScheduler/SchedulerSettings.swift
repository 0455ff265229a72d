public import WorkloadModel

/// What of a KubeSchedulerConfiguration decides placement.
public struct SchedulerSettings: Hashable, Sendable {
    /// What becomes of several nodes with the best score.
    public enum TieRule: String, Sendable, CaseIterable {
        /// What kube-scheduler 1.35 and later leave at the root of their heap.
        case heap
        /// Any with the same probability, as up to 1.34 (reservoir sampling over the visiting order).
        case random
        /// The lowest position in the list of nodes.
        case first
        /// The lowest name, as text.
        case name
    }

    /// Tried in order; a pod that names none of them is not scheduled.
    public var profiles = [SchedulerProfile()]
    /// 0 is adaptive, as in kube-scheduler.
    public var percentageOfNodesToScore = 0
    public var tieRule = TieRule.heap
    /// Pods' requests for ephemeral storage are not counted: for nodes that publish none.
    public var ignoresEphemeralStorage = true
    /// `podInitialBackoffSeconds`, `podMaxBackoffSeconds` and what goes with them.
    public var backoff = BackoffRule()
    /// Whose turn is next, and whether a pod that found no node keeps others waiting.
    public var queueDiscipline = QueueDiscipline.priority
    /// For `TieRule.random`.
    public var seed: UInt64 = 0
    /// Namespaces, Services and controllers that the scheduler looks up.
    public var objects = SelectorObjects()
    /// NodeResourceTopologyMatch as filter and score of the profile; nil leaves it out.
    public var topologyMatch: TopologyMatchSettings?

    public init() {}

    /// The first profile's name.
    public var schedulerName: String {
        get { profiles[0].schedulerName }
        set { profiles[0].schedulerName = newValue }
    }

    /// The first profile's `NodeResourcesFitArgs.scoringStrategy.type`: a name in `ScoringStrategyRegistry`.
    public var scoringStrategy: String {
        get { profiles[0].fit.strategy }
        set { profiles[0].fit.strategy = newValue }
    }
}
