package import Primitives

/// Gathers what every resource of one request wants, and merges as it gathers.
///
/// The kubelet lists hints and tries their cross product. The best preferred result, however, is the best mask
/// that every list prefers, and the masks that an unpreferred permutation can reach are the ANDs of one mask of
/// each list; so sets of masks are enough, and for `single-numa-node` sets of nodes. (cm/topologymanager/policy.go)
package struct HintCollector {
    /// What the policy needs to know.
    package enum Question {
        /// The best preferred mask of one NUMA node.
        case preferredSingleNode
        /// The best preferred mask.
        case preferred
        /// The best mask that no list need prefer; asked when there is no preferred one.
        case reachable
    }

    /// What an empty list means to the merge.
    package enum EmptyList {
        /// No way to satisfy the request: any NUMA nodes, not preferred.
        case impossible
        /// The Memory Manager's empty map: any NUMA nodes, preferred.
        case noPreference
    }

    package let layout: NUMALayout
    package let question: Question
    /// Where lists are written down for people; nil in a run.
    package var trace: HintTrace?

    private var isPreferred = true
    private var sawMasks = false
    private var singleNodes = ~UInt64(0)
    /// Meaningful once `sawMasks`, or for `reachable` from the start.
    private var masks = MaskSet()
    /// The largest, over resources, of the size of the narrowest hint.
    private var widestNeed = 0
    /// Lists of a machine with too many NUMA nodes for sets of masks.
    private var wide: WideMerge?
    private var isBeyondLimit = false

    package init(layout: NUMALayout, question: Question, trace: HintTrace? = nil) {
        self.layout = layout
        self.question = question
        self.trace = trace
        if layout.isWide {
            wide = WideMerge(layout)
        } else if question == .reachable {
            masks.insert(layout.all)
        }
    }

    /// The lists are told as families.
    package var isWide: Bool { layout.isWide }

    /// The masks of `family`, once for each of `resources`.
    package mutating func add(
        _ family: HintFamily, of resources: [ResourceIndex], whenNone: EmptyList = .impossible
    ) {
        trace?.add(family, of: resources, layout, whenNone: whenNone)
        if !family.isEmpty {
            wide?.add(family, copies: resources.count)
            sawMasks = true
        } else if whenNone == .impossible {
            isPreferred = false
        }
    }

    /// A resource whose fewest NUMA nodes took too long to find.
    package mutating func stall() { isBeyondLimit = true }

    /// The resource can be had anywhere.
    package mutating func noPreference(_ resource: ResourceIndex) {
        trace?.add(resource, nil)
    }

    /// The resource cannot be had.
    package mutating func impossible(_ resource: ResourceIndex) {
        trace?.add(resource, [])
        isPreferred = false
    }

    /// The masks over `domain` for which `isPossible` holds; those of `preferredSize` nodes are preferred, and
    /// those for which `isAlsoPreferred` holds.
    package mutating func masks(
        _ resource: ResourceIndex, over domain: NUMAMask, preferredSize: Int,
        whenNone: EmptyList = .impossible, isAlsoPreferred: ((NUMAMask) -> Bool)? = nil,
        isPossible: (NUMAMask) -> Bool
    ) {
        if let trace {
            var list: [TopologyHint] = []
            layout.forEachMask(of: domain) { mask in
                guard isPossible(mask) else { return }
                list.append(
                    TopologyHint(
                        mask,
                        isPreferred: mask.count == preferredSize
                            || isAlsoPreferred?(mask) ?? false))
            }
            if !list.isEmpty {
                trace.add(resource, list)
            } else if whenNone == .impossible {
                trace.add(resource, [])
            }
        }
        switch question {
        case .preferredSingleNode:
            var nodes: UInt64 = 0
            for node in domain {
                let mask = NUMAMask(node: node)
                guard preferredSize == 1 || isAlsoPreferred?(mask) ?? false else { continue }
                if isPossible(mask) { nodes |= mask.bits }
            }
            if nodes == 0, whenNone == .noPreference, !existsMask(of: domain, isPossible) {
                return
            }
            singleNodes &= nodes
            sawMasks = true
        case .preferred:
            var set = MaskSet()
            var isEmpty = true
            forEachSubset(of: domain) { mask in
                guard mask.count == preferredSize || isAlsoPreferred?(mask) ?? false,
                    isPossible(mask)
                else { return }
                set.insert(mask)
                isEmpty = false
            }
            if isEmpty, whenNone == .noPreference, !existsMask(of: domain, isPossible) { return }
            for word in 0..<layout.maskWordCount {
                masks[word: word] = sawMasks ? masks[word: word] & set[word: word] : set[word: word]
            }
            sawMasks = true
        case .reachable:
            var set = MaskSet()
            var narrowest = Int.max
            forEachSubset(of: domain) { mask in
                guard isPossible(mask) else { return }
                set.insert(mask)
                narrowest = min(narrowest, mask.count)
            }
            // Empty lists are "any" hints, which neither narrow the result nor count for `widestNeed`.
            guard narrowest != Int.max else { return }
            // The first list meets all NUMA nodes in itself.
            masks = sawMasks ? meets(masks, set) : set
            widestNeed = max(widestNeed, narrowest)
            sawMasks = true
        }
    }

    // MARK: The merged hint

    package enum WideAnswer: Hashable, Sendable {
        case preferred(NUMAMask)
        case notPreferred(NUMAMask)
        case none
        case beyondLimit
    }

    /// What families merge to.
    package func wideAnswer(closest: Bool, usesUnpreferred: Bool) -> WideAnswer {
        guard let wide, !isBeyondLimit else { return .beyondLimit }
        if isPreferred {
            guard sawMasks else { return .preferred(layout.all) }
            if question == .preferredSingleNode {
                return wide.preferredSingleNode().map(WideAnswer.preferred) ?? .none
            }
            switch wide.bestPreferred(closest: closest) {
            case .mask(let mask): return .preferred(mask)
            case .none: break
            case .beyondLimit: return .beyondLimit
            }
        }
        guard usesUnpreferred else { return .none }
        switch wide.bestReachable(closest: closest) {
        case .mask(let mask): return .notPreferred(mask)
        case .none: return .none
        case .beyondLimit: return .beyondLimit
        }
    }

    /// The best preferred hint; nil when there is none. "Any" everywhere gives all NUMA nodes.
    package func bestPreferred(closest: Bool) -> NUMAMask? {
        guard isPreferred else { return nil }
        guard sawMasks else { return layout.all }
        switch question {
        case .preferredSingleNode:
            return singleNodes == 0 ? nil : NUMAMask(singleNodes & (0 &- singleNodes))
        case .preferred:
            for size in 1...layout.count {
                if let best = best(ofSize: size, closest: closest) { return best }
            }
            return nil
        case .reachable: preconditionFailure("a reachable mask is never preferred")
        }
    }

    /// The best hint that is not preferred: as many NUMA nodes as the neediest resource wants, else the most
    /// below, else the fewest above; nil when no combination leaves a NUMA node.
    package func bestReachable(closest: Bool) -> NUMAMask? {
        precondition(question == .reachable)
        if widestNeed > 0, let best = best(ofSize: widestNeed, closest: closest) { return best }
        for size in stride(from: widestNeed - 1, to: 0, by: -1) {
            if let best = best(ofSize: size, closest: closest) { return best }
        }
        for size in stride(from: widestNeed + 1, through: layout.count, by: 1) {
            if let best = best(ofSize: size, closest: closest) { return best }
        }
        return nil
    }

    /// Among masks of `size` nodes: the smallest value, or the smallest distances and then the smallest value.
    private func best(ofSize size: Int, closest: Bool) -> NUMAMask? {
        var best: (mask: NUMAMask, distance: Int)?
        for word in 0..<layout.maskWordCount {
            var rest = masks[word: word] & layout.masksBySize[size][word: word]
            while rest != 0 {
                let mask = NUMAMask(UInt64(word * 64 + rest.trailingZeroBitCount))
                guard closest else { return mask }
                let distance = layout.distanceSum(mask)
                if best == nil || distance < best!.distance { best = (mask, distance) }
                rest &= rest &- 1
            }
        }
        return best?.mask
    }

    // MARK: Masks

    private func forEachSubset(of domain: NUMAMask, _ body: (NUMAMask) -> Void) {
        // Counts through the subsets of `domain` in ascending value.
        var subset: UInt64 = 0
        repeat {
            subset = (subset &- domain.bits) & domain.bits
            if subset != 0 { body(NUMAMask(subset)) }
        } while subset != 0
    }

    private func existsMask(of domain: NUMAMask, _ isPossible: (NUMAMask) -> Bool) -> Bool {
        if isPossible(domain) { return true }
        var subset: UInt64 = 0
        repeat {
            subset = (subset &- domain.bits) & domain.bits
            if subset != 0, isPossible(NUMAMask(subset)) { return true }
        } while subset != 0
        return false
    }

    /// Calls `body` with every mask and the one that has one more node, node by node.
    @inline(__always)
    private func forEachPair(_ size: Int, _ body: (Int, Int) -> Void) {
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

    /// The masks that are the AND of one mask of each set, the empty one left out.
    private func meets(_ left: MaskSet, _ right: MaskSet) -> MaskSet {
        let size = 1 << layout.count
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * size) { counts in
            // How many supersets each mask has in either set; their products count pairs above the mask,
            // and taking the pairs above every larger mask away leaves the pairs that meet exactly in it.
            let (ours, theirs) = (counts.baseAddress!, counts.baseAddress! + size)
            for mask in 0..<size {
                let bits = NUMAMask(UInt64(mask))
                ours[mask] = left.contains(bits) ? 1 : 0
                theirs[mask] = right.contains(bits) ? 1 : 0
            }
            forEachPair(size) { low, high in
                ours[low] &+= ours[high]
                theirs[low] &+= theirs[high]
            }
            for mask in 0..<size { ours[mask] &*= theirs[mask] }
            forEachPair(size) { low, high in ours[low] &-= ours[high] }
            var result = MaskSet()
            for mask in 1..<size where counts[mask] != 0 {
                result.insert(NUMAMask(UInt64(mask)))
            }
            return result
        }
    }
}

