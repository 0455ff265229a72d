/// Finds the best mask of one size among those that lie in several open families, or that several lists can meet in.
///
/// Decides NUMA nodes from the highest position down, "left out" first, so that the first mask found has the
/// smallest value. A branch ends when the best that is left cannot reach a threshold. Equal NUMA nodes change
/// places freely, so the lowest of a class are taken first. (docs/decisions/0003-hints-and-merge.md)
struct MaskSearch {
    /// Steps of all searches of one merge; beyond it a case counts as one where the kubelet would stall.
    static let workLimit = 30_000

    private let layout: NUMALayout
    /// NUMA nodes that may be in or out, ascending.
    private let nodes: [Int]
    private let base: NUMAMask
    /// The required NUMA nodes are in the domain.
    private let isPossible: Bool
    private var thresholds: [NodeThreshold] = []
    private let coverage: [GroupCoverage]
    private let socketRule: SocketRule?
    private var withholding: Withholding?

    /// Steps left; below 0 the search has given up.
    private(set) var stepsLeft: Int
    private var found: NUMAMask?

    // Of one size.
    private var size = 0
    private var closest = false
    private var kinds = 0
    /// `thresholds` over `nodes`: amounts, what is still needed, and the sums of the largest.
    private var weights: [Int64] = []
    private var needs: [Int64] = []
    private var top: [Int64] = []
    private var width = 0
    private var classOf: [Int] = []
    private var classLeft: [Int] = []
    private var classTaken: [Int] = []
    private var forced = 0
    private var costs = MaskCost()
    private var costLimit = Int.max
    private var nextCost = Int.max

    /// Masks that lie in every family, and contain `inner`.
    init(
        _ layout: NUMALayout, _ families: [OpenMasks], containing inner: NUMAMask = .none,
        socketRule: SocketRule? = nil, stepsLeft: Int = MaskSearch.workLimit
    ) {
        var domain = layout.all
        var base = inner
        var coverage: [GroupCoverage] = []
        for family in families {
            domain = domain.intersection(family.domain)
            base = base.union(family.required)
            thresholds += family.thresholds
            coverage += family.coverage
        }
        self.layout = layout
        self.base = base
        self.coverage = coverage
        self.socketRule = socketRule
        self.stepsLeft = stepsLeft
        nodes = base.isSubset(of: domain) ? Array(NUMAMask(domain.bits & ~base.bits)) : []
        isPossible = base.isSubset(of: domain)
        addSurrogate()
    }

    /// Masks in which the lists of `withholding` can meet.
    init(_ layout: NUMALayout, meeting withholding: Withholding, stepsLeft: Int) {
        self.layout = layout
        self.withholding = withholding
        base = .none
        coverage = []
        socketRule = nil
        nodes = Array(withholding.nodes)
        isPossible = true
        self.stepsLeft = stepsLeft
    }

    /// Thresholds together say more than each alone: the sum of the parts that a NUMA node gives of each need.
    private mutating func addSurrogate() {
        guard thresholds.count > 1 else { return }
        let unit = UInt64(1) << 24
        var amounts = Array(repeating: Int64(0), count: layout.count)
        for threshold in thresholds {
            let need = UInt64(threshold.need)
            for node in nodes + Array(base) {
                let (high, low) = UInt64(threshold.amounts[node]).multipliedFullWidth(by: unit)
                let part = need.dividingFullWidth((high, low))
                amounts[node] += Int64(part.quotient) + (part.remainder > 0 ? 1 : 0)
            }
        }
        // Not cut at the need: cutting is for single thresholds.
        var surrogate = NodeThreshold(amounts: [], need: Int64(unit) * Int64(thresholds.count))
        surrogate.amounts = amounts
        thresholds.append(surrogate)
    }

    /// No mask has fewer NUMA nodes.
    var smallestSize: Int {
        var fewest = max(1, base.count)
        for threshold in thresholds {
            var sum = threshold.sum(base)
            var count = base.count
            for amount in nodes.map({ threshold.amounts[$0] }).sorted(by: >) {
                if sum >= threshold.need { break }
                sum += amount
                count += 1
            }
            fewest = max(fewest, sum >= threshold.need ? count : layout.count + 1)
        }
        return fewest
    }

