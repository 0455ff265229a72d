/// Fewer nodes, then the smaller mask.
func isNarrower(_ left: UInt64, _ right: UInt64) -> Bool {
    (left.nonzeroBitCount, left) < (right.nonzeroBitCount, right)
}

/// README section 5: lists, their cross product as written, and the policies.
package struct LiteralTopologyManager {
    /// Ids, ascending.
    package var nodes: [Int]
    package var distances: [[Int]]
    package var policy: String
    package var prefersClosest: Bool

    package init(nodes: [Int], distances: [[Int]], policy: String, prefersClosest: Bool) {
        self.nodes = nodes
        self.distances = distances
        self.policy = policy
        self.prefersClosest = prefersClosest
        all = mask(of: nodes)
    }

    let all: UInt64

    /// Hints of each provider to one hint and the verdict.
    package func merge(_ providers: [LiteralHints]) -> (hint: LiteralHint, admits: Bool) {
        if policy == "none" { return (LiteralHint(nil, false), true) }
        var lists: [[LiteralHint]] = []
        for provider in providers {
            if provider.isEmpty { lists.append([LiteralHint(nil, true)]) }
            for (_, hints) in provider {
                guard let hints else {
                    lists.append([LiteralHint(nil, true)])
                    continue
                }
                lists.append(hints.isEmpty ? [LiteralHint(nil, false)] : hints)
            }
        }
        if policy == "single-numa-node" {
            lists = lists.map { list in
                list.filter { $0.preferred && ($0.mask?.nonzeroBitCount ?? 1) == 1 }
            }
        }
        var best = combine(lists)
        switch policy {
        case "best-effort": return (best, true)
        case "restricted": return (best, best.preferred)
        default:
            if best.mask == all { best.mask = nil }
            return (best, best.preferred)
        }
    }

    func combine(_ lists: [[LiteralHint]]) -> LiteralHint {
        // The largest, over resources, of the size of the narrowest hint.
        var largestNarrowest = 0
        for list in lists {
            if let narrowest = list.compactMap({ $0.mask?.nonzeroBitCount }).min() {
                largestNarrowest = max(largestNarrowest, narrowest)
            }
        }
        var best: LiteralHint?
        permute(lists, 0, all, nil, true, largestNarrowest, &best)
        return best ?? LiteralHint(all, false)
    }

    /// Every way to choose one hint of each list from `position` on.
    private func permute(
        _ lists: [[LiteralHint]], _ position: Int, _ sum: UInt64, _ first: UInt64?,
        _ preferred: Bool, _ largestNarrowest: Int, _ best: inout LiteralHint?
    ) {
        if position == lists.count {
            if sum == 0 { return }
            let candidate = LiteralHint(sum, preferred)
            best = best.map { better($0, candidate, largestNarrowest) } ?? candidate
            return
        }
        for hint in lists[position] {
            let mask = hint.mask
            permute(
                lists, position + 1, sum & (mask ?? all), first ?? mask,
                preferred && hint.preferred && (mask == nil || mask == first ?? mask),
                largestNarrowest, &best)
        }
    }

    func better(
        _ current: LiteralHint, _ candidate: LiteralHint, _ largestNarrowest: Int
    ) -> LiteralHint {
        if current.preferred != candidate.preferred {
            return current.preferred ? current : candidate
        }
        let byRule = isBetter(candidate.mask!, than: current.mask!) ? candidate : current
        if current.preferred { return byRule }
        let (old, new) = (current.mask!.nonzeroBitCount, candidate.mask!.nonzeroBitCount)
        if old > largestNarrowest { return byRule }
        if old == largestNarrowest { return new == largestNarrowest ? byRule : current }
        if new > largestNarrowest { return current }
        if new == largestNarrowest { return candidate }
        if new != old { return new > old ? candidate : current }
        return byRule
    }

    func isBetter(_ candidate: UInt64, than current: UInt64) -> Bool {
        if candidate == current { return false }
        let isSameSize = candidate.nonzeroBitCount == current.nonzeroBitCount
        if prefersClosest, policy != "single-numa-node", isSameSize {
            let (new, old) = (meanDistance(candidate), meanDistance(current))
            return new == old ? candidate < current : new < old
        }
        return isNarrower(candidate, current)
    }

    /// Over all ordered pairs, a node with itself included.
    func meanDistance(_ mask: UInt64) -> Double {
        let own = nodes.indices.filter { contains(mask, nodes[$0]) }
        let sum = own.reduce(0) { sum, from in own.reduce(sum) { $0 + distances[from][$1] } }
        return Double(sum) / Double(own.count * own.count)
    }
}
