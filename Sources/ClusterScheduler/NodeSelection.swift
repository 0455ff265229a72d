import Primitives

/// Which of the scored nodes a pod goes to, and how far the scheduler looks.
///
/// Source: k/k pkg/scheduler/schedule_one.go, `findNodesThatPassFilters`, `numFeasibleNodesToFind`, `selectHost` of 1.36:
/// nodes are visited from where the last search stopped, until enough passed; the winner of a tie is what a binary heap
/// over the list of nodes that passed leaves at its root, the first tied node in pre-order of the implicit tree.
package struct NodeSelection: Sendable {
    /// Position at which the next search starts.
    package private(set) var nextStart = 0

    package init() {}

    /// How many nodes must pass before the search stops: all below 100 nodes, else 50 % falling to 5 %.
    package static func wantedCount(of nodeCount: Int, percentage: Int) -> Int {
        guard nodeCount >= 100 else { return nodeCount }
        var percentage = percentage
        if percentage == 0 { percentage = max(5, 50 - nodeCount / 125) }
        guard percentage < 100 else { return nodeCount }
        return max(100, nodeCount * percentage / 100)
    }

    /// The next search starts behind the nodes that this one examined.
    mutating func advance(by examined: Int, of nodeCount: Int) {
        nextStart = (nextStart + examined) % nodeCount
    }

    /// The number of nodes is another: a search starts where it would, counted anew from the first node.
    mutating func fit(nodeCount: Int) {
        if nodeCount > 0 { nextStart %= nodeCount }
    }

    /// What a search over remembered scores found.
    package struct Outcome {
        /// Nil when no node passes.
        package var winner: Int?
        package var passed: Int
        package var refused: Int
    }

    /// The winner among all nodes. `scores` has -1 where a filter refuses. The start moves on.
    ///
    /// - Parameter choose: says which of several best ones it is, by their positions in visiting order; nil is the heap.
    /// - Complexity: O(nodes visited).
    package mutating func select(
        _ scores: [Int16], wanted: Int, choose: (([Int]) -> Int)?
    ) -> Outcome {
        let nodeCount = scores.count
        guard nodeCount > 0 else { return Outcome(winner: nil, passed: 0, refused: 0) }
        var search = Search(wanted: wanted)
        let winner = scores.withUnsafeBufferPointer { scores -> Int? in
            search.look(scores, nextStart..<nodeCount)
            if !search.isFull { search.look(scores, 0..<nextStart) }
            guard let choose else { return search.winner(scores, start: nextStart) }
            let best = search.bestPositions(scores, start: nextStart)
            return best.isEmpty ? nil : best.count == 1 ? best[0] : choose(best)
        }
        advance(by: search.passed + search.refused, of: nodeCount)
        return Outcome(winner: winner, passed: search.passed, refused: search.refused)
    }

    /// Two passes, each in blocks that a compiler can turn into vectors: how far to look and the best score there, then
    /// the first of the best in the heap's order.
    private struct Search {
        let wanted: Int
        var passed = 0
        var refused = 0
        /// One more than wanted passed: that one is neither kept nor counted.
        var isFull = false
        private var best: Int16 = -1

        init(wanted: Int) { self.wanted = wanted }

        private static let block = 32

        /// Goes on over `range` until one more than wanted has passed.
        mutating func look(_ scores: UnsafeBufferPointer<Int16>, _ range: Range<Int>) {
            var position = range.lowerBound
            while position + Search.block <= range.upperBound {
                var top: Int16 = -1
                var refusals: Int16 = 0
                for index in position..<(position + Search.block) {
                    top = max(top, scores[index])
                    refusals &-= scores[index] &>> 15
                }
                let refusalCount = Int(refusals)
                guard passed + Search.block - refusalCount <= wanted else { break }
                best = max(best, top)
                passed += Search.block - refusalCount
                refused += refusalCount
                position += Search.block
            }
            while position < range.upperBound {
                if scores[position] < 0 {
                    refused += 1
                } else {
                    guard passed < wanted else {
                        isFull = true
                        return
                    }
                    best = max(best, scores[position])
                    passed += 1
                }
                position += 1
            }
        }

        /// The ranges that were looked at, beginning at `start`.
        private func ranges(_ start: Int, _ count: Int) -> (Range<Int>, Range<Int>) {
            let looked = passed + refused
            return (start..<min(start + looked, count), 0..<max(0, start + looked - count))
        }

        /// The winner among the nodes that were looked at, beginning at `start`.
        func winner(_ scores: UnsafeBufferPointer<Int16>, start: Int) -> Int? {
            guard best >= 0 else { return nil }
            if refused == 0, let quick = firstInPreorder(scores, start: start) { return quick }
            var choice = Choice(best: best)
            let (first, second) = ranges(start, scores.count)
            choice.compare(scores, first)
            choice.compare(scores, second)
            return choice.winner
        }

        /// Where no node was refused, places in the heap are offsets from `start`: the first of the best is looked for in
        /// pre-order, which finds it soon where many tie. Nil when it is not among the first places.
        private func firstInPreorder(_ scores: UnsafeBufferPointer<Int16>, start: Int) -> Int? {
            var place = 0
            for _ in 0..<Search.quickSteps {
                let position = start + place
                let wrapped = position < scores.count ? position : position - scores.count
                if scores[wrapped] == best { return wrapped }
                if 2 * place + 1 < passed {
                    place = 2 * place + 1
                    continue
                }
                // Up while there is no sibling on the right.
                while place > 0, place % 2 == 0 || place + 1 >= passed { place = (place - 1) / 2 }
                guard place > 0 else { return nil }
                place += 1
            }
            return nil
        }

        private static let quickSteps = 96

        /// Positions of the best, in visiting order.
        func bestPositions(_ scores: UnsafeBufferPointer<Int16>, start: Int) -> [Int] {
            guard best >= 0 else { return [] }
            let (first, second) = ranges(start, scores.count)
            return first.filter { scores[$0] == best } + second.filter { scores[$0] == best }
        }
    }

    /// The first of the best scores in the order of a heap over the nodes that passed.
    private struct Choice {
        let best: Int16
        var winner: Int?
        private var winnerPlace = UInt64.max
        /// Nodes that passed so far.
        private var rank = 0

        init(best: Int16) { self.best = best }

        private static let block = 32

        mutating func compare(_ scores: UnsafeBufferPointer<Int16>, _ range: Range<Int>) {
            var position = range.lowerBound
            while position < range.upperBound {
                let end = min(position + Choice.block, range.upperBound)
                var hits: Int16 = 0
                var refusals: Int16 = 0
                for index in position..<end {
                    hits |= scores[index] == best ? 1 : 0
                    refusals &-= scores[index] &>> 15
                }
                if hits != 0 { compareEach(scores, position..<end) }
                rank += end - position - Int(refusals)
                position = end
            }
        }

        private mutating func compareEach(_ scores: UnsafeBufferPointer<Int16>, _ range: Range<Int>)
        {
            var rank = self.rank
            for position in range where scores[position] >= 0 {
                if scores[position] == best {
                    let place = preorderPlace(rank)
                    if place < winnerPlace {
                        winnerPlace = place
                        winner = position
                    }
                }
                rank += 1
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
