import Primitives
import WorkloadModel

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

    func mayHelp(
        _ question: HintQuestion, _ pod: PodRequest, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        func tolerates(_ node: NodeObject) -> Bool {
            node.description.taints.allSatisfy { taint in
                taint.effect == .preferNoSchedule
                    || pod.tolerations.contains { $0.tolerates(taint) }
            }
        }
        switch question {
        case .nodeAdded(let node): return tolerates(node)
        case .nodeChanged(.taints, let old, let new): return !tolerates(old) && tolerates(new)
        case .nodeChanged, .topologyChanged, .podAdded, .podRemoved: return false
        }
    }

    func isFinal(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool { true }

    func refusal(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Refusal {
        Refusal(Self.name, .unresolvable, ["node(s) had untolerated taint(s)"])
    }
}
