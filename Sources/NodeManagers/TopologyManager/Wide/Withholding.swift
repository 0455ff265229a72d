/// Which NUMA nodes several hint lists can leave out of the AND of their masks.
///
/// A mask is such an AND when every other NUMA node is missing from one of the masks. Each list can do without
/// NUMA nodes as long as what is left reaches its needs, so every NUMA node left out is charged to one list, and
/// no list beyond its slack. (docs/decisions/0003-hints-and-merge.md)
struct Withholding {
    /// NUMA nodes that all lists share.
    let nodes: NUMAMask
    private let layout: NUMALayout
    private var lists: [List] = []
    /// NUMA nodes that some list can do without at no cost.
    private var free = NUMAMask.none
    /// NUMA nodes that no list can do without.
    private var never = NUMAMask.none
    /// Part of a list's slack that a NUMA node takes: `node * lists + list`; see `unit`.
    private var load: [Int64] = []
    private var leastLoad: [Int64] = []
    private static let unit = Int64(1) << 24

    var stepsLeft = 0

    /// One list's slack.
    private struct List: Equatable {
        var required: NUMAMask
        /// Amounts by position and how much may go; only needs that some NUMA node counts for.
        var amounts: [[Int64]] = []
        var slack: [Int64] = []
        var coverage: [LostGroups] = []

        /// State of a search.
        var left: [Int64] = []
        var withheld = NUMAMask.none
        /// Loads of what is withheld, while packing.
        var taken: Int64 = 0

        func canWithhold(_ node: Int) -> Bool {
            if required.contains(node) { return false }
            for kind in amounts.indices where amounts[kind][node] > left[kind] { return false }
            return coverage.isEmpty
                || coverage.allSatisfy { $0.isMet(without: withheld.union(NUMAMask(node: node))) }
        }

        mutating func withhold(_ node: Int) {
            for kind in amounts.indices { left[kind] -= amounts[kind][node] }
            withheld.insert(node)
        }

        mutating func giveBack(_ node: Int) {
            for kind in amounts.indices { left[kind] += amounts[kind][node] }
            withheld.bits &= ~(1 << UInt64(node))
        }
    }

    /// Devices that are lost when all their NUMA nodes are withheld.
    private struct LostGroups: Equatable {
        var groups: [GroupCoverage.Group]
        var slack: Int

        func isMet(without mask: NUMAMask) -> Bool {
            var lost = 0
            for group in groups where group.nodes.isSubset(of: mask) {
                if group.isRequired { return false }
                lost += group.count
            }
            return lost <= slack
        }
    }

    /// - Precondition: the whole domain of each family is in it.
    init(_ layout: NUMALayout, _ families: [OpenMasks], within outer: NUMAMask) {
        self.layout = layout
        let nodes = families.reduce(outer) { $0.intersection($1.domain) }
        self.nodes = nodes
        for family in families {
            var list = List(required: family.required)
            for threshold in family.thresholds
            where nodes.contains(where: { threshold.amounts[$0] > 0 }) {
                list.amounts.append(threshold.amounts)
                list.slack.append(threshold.sum(family.domain) - threshold.need)
            }
            list.left = list.slack
            for item in family.coverage {
                // Groups with a NUMA node that is not shared are never lost.
                let groups = item.groups.filter { $0.nodes.isSubset(of: nodes) }
                if !groups.isEmpty {
                    list.coverage.append(
                        LostGroups(groups: groups, slack: item.total(family.domain) - item.need))
                }
            }
            lists.append(list)
        }
        findLoads()
    }

