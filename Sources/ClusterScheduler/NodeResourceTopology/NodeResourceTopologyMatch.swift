/// The plugin: filter and score by what nodes publish of their NUMA nodes, as one of three caches knows it.
///
/// Nodes and pods are the caller's numbers. Each event says whether it changed what filter and score see of the node, so
/// that a caller can keep their answers.
///
/// ```swift
/// var plugin = NodeResourceTopologyMatch<CompactAmount>(published: objects, cache: settings)
/// if plugin.filter(pod, on: 3, names).passes {
///     let score = try plugin.score(pod, on: 3)
///     plugin.reserve(7, pod, on: 3)
/// }
/// ```
///
/// Source: kubernetes-sigs/scheduler-plugins pkg/noderesourcetopology at 903da7df.
package struct NodeResourceTopologyMatch<Amount: ZoneAmount>: Sendable {
    package var strategy = TopologyScoringStrategy.leastAllocated
    package var weights = ResourceWeights()
    /// The objects in the API, by node.
    package private(set) var published: [PublishedTopology<Amount>?]
    package private(set) var lister: PodLister<Amount>
    /// At most one of the two; neither is passthrough.
    package private(set) var overReserve: OverReserveCache<Amount>?
    package private(set) var discardReserved: DiscardReservedCache?

    package init(published: [PublishedTopology<Amount>?], cache: TopologyCacheSettings) {
        self.published = published
        lister = PodLister(nodeCount: published.count)
        switch cache.kind {
        case .passthrough: break
        case .overReserve: overReserve = OverReserveCache(published, settings: cache)
        case .discardReserved:
            discardReserved = DiscardReservedCache(nodeCount: published.count)
        }
    }

    func view(of node: Int) -> TopologyView<Amount> {
        if let overReserve { return overReserve.view(of: node) }
        if let discardReserved, discardReserved.isDiscarded(node) {
            return TopologyView(isFresh: false, topology: nil)
        }
        return TopologyView(isFresh: true, topology: published[node])
    }

    /// What filter and score see of a node.
    package func cached(_ node: Int) -> (isFresh: Bool, topology: PublishedTopology<Amount>?) {
        let view = view(of: node)
        return (view.isFresh, view.topology)
    }
}

// MARK: The framework's calls

extension NodeResourceTopologyMatch {
    /// Filter; a node that is refused for lack of room is marked in the cache.
    ///
    /// - Parameter names: The Node object's allocatable; nil where the scheduler has no Node object.
    package mutating func filter(
        _ pod: TopologyPod<Amount>, on node: Int, _ names: AllocatableNames?
    ) -> TopologyFilterOutcome {
        let outcome = TopologyFilter.outcome(pod, on: view(of: node), names)
        if outcome.marksNode { markMaybeOverReserved(node) }
        return outcome
    }

    /// Filter's answer, without the mark.
    package func filterOutcome(
        _ pod: TopologyPod<Amount>, on node: Int, _ names: AllocatableNames?
    ) -> TopologyFilterOutcome {
        TopologyFilter.outcome(pod, on: view(of: node), names)
    }

    /// Score. There is no normalization; odd inputs leave 0 to 100.
    ///
    /// - Throws: where the real plugin would crash.
    package func score(
        _ pod: TopologyPod<Amount>, on node: Int
    ) throws(TopologyPanic) -> Int64 {
        try TopologyScore.score(pod, on: view(of: node), strategy, weights)
    }

    @discardableResult
    package mutating func reserve(_ key: UInt32, _ pod: TopologyPod<Amount>, on node: Int) -> Bool {
        overReserve?.reserve(key, pod, on: node) ?? discardReserved?.reserve(key, on: node)
            ?? false
    }

    @discardableResult
    package mutating func unreserve(_ key: UInt32, on node: Int) -> Bool {
        overReserve?.unreserve(key, on: node) ?? discardReserved?.release(key, on: node) ?? false
    }

    /// Over-reserve holds a reservation until the node is read again.
    @discardableResult
    package mutating func postBind(_ key: UInt32, on node: Int) -> Bool {
        discardReserved?.release(key, on: node) ?? false
    }

    package mutating func markMaybeOverReserved(_ node: Int) {
        overReserve?.markMaybeOverReserved(node)
    }
}

// MARK: What the API server's watches show

extension NodeResourceTopologyMatch {
    /// A node came, whose object comes later. The over-reserve cache lists objects when it is made and not again, so that
    /// it has none of this node until something marks the node; one that goes keeps its entry there, as upstream's.
    ///
    /// (scheduler-plugins pkg/noderesourcetopology/cache/overreserve.go)
    package mutating func addNode() {
        published.append(nil)
        lister.addNode()
        overReserve?.addNode()
        discardReserved?.addNode()
    }

    /// A node published its object, or removed it.
    @discardableResult
    package mutating func publish(_ object: PublishedTopology<Amount>?, of node: Int) -> Bool {
        let existed = published[node] != nil
        published[node] = object
        guard overReserve != nil else { return true }
        if existed, let object { overReserve?.published(object.configuration, on: node) }
        return false
    }

    /// A pod on a node is new, or changed.
    ///
    /// - Parameter isForeign: It names a scheduler that is none of ours.
    @discardableResult
    package mutating func podEvent(
        _ entry: PodLister<Amount>.Entry, on node: Int, isForeign: Bool
    ) -> Bool {
        guard overReserve != nil else { return false }
        lister.set(entry, on: node)
        return isForeign && overReserve?.foreignPodEvent(entry.pod, on: node) == true
    }

    @discardableResult
    package mutating func podDeleted(
        _ key: UInt32, _ pod: TopologyPod<Amount>, on node: Int, isForeign: Bool
    ) -> Bool {
        guard overReserve != nil else { return false }
        lister.remove(key, from: node)
        return isForeign && overReserve?.foreignPodEvent(pod, on: node) == true
    }

    /// One turn of the resync loop; adds the nodes whose view changed to `changed`.
    package mutating func resync(changed: inout [Int]) {
        overReserve?.resync(published, lister, flushed: &changed)
    }
}
