package import Primitives

/// A plugin that ranks the nodes which passed the filters (the scheduler framework's Score).
package protocol ScorePlugin: Sendable {
    /// As kube-scheduler spells it.
    static var name: String { get }
    /// One line for `topsim policies`.
    static var summary: String { get }
    static var defaultWeight: Int64 { get }
    init(_ profile: SchedulerProfile, _ resources: ResourceTable)
    /// False is PreScore's Skip.
    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool
    /// Whether a node's score for this pod is final and changes only with that node; such scores are remembered. One that
    /// is normalised over the nodes that passed, or that depends on pods elsewhere, is not. May change only with the nodes.
    func isSeparable(for pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool
    /// Whether a node's score before normalisation changes only when the node's object does, whatever pods come and go.
    static var isFixed: Bool { get }
    /// The score of a node, before normalisation.
    func score(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Int64
    /// Scores all of the `positions`; `scores` has their count. There is an implementation for all.
    func score(
        _ pod: PodRequest, at positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        into scores: inout [Int64])
    /// Brings scores to 0…100. There is an implementation for all: they are that already.
    func normalize(
        _ scores: inout [Int64], of pod: PodRequest, at positions: [UInt32],
        in cluster: borrowing ClusterSnapshot)
    /// Adds `weight` times its score to each of the `positions` that is not refused (-1); asked of separable plugins.
    func rank(
        _ pod: PodRequest, _ positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        weight: Int16, scores: inout [Int16])
}

extension ScorePlugin {
    package static var defaultWeight: Int64 { 1 }
    package static var isFixed: Bool { false }

    package func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        true
    }

    package func isSeparable(
        for pod: PodRequest, in cluster: borrowing ClusterSnapshot
    ) -> Bool { true }

    package func score(
        _ pod: PodRequest, at positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        into scores: inout [Int64]
    ) {
        for index in positions.indices {
            scores[index] = score(pod, at: Int(positions[index]), in: cluster)
        }
    }

    package func normalize(
        _ scores: inout [Int64], of pod: PodRequest, at positions: [UInt32],
        in cluster: borrowing ClusterSnapshot
    ) {}

    package func rank(
        _ pod: PodRequest, _ positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        weight: Int16, scores: inout [Int16]
    ) {
        for position in positions where scores[Int(position)] >= 0 {
            scores[Int(position)] +=
                weight
                * Int16(truncatingIfNeeded: score(pod, at: Int(position), in: cluster))
        }
    }
}

/// To 0…100 by the largest; reversed, what is large becomes small.
///
/// Source: k/k pkg/scheduler/framework/plugins/helper/normalize_score.go.
func normalizeByMaximum(_ scores: inout [Int64], reverse: Bool) {
    var largest: Int64 = 0
    for score in scores { largest = max(largest, score) }
    guard largest > 0 else {
        if reverse { for index in scores.indices { scores[index] = 100 } }
        return
    }
    for index in scores.indices {
        let share = quotient(100 * scores[index], largest)
        scores[index] = reverse ? 100 - share : share
    }
}

/// `dividend / divisor`, rounded down, for numbers from 0 to 2⁵⁰: quicker than a division of integers, and exact, since a
/// quotient that is no whole number lies further from the next one than a double's rounding reaches.
@inline(__always)
func quotient(_ dividend: Int64, _ divisor: Int64) -> Int64 {
    guard dividend < 1 << 50, divisor < 1 << 50 else { return dividend / divisor }
    return Int64(Double(dividend) / Double(divisor))
}