/// Hint lists as the kubelet would write them, for people and for comparing with it.
package final class HintTrace {
    /// In the order in which resources were asked. Nil is "no preference", empty is "impossible"; a provider
    /// with an empty map has no entry.
    package private(set) var lists: [(resource: ResourceIndex, hints: [TopologyHint]?)] = []
    /// The lists as families, where they are told so; beyond `mostListed` NUMA nodes of a list there is nothing else.
    package private(set) var families: [(resource: ResourceIndex, family: HintFamily)] = []
    /// NUMA nodes up to which families are also listed.
    package static let mostListed = 12
    /// The merge of the lists, where `numa-allocation-strategy` is set.
    package var scoredMerge: ScoredMerger.Merged?

    package init() {}

    /// Lists the masks of a family, on machines where that ends.
    package func add(
        _ family: HintFamily, of resources: [ResourceIndex], _ layout: NUMALayout,
        whenNone: HintCollector.EmptyList
    ) {
        guard !family.isEmpty else {
            if whenNone == .impossible { for resource in resources { add(resource, []) } }
            return
        }
        for resource in resources { families.append((resource, family)) }
        guard family.span.count <= HintTrace.mostListed else { return }
        var list: [TopologyHint] = []
        layout.forEachMask(of: family.span) { mask in
            if family.contains(mask) {
                list.append(TopologyHint(mask, isPreferred: family.prefers(mask)))
            }
        }
        for resource in resources { add(resource, list) }
    }

    package func add(_ resource: ResourceIndex, _ hints: [TopologyHint]?) {
        lists.append((resource, hints))
    }
}
