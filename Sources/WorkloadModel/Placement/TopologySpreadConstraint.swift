/// How unevenly the matching pods may lie over the domains of a topology key.
public struct TopologySpreadConstraint: Hashable, Sendable {
    public enum WhenUnsatisfiable: String, Sendable, CaseIterable {
        case doNotSchedule = "DoNotSchedule"
        case scheduleAnyway = "ScheduleAnyway"
    }

    /// Whether nodes that the pod's node affinity, or its tolerations, rule out count as domains.
    public enum NodeInclusion: String, Sendable, CaseIterable {
        case honor = "Honor"
        case ignore = "Ignore"
    }

    public var maxSkew: Int64
    public var topologyKey: String
    public var whenUnsatisfiable: WhenUnsatisfiable
    /// Nil matches no pod.
    public var labelSelector: LabelSelector?
    /// With fewer domains than this the emptiest counts as empty; nil is 1.
    public var minDomains: Int64?
    public var nodeAffinityPolicy: NodeInclusion
    public var nodeTaintsPolicy: NodeInclusion
    /// Keys whose value in the pod's own labels is added to the selector.
    public var matchLabelKeys: [String]

    public init(
        maxSkew: Int64, topologyKey: String, whenUnsatisfiable: WhenUnsatisfiable,
        labelSelector: LabelSelector? = nil
    ) {
        self.maxSkew = maxSkew
        self.topologyKey = topologyKey
        self.whenUnsatisfiable = whenUnsatisfiable
        self.labelSelector = labelSelector
        minDomains = nil
        nodeAffinityPolicy = .honor
        nodeTaintsPolicy = .ignore
        matchLabelKeys = []
    }
}
