/// A plugin that says which nodes cannot run a pod (the scheduler framework's Filter).
package protocol FilterPlugin: Sendable {
    /// As kube-scheduler spells it.
    static var name: String { get }
    /// One line for `topsim policies`.
    static var summary: String { get }
    init()
    /// Whether the node at `position` passes. Asked once for each change of the node, so it may not remember anything.
    func passes(_ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable) -> Bool
    /// Why the node does not pass, in kube-scheduler's words; asked only when a pod found no node at all.
    func reasons(_ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable) -> [String]
}
