/// What of a KubeSchedulerConfiguration decides placement.
public struct SchedulerSettings: Hashable, Sendable {
    public var schedulerName = "default-scheduler"
    /// `NodeResourcesFitArgs.scoringStrategy.type`: a name in `ScorePluginRegistry`.
    public var scoringStrategy = "LeastAllocated"
    /// 0 is adaptive, as in kube-scheduler.
    public var percentageOfNodesToScore = 0
    /// NodeResourceTopologyMatch as filter and score of the profile; nil leaves it out.
    public var topologyMatch: TopologyMatchSettings?

    public init() {}
}
