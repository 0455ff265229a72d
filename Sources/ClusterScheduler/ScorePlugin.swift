/// A plugin that ranks the nodes which passed the filters (the scheduler framework's Score).
package protocol ScorePlugin: Sendable {
    /// The scoring strategy as NodeResourcesFitArgs spells it.
    static var name: String { get }
    /// One line for `topsim policies`.
    static var summary: String { get }
    init()
    /// 0 (worst) to 100 (best) for the node at `position`.
    func score(_ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable) -> Int64
    /// Adds its score to each of the `positions` that is not refused (-1). There is an implementation for all.
    func rank(
        _ pod: PodRequest, _ positions: [UInt32], in nodes: borrowing NodeTable,
        scores: inout [Int16])
}

extension ScorePlugin {
    package func rank(
        _ pod: PodRequest, _ positions: [UInt32], in nodes: borrowing NodeTable,
        scores: inout [Int16]
    ) {
        for position in positions where scores[Int(position)] >= 0 {
            scores[Int(position)] += Int16(
                truncatingIfNeeded: score(pod, at: Int(position), in: nodes))
        }
    }
}
