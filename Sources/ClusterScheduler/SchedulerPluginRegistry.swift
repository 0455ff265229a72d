/// Every filter of the scheduler, in the order in which a node meets them.
///
/// To add one: a file in Filters/ and a line here. One that is not in a default profile is named in a profile's
/// `plugins.filter.enabled`.
package enum FilterPluginRegistry {
    package static let all: [any FilterPlugin.Type] = [
        NodeUnschedulable.self,
        TaintToleration.self,
        NodeAffinity.self,
        NodePorts.self,
        NodeResourcesFit.self,
        PodTopologySpread.self,
        InterPodAffinity.self,
    ]

    /// Those that a profile has only when it names them.
    package static let optional: [any FilterPlugin.Type] = [TopologyMatchFilter.self]

    /// A filter's number among all and optional ones: its bit in a `PluginSet`.
    package static func number(of name: String) -> Int? {
        all.firstIndex { $0.name == name }
            ?? optional.firstIndex { $0.name == name }.map { all.count + $0 }
    }
}

/// Every score of the scheduler, in the order of the default profile. To add one: a file in Scores/ and a line here.
package enum ScorePluginRegistry {
    package static let all: [any ScorePlugin.Type] = [
        TaintTolerationScore.self,
        NodeAffinityScore.self,
        NodeResourcesFitScore.self,
        PodTopologySpreadScore.self,
        InterPodAffinityScore.self,
        DynamicResourcesScore.self,
        BalancedAllocation.self,
        ImageLocality.self,
    ]

    /// Those that a profile has only when it names them.
    package static let optional: [any ScorePlugin.Type] = [TopologyMatchScore.self]
}

/// Plugins that remember what was reserved.
package enum ReservePluginRegistry {
    package static let optional: [any ReservePlugin.Type] = []
}

/// Every scoring strategy of NodeResourcesFit. To add one: a file in Scores/ and a line here.
package enum ScoringStrategyRegistry {
    package static let all: [any ScoringStrategy.Type] = [
        LeastAllocated.self,
        MostAllocated.self,
        RequestedToCapacityRatio.self,
    ]
}
