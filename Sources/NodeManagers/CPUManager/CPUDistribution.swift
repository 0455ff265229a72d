package import Primitives

/// Spreads CPUs evenly over NUMA nodes: as few nodes as could do, the same number from each, the rest in groups.
///
/// Asked for 8 of two NUMA nodes with 6 free each, it takes 4 and 4, where packing takes 6 and 2.
/// (cm/cpumanager/cpu_assignment.go, takeByTopologyNUMADistributed)
package struct CPUDistribution {
    /// Combinations of NUMA nodes after which a search gives up; 10 NUMA nodes have 59,000 in all.
    static let workLimit = 4_000_000

    let topology: CPUTopology
    let strategy: CPUTaker.Strategy
    /// CPUs that are dealt together: a core's worth with `full-pcpus-only`, else 1.
    let group: Int
    /// Kubelet's combinations change under the one who remembers them; false keeps them.
    let sharesMemory: Bool
    /// Where the dealing would never end, the combination is passed over: no kubelet does so.
    let passesOverEndless: Bool

    /// NUMA nodes in the accumulator's order with their free CPUs.
    private var nodes: InlineArray<64, Int32> = InlineArray(repeating: 0)
    private var freeCounts: InlineArray<64, Int32> = InlineArray(repeating: 0)
    private var nodeCount = 0

    package static func take(
        _ count: Int, from free: CPUSet, on topology: CPUTopology, group: Int,
        strategy: CPUTaker.Strategy, sharesMemory: Bool = true, passesOverEndless: Bool = false
    ) -> CPUTaker.Outcome {
        guard group > 0, count % group == 0 else {
            return CPUTaker.packed(count, from: free, on: topology, strategy: strategy)
        }
        var taker = CPUTaker(topology, from: free, count: count, strategy: strategy)
        if taker.isSatisfied { return .taken(CPUSet()) }
        let available = taker.freeCount(free)
        if count > available { return .tooFew(requested: count, available: available) }
        var distribution = CPUDistribution(
            topology: topology, strategy: strategy, group: group, sharesMemory: sharesMemory,
            passesOverEndless: passesOverEndless)
        taker.forEachNUMANode(in: free) { _, node, freeCount in
            distribution.nodes[distribution.nodeCount] = Int32(node)
            distribution.freeCounts[distribution.nodeCount] = Int32(freeCount)
            distribution.nodeCount += 1
            return true
        }
        return distribution.run(count, free, &taker)
    }

    private init(
        topology: CPUTopology, strategy: CPUTaker.Strategy, group: Int, sharesMemory: Bool,
        passesOverEndless: Bool
    ) {
        self.topology = topology
        self.strategy = strategy
        self.group = group
        self.sharesMemory = sharesMemory
        self.passesOverEndless = passesOverEndless
    }

    private func run(_ count: Int, _ free: CPUSet, _ taker: inout CPUTaker) -> CPUTaker.Outcome {
        // The least and most NUMA nodes that could hold the request, in groups rounded up.
        let groups = (topology.all.count - 1) / group + 1
        let groupsPerNode = (groups - 1) / topology.numaNodes.count + 1
        let groupsNeeded = (count - 1) / group + 1
        let fewest = (groupsNeeded - 1) / groupsPerNode + 1
        let most = min(groupsNeeded, nodeCount)
        guard fewest <= most else {
            return CPUTaker.packed(count, from: free, on: topology, strategy: strategy)
        }
        var combinationsLeft = CPUDistribution.workLimit
        for size in fewest...most {
            var search = Search(
                distribution: self, count: count, size: size, combinationsLeft: combinationsLeft)
            search.run()
            if search.isBeyondLimit { return .wouldStall }
            if search.neverEnds { return .neverEnds }
            combinationsLeft = search.combinationsLeft
            guard search.best.hasBest else { continue }
            let before = taker
            let outcome = deal(count, search, &taker)
            if case .neverEnds = outcome, passesOverEndless {
                taker = before
                continue
            }
            return outcome
        }
        return CPUTaker.packed(count, from: free, on: topology, strategy: strategy)
    }

    /// The search over combinations of `size` NUMA nodes.
    private struct Search {
        let distribution: CPUDistribution
        let count: Int
        let size: Int
        /// CPUs from each node of the combination, before the remainder.
        let share: Int
        let remainder: Int
        var best: GrownCombination
        var bestRemainder: InlineArray<64, UInt8> = InlineArray(repeating: 0)
        var bestRemainderCount = 0
        var bestBalance = Int.max
        var neverEnds = false
        /// Below 0 the search has given up.
        var combinationsLeft: Int
        var isBeyondLimit: Bool { combinationsLeft < 0 }

        init(distribution: CPUDistribution, count: Int, size: Int, combinationsLeft: Int) {
            self.combinationsLeft = combinationsLeft
            self.distribution = distribution
            self.count = count
            self.size = size
            share = count / size / distribution.group * distribution.group
            remainder = count - share * size
            best = GrownCombination(sharesMemory: distribution.sharesMemory)
        }

        mutating func run() {
            var walk = best
            var state = self
            walk.walk(size: distribution.nodeCount, count: size) { walk in
                state.visit(&walk)
            }
            self = state
            walk.ownBest()
            best = walk
        }

        private mutating func visit(_ walk: inout GrownCombination) -> Bool {
            if bestBalance == 0 { return false }
            combinationsLeft -= 1
            if combinationsLeft < 0 { return false }
            let group = Int32(distribution.group)
            var total: Int32 = 0
            var inGroups: Int32 = 0
            for index in 0..<size {
                let free = distribution.freeCounts[walk.current(index, ofCount: size)]
                total += free
                inGroups += free / group * group
            }
            guard Int(total) >= count, Int(inGroups) >= count else { return true }
            for index in 0..<size
            where Int(distribution.freeCounts[walk.current(index, ofCount: size)]) < share {
                return true
            }
            var left = distribution.freeCounts
            for index in 0..<size {
                left[walk.current(index, ofCount: size)] -= Int32(share)
            }
            var balance = Int.max
            var remainderNodes = GrownCombination(sharesMemory: distribution.sharesMemory)
            var candidates: InlineArray<64, UInt8> = InlineArray(repeating: 0)
            if remainder == 0 {
                balance = distribution.balance(left)
            } else {
                var candidateCount = 0
                for index in 0..<size {
                    let node = walk.current(index, ofCount: size)
                    if left[node] >= group {
                        candidates[candidateCount] = UInt8(node)
                        candidateCount += 1
                    }
                }
                var hangs = false
                var subsetSize = candidateCount
                var subsetsLeft = combinationsLeft
                while subsetSize >= 1, !hangs, subsetsLeft >= 0 {
                    remainderNodes.walk(size: candidateCount, count: subsetSize) { subset in
                        if balance == 0 { return false }
                        subsetsLeft -= 1
                        if subsetsLeft < 0 { return false }
                        guard
                            let after = deal(
                                from: left, over: subset, of: subsetSize, candidates, &hangs)
                        else { return !hangs }
                        let score = distribution.balance(after)
                        if score < balance {
                            balance = score
                            subset.rememberCurrent(count: subsetSize)
                        }
                        return true
                    }
                    // Every walk begins with memory of its own.
                    remainderNodes.ownBest()
                    subsetSize -= 1
                }
                combinationsLeft = subsetsLeft
                if subsetsLeft < 0 { return false }
                if hangs {
                    neverEnds = true
                    return false
                }
            }
            if balance < bestBalance {
                bestBalance = balance
                walk.rememberCurrent(count: size)
                bestRemainderCount = remainderNodes.bestCount
                for index in 0..<remainderNodes.bestCount {
                    bestRemainder[index] = candidates[remainderNodes.best(index)]
                }
            }
            return true
        }

        /// What is left after dealing the remainder over a subset, a group at a time; nil when it cannot hold it.
        private func deal(
            from left: InlineArray<64, Int32>, over subset: GrownCombination, of size: Int,
            _ candidates: InlineArray<64, UInt8>, _ hangs: inout Bool
        ) -> InlineArray<64, Int32>? {
            var total = 0
            for index in 0..<size {
                total += Int(left[Int(candidates[subset.current(index, ofCount: size)])])
            }
            guard total >= remainder else { return nil }
            var left = left
            var rest = remainder
            let group = distribution.group
            while rest > 0 {
                let before = rest
                for index in 0..<size {
                    if rest == 0 { break }
                    let node = Int(candidates[subset.current(index, ofCount: size)])
                    if Int(left[node]) < group { continue }
                    left[node] -= Int32(group)
                    rest -= group
                }
                if rest == before {
                    hangs = !distribution.passesOverEndless
                    return nil
                }
            }
            return left
        }
    }

    /// How uneven the free CPUs would be, in thousandths: the standard deviation, rounded, about the mean, rounded.
    ///
    /// The kubelet counts in floating point and rounds both to 3 decimals. Whole numbers give the same: a deviation
    /// never lies just between two thousandths on fewer than 64 NUMA nodes.
    private func balance(_ left: InlineArray<64, Int32>) -> Int {
        var sum = 0
        for index in 0..<nodeCount { sum += Int(left[index]) }
        let mean = (2000 * sum + nodeCount) / (2 * nodeCount)
        var squares = 0
        for index in 0..<nodeCount {
            let difference = 1000 * Int(left[index]) - mean
            squares += difference * difference
        }
        return (wholeSquareRoot(4 * squares / nodeCount) + 1) / 2
    }

    /// The largest whole number whose square is not above `value`.
    private func wholeSquareRoot(_ value: Int) -> Int {
        guard value > 1 else { return value }
        var root = 1 << ((Int.bitWidth - value.leadingZeroBitCount + 1) / 2)
        while true {
            let next = (root + value / root) / 2
            if next >= root { return root }
            root = next
        }
    }

    /// Takes the chosen combination's CPUs.
    private func deal(_ count: Int, _ search: Search, _ taker: inout CPUTaker) -> CPUTaker.Outcome {
        for index in 0..<search.size {
            takePacked(search.share, fromNode: Int(nodes[search.best.best(index)]), &taker)
        }
        var rest = search.remainder
        while rest > 0 {
            let before = rest
            for index in 0..<search.bestRemainderCount {
                if rest == 0 { break }
                let node = Int(nodes[Int(search.bestRemainder[index])])
                if topology.numaNodes[node].count(in: taker.free) < group { continue }
                takePacked(group, fromNode: node, &taker)
                rest -= group
            }
            if rest == before { return .neverEnds }
        }
        return taker.isSatisfied ? .taken(taker.taken) : .notFound
    }

    private func takePacked(_ count: Int, fromNode node: Int, _ taker: inout CPUTaker) {
        let free = taker.free.intersection(topology.numaNodes[node].cpus)
        if case .taken(let cpus) = CPUTaker.packed(
            count, from: free, on: topology, strategy: strategy)
        {
            taker.take(cpus)
        }
    }
}
