/// `none`: asks no one, and every manager places as it likes.
package struct NoneTopologyPolicy: TopologyManagerPolicy {
    package static let name = "none"
    package static let summary = "no alignment: every manager places on its own"

    package var question: HintCollector.Question? { nil }
    package var usesUnpreferredHints: Bool { false }
    package var heedsDistances: Bool { false }

    package init() {}

    package func verdict(on merged: TopologyHint, allNodes: NUMAMask) -> TopologyVerdict {
        TopologyVerdict(TopologyHint(nil, isPreferred: false), isAdmitted: true)
    }
}
