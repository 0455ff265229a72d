public import Primitives
public import Records

/// Turns the records of one run into its summary as they pass, in memory that does not grow with the pods.
///
/// Everything is summed as integers; quotients are formed once, by `summary(end:)`.
public final class RunMetrics: RecordSink {
    private let resources: ResourceTable
    private var counts = PodCounts()
    private var rejections = RejectionTally()
    private var nodeEvents = Array(repeating: Int64(0), count: NodeEventRecord.Kind.allCases.count)
    private var alignment = AlignmentTotals()
    private var hostAlignment = HostAlignmentTotals()
    private var lifecycle = LifecycleSummary()
    private var occupancy: Occupancy
    private var mix: MixTotals
    /// Of pods that were wanted when they arrived: their wait is also their time to ready.
    private var wait = LatencyHistogram()
    /// Of all others.
    private var laterWait = LatencyHistogram()
    private var laterTimeToReady = LatencyHistogram()
    private var schedulingWait = LatencyHistogram()
    private var turnaround = LatencyHistogram()
    private var boundedSlowdown = LatencyHistogram()

    /// - Parameters:
    ///   - resources: every resource that a record may name.
    ///   - targetMix: the scenario's target mix, in its order; empty when none is declared.
    public init(resources: ResourceTable, targetMix: [MixDemand] = []) {
        self.resources = resources
        occupancy = Occupancy(resourceCount: resources.count)
        mix = MixTotals(targetMix: targetMix, resourceCount: resources.count)
    }

    public var wantsPlacements: Bool { false }
    public var wantsNodeSamples: Bool { false }

    public func introduced(_ node: NodeRecord) {
        occupancy.introduce(
            node.node, allocatable: node.allocatable, from: node.joined?.time ?? .zero)
    }

    public func introduced(_ shape: ShapeRecord) {
        occupancy.introduce(shape.shape, requests: shape.requests)
    }

    public func admitted(_ admission: AdmissionRecord) {
        counts.admitted += 1
        alignment += admission.alignment
    }

    public func placed(_ placement: PlacementRecord) {}

    public func placedOnHost(_ placement: HostPlacementRecord) {
        for container in placement.containers { hostAlignment.add(container) }
    }

    public func rejected(_ rejection: RejectionRecord) {
        rejections.add(stage: rejection.stage, reason: rejection.reason)
    }

    public func acted(_ action: ActionRecord) { lifecycle.add(action) }
    public func evicted(_ eviction: EvictionRecord) { lifecycle.add(eviction) }
    public func rolled(_ rollout: RolloutRecord) { lifecycle.add(rollout) }
    public func missed(_ nanoseconds: Int64) { lifecycle.unavailableNanoseconds = nanoseconds }

    public func changed(_ event: NodeEventRecord) {
        if event.kind == .removed { occupancy.remove(event.node, at: event.time) }
        if let position = NodeEventRecord.Kind.allCases.firstIndex(of: event.kind) {
            nodeEvents[position] += 1
        }
    }

    public func ended(_ pod: PodRecord) {
        counts.add(pod)
        if let scheduled = pod.scheduled {
            schedulingWait.record((scheduled - pod.arrival).nanoseconds)
        }
        guard let started = pod.started, let node = pod.node else { return }
        if pod.wanted == pod.arrival {
            wait.record((started - pod.arrival).nanoseconds)
        } else {
            laterWait.record((started - pod.arrival).nanoseconds)
            laterTimeToReady.record((started - pod.wanted).nanoseconds)
        }
        occupancy.add(shape: pod.shape, node: node, from: started, to: pod.finished)
        if let finished = pod.finished, pod.outcome == .succeeded || pod.outcome == .deleted {
            turnaround.record((finished - pod.arrival).nanoseconds)
            boundedSlowdown.record(
                boundedSlowdownThousandths(
                    turnaround: finished - pod.arrival, running: finished - started))
        }
    }

    public func sampled(_ sample: NodeSample) {}

    public func sampled(_ sample: ClusterSample) { mix.add(sample) }

    /// What the run amounts to when it ends at `end`, after its last record.
    public func summary(end: SimTime) -> RunSummary {
        var mix = self.mix
        mix.close(at: end)
        var (wait, timeToReady) = (self.wait, self.wait)
        wait.add(laterWait)
        timeToReady.add(laterTimeToReady)
        let requested = occupancy.requested(at: end)
        var summaries: [ResourceSummary] = []
        for position in 0..<resources.count {
            let offered = occupancy.offered(position, until: end)
            guard offered > 0 else { continue }
            summaries.append(
                ResourceSummary(
                    name: resources.names[position],
                    use: Double(requested[position]) / Double(offered),
                    stranded: mix.stranded(position), fragmentation: mix.fragmentation(position)))
        }
        var summary = RunSummary(
            end: end, pods: counts, rejections: rejections.sorted, alignment: alignment,
            resources: summaries, balance: occupancy.balance(at: end),
            policyTax: mix.policyTax, wait: wait.distribution,
            schedulingWait: schedulingWait.distribution, turnaround: turnaround.distribution,
            boundedSlowdown: boundedSlowdown.distribution)
        summary.timeToReady = timeToReady.distribution
        if hostAlignment.containers > 0 { summary.hostAlignment = hostAlignment }
        summary.lifecycle = lifecycle
        summary.nodeEvents = zip(NodeEventRecord.Kind.allCases, nodeEvents).compactMap {
            $1 > 0 ? NodeEventCount(kind: $0, count: $1) : nil
        }
        return summary
    }
}

/// max(1, turnaround / max(running, 10 s)) in thousandths, rounded down.
///
/// Source: Feitelson, "Metrics for parallel job scheduling and their convergence", JSSPP 2001; τ = 10 s.
func boundedSlowdownThousandths(turnaround: SimDuration, running: SimDuration) -> Int64 {
    // Whole microseconds keep the product within 64 bits for 292 years.
    let shortest = max(running, .seconds(10)).nanoseconds / 1_000
    return max(1_000, turnaround.nanoseconds / 1_000 * 1_000 / shortest)
}

/// Refusals by stage and reason; there are a handful of reasons, so a list is the quickest map.
private struct RejectionTally {
    private var counts: [RejectionCount] = []

    mutating func add(stage: RejectionStage, reason: String) {
        if let known = counts.firstIndex(where: { $0.stage == stage && $0.reason == reason }) {
            counts[known].count += 1
        } else {
            counts.append(RejectionCount(stage: stage, reason: reason, count: 1))
        }
    }

    /// In the order of the stages; the most frequent first, then by reason.
    var sorted: [RejectionCount] {
        counts.sorted { left, right in
            if left.stage != right.stage { return left.stage.position < right.stage.position }
            return left.count != right.count
                ? left.count > right.count : left.reason < right.reason
        }
    }
}

extension RejectionStage {
    fileprivate var position: Int { RejectionStage.allCases.firstIndex(of: self) ?? 0 }
}
