/// `single-numa-node`: admits only what lies on one NUMA node.
package struct SingleNUMANodeTopologyPolicy: TopologyManagerPolicy {
    package static let name = "single-numa-node"
    package static let summary = "admits only when every resource fits one NUMA node"

    package var question: HintCollector.Question? { .preferredSingleNode }
    package var usesUnpreferredHints: Bool { false }
    package var heedsDistances: Bool { false }

    package init() {}

    /// All NUMA nodes become "any": always so on a machine with one.
    package func verdict(on merged: TopologyHint, allNodes: NUMAMask) -> TopologyVerdict {
        var hint = merged
        if hint.affinity == allNodes { hint.affinity = nil }
        return TopologyVerdict(hint, isAdmitted: hint.isPreferred)
    }
}
