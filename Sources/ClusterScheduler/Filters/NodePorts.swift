import Primitives
import WorkloadModel

/// A node passes when the host ports that the pod wants are free there.
///
/// Source: k/k pkg/scheduler/framework/plugins/nodeports/node_ports.go, HostPortInfo.CheckConflict.
struct NodePorts: FilterPlugin {
    static let name = "NodePorts"
    static let summary = "the host ports that the pod wants are free on the node"

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {}

    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        !pod.hostPorts.isEmpty
    }

    func passes(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        guard let used = cluster.nodes.ports[position], !used.isEmpty else { return true }
        return !pod.hostPorts.contains { wanted in used.contains { $0.conflicts(with: wanted) } }
    }

    func mayHelp(
        _ question: HintQuestion, _ pod: PodRequest, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        switch question {
        case .nodeAdded, .nodeChanged(.taints, _, _): true
        case .podRemoved(let other):
            (other.placement?.hostPorts ?? []).contains { used in
                pod.hostPorts.contains { $0.conflicts(with: used) }
            }
        case .nodeChanged, .topologyChanged, .podAdded: false
        }
    }

    func isFinal(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool { false }

    func refusal(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Refusal {
        Refusal(
            Self.name, .unschedulable,
            ["node(s) didn't have free ports for the requested pod ports"])
    }
}

extension HostPort {
    /// Whether two pods with these ports cannot share a node.
    func conflicts(with other: HostPort) -> Bool {
        guard port == other.port, transport == other.transport else { return false }
        let any = "0.0.0.0"
        return address == other.address || address == any || other.address == any
    }
}
