/// `restricted`: admits only what lies on as few NUMA nodes as the request could ever need.
package struct RestrictedTopologyPolicy: TopologyManagerPolicy {
    package static let name = "restricted"
    package static let summary =
        "admits only when every resource fits the fewest NUMA nodes that could hold the request"

    package var question: HintCollector.Question? { .preferred }
    package var usesUnpreferredHints: Bool { false }
    package var heedsDistances: Bool { true }

    package init() {}

    package func verdict(on merged: TopologyHint, allNodes: NUMAMask) -> TopologyVerdict {
        TopologyVerdict(merged, isAdmitted: merged.isPreferred)
    }
}
