import Primitives

/// A cordoned node passes only for pods that tolerate its taint.
///
/// Source: k/k pkg/scheduler/framework/plugins/nodeunschedulable/node_unschedulable.go.
struct NodeUnschedulable: FilterPlugin {
    static let name = "NodeUnschedulable"
    static let summary = "the node is not cordoned, or the pod tolerates it"

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {}

    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        cluster.nodes.hasUnschedulable && !pod.toleratesUnschedulable
    }

    func passes(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        !cluster.nodes.kinds[cluster.nodes.kindAt[position]].isUnschedulable
    }

    func mayHelp(
        _ question: HintQuestion, _ pod: PodRequest, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        switch question {
        case .nodeAdded(let node): !node.description.isUnschedulable
        case .nodeChanged(.taints, let old, let new):
            old.description.isUnschedulable && !new.description.isUnschedulable
        case .nodeChanged, .topologyChanged, .podAdded, .podRemoved: false
        }
    }

    func isFinal(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool { true }

    func refusal(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Refusal {
        Refusal(Self.name, .unresolvable, ["node(s) were unschedulable"])
    }
}
