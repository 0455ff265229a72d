import Primitives
import WorkloadModel

/// Prefers nodes with fewer PreferNoSchedule taints that the pod does not tolerate.
///
/// Source: k/k pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go.
struct TaintTolerationScore: ScorePlugin {
    static let name = "TaintToleration"
    static let summary = "prefers nodes without PreferNoSchedule taints that the pod minds"
    static let isFixed = true
    static let defaultWeight: Int64 = 3

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {}

    /// Without such taints every node gets the same 100, which decides nothing.
    func isSeparable(for pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        !cluster.nodes.hasSoftTaints
    }

    func score(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Int64 {
        var count: Int64 = 0
        for taint in cluster.nodes.kinds[cluster.nodes.kindAt[position]].taints
        where taint.effect == .preferNoSchedule {
            // Only tolerations for this effect, or for all, are looked at.
            let isTolerated = pod.tolerations.contains {
                ($0.effect == nil || $0.effect == .preferNoSchedule) && $0.tolerates(taint)
            }
            if !isTolerated { count += 1 }
        }
        return count
    }

    func normalize(
        _ scores: inout [Int64], of pod: PodRequest, at positions: [UInt32],
        in cluster: borrowing ClusterSnapshot
    ) {
        normalizeByMaximum(&scores, reverse: true)
    }

    func rank(
        _ pod: PodRequest, _ positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        weight: Int16, scores: inout [Int16]
    ) {
        // The constant for all nodes is left out of remembered scores.
    }
}
