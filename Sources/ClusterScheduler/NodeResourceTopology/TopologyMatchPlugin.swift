import Primitives
import WorkloadModel

/// NodeResourceTopologyMatch as a scheduler uses it: by position, for shapes, with answers that are kept.
struct TopologyMatchPlugin: Sendable {
    private(set) var match: NodeResourceTopologyMatch<CompactAmount>
    private let weight: Int64
    private let traits: [ResourceTraits]
    /// By kind of node.
    private var names: [AllocatableNames]
    private var kindOfNode: [Int]
    private var pods: [TopologyPod<CompactAmount>] = []
    /// Nodes that a resync read again; kept so that its memory serves again.
    private(set) var flushed: [Int] = []

    init(
        _ settings: TopologyMatchSettings, _ published: [PublishedTopology<CompactAmount>?],
        kinds: [NodeDescription], kindOfNode: [Int], resources: ResourceTable
    ) {
        match = NodeResourceTopologyMatch(published: published, cache: settings.cache)
        match.strategy = settings.strategy
        match.weights = settings.weights
        weight = settings.scoreWeight
        traits = resources.names.map { ResourceTraits($0) }
        names = kinds.map { AllocatableNames($0) }
        self.kindOfNode = kindOfNode
    }

    /// A node without an object as yet.
    mutating func addNode(_ description: NodeDescription) {
        kindOfNode.append(names.count)
        names.append(AllocatableNames(description))
        match.addNode()
    }

    /// The node's object went with it.
    mutating func removeNode(_ node: NodeIndex) { match.publish(nil, of: node.position) }

    mutating func add(shapes table: PodShapeTable) {
        for index in pods.count..<max(pods.count, table.count) {
            pods.append(TopologyPod(table.shapes[index], traits: traits))
        }
    }

    /// Whether refusals leave marks in the cache.
    var marks: Bool { match.overReserve != nil }

    func outcome(shape: Int, on node: NodeIndex) -> TopologyFilterOutcome {
        match.filterOutcome(pods[shape], on: node.position, names[kindOfNode[node.position]])
    }

    /// The weighted score, or nil where the scheduler would give up: the plugin crashes or leaves 0 to 100.
    func score(shape: Int, on node: NodeIndex) -> Int64? {
        guard let score = try? match.score(pods[shape], on: node.position),
            0...100 ~= score
        else { return nil }
        return weight * score
    }

    /// Filter, with its mark in the cache.
    mutating func passes(shape: Int, on node: NodeIndex) -> Bool {
        match.filter(pods[shape], on: node.position, names[kindOfNode[node.position]]).passes
    }

    mutating func reserve(_ pod: PodIndex, shape: Int, on node: NodeIndex) -> Bool {
        match.reserve(pod.rawValue, pods[shape], on: node.position)
    }

    mutating func postBind(_ pod: PodIndex, on node: NodeIndex) -> Bool {
        match.postBind(pod.rawValue, on: node.position)
    }

    mutating func running(_ pod: PodIndex, shape: Int, hash: UInt64, on node: NodeIndex) {
        match.podEvent(
            PodLister.Entry(key: pod.rawValue, phase: .running, hash: hash, pod: pods[shape]),
            on: node.position, isForeign: false)
    }

    mutating func ended(_ pod: PodIndex, shape: Int, on node: NodeIndex) -> Bool {
        match.podDeleted(pod.rawValue, pods[shape], on: node.position, isForeign: false)
    }

    mutating func publish(
        _ object: PublishedTopology<CompactAmount>, of node: NodeIndex
    ) -> Bool {
        match.publish(object, of: node.position)
    }

    mutating func resync() {
        flushed.removeAll(keepingCapacity: true)
        match.resync(changed: &flushed)
    }
}

extension AllocatableNames {
    /// Resources of which the node has some.
    fileprivate init(_ kind: NodeDescription) {
        self.init(
            kind.allocatable.indices.filter { kind.allocatable[$0] > 0 }.map { ResourceIndex($0) })
    }
}
