/// Hands every record to several sinks, in their order.
public final class CompositeSink: RecordSink {
    private let sinks: [any RecordSink]
    private let placementSinks: [any RecordSink]
    private let nodeSampleSinks: [any RecordSink]

    public init(_ sinks: [any RecordSink]) {
        self.sinks = sinks
        placementSinks = sinks.filter { $0.wantsPlacements }
        nodeSampleSinks = sinks.filter { $0.wantsNodeSamples }
    }

    /// Whether any of the sinks wants them; only those that do receive them.
    public var wantsPlacements: Bool { !placementSinks.isEmpty }
    public var wantsHoldings: Bool { placementSinks.contains { $0.wantsHoldings } }
    public var wantsNodeSamples: Bool { !nodeSampleSinks.isEmpty }

    public func introduced(_ node: NodeRecord) {
        for sink in sinks { sink.introduced(node) }
    }

    public func introduced(_ shape: ShapeRecord) {
        for sink in sinks { sink.introduced(shape) }
    }

    public func admitted(_ admission: AdmissionRecord) {
        for sink in sinks { sink.admitted(admission) }
    }

    public func placed(_ placement: PlacementRecord) {
        for sink in placementSinks { sink.placed(placement) }
    }

    public func placedOnHost(_ placement: HostPlacementRecord) {
        for sink in sinks { sink.placedOnHost(placement) }
    }

    public func rejected(_ rejection: RejectionRecord) {
        for sink in sinks { sink.rejected(rejection) }
    }

    public func ended(_ pod: PodRecord) {
        for sink in sinks { sink.ended(pod) }
    }

    public func changed(_ event: NodeEventRecord) {
        for sink in sinks { sink.changed(event) }
    }

    public func acted(_ action: ActionRecord) {
        for sink in sinks { sink.acted(action) }
    }

    public func evicted(_ eviction: EvictionRecord) {
        for sink in sinks { sink.evicted(eviction) }
    }

    public func rolled(_ rollout: RolloutRecord) {
        for sink in sinks { sink.rolled(rollout) }
    }

    public func missed(_ nanoseconds: Int64) {
        for sink in sinks { sink.missed(nanoseconds) }
    }

    public func sampled(_ sample: NodeSample) {
        for sink in nodeSampleSinks { sink.sampled(sample) }
    }

    public func sampled(_ sample: ClusterSample) {
        for sink in sinks { sink.sampled(sample) }
    }
}
