/// A plugin that says which nodes cannot run a pod (the scheduler framework's Filter).
package protocol FilterPlugin: Sendable {
    /// As kube-scheduler spells it.
    static var name: String { get }
    /// One line for `topsim policies`.
    static var summary: String { get }
    /// Whether the answer changes with what is taken on the node. If not, it is asked once for each kind of node.
    static var looksAtTaken: Bool { get }
    init()
    /// Whether the node at `position` passes. Asked once for each change of the node, so it may not remember anything.
    func passes(_ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable) -> Bool
    /// Why the node does not pass, in kube-scheduler's words; asked only when a pod found no node at all.
    func reasons(_ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable) -> [String]
    /// Sets the score of each of the `positions` that does not pass to -1. There is an implementation for all.
    func refuse(
        _ pod: PodRequest, _ positions: [UInt32], in nodes: borrowing NodeTable,
        scores: inout [Int16])
}

extension FilterPlugin {
    package func refuse(
        _ pod: PodRequest, _ positions: [UInt32], in nodes: borrowing NodeTable,
        scores: inout [Int16]
    ) {
        for position in positions where !passes(pod, at: Int(position), in: nodes) {
            scores[Int(position)] = -1
        }
    }
}