    private mutating func findLoads() {
        load = Array(repeating: 0, count: layout.count * lists.count)
        leastLoad = Array(repeating: 0, count: layout.count)
        for node in nodes {
            var least = Int64.max
            for (index, list) in lists.enumerated() {
                guard list.canWithhold(node) else {
                    load[node * lists.count + index] = .max
                    continue
                }
                var part: Int64 = 0
                for kind in list.amounts.indices where list.amounts[kind][node] > 0 {
                    // Amounts that may go are at most the slack.
                    let (high, low) = UInt64(list.amounts[kind][node])
                        .multipliedFullWidth(by: UInt64(Withholding.unit))
                    part += Int64(
                        UInt64(list.slack[kind]).dividingFullWidth((high, low)).quotient)
                }
                part /= Int64(max(1, list.amounts.count))
                load[node * lists.count + index] = part
                least = min(least, part)
                if list.amounts.allSatisfy({ $0[node] == 0 }),
                    !list.coverage.contains(where: {
                        $0.groups.contains { $0.nodes.contains(node) }
                    })
                {
                    free.insert(node)
                }
            }
            leastLoad[node] = least
            if least == .max { never.insert(node) }
        }
    }

    /// NUMA nodes that are the same to every list.
    func isAlike(_ left: Int, _ right: Int) -> Bool {
        for list in lists {
            if list.required.contains(left) != list.required.contains(right) { return false }
            for amounts in list.amounts where amounts[left] != amounts[right] { return false }
            for item in list.coverage {
                for group in item.groups
                where group.nodes.contains(left) != group.nodes.contains(right) { return false }
            }
        }
        return true
    }

    // MARK: The question

    /// Whether the lists can withhold all of `must`, and NUMA nodes of `others` up to `count` in all.
    mutating func canWithhold(_ must: NUMAMask, of count: Int, from others: NUMAMask) -> Bool {
        let hard = NUMAMask(must.bits & ~free.bits)
        guard !hard.intersects(never) else { return false }
        let extras = NUMAMask(others.bits & ~free.bits & ~never.bits)
        let more = max(0, count - must.count - others.intersection(free).count)
        guard more <= extras.count else { return false }
        if hard.isEmpty, more == 0 { return true }
        guard passesLoads(hard, more, extras), passesCounts(hard, more, extras) else {
            return false
        }
        let order = sorted(hard, descending: true)
        let rest = sorted(extras, descending: false)
        return packs(order, more, rest, byLoad: true) || packs(order, more, rest, byLoad: false)
            || searches(order, more, rest)
    }

    private func sorted(_ mask: NUMAMask, descending: Bool) -> [Int] {
        mask.sorted { left, right in
            let (a, b) = (leastLoad[left], leastLoad[right])
            return a != b ? (a < b) != descending : left < right
        }
    }

    /// Every list has one unit of slack, and a NUMA node takes at least its least load.
    private func passesLoads(_ hard: NUMAMask, _ more: Int, _ extras: NUMAMask) -> Bool {
        var total: Int64 = 0
        for node in hard { total += leastLoad[node] }
        if more > 0 {
            total += extras.map { leastLoad[$0] }.sorted().prefix(more).reduce(0, +)
        }
        return total <= Int64(lists.count) * Withholding.unit
    }

    /// How many NUMA nodes each need lets go at most, the smallest amounts first.
    private func passesCounts(_ hard: NUMAMask, _ more: Int, _ extras: NUMAMask) -> Bool {
        let wanted = hard.count + more
        var total = 0
        for list in lists {
            let own = NUMAMask(hard.union(extras).bits & ~list.required.bits)
            var most = own.count
            for kind in list.amounts.indices {
                var left = list.slack[kind]
                var fit = 0
                for amount in own.map({ list.amounts[kind][$0] }).sorted() {
                    left -= amount
                    if left < 0 { break }
                    fit += 1
                }
                most = min(most, fit)
            }
            total += most
            if total >= wanted { return true }
        }
        return false
    }

    private mutating func reset() {
        for index in lists.indices {
            lists[index].left = lists[index].slack
            lists[index].withheld = .none
            lists[index].taken = 0
        }
    }

