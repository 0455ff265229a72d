/// What a node does with the merged hint of a container or pod. (cm/topologymanager/policy*.go)
package protocol TopologyManagerPolicy: Sendable {
    /// As KubeletConfiguration spells it.
    static var name: String { get }
    /// One line for `topsim policies`.
    static var summary: String { get }

    /// Which hints decide; nil when no provider is asked.
    var question: HintCollector.Question? { get }
    /// Whether the best hint matters that not all prefer.
    var usesUnpreferredHints: Bool { get }
    /// Whether `prefer-closest-numa-nodes` makes a difference.
    var heedsDistances: Bool { get }

    init()

    /// The affinity that is stored for the managers, and whether the pod may go on.
    func verdict(on merged: TopologyHint, allNodes: NUMAMask) -> TopologyVerdict
}

/// The Topology Manager's answer to one container or pod.
package struct TopologyVerdict: Hashable, Sendable {
    package var hint: TopologyHint
    package var isAdmitted: Bool
    /// The merge is beyond the work limit: a kubelet would stall in it, and we refuse.
    package var wouldStall = false
    /// `numa-allocation-strategy` chose other NUMA nodes than a merge without it.
    package var isDecidedByScore = false

    package init(_ hint: TopologyHint, isAdmitted: Bool) {
        self.hint = hint
        self.isAdmitted = isAdmitted
    }
}
