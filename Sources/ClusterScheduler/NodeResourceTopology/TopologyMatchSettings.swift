public import Primitives

/// NodeResourceTopologyMatch in a scheduler profile, and the exporters that feed it.
public struct TopologyMatchSettings: Hashable, Sendable {
    package var cache = TopologyCacheSettings()
    /// Between two turns of the resync loop (`cacheResyncPeriodSeconds`). The default is that of the scheduler-plugins' documentation.
    public var resyncPeriod = SimDuration.seconds(5)
    package var strategy = TopologyScoringStrategy.leastAllocated
    package var weights = ResourceWeights()
    /// The plugin's weight in the profile.
    public var scoreWeight: Int64 = 1
    public var publishing = TopologyPublishingSettings()

    public init() {}
}

/// When a node's exporter looks, and when the scheduler sees what it found.
public struct TopologyPublishingSettings: Hashable, Sendable {
    /// Which pods an exporter's fingerprint covers.
    public enum Fingerprint: String, Sendable, CaseIterable {
        case all
        /// Those that hold something with a NUMA node.
        case withExclusiveResources = "with-exclusive-resources"
    }

    /// Between two looks of one exporter; each node begins at a time of its own.
    public var period = SimDuration.seconds(60)
    /// From a look until the scheduler's watch shows the object.
    public var latency = SimDuration.milliseconds(100)
    /// At most this much is added to the latency, by a random stream.
    public var jitter = SimDuration.zero
    public var fingerprint = Fingerprint.withExclusiveResources

    public init() {}
}
