/// Merges hint lists that someone gives, without trying their cross product.
///
/// Sets of masks do: the best preferred result is the best mask that every list prefers, and what an unpreferred
/// permutation can reach are the ANDs of one mask of each list. The answer is the cross product's for any lists, "any"
/// hints among masks and masks that come twice included. (cm/topologymanager/policy.go, HintMerger.Merge)
///
/// Two lists of every mask of 8 NUMA nodes are 510 hints to read, where the cross product has 65,025 permutations.
///
/// - Complexity: O(hints), for a result that is not preferred also O(lists · nodes · 2^nodes). Memory is taken once.
package struct HintSetMerger: Sendable {
    /// NUMA nodes up to which sets of masks are kept.
    package static let maximumNodes = 16

    /// What decided.
    package enum Rule: String, Sendable {
        /// No list has a preference.
        case noPreference
        /// The narrowest mask that every list prefers.
        case preferredByAll
        /// None is preferred by all: the best one of as many NUMA nodes as the neediest list needs.
        case asWideAsNeeded
        /// Nor is there one of that size: the best of the largest size below.
        case narrowerThanNeeded
        /// Nor below: the narrowest above.
        case widerThanNeeded
        /// No permutation leaves a NUMA node.
        case nothingInCommon
    }

    /// The merged hint before the policy looks at it.
    package struct Merged: Sendable {
        package var hint: TopologyHint
        package var rule: Rule
        /// The largest, over lists, of the size of the narrowest mask.
        package var neededNodes: Int
    }

    package let layout: NUMALayout
    package let policy: any TopologyManagerPolicy
    package let prefersClosest: Bool
    private let question: HintCollector.Question?
    private let words: Int
    /// Masks that every list so far prefers or lets pass, that any prefers, and of the current list.
    private var common: [UInt64]
    private var seen: [UInt64]
    private var current: [UInt64]
    /// Two tables of a count for each mask; filled when a result that is not preferred is first asked for.
    private var counts: [Int64] = []

    /// - Precondition: at most `maximumNodes` NUMA nodes, or a policy that looks at single ones only.
    package init(layout: NUMALayout, policy: any TopologyManagerPolicy, prefersClosest: Bool) {
        self.layout = layout
        self.policy = policy
        self.prefersClosest = prefersClosest && policy.heedsDistances
        question = policy.question
        if case .preferredSingleNode = question {
            words = 0
        } else {
            precondition(
                layout.count <= HintSetMerger.maximumNodes, "sets of masks hold 16 NUMA nodes")
            words = layout.count <= 6 ? 1 : 1 << (layout.count - 6)
        }
        common = Array(repeating: 0, count: words)
        seen = common
        current = common
    }

    /// The policy's answer to the lists.
    package mutating func verdict(on lists: borrowing HintLists) -> TopologyVerdict {
        guard question != nil else {
            return policy.verdict(
                on: TopologyHint(nil, isPreferred: false), allNodes: layout.all)
        }
        return policy.verdict(on: merge(lists).hint, allNodes: layout.all)
    }

    /// The merged hint; meaningless for a policy that asks nobody.
    package mutating func merge(_ lists: borrowing HintLists) -> Merged {
        if case .preferredSingleNode = question { return mergeSingleNodes(lists) }
        return mergePreferred(lists) ?? mergeReachable(lists)
    }

    // MARK: Preferred hints of one NUMA node

    /// Other hints are dropped before the merge, so a result is one NUMA node, or all when every list may be "any".
    /// When no NUMA node is left, some list has no "any" hint, so that what is not read of others does not matter.
    private func mergeSingleNodes(_ lists: borrowing HintLists) -> Merged {
        var everywhere = layout.all.bits
        var somewhere: UInt64 = 0
        var isFree = true
        var isBare = true
        let hints = lists.hints.span
        let ends = lists.ends.span
        var start = 0
        for list in ends.indices {
            var nodes: UInt64 = 0
            var any: UInt64 = 0
            for index in start..<ends[list] {
                // Every NUMA node that is left is in this list: the rest of it changes nothing. The kubelet's lists
                // begin with the single nodes.
                if everywhere & ~nodes == 0 { break }
                let hint = hints[index]
                guard hint.isPreferred else { continue }
                if let mask = hint.affinity {
                    if mask.bits & (mask.bits &- 1) == 0 { nodes |= mask.bits }
                } else {
                    any = ~0
                }
            }
            somewhere |= nodes
            everywhere &= nodes | any
            isFree = isFree && any != 0
            isBare = isBare && ends[list] &- start == 1
            start = ends[list]
        }
        let candidates = everywhere & somewhere
        if candidates != 0 {
            return Merged(
                hint: TopologyHint(NUMAMask(candidates & (0 &- candidates)), isPreferred: true),
                rule: .preferredByAll, neededNodes: 1)
        }
        return Merged(
            hint: TopologyHint(layout.all, isPreferred: isFree),
            rule: isFree ? .noPreference : .nothingInCommon, neededNodes: isBare ? 0 : 1)
    }

    // MARK: Preferred hints

    /// The best mask that every list prefers; nil when there is none.
    private mutating func mergePreferred(_ lists: borrowing HintLists) -> Merged? {
        let all = layout.all.bits
        for word in 0..<words {
            common[word] = ~0
            seen[word] = 0
        }
        var isFree = true
        var start = 0
        let hints = lists.hints.span
        let ends = lists.ends.span
        for list in ends.indices {
            for word in 0..<words { current[word] = 0 }
            var isAny = false
            var isPreferred = false
            for index in start..<ends[list] {
                let hint = hints[index]
                guard hint.isPreferred else { continue }
                isPreferred = true
                if let mask = hint.affinity {
                    current[Int(mask.bits &>> 6)] |= 1 &<< (mask.bits & 63)
                } else {
                    isAny = true
                }
            }
            // A list that prefers nothing settles it.
            guard isPreferred else { return nil }
            for word in 0..<words {
                seen[word] |= current[word]
                if !isAny { common[word] &= current[word] }
            }
            isFree = isFree && isAny
            start = ends[list]
        }
        var best = isFree ? NUMAMask(all) : .none
        for word in 0..<words {
            var rest = common[word] & seen[word]
            while rest != 0 {
                let mask = NUMAMask(UInt64(word &* 64 &+ rest.trailingZeroBitCount))
                rest &= rest &- 1
                if !mask.isEmpty, best.isEmpty || isBetter(mask, than: best) { best = mask }
            }
        }
        guard !best.isEmpty else { return nil }
        return Merged(
            hint: TopologyHint(best, isPreferred: true),
            rule: isFree && best.bits == all ? .noPreference : .preferredByAll,
            neededNodes: best.count)
    }

    /// Fewer NUMA nodes; else with `prefer-closest-numa-nodes` smaller distances; else the smaller value.
    private func isBetter(_ mask: NUMAMask, than best: NUMAMask) -> Bool {
        let (size, bestSize) = (mask.count, best.count)
        if size != bestSize { return size < bestSize }
        if prefersClosest {
            let (near, far) = (layout.distanceSum(mask), layout.distanceSum(best))
            if near != far { return near < far }
        }
        return mask.bits < best.bits
    }

    // MARK: Hints that not all prefer

    /// Of all ANDs of one mask of each list: as wide as the neediest list needs, else the widest below, else the
    /// narrowest above.
    private mutating func mergeReachable(_ lists: borrowing HintLists) -> Merged {
        let all = layout.all
        for word in 0..<words { common[word] = 0 }
        HintSetMerger.insert(all, into: &common)
        var needed = 0
        var start = 0
        for end in lists.ends {
            var narrowest = Int.max
            var number = 0
            for word in 0..<words { current[word] = 0 }
            for index in start..<end {
                let hint = lists.hints[index]
                HintSetMerger.insert(hint.affinity ?? all, into: &current)
                number += 1
                if let mask = hint.affinity { narrowest = min(narrowest, mask.count) }
            }
            if narrowest != Int.max { needed = max(needed, narrowest) }
            if number == 1 {
                keepMeets(with: lists.hints[start].affinity ?? all)
            } else {
                keepMeetsWithCurrent(isFirst: start == 0)
            }
            start = end
        }
        var best = NUMAMask.none
        for word in 0..<words {
            var rest = common[word]
            while rest != 0 {
                let mask = NUMAMask(UInt64(word &* 64 &+ rest.trailingZeroBitCount))
                rest &= rest &- 1
                guard !mask.isEmpty else { continue }
                if best.isEmpty || isBetter(mask, than: best, needed: needed) { best = mask }
            }
        }
        guard !best.isEmpty else {
            return Merged(
                hint: TopologyHint(all, isPreferred: false), rule: .nothingInCommon,
                neededNodes: needed)
        }
        let rule: Rule =
            best.count == needed
            ? .asWideAsNeeded : best.count < needed ? .narrowerThanNeeded : .widerThanNeeded
        return Merged(
            hint: TopologyHint(best, isPreferred: false), rule: rule, neededNodes: needed)
    }

    private func isBetter(_ mask: NUMAMask, than best: NUMAMask, needed: Int) -> Bool {
        let (size, bestSize) = (mask.count, best.count)
        guard size != bestSize else { return isBetter(mask, than: best) }
        if bestSize > needed { return size < bestSize }
        return size <= needed && size > bestSize
    }

    private static func insert(_ mask: NUMAMask, into set: inout [UInt64]) {
        set[Int(mask.bits &>> 6)] |= 1 &<< (mask.bits & 63)
    }

    /// `common` becomes the ANDs of its masks with one mask.
    private mutating func keepMeets(with mask: NUMAMask) {
        guard mask != layout.all else { return }
        for word in 0..<words { current[word] = 0 }
        for word in 0..<words {
            var rest = common[word]
            while rest != 0 {
                let other = UInt64(word &* 64 &+ rest.trailingZeroBitCount)
                rest &= rest &- 1
                HintSetMerger.insert(NUMAMask(other & mask.bits), into: &current)
            }
        }
        swap(&common, &current)
    }

    /// `common` becomes the ANDs of its masks with those of `current`.
    private mutating func keepMeetsWithCurrent(isFirst: Bool) {
        // The first list meets all NUMA nodes in itself.
        guard !isFirst else { return swap(&common, &current) }
        let size = 1 << layout.count
        if counts.isEmpty { counts = Array(repeating: 0, count: 2 * size) }
        for mask in 0..<size {
            counts[mask] = Int64(common[mask &>> 6] &>> UInt64(mask & 63) & 1)
            counts[size &+ mask] = Int64(current[mask &>> 6] &>> UInt64(mask & 63) & 1)
        }
        counts.withUnsafeMutableBufferPointer { counts in
            let ours = UnsafeMutableBufferPointer(rebasing: counts[..<size])
            let theirs = UnsafeMutableBufferPointer(rebasing: counts[size...])
            // How many supersets each mask has in either set; their products count pairs above the mask, and taking
            // away the pairs above larger masks leaves the pairs that meet exactly in it.
            HintSetMerger.forEachPair(size) { low, high in
                ours[low] &+= ours[high]
                theirs[low] &+= theirs[high]
            }
            for mask in 0..<size { ours[mask] &*= theirs[mask] }
            HintSetMerger.forEachPair(size) { low, high in ours[low] &-= ours[high] }
        }
        for word in 0..<words { common[word] = 0 }
        for mask in 0..<size where counts[mask] != 0 {
            common[mask &>> 6] |= 1 &<< UInt64(mask & 63)
        }
    }

    /// Calls `body` with every mask and the one that has one more node, node by node.
    @inline(__always)
    private static func forEachPair(_ size: Int, _ body: (Int, Int) -> Void) {
        var bit = 1
        while bit < size {
            var start = 0
            while start < size {
                for low in start..<start + bit { body(low, low &+ bit) }
                start += 2 * bit
            }
            bit *= 2
        }
    }
}
