import WorkloadModel

/// A node passes when it carries every label of the pod's `nodeSelector`.
///
/// Source: k/k pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go.
struct NodeAffinity: FilterPlugin {
    static let name = "NodeAffinity"
    static let looksAtTaken = false
    static let summary = "the node carries the labels of the pod's nodeSelector"

    func passes(_ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable) -> Bool {
        let node = nodes.kinds[nodes.kindAt[position]]
        return pod.nodeSelector.allSatisfy { node.label($0.key) == $0.value }
    }

    func reasons(_ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable) -> [String] {
        passes(pod, at: position, in: nodes)
            ? [] : ["node(s) didn't match Pod's node affinity/selector"]
    }
}
