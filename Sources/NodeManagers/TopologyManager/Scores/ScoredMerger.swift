/// The kubelet's merge with scores: among the equally wide and equally close, the most or the least allocated.
///
/// Which width and closeness win is the unscored merge's answer, so that a score never widens a hint nor changes the
/// policy's verdict. Only permutations that end there are gone through, in the kubelet's order, because a
/// mask that is not preferred arises from many and the comparison with unscored masks depends on their order.
/// (KEP-6007, its unmerged code; cm/topologymanager/policy.go, HintMerger)
package struct ScoredMerger {
    /// The hints of one resource, and of each how much of its NUMA nodes is taken; 0 is "not scored".
    package struct List: Sendable {
        /// Nil is "no preference", empty is "impossible".
        package var hints: [TopologyHint]?
        package var scores: [Int]
        package var weight: Int

        package init(hints: [TopologyHint]?, scores: [Int], weight: Int) {
            self.hints = hints
            self.scores = scores
            self.weight = weight
        }
    }

    package struct Merged: Sendable {
        package var hint: TopologyHint
        /// Of the merged hint; 0 is "not scored".
        package var score = 0
        /// The merge without scores.
        package var unscored: HintSetMerger.Merged
        /// More permutations than a kubelet gets through.
        package var isBeyondLimit = false

        /// What the KEP's counter of selections counts.
        package var isDecidedByScore: Bool { hint != unscored.hint }
    }

    package let layout: NUMALayout
    package let policy: any TopologyManagerPolicy
    package let prefersClosest: Bool
    package let strategy: NUMAAllocationStrategy

    package init(
        layout: NUMALayout, policy: any TopologyManagerPolicy, prefersClosest: Bool,
        strategy: NUMAAllocationStrategy
    ) {
        self.layout = layout
        self.policy = policy
        self.prefersClosest = prefersClosest && policy.heedsDistances
        self.strategy = strategy
    }

    /// - Precondition: at most `HintSetMerger.maximumNodes` NUMA nodes.
    package func merge(_ lists: [List]) -> Merged {
        var sets = HintSetMerger(layout: layout, policy: policy, prefersClosest: prefersClosest)
        let unscored = sets.merge(HintLists(lists.map(\.hints)))
        var merged = Merged(hint: unscored.hint, unscored: unscored)
        switch unscored.rule {
        case .noPreference, .nothingInCommon: return merged
        default: break
        }
        // The others refuse what is not preferred.
        guard unscored.hint.isPreferred || policy.usesUnpreferredHints,
            let best = unscored.hint.affinity
        else { return merged }
        var search = Search(
            layout: layout, lists: lists.map(kept), strategy: strategy,
            isPreferred: unscored.hint.isPreferred, size: best.count,
            distance: prefersClosest ? layout.distanceSum(best) : nil)
        search.extend(from: 0, layout.all, nil, sum: 0, weight: 0)
        merged.isBeyondLimit = search.stepsLeft < 0
        merged.hint.affinity = search.best ?? best
        merged.score = search.bestScore
        return merged
    }

    /// What the policy lets into the merge; lists without hints as the kubelet's merge reads them.
    private func kept(_ list: List) -> [Search.Hint] {
        let literal = HintListMerger(
            layout: layout, policy: policy, prefersClosest: prefersClosest)
        guard let hints = list.hints, !hints.isEmpty else {
            let stand = TopologyHint(nil, isPreferred: list.hints == nil)
            return literal.keeps(stand) ? [Search.Hint(hint: stand, score: 0, weight: 0)] : []
        }
        var result: [Search.Hint] = []
        for (index, hint) in hints.enumerated() where literal.keeps(hint) {
            let counts = hint.affinity != nil && list.scores[index] > 0
            result.append(
                Search.Hint(
                    hint: hint, score: list.scores[index], weight: counts ? list.weight : 0))
        }
        return result
    }
}

extension ScoredMerger {
    /// Permutations of one width and closeness, in the kubelet's order, the best one kept.
    private struct Search {
        struct Hint {
            var hint: TopologyHint
            var score: Int
            /// 0 where there is nothing to count.
            var weight: Int
        }

        let layout: NUMALayout
        let lists: [[Hint]]
        let strategy: NUMAAllocationStrategy
        let isPreferred: Bool
        let size: Int
        let distance: Int?
        var best: NUMAMask?
        var bestScore = 0
        var stepsLeft = HintListMerger.workLimit

        init(
            layout: NUMALayout, lists: [[Hint]], strategy: NUMAAllocationStrategy,
            isPreferred: Bool, size: Int, distance: Int?
        ) {
            self.layout = layout
            self.lists = lists
            self.strategy = strategy
            self.isPreferred = isPreferred
            self.size = size
            self.distance = distance
        }

        mutating func extend(
            from position: Int, _ mask: NUMAMask, _ first: NUMAMask?, sum: Int, weight: Int
        ) {
            guard position < lists.count else {
                return offer(mask, score: weight > 0 ? sum / weight : 0)
            }
            for index in lists[position].indices {
                stepsLeft -= 1
                guard stepsLeft >= 0 else { return }
                let item = lists[position][index]
                var next = mask
                if isPreferred {
                    guard item.hint.isPreferred else { continue }
                    if let own = item.hint.affinity, let first, own != first { continue }
                }
                if let own = item.hint.affinity { next = mask.intersection(own) }
                guard next.count >= size else { continue }
                extend(
                    from: position + 1, next, first ?? item.hint.affinity,
                    sum: sum + item.weight * item.score, weight: weight + item.weight)
            }
        }

        private mutating func offer(_ mask: NUMAMask, score: Int) {
            guard mask.count == size else { return }
            if let distance, layout.distanceSum(mask) != distance { return }
            guard let current = best else {
                best = mask
                bestScore = score
                return
            }
            guard mask != current, isBetter(mask, score, than: current) else { return }
            best = mask
            bestScore = score
        }

        private func isBetter(_ mask: NUMAMask, _ score: Int, than current: NUMAMask) -> Bool {
            if score != 0, bestScore != 0, score != bestScore {
                return strategy == .mostAllocated ? score > bestScore : score < bestScore
            }
            return mask.bits < current.bits
        }
    }
}
