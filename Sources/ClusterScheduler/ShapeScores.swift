/// The answer of all filters and scores that look at one node alone, for one pod shape on every node, kept true by
/// replaying what changed.
///
/// Between two pods of one shape only a few nodes change, so an answer costs a few evaluations and one scan instead of
/// an evaluation of every node. The scan gives what evaluating every node would: tests compare the two.
struct ShapeScores: Sendable {
    /// Sum of the weighted separable scores of the node at each position, or -1 where a filter that looks at one node
    /// refuses it. Empty before the first pod.
    var scores: [Int16] = []
    /// How much of the change log these scores include.
    var seen = 0
    /// Filters that apply to the shape, by position in the profile.
    var nodeFilters: [Int] = []
    var clusterFilters: [Int] = []
    /// Some filter leaves only certain nodes, or none.
    var hasPreFilters = false
    /// Scores that are in the sums, and those that are worked out in each cycle.
    var separable: [Int] = []
    var windowed: [Int] = []
    /// For each of `windowed`, scores before normalisation by position where they are fixed, else empty.
    var fixedScores: [[Int32]] = []
}

/// Which positions changed, in order; the last few thousand are kept.
struct ChangeLog: Sendable {
    /// Changes since the beginning.
    private(set) var count = 0
    private var ring: [UInt32]
    private let mask: Int
    /// For each position the last question that it was part of, so that each question names it once.
    private var askedLast: [UInt32]
    private var question: UInt32 = 0

    /// Keeps at least as many changes as there are nodes: past that, evaluating every node is cheaper.
    init(nodeCount: Int) {
        var capacity = 64
        while capacity < nodeCount { capacity *= 2 }
        ring = Array(repeating: 0, count: capacity)
        mask = capacity - 1
        askedLast = Array(repeating: 0, count: nodeCount)
    }

    mutating func append(_ position: Int) {
        ring[count & mask] = UInt32(truncatingIfNeeded: position)
        count += 1
    }

    /// Puts each position that changed after the first `seen` changes into `positions` once; every position when the ring
    /// no longer has them all.
    mutating func collectChanges(since seen: Int, into positions: inout [UInt32]) {
        positions.removeAll(keepingCapacity: true)
        guard count - seen <= ring.count else {
            for position in askedLast.indices {
                positions.append(UInt32(truncatingIfNeeded: position))
            }
            return
        }
        if question == .max {
            question = 0
            for position in askedLast.indices { askedLast[position] = 0 }
        }
        question += 1
        for index in seen..<count {
            let position = ring[index & mask]
            guard askedLast[Int(position)] != question else { continue }
            askedLast[Int(position)] = question
            positions.append(position)
        }
    }
}
