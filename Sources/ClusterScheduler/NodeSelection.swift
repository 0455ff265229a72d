/// Which of the scored nodes a pod goes to, and how far the scheduler looks.
///
/// Source: k/k pkg/scheduler/schedule_one.go, `findNodesThatPassFilters`, `numFeasibleNodesToFind`, `selectHost` of 1.36:
/// nodes are visited from where the last search stopped, until enough passed; the winner of a tie is what a binary heap
/// over the list of nodes that passed leaves at its root, the first tied node in pre-order of the implicit tree.
package struct NodeSelection: Sendable {
    /// 0 is adaptive.
    let percentageOfNodesToScore: Int
    /// Position at which the next search starts.
    package private(set) var nextStart = 0

    package init(percentageOfNodesToScore: Int) {
        self.percentageOfNodesToScore = percentageOfNodesToScore
    }

    /// How many nodes must pass before the search stops: all below 100 nodes, else 50 % falling to 5 %.
    package func wantedCount(of nodeCount: Int) -> Int {
        guard nodeCount >= 100 else { return nodeCount }
        var percentage = percentageOfNodesToScore
        if percentage == 0 { percentage = max(5, 50 - nodeCount / 125) }
        guard percentage < 100 else { return nodeCount }
        return max(100, nodeCount * percentage / 100)
    }

    /// The position of the winner, or nil when no node passes. `scores` has -1 where a filter refuses.
    ///
    /// - Complexity: O(nodes visited).
    package mutating func select(_ scores: [Int16]) -> Int? {
        let nodeCount = scores.count
        guard nodeCount > 0 else { return nil }
        let wanted = wantedCount(of: nodeCount)
        var search = Search(wanted: wanted)
        scores.withUnsafeBufferPointer { scores in
            search.visit(scores, nextStart..<nodeCount)
            if !search.isFull { search.visit(scores, 0..<nextStart) }
        }
        nextStart = (nextStart + search.passed + search.refused) % nodeCount
        return search.winner < 0 ? nil : search.winner
    }

    private struct Search {
        let wanted: Int
        var passed = 0
        var refused = 0
        /// One more than wanted passed: that one is neither kept nor counted.
        var isFull = false
        var winner = -1
        private var best: Int16 = -1
        private var bestPlace: UInt64 = 0

        init(wanted: Int) { self.wanted = wanted }

        mutating func visit(_ scores: UnsafeBufferPointer<Int16>, _ range: Range<Int>) {
            for position in range {
                let score = scores[position]
                if score < 0 {
                    refused &+= 1
                    continue
                }
                if passed == wanted {
                    isFull = true
                    return
                }
                if score > best {
                    best = score
                    winner = position
                    bestPlace = preorderPlace(passed)
                } else if score == best {
                    let place = preorderPlace(passed)
                    if place < bestPlace {
                        winner = position
                        bestPlace = place
                    }
                }
                passed &+= 1
            }
        }
    }
}

/// Orders the positions of a binary heap's array by pre-order: parent, left subtree, right subtree.
///
/// The path from the root to position p is p + 1 in binary without its leading one. Aligned to the left, paths compare as
/// text does, and a parent, having the same bits as its leftmost descendants, comes first by its shorter length.
@inline(__always)
func preorderPlace(_ position: Int) -> UInt64 {
    let number = UInt64(truncatingIfNeeded: position &+ 1)
    let leading = UInt64(truncatingIfNeeded: number.leadingZeroBitCount)
    return ((number &<< leading) | (63 &- leading))
}
