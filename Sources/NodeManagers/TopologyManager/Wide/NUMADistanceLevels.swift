/// What the distances of a machine have in common, found once for a layout.
package struct NUMADistanceLevels: Sendable {
    package enum Shape: Sendable {
        /// Masks of one size are all equally close.
        case uniform
        /// NUMA nodes of one group (a socket) are equally close, and all others equally farther away: a mask is
        /// the closer, the larger the sum of the squares of its NUMA nodes per group.
        case groups
        case other
    }

    let shape: Shape
    /// The group of each NUMA node.
    let group: [Int]
    /// NUMA nodes that may change places without changing any sum of distances; the number is the first of them.
    let twin: [Int]
    /// Both directions of each pair.
    let pair: [Int]
    let own: [Int]
    /// Sums of the 0, 1, 2, … smallest `pair` of each NUMA node.
    let nearest: [Int]

    init(count: Int, distances: [Int]) {
        var pair = Array(repeating: 0, count: count * count)
        for from in 0..<count {
            for to in 0..<count where to != from {
                pair[from * count + to] =
                    distances[from * count + to] + distances[to * count + from]
            }
        }
        own = (0..<count).map { distances[$0 * count + $0] }
        self.pair = pair
        var nearest: [Int] = []
        for node in 0..<count {
            var sum = 0
            nearest.append(0)
            for value in (0..<count).filter({ $0 != node }).map({ pair[node * count + $0] })
                .sorted()
            {
                sum += value
                nearest.append(sum)
            }
        }
        self.nearest = nearest
        (shape, group) = NUMADistanceLevels.groups(count, pair, own)
        if shape == .other {
            twin = NUMADistanceLevels.twins(count, pair, own)
        } else {
            twin = group
        }
    }

    private static func groups(_ count: Int, _ pair: [Int], _ own: [Int]) -> (Shape, [Int]) {
        let none = Array(repeating: 0, count: count)
        guard own.allSatisfy({ $0 == own[0] }) else { return (.other, none) }
        var values: Set<Int> = []
        for from in 0..<count {
            for to in 0..<from { values.insert(pair[from * count + to]) }
        }
        guard values.count > 1 else { return (.uniform, none) }
        guard values.count == 2, let near = values.min() else { return (.other, none) }
        var group = Array(repeating: -1, count: count)
        for node in 0..<count {
            group[node] =
                (0..<node).first { pair[node * count + $0] == near }.map { group[$0] } ?? node
        }
        for from in 0..<count {
            for to in 0..<from
            where (group[from] == group[to]) != (pair[from * count + to] == near) {
                return (.other, none)
            }
        }
        return (.groups, group)
    }

    private static func twins(_ count: Int, _ pair: [Int], _ own: [Int]) -> [Int] {
        var twin = Array(0..<count)
        for node in 0..<count {
            for other in 0..<node where twin[other] == other && own[other] == own[node] {
                let isTwin = (0..<count).allSatisfy {
                    $0 == node || $0 == other
                        || pair[node * count + $0] == pair[other * count + $0]
                }
                if isTwin {
                    twin[node] = other
                    break
                }
            }
        }
        return twin
    }
}
