/// The answer of all filters and scores for one pod shape on every node, kept true by replaying what changed.
///
/// Between two pods of one shape only a few nodes change, so an answer costs a few evaluations and one scan instead of
/// an evaluation of every node. The scan gives what evaluating every node would: tests compare the two.
struct ShapeScores: Sendable {
    /// Score of the node at each position, or -1 where a filter refuses it.
    private(set) var scores: [Int16] = []
    /// How much of the change log these scores include.
    private var seen = 0

    mutating func update(
        nodeCount: Int, log: borrowing ChangeLog, evaluate: (_ position: Int) -> Int16
    ) {
        if scores.isEmpty || !log.forEachChange(since: seen, { scores[$0] = evaluate($0) }) {
            scores.removeAll(keepingCapacity: true)
            scores.reserveCapacity(nodeCount)
            for position in 0..<nodeCount { scores.append(evaluate(position)) }
        }
        seen = log.count
    }
}

/// Which positions changed, in order; the last few thousand are kept.
struct ChangeLog: Sendable {
    /// Changes since the beginning.
    private(set) var count = 0
    private var ring: [UInt32]
    private let mask: Int

    /// Keeps at least as many changes as there are nodes: past that, evaluating every node is cheaper.
    init(nodeCount: Int) {
        var capacity = 64
        while capacity < nodeCount { capacity *= 2 }
        ring = Array(repeating: 0, count: capacity)
        mask = capacity - 1
    }

    mutating func append(_ position: Int) {
        ring[count & mask] = UInt32(position)
        count += 1
    }

    /// Calls `body` with each change after the first `seen`; false, and no call, when the ring no longer has them all.
    func forEachChange(since seen: Int, _ body: (Int) -> Void) -> Bool {
        guard count - seen <= ring.count else { return false }
        for index in seen..<count { body(Int(ring[index & mask])) }
        return true
    }
}
