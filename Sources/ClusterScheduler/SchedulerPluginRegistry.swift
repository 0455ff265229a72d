/// Every filter of the scheduler, in the order in which a node meets them.
package enum FilterPluginRegistry {
    package static let all: [any FilterPlugin.Type] = [
        TaintToleration.self,
        NodeAffinity.self,
        NodeResourcesFit.self,
    ]
}

/// Every scoring strategy. To add one: a file in Scores/ and a line here.
package enum ScorePluginRegistry {
    package static let all: [any ScorePlugin.Type] = [
        LeastAllocated.self,
        MostAllocated.self,
    ]

    package static func plugin(named name: String) -> (any ScorePlugin)? {
        all.first { $0.name == name }?.init()
    }
}
