/// `best-effort`: aligns when it can and admits in any case.
package struct BestEffortTopologyPolicy: TopologyManagerPolicy {
    package static let name = "best-effort"
    package static let summary = "aligns on the fewest NUMA nodes when it can, admits in any case"

    package var question: HintCollector.Question? { .preferred }
    package var usesUnpreferredHints: Bool { true }
    package var heedsDistances: Bool { true }

    package init() {}

    package func verdict(on merged: TopologyHint, allNodes: NUMAMask) -> TopologyVerdict {
        TopologyVerdict(merged, isAdmitted: true)
    }
}
