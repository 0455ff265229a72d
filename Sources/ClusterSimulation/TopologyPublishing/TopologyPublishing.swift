import ClusterScheduler
import NodeManagers
import Primitives

/// The exporters of all nodes: when each looks next, and what is on its way to the API.
///
/// An exporter looks every period, at times of its own. A look at a node that is as it was publishes nothing new, so only
/// looks after a change are planned.
struct TopologyPublishing {
    let settings: TopologyMatchSettings
    /// By kind of node.
    private var exporters: [NodeTopologyExporter]
    /// When each node's exporter looked first: nanoseconds, below the period.
    private var offsets: [Int64]
    private var offsetStream: RandomStream
    private var isPlanned: [Bool]
    /// Objects that are written and not yet seen.
    private var inFlight: [PublishedTopology<CompactAmount>?]
    private var lastVersion = 0
    private var jitter: RandomStream
    let namespaceHash = PodFingerprint.hash(namespace: "default")

    /// Nil when the scheduler does not read topologies.
    ///
    /// - Precondition: an object is seen before the node's exporter looks again.
    init?(_ scenario: Scenario, _ nodes: borrowing ClusterNodes) {
        guard let settings = scenario.scheduler.topologyMatch else { return nil }
        let publishing = settings.publishing
        precondition(
            publishing.period.nanoseconds
                > publishing.latency.nanoseconds + publishing.jitter.nanoseconds,
            "a scenario is checked before it runs: an object takes less than the period")
        self.settings = settings
        exporters = nodes.models.map {
            NodeTopologyExporter($0, fingerprint: publishing.fingerprint)
        }
        var stream = RandomStream(seed: scenario.seed, name: "topology/offset")
        let period = UInt64(publishing.period.nanoseconds)
        offsets = (0..<nodes.count).map { _ in Int64(stream.below(period)) }
        offsetStream = stream
        isPlanned = Array(repeating: false, count: nodes.count)
        inFlight = Array(repeating: nil, count: nodes.count)
        jitter = RandomStream(seed: scenario.seed, name: "topology/jitter")
    }

    /// The exporter of a node that came: it looks first as late as all others did.
    mutating func addNode() {
        offsets.append(Int64(offsetStream.below(UInt64(settings.publishing.period.nanoseconds))))
        isPlanned.append(false)
        inFlight.append(nil)
    }

    /// The objects of nodes that run nothing.
    mutating func initialObjects(
        _ nodes: borrowing ClusterNodes
    ) -> [PublishedTopology<CompactAmount>?] {
        let states = nodes.models.map { $0.makeState() }
        var objects: [PublishedTopology<CompactAmount>] = []
        for kind in exporters.indices {
            objects.append(
                exporters[kind].object(of: states[kind], nodes.models[kind], version: 0))
        }
        return nodes.kindOfNode.map { objects[$0] }
    }

    /// When the node's exporter looks next, strictly after `time`; nil when that look is planned already.
    mutating func planScan(of node: NodeIndex, after time: SimTime) -> SimTime? {
        guard !isPlanned[node.position] else { return nil }
        isPlanned[node.position] = true
        let period = settings.publishing.period.nanoseconds
        let offset = offsets[node.position]
        guard time.nanoseconds >= offset else { return SimTime(nanoseconds: offset) }
        let turns = (time.nanoseconds - offset) / period + 1
        return SimTime(nanoseconds: offset) + SimDuration(nanoseconds: period) * turns
    }

    /// The exporter looks; returns how long what it writes is under way.
    mutating func scan(_ node: NodeIndex, _ nodes: borrowing ClusterNodes) -> SimDuration {
        isPlanned[node.position] = false
        lastVersion += 1
        let kind = nodes.kindOfNode[node.position]
        inFlight[node.position] = exporters[kind].object(
            of: nodes.states[node.position], nodes.models[kind], version: lastVersion)
        let publishing = settings.publishing
        let most = UInt64(publishing.jitter.nanoseconds)
        let extra = most == 0 ? 0 : Int64(jitter.below(most + 1))
        return publishing.latency + SimDuration(nanoseconds: extra)
    }

    mutating func takeWritten(by node: NodeIndex) -> PublishedTopology<CompactAmount>? {
        defer { inFlight[node.position] = nil }
        return inFlight[node.position]
    }
}
