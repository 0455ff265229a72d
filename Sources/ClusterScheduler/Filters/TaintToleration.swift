import WorkloadModel

/// A node passes when the pod tolerates its NoSchedule and NoExecute taints.
///
/// Source: k/k pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go.
struct TaintToleration: FilterPlugin {
    static let name = "TaintToleration"
    static let looksAtTaken = false
    static let summary = "the pod tolerates the node's NoSchedule and NoExecute taints"

    func passes(_ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable) -> Bool {
        untolerated(pod, at: position, in: nodes) == nil
    }

    func reasons(_ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable) -> [String] {
        guard let taint = untolerated(pod, at: position, in: nodes) else { return [] }
        return ["node(s) had untolerated taint {\(taint.key): \(taint.value)}"]
    }

    private func untolerated(
        _ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable
    ) -> Taint? {
        nodes.kinds[nodes.kindAt[position]].taints.first { taint in
            taint.effect != .preferNoSchedule && !pod.tolerations.contains { $0.tolerates(taint) }
        }
    }
}