    /// Gives every NUMA node to the list that it costs the least, or to the one that is left the most slack.
    private mutating func packs(
        _ must: [Int], _ more: Int, _ extras: [Int], byLoad: Bool
    ) -> Bool {
        stepsLeft -= 1
        reset()
        for node in must where !pack(node, byLoad: byLoad) { return false }
        var rest = more
        for node in extras where rest > 0 {
            if pack(node, byLoad: byLoad) { rest -= 1 }
        }
        return rest == 0
    }

    private mutating func pack(_ node: Int, byLoad: Bool) -> Bool {
        var best = -1
        var bestScore = Int64.max
        for index in lists.indices where lists[index].canWithhold(node) {
            let own = load[node * lists.count + index]
            let score = byLoad ? own : lists[index].taken + own
            if score < bestScore { (best, bestScore) = (index, score) }
        }
        guard best >= 0 else { return false }
        lists[best].taken += load[node * lists.count + best]
        lists[best].withhold(node)
        return true
    }

    // MARK: The whole search

    private mutating func searches(_ must: [Int], _ more: Int, _ extras: [Int]) -> Bool {
        reset()
        return place(group(must) + group(extras), 0, must.count, more, from: 0)
    }

    /// Alike NUMA nodes one after another, in the order of the first of each class.
    private func group(_ order: [Int]) -> [Int] {
        var result: [Int] = []
        var rest = order[...]
        while let first = rest.first {
            result += rest.filter { isAlike($0, first) }
            rest = rest.filter { !isAlike($0, first) }[...]
        }
        return result
    }

    /// `order[index...]` are to be placed: the first `must` all, and `more` of the rest. Alike ones go to lists in
    /// ascending order from `start`; the last "list" is to stay.
    private mutating func place(
        _ order: [Int], _ index: Int, _ must: Int, _ more: Int, from start: Int
    ) -> Bool {
        if index >= must, more == 0 { return true }
        stepsLeft -= 1
        guard stepsLeft >= 0 else { return false }
        guard index < order.count, order.count - max(index, must) >= more,
            canStillPlace(order, index, must, more)
        else { return false }
        let node = order[index]
        let isMust = index < must
        let next = index + 1
        let isNextAlike =
            next < order.count && (next < must) == isMust && isAlike(order[next], node)
        for list in start..<lists.count {
            guard lists[list].canWithhold(node) else { continue }
            // Lists that are equal so far are one.
            if (start..<list).contains(where: { lists[$0] == lists[list] }) { continue }
            lists[list].withhold(node)
            if place(order, next, must, isMust ? more : more - 1, from: isNextAlike ? list : 0) {
                return true
            }
            lists[list].giveBack(node)
            if stepsLeft < 0 { return false }
        }
        guard !isMust else { return false }
        // This one stays, and so do those like it.
        var later = next
        while later < order.count, isAlike(order[later], node) { later += 1 }
        return place(order, later, must, more, from: 0)
    }

    /// What is left of the slack, against the least loads of what is to be placed.
    private func canStillPlace(_ order: [Int], _ index: Int, _ must: Int, _ more: Int) -> Bool {
        var room: Int64 = 0
        for list in lists {
            guard !list.amounts.isEmpty else { return true }
            var part: Int64 = 0
            for kind in list.amounts.indices {
                if list.slack[kind] == 0 {
                    part += Withholding.unit
                    continue
                }
                let (high, low) = UInt64(list.left[kind])
                    .multipliedFullWidth(by: UInt64(Withholding.unit))
                part += Int64(UInt64(list.slack[kind]).dividingFullWidth((high, low)).quotient) + 1
            }
            room += part / Int64(list.amounts.count) + 1
        }
        var wanted: Int64 = 0
        for place in index..<max(index, must) { wanted += leastLoad[order[place]] }
        var cheapest = order[max(index, must)...].map { leastLoad[$0] }
        if more > 0 {
            cheapest.sort()
            wanted += cheapest.prefix(more).reduce(0, +)
        }
        return wanted <= room
    }
}