    /// The fewest NUMA nodes of a mask; nil when there is none, or when the work limit ends the search.
    mutating func fewestNodes(from smallest: Int = 1) -> Int? {
        let first = max(smallest, smallestSize)
        guard isPossible, first <= base.count + nodes.count else { return nil }
        // One threshold: the largest amounts reach it.
        if thresholds.count <= 1, coverage.isEmpty, socketRule == nil { return first }
        for size in first...base.count + nodes.count {
            if best(ofSize: size, closest: false) != nil { return size }
            if stepsLeft < 0 { return nil }
        }
        return nil
    }

    /// The smallest mask of `size` NUMA nodes, or the closest and then the smallest.
    mutating func best(ofSize size: Int, closest: Bool) -> NUMAMask? {
        let more = size - base.count
        guard isPossible, size > 0, more >= 0, more <= nodes.count else { return nil }
        found = nil
        self.size = size
        self.closest = closest && layout.levels.shape != .uniform
        if withholding != nil, !self.closest {
            let lowest = NUMAMask(nodes.prefix(size).reduce(0) { $0 | 1 << UInt64($1) })
            if mayLeaveOut(of: lowest, undecided: .none) { return lowest }
        }
        prepare(more)
        guard self.closest else {
            _ = decide(nodes.count, more, base)
            return stepsLeft < 0 ? nil : found
        }
        costs.prepare(layout, nodes, base, more)
        limitGroups(more)
        costLimit = costs.bound(nodes.count, more, layout)
        while true {
            nextCost = Int.max
            if decide(nodes.count, more, base) || nextCost == Int.max { break }
            costLimit = nextCost
        }
        return stepsLeft < 0 ? nil : found
    }

    // MARK: The search

    private mutating func prepare(_ more: Int) {
        let count = nodes.count
        kinds = thresholds.count
        weights = thresholds.flatMap { threshold in nodes.map { threshold.amounts[$0] } }
        needs = thresholds.map { $0.need - $0.sum(base) }
        width = more + 1
        top = Array(repeating: 0, count: kinds * (count + 1) * width)
        var largest: [Int64] = []
        for kind in 0..<kinds {
            largest.removeAll(keepingCapacity: true)
            for index in 0..<count {
                let weight = weights[kind * count + index]
                var place = largest.count
                while place > 0, largest[place - 1] < weight { place -= 1 }
                if place < more {
                    if largest.count == more { largest.removeLast() }
                    largest.insert(weight, at: place)
                }
                let row = (kind * (count + 1) + index + 1) * width
                for rank in 0..<more {
                    top[row + rank + 1] =
                        top[row + rank] + (rank < largest.count ? largest[rank] : 0)
                }
            }
        }
        findClasses()
    }

    private mutating func findClasses() {
        let count = nodes.count
        classOf = []
        var first: [Int] = []
        for index in 0..<count {
            let known = first.firstIndex { isAlike(index, $0) }
            classOf.append(known ?? first.count)
            if known == nil { first.append(index) }
        }
        classTaken = Array(repeating: 0, count: first.count)
        // How many of the same class come before each.
        var seen = classTaken
        classLeft = classOf.map { kind in
            defer { seen[kind] += 1 }
            return seen[kind]
        }
        forced = 0
    }

    /// How many NUMA nodes of one group fit beside the largest amounts of all: what each falls short of the largest
    /// must fit what `more` of the largest have to spare.
    private mutating func limitGroups(_ more: Int) {
        let count = nodes.count
        for kind in 0..<kinds where count > 0 && more > 0 {
            let row = weights[kind * count..<(kind + 1) * count]
            guard let largest = row.max() else { continue }
            let spare = Int64(more) * largest - needs[kind]
            costs.limitGroups { group in
                var left = spare
                var fit = 0
                let shortages = group.map { largest - weights[kind * count + $0] }.sorted()
                for shortage in shortages {
                    left -= shortage
                    if left < 0 { break }
                    fit += 1
                }
                return fit
            }
        }
    }

