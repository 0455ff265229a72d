/// A plugin that ranks the nodes which passed the filters (the scheduler framework's Score).
package protocol ScorePlugin: Sendable {
    /// The scoring strategy as NodeResourcesFitArgs spells it.
    static var name: String { get }
    /// One line for `topsim policies`.
    static var summary: String { get }
    init()
    /// 0 (worst) to 100 (best) for the node at `position`.
    func score(_ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable) -> Int64
}
