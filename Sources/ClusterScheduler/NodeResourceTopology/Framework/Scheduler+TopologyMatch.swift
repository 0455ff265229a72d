package import Primitives
package import WorkloadModel

// MARK: NodeResourceTopologyMatch: what happens outside a cycle

extension Scheduler {
    /// Gives the plugin the objects that exist when the scheduler starts, by node; a profile has to name it as well.
    package mutating func matchTopologies(
        _ settings: TopologyMatchSettings, _ published: [PublishedTopology<CompactAmount>?],
        kinds: [NodeDescription], kindOfNode: [Int], resources: ResourceTable
    ) {
        let plugin = TopologyMatchPlugin(
            settings, published, kinds: kinds, kindOfNode: kindOfNode, resources: resources)
        updateStates { $0.set(plugin) }
    }

    /// The plugin's informers show a new node.
    package mutating func addTopologyNode(_ description: NodeDescription) {
        changeTopology { $0.addNode(description) }
    }

    /// They show that a node, and the object that it owned, is gone.
    package mutating func removeTopologyNode(_ node: NodeIndex) {
        changeTopology { $0.removeNode(node) }
    }

    /// Makes shapes known to the plugin, before the scheduler learns of them.
    package mutating func addTopology(shapes table: PodShapeTable) {
        changeTopology { $0.add(shapes: table) }
    }

    /// The plugin's Reserve, at the end of the cycle that chose `node`.
    package mutating func reserveTopology(
        of pod: PodIndex, shape: PodShapeIndex, on node: NodeIndex
    ) {
        if changeTopology({ $0.reserve(pod, shape: shape.position, on: node) }) == true {
            noteChange(of: node)
        }
    }

    /// The plugin's PostBind: the binding was written.
    package mutating func topologyBound(_ pod: PodIndex, on node: NodeIndex) -> Bool {
        guard changeTopology({ $0.postBind(pod, on: node) }) == true else { return false }
        noteChange(of: node)
        return true
    }

    /// The plugin's informer shows that a pod runs; `hash` is `PodFingerprint.hash` of its name.
    package mutating func topologyPodRuns(
        _ pod: PodIndex, shape: PodShapeIndex, hash: UInt64, on node: NodeIndex
    ) {
        changeTopology { $0.running(pod, shape: shape.position, hash: hash, on: node) }
    }

    /// The plugin's informer shows that a pod is gone.
    package mutating func topologyPodEnded(
        _ pod: PodIndex, shape: PodShapeIndex, on node: NodeIndex
    ) {
        if changeTopology({ $0.ended(pod, shape: shape.position, on: node) }) == true {
            noteChange(of: node)
        }
    }

    /// A node's object changed in the API; true when filter and score see the node differently at once.
    package mutating func topologyPublished(
        _ object: PublishedTopology<CompactAmount>, of node: NodeIndex
    ) -> Bool {
        guard changeTopology({ $0.publish(object, of: node) }) == true else { return false }
        noteChange(of: node)
        return true
    }

    /// One turn of the plugin's resync loop; the nodes that were read again.
    package mutating func resyncTopologies() -> [NodeIndex] {
        var flushed: [NodeIndex] = []
        changeTopology { plugin in
            plugin.resync()
            flushed = plugin.flushed.map { NodeIndex($0) }
        }
        for node in flushed { noteChange(of: node) }
        return flushed
    }

    @discardableResult
    private mutating func changeTopology<Result>(
        _ change: (inout TopologyMatchPlugin) -> Result
    ) -> Result? {
        var result: Result?
        updateStates { states in
            states.update(TopologyMatchPlugin.self) { result = change(&$0) }
        }
        return result
    }
}
