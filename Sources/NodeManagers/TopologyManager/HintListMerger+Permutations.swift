import Records

extension HintListMerger {
    /// Whether the policy lets a hint into the merge.
    package func keeps(_ hint: TopologyHint) -> Bool {
        guard case .preferredSingleNode = policy.question else { return true }
        return hint.isPreferred && hint.affinity?.isSingle ?? true
    }

    /// One hint of each list, what they amount to, and whether that becomes the best so far.
    struct Permutation {
        var hints: [TopologyHint]
        var result: TopologyHint
        var effect: MergeExplanation.Permutation.Effect
    }

    /// Every permutation in the kubelet's order, for people; `lists` as the policy lets them into the merge.
    func permutations(of lists: HintLists) -> [Permutation] {
        var permutations: [Permutation] = []
        let widest =
            (0..<lists.count).compactMap { lists[$0].compactMap(\.affinity?.count).min() }.max()
            ?? 0
        var best: TopologyHint?
        forEachPermutation(of: lists, from: 0, []) { hints in
            let result = merged(hints)
            guard result.affinity?.isEmpty == false else {
                permutations.append(
                    Permutation(hints: hints, result: result, effect: .nothingInCommon))
                return
            }
            let next = best.map { better($0, result, widest: widest) } ?? result
            let isTaken = best == nil || next != best
            permutations.append(
                Permutation(hints: hints, result: result, effect: isTaken ? .taken : .notBetter))
            best = next
        }
        return permutations
    }

    private func forEachPermutation(
        of lists: HintLists, from position: Int, _ hints: [TopologyHint],
        _ body: ([TopologyHint]) -> Void
    ) {
        guard position < lists.count else { return body(hints) }
        for hint in lists[position] {
            forEachPermutation(of: lists, from: position + 1, hints + [hint], body)
        }
    }

    /// The AND of the masks; preferred when all are preferred and all masks are equal.
    private func merged(_ hints: [TopologyHint]) -> TopologyHint {
        let masks = hints.compactMap(\.affinity)
        return TopologyHint(
            masks.reduce(layout.all) { $0.intersection($1) },
            isPreferred: hints.allSatisfy(\.isPreferred) && masks.allSatisfy { $0 == masks[0] })
    }
}
