/// What decides between hints that are equally wide and equally close. (KEP-6007)
package enum NUMAAllocationStrategy: String, Sendable, CaseIterable {
    /// The smallest mask, as kubelet 1.36 has it.
    case none
    /// NUMA nodes of which most is taken: packs.
    case mostAllocated = "most-allocated"
    /// NUMA nodes of which least is taken: spreads.
    case leastAllocated = "least-allocated"
}

/// `numa-allocation-strategy`: packs or spreads where upstream takes the lowest NUMA nodes.
///
/// KEP-6007, provisional; its code was not merged in autumn 2026, and no kubelet has it.
package enum NUMAAllocationStrategyOption: TopologyManagerOption {
    package static let name = "numa-allocation-strategy"
    package static let isAlpha = true
    package static let summary =
        "none, most-allocated, least-allocated: packs or spreads over NUMA nodes"
        + " (KEP-6007, not merged; experimental)"

    package static func read(
        _ value: String, into options: inout TopologyManagerOptions
    ) throws(PolicyError) {
        if value.isEmpty { return options.allocationStrategy = .none }
        guard let strategy = NUMAAllocationStrategy(rawValue: value) else {
            let known = NUMAAllocationStrategy.allCases.map { "\"\($0.rawValue)\"" }.sorted()
            throw PolicyError(
                "bad value for option \"\(name)\": \"\(value)\" must be one of"
                    + " [\(known.joined(separator: " "))]")
        }
        options.allocationStrategy = strategy
    }
}
