/// The kubelet's merge of hint lists as it is written: every permutation of one hint a list, best one kept.
///
/// `HintCollector` gives the same answer without lists; this is what it is compared with, and what merges lists
/// that someone else made. Its cost is the product of the lists' lengths. (cm/topologymanager/policy.go)
package struct HintListMerger {
    package let layout: NUMALayout
    package let policy: any TopologyManagerPolicy
    package let prefersClosest: Bool
    /// Permutations after which a real kubelet would stall for long; then there is no answer.
    package static let workLimit = 200_000_000

    package init(
        layout: NUMALayout, policy: any TopologyManagerPolicy, prefersClosest: Bool
    ) {
        self.layout = layout
        self.policy = policy
        self.prefersClosest = prefersClosest && policy.heedsDistances
    }

    /// Nil in `lists` is "no preference", an empty list "impossible".
    package func merge(_ lists: [[TopologyHint]?]) -> TopologyVerdict? {
        guard let question = policy.question else {
            return policy.verdict(
                on: TopologyHint(nil, isPreferred: false), allNodes: layout.all)
        }
        var filled = lists.map { list -> [TopologyHint] in
            guard let list else { return [TopologyHint(nil, isPreferred: true)] }
            return list.isEmpty ? [TopologyHint(nil, isPreferred: false)] : list
        }
        if case .preferredSingleNode = question {
            filled = filled.map { list in
                list.filter { $0.isPreferred && $0.affinity?.isSingle ?? true }
            }
        }
        var work = 1
        for list in filled {
            let (product, overflow) = work.multipliedReportingOverflow(by: list.count)
            if overflow || product > HintListMerger.workLimit { return nil }
            work = product
        }
        let widest = filled.compactMap { $0.compactMap(\.affinity?.count).min() }.max() ?? 0
        var best: TopologyHint?
        extend(filled[...], TopologyHint(layout.all, isPreferred: true), nil) { candidate in
            guard !candidate.affinity!.isEmpty else { return }
            if let current = best {
                best = better(current, candidate, widest: widest)
            } else {
                best = candidate
            }
        }
        return policy.verdict(
            on: best ?? TopologyHint(layout.all, isPreferred: false), allNodes: layout.all)
    }

    /// Every permutation: the AND of its masks, preferred when all are preferred and all masks are equal.
    private func extend(
        _ lists: ArraySlice<[TopologyHint]>, _ merged: TopologyHint, _ first: NUMAMask?,
        _ body: (TopologyHint) -> Void
    ) {
        guard let list = lists.first else { return body(merged) }
        for hint in list {
            var next = merged
            var mask = first
            next.isPreferred = next.isPreferred && hint.isPreferred
            if let affinity = hint.affinity {
                if let first, first != affinity { next.isPreferred = false }
                mask = first ?? affinity
                next.affinity = next.affinity!.intersection(affinity)
            }
            extend(lists.dropFirst(), next, mask, body)
        }
    }

    /// The kubelet's comparison, case by case. (HintMerger.compare)
    func better(
        _ current: TopologyHint, _ candidate: TopologyHint, widest: Int
    ) -> TopologyHint {
        if current.isPreferred != candidate.isPreferred {
            return current.isPreferred ? current : candidate
        }
        if current.isPreferred { return narrower(current, candidate) }
        let (have, offered) = (current.affinity!.count, candidate.affinity!.count)
        // 1: wider than any resource needs.
        if have > widest { return narrower(current, candidate) }
        // 2: as wide as the neediest resource needs.
        if have == widest { return offered == widest ? narrower(current, candidate) : current }
        // 3: narrower than that.
        if offered > widest { return current }
        if offered == widest { return candidate }
        if offered != have { return offered > have ? candidate : current }
        return narrower(current, candidate)
    }

    private func narrower(_ current: TopologyHint, _ candidate: TopologyHint) -> TopologyHint {
        let (a, b) = (current.affinity!, candidate.affinity!)
        guard a != b else { return current }
        if a.count != b.count { return a.count < b.count ? current : candidate }
        if prefersClosest {
            let (near, far) = (layout.distanceSum(a), layout.distanceSum(b))
            if near != far { return near < far ? current : candidate }
        }
        return a.bits < b.bits ? current : candidate
    }
}
