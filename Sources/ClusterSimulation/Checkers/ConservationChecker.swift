import Primitives
package import Records

/// Judges every sample: all pods that arrived are pending, running or at one of their ends, and nothing is requested
/// beyond what exists.
package final class ConservationChecker: RecordSink {
    package let wantsPlacements = false
    package let wantsNodeSamples = true
    package private(set) var violations: [String] = []
    package private(set) var samples = 0
    private var ended: Int64 = 0
    private var last: ClusterSample?

    package init() {}

    package func placed(_ placement: PlacementRecord) {}
    package func rejected(_ rejection: RejectionRecord) {}
    package func ended(_ pod: PodRecord) { ended += 1 }

    package func sampled(_ sample: NodeSample) {
        let parts = sample.reserved + sample.used + sample.free
        if sample.used < 0 || sample.free < 0 || parts > sample.capacity {
            violations.append(
                "at \(sample.time.nanoseconds) ns node \(sample.node.rawValue) has reserved "
                    + "\(sample.reserved) + used \(sample.used) + free \(sample.free) of "
                    + "\(sample.capacity) of resource \(sample.resource.rawValue)")
        }
    }

    package func sampled(_ sample: ClusterSample) {
        samples += 1
        let parts =
            sample.pending + sample.running + sample.succeeded + sample.failed + sample.deleted
        if parts != sample.arrived {
            violations.append(
                "at \(sample.time.nanoseconds) ns \(sample.arrived) pods arrived, \(parts) are "
                    + "accounted for")
        }
        for resource in sample.resources
        where resource.requested < 0 || resource.free < 0
            || resource.requested + resource.free != resource.allocatable
        {
            violations.append(
                "at \(sample.time.nanoseconds) ns resource \(resource.resource.rawValue) has "
                    + "requested \(resource.requested) + free \(resource.free) of "
                    + "\(resource.allocatable)")
        }
        last = sample
    }

    /// After the run: one record for each pod that arrived.
    package func judge() -> [String] {
        guard let last else { return ["the run left no sample"] }
        return last.arrived == ended
            ? violations
            : violations + ["\(last.arrived) pods arrived and \(ended) have a record"]
    }
}