    private func isAlike(_ left: Int, _ right: Int) -> Bool {
        let count = nodes.count
        for kind in 0..<kinds
        where weights[kind * count + left] != weights[kind * count + right] { return false }
        let (a, b) = (nodes[left], nodes[right])
        if closest, layout.levels.twin[a] != layout.levels.twin[b] { return false }
        for item in coverage {
            for group in item.groups where group.nodes.contains(a) != group.nodes.contains(b) {
                return false
            }
        }
        if let socketRule {
            for socket in socketRule.sockets where socket.contains(a) != socket.contains(b) {
                return false
            }
        }
        return withholding?.isAlike(a, b) ?? true
    }

    /// NUMA nodes `nodes[..<end]` are undecided, `more` of them are to come to `mask`. True ends the search.
    private mutating func decide(_ end: Int, _ more: Int, _ mask: NUMAMask) -> Bool {
        stepsLeft -= 1
        if stepsLeft < 0 { return true }
        guard more <= end, forced <= more, mayReach(end, more, mask) else { return false }
        if more == 0 {
            if let socketRule, !socketRule.matches(mask) { return false }
            found = mask
            return true
        }
        let index = end - 1
        let kind = classOf[index]
        if classTaken[kind] == 0, decide(index, more, mask) { return true }

        // Once one of a class is in, the lower ones are too.
        let forcedBefore = forced
        forced += classTaken[kind] == 0 ? classLeft[index] : -1
        classTaken[kind] += 1
        let count = nodes.count
        for kind in 0..<kinds { needs[kind] -= weights[kind * count + index] }
        if closest { costs.add(index, layout, nodes) }
        let isDone = decide(index, more - 1, NUMAMask(mask.bits | 1 << UInt64(nodes[index])))
        if closest { costs.remove(index, layout, nodes) }
        for kind in 0..<kinds { needs[kind] += weights[kind * count + index] }
        classTaken[kind] -= 1
        forced = forcedBefore
        return isDone
    }

    /// False when no completion can be in.
    private mutating func mayReach(_ end: Int, _ more: Int, _ mask: NUMAMask) -> Bool {
        let count = nodes.count
        for kind in 0..<kinds
        where top[(kind * (count + 1) + end) * width + more] < needs[kind] { return false }
        if let socketRule, socketRule.count(mask) > socketRule.wanted { return false }
        if closest {
            let bound = costs.bound(end, more, layout)
            if bound > costLimit {
                nextCost = min(nextCost, bound)
                return false
            }
        }
        guard !coverage.isEmpty || withholding != nil else { return true }
        var undecided = NUMAMask.none
        for index in 0..<end { undecided.insert(nodes[index]) }
        if withholding != nil { return mayLeaveOut(of: mask, undecided: undecided) }
        return coverage.allSatisfy { mayCover($0, end, more, mask, undecided) }
    }

    private func mayCover(
        _ item: GroupCoverage, _ end: Int, _ more: Int, _ mask: NUMAMask, _ undecided: NUMAMask
    ) -> Bool {
        guard item.isMet(by: more == 0 ? mask : mask.union(undecided)) else { return false }
        let missing = item.need - item.total(mask)
        guard more > 0, missing > 0 else { return true }
        // Later gains are never larger than now.
        var gains = (0..<end).map { item.gain(nodes[$0], to: mask) }
        gains.sort(by: >)
        return gains.prefix(more).reduce(0, +) >= missing
    }

    /// Whether the NUMA nodes that are out can be withheld, with as many of the undecided ones as must be out too.
    private mutating func mayLeaveOut(of mask: NUMAMask, undecided: NUMAMask) -> Bool {
        guard let all = withholding?.nodes else { return true }
        let out = NUMAMask(all.bits & ~mask.bits & ~undecided.bits)
        withholding!.stepsLeft = stepsLeft
        let answer = withholding!.canWithhold(out, of: all.count - size, from: undecided)
        stepsLeft = withholding!.stepsLeft
        return answer
    }
}
