package import Primitives

/// How NodeResourceTopologyMatch ranks nodes, as its arguments spell it.
package enum TopologyScoringStrategy: String, Sendable, CaseIterable {
    case leastAllocated = "LeastAllocated"
    case mostAllocated = "MostAllocated"
    case balancedAllocation = "BalancedAllocation"
    case leastNUMANodes = "LeastNUMANodes"
}

/// How much each resource counts in LeastAllocated and MostAllocated.
package struct ResourceWeights: Hashable, Sendable {
    private var weights: [Int64] = []

    /// Everything counts the same.
    package init() {}

    /// A weight below 1 counts as 1; of several for one resource the last counts.
    package mutating func set(_ weight: Int64, for resource: ResourceIndex) {
        while weights.count <= resource.position { weights.append(1) }
        weights[resource.position] = max(1, weight)
    }

    func weight(of resource: ResourceIndex) -> Int64 {
        resource.position < weights.count ? weights[resource.position] : 1
    }
}
