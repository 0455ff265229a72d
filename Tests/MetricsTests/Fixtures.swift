import Metrics
import Primitives
import Records

/// Two nodes of 4 CPUs and 8 bytes of memory each; shape 0 asks for 1 CPU, shape 1 for 2 CPUs and 4 bytes.
func twoNodes(targetMix: [MixDemand] = []) -> RunMetrics {
    let metrics = RunMetrics(resources: ResourceTable(), targetMix: targetMix)
    for node in 0..<2 {
        metrics.introduced(
            NodeRecord(
                node: NodeIndex(node),
                allocatable: [
                    ResourceAmount(ResourceTable.cpu, 4_000),
                    ResourceAmount(ResourceTable.memory, 8),
                ]))
    }
    metrics.introduced(
        ShapeRecord(
            shape: PodShapeIndex(0), requests: [ResourceAmount(ResourceTable.cpu, 1_000)]))
    metrics.introduced(
        ShapeRecord(
            shape: PodShapeIndex(1),
            requests: [
                ResourceAmount(ResourceTable.cpu, 2_000), ResourceAmount(ResourceTable.memory, 4),
            ]))
    return metrics
}

func seconds(_ count: Int64) -> SimTime { .zero + .seconds(count) }

/// A pod whose times are given in whole seconds.
func pod(
    shape: Int = 0, node: Int = 0, arrival: Int64 = 0, scheduled: Int64? = nil,
    started: Int64? = nil, finished: Int64? = nil, outcome: PodOutcome, attempts: UInt32 = 1,
    incarnation: UInt32 = 0
) -> PodRecord {
    PodRecord(
        pod: PodIndex(0), workload: WorkloadIndex(0), shape: PodShapeIndex(shape), owner: 0,
        replica: 0, incarnation: incarnation, replaces: nil, traceName: nil,
        node: NodeIndex(node), arrival: seconds(arrival), scheduled: scheduled.map(seconds),
        started: started.map(seconds), finished: finished.map(seconds), outcome: outcome,
        attempts: attempts, admissionSequence: 0, releaseSequence: 0)
}

func admission(_ alignment: AlignmentTotals = AlignmentTotals()) -> AdmissionRecord {
    AdmissionRecord(
        pod: PodIndex(0), shape: PodShapeIndex(0), node: NodeIndex(0), time: .zero,
        alignment: alignment)
}

func rejection(_ stage: RejectionStage, _ reason: String) -> RejectionRecord {
    RejectionRecord(
        time: .zero, pod: PodIndex(0), node: nil, stage: stage, reason: reason, message: "")
}

extension RunMetrics {
    /// The value of the metric called `name` when the run ends after `end` seconds.
    func value(_ name: String, end: Int64 = 100) -> Double? {
        summary(end: seconds(end)).metrics.first { $0.name == name }?.value
    }
}
