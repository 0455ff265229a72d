/// The sum of distances of a growing mask, as far as masks of one size differ in it, and what it must at least become.
struct MaskCost {
    /// Minus the sum of squares per group, or twice the sum of distances.
    private var cost = 0
    private var usesGroups = false
    // Groups.
    private var groupOf: [Int] = []
    private var groupCount = 0
    private var taken: [Int] = []
    /// Undecided NUMA nodes of each group among the first `end`: `end * groupCount + group`.
    private var room: [Int] = []
    private var order: [Int] = []
    /// The most of each group that a mask can have.
    private var most: [Int] = []
    // Any distances: what each NUMA node adds to the pairs with those in the mask.
    private var added: [Int] = []
    private var nodeOf: [Int] = []
    private var scratch: [Int] = []

    mutating func prepare(_ layout: NUMALayout, _ nodes: [Int], _ base: NUMAMask, _ more: Int) {
        cost = 0
        if case .groups = layout.levels.shape {
            usesGroups = true
            var ids: [Int] = []
            groupOf = nodes.map { node in
                let group = layout.levels.group[node]
                if let id = ids.firstIndex(of: group) { return id }
                ids.append(group)
                return ids.count - 1
            }
            groupCount = ids.count
            taken = ids.map { id in base.reduce(0) { $0 + (layout.levels.group[$1] == id ? 1 : 0) }
            }
            most = taken.map { $0 + nodes.count }
            room = Array(repeating: 0, count: (nodes.count + 1) * groupCount)
            for index in nodes.indices {
                for group in 0..<groupCount {
                    room[(index + 1) * groupCount + group] =
                        room[index * groupCount + group] + (groupOf[index] == group ? 1 : 0)
                }
            }
            // Groups that only required NUMA nodes are in add a constant.
            cost = -taken.reduce(0) { $0 + $1 * $1 }
            return
        }
        usesGroups = false
        nodeOf = nodes
        let (pair, own, count) = (layout.levels.pair, layout.levels.own, layout.count)
        cost = 2 * layout.distanceSum(base)
        added = nodes.map { node in
            own[node] + base.reduce(0) { $0 + pair[node * count + $1] }
        }
    }

    /// `fit` tells how many of the given ones (positions among the NUMA nodes) a mask can have at most.
    mutating func limitGroups(_ fit: ([Int]) -> Int) {
        guard usesGroups else { return }
        for group in 0..<groupCount {
            let members = groupOf.indices.filter { groupOf[$0] == group }
            // Required ones are in already.
            most[group] = min(most[group], taken[group] + fit(members))
        }
    }

    private func roomLeft(_ group: Int, _ row: Int) -> Int {
        max(0, min(room[row + group], most[group] - taken[group]))
    }

    mutating func add(_ index: Int, _ layout: NUMALayout, _ nodes: [Int]) {
        if usesGroups {
            let group = groupOf[index]
            cost -= 2 * taken[group] + 1
            taken[group] += 1
            return
        }
        cost += 2 * added[index]
        change(index, layout, nodes, by: 1)
    }

    mutating func remove(_ index: Int, _ layout: NUMALayout, _ nodes: [Int]) {
        if usesGroups {
            let group = groupOf[index]
            taken[group] -= 1
            cost += 2 * taken[group] + 1
            return
        }
        change(index, layout, nodes, by: -1)
        cost -= 2 * added[index]
    }

    private mutating func change(_ index: Int, _ layout: NUMALayout, _ nodes: [Int], by sign: Int) {
        let row = nodes[index] * layout.count
        for other in 0..<index { added[other] += sign * layout.levels.pair[row + nodes[other]] }
    }

    /// No way to add `more` of the first `end` NUMA nodes costs less.
    mutating func bound(_ end: Int, _ more: Int, _ layout: NUMALayout) -> Int {
        guard more > 0 else { return cost }
        return usesGroups ? groupBound(end, more) : distanceBound(end, more, layout)
    }

    /// A sum of squares grows the most where one group takes as many as it has room for; adding y to k adds
    /// y(2k + y), at most y(2k + room).
    private mutating func groupBound(_ end: Int, _ more: Int) -> Int {
        let row = end * groupCount
        var mixed = -1
        var mixedCount = 0
        order.removeAll(keepingCapacity: true)
        for group in 0..<groupCount where roomLeft(group, row) > 0 {
            if taken[group] > 0 {
                mixed = group
                mixedCount += 1
            }
            let worth = 2 * taken[group] + min(roomLeft(group, row), more)
            var place = order.count
            order.append(group)
            while place > 0, self.worth(order[place - 1], row, more) < worth {
                order[place] = order[place - 1]
                place -= 1
            }
            order[place] = group
        }
        if mixedCount <= 1 {
            // Exact: try every part for the group that has some already; the others begin at 0 and fill up.
            var most = Int.min
            let limit = mixedCount == 0 ? 0 : min(roomLeft(mixed, row), more)
            for part in 0...limit {
                var gain = mixedCount == 0 ? 0 : part * (2 * taken[mixed] + part)
                var rest = more - part
                // `order` is by room for groups without any.
                for group in order where group != mixed {
                    let share = min(rest, roomLeft(group, row))
                    gain += share * share
                    rest -= share
                }
                if rest == 0 { most = max(most, gain) }
            }
            return most == Int.min ? Int.max : cost - most
        }
        var rest = more
        var gain = 0
        for group in order {
            let share = min(rest, roomLeft(group, row))
            gain += share * worth(group, row, more)
            rest -= share
        }
        guard rest == 0 else { return Int.max }
        return cost - gain
    }

    private func worth(_ group: Int, _ row: Int, _ more: Int) -> Int {
        2 * taken[group] + min(roomLeft(group, row), more)
    }

    /// Each new NUMA node pays for the pairs with the mask, and half of the cheapest pairs with other new ones.
    private mutating func distanceBound(_ end: Int, _ more: Int, _ layout: NUMALayout) -> Int {
        scratch.removeAll(keepingCapacity: true)
        for index in 0..<end {
            let price = 2 * added[index] + nearest(index, more - 1, layout)
            var place = scratch.count
            while place > 0, scratch[place - 1] > price { place -= 1 }
            if place < more {
                if scratch.count == more { scratch.removeLast() }
                scratch.insert(price, at: place)
            }
        }
        return scratch.count < more ? Int.max : scratch.reduce(cost, +)
    }

    private func nearest(_ index: Int, _ count: Int, _ layout: NUMALayout) -> Int {
        layout.levels.nearest[nodeOf[index] * layout.count + count]
    }
}
