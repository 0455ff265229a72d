package import Primitives

/// `numa-allocation-strategy` of one kind of node, with a weight for each resource. (KEP-6007)
package struct NUMAScoreRule: Sendable {
    package let strategy: NUMAAllocationStrategy
    /// By `ResourceIndex.position`.
    private let weights: [Int]

    /// Nil without a strategy, whatever the weights.
    package init?(_ options: TopologyManagerOptions, resources: ResourceTable) {
        guard options.allocationStrategy != .none else { return nil }
        strategy = options.allocationStrategy
        weights = resources.names.map { options.scoreWeights[$0] ?? 1 }
    }

    package func weight(of resource: ResourceIndex) -> Int { weights[resource.position] }

    /// How much of a NUMA mask is taken, in percent: 0 is "not scored", anything else 1 to 100.
    ///
    /// 48 of 64 CPUs give 75. With nothing to give there is no score; with nothing taken it is 1.
    package static func score(assigned: Int64, allocatable: Int64) -> Int {
        guard allocatable > 0 else { return 0 }
        guard assigned < allocatable else { return 100 }
        let product = assigned.multipliedFullWidth(by: 100)
        return max(1, Int(allocatable.dividingFullWidth(product).quotient))
    }
}
