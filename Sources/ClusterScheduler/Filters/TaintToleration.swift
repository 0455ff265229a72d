import Primitives

/// A node passes when the pod tolerates its NoSchedule and NoExecute taints.
///
/// Source: k/k pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go.
struct TaintToleration: FilterPlugin {
    static let name = "TaintToleration"
    static let summary = "the pod tolerates the node's NoSchedule and NoExecute taints"

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {}

    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        cluster.nodes.hasHardTaints
    }

    func passes(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        !cluster.hasUntoleratedTaint(pod.tolerations, at: position)
    }

    func refusal(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Refusal {
        Refusal(Self.name, .unresolvable, ["node(s) had untolerated taint(s)"])
    }
}
