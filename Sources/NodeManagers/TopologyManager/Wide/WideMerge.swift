/// Merges hint lists that are told as families, without listing hints or permutations.
///
/// Gives what the kubelet's cross product gives; docs/decisions/0003-hints-and-merge.md has the proof. A class, so that a
/// collector without one costs no more to copy.
final class WideMerge {
    /// What a search found out.
    enum Answer: Equatable {
        case mask(NUMAMask)
        case none
        /// The work limit was reached.
        case beyondLimit
    }

    let layout: NUMALayout
    private var families: [Entry] = []
    private var stepsLeft: Int

    private struct Entry {
        var family: HintFamily
        /// How many lists are this one: a container's memory types all have the same.
        var copies: Int
    }

    init(_ layout: NUMALayout, workLimit: Int = MaskSearch.workLimit) {
        self.layout = layout
        stepsLeft = workLimit
    }

    /// - Precondition: not empty; only one family has masks that stand alone.
    func add(_ family: HintFamily, copies: Int = 1) {
        families.append(Entry(family: family.trimmed, copies: copies))
    }

    var isEmpty: Bool { families.isEmpty }

    // MARK: Preferred by all

    /// The lowest NUMA node that every list prefers alone.
    func preferredSingleNode() -> NUMAMask? { preferredSingle(closest: false) }

    private func preferredSingle(closest: Bool) -> NUMAMask? {
        var best: NUMAMask?
        for node in layout.all {
            let mask = NUMAMask(node: node)
            guard families.allSatisfy({ $0.family.contains(mask) && $0.family.prefers(mask) })
            else { continue }
            best = best.map { better($0, mask, closest: closest) } ?? mask
        }
        return best
    }

    /// The best mask that is in every list and preferred there.
    func bestPreferred(closest: Bool) -> Answer {
        var wanted: Int?
        for entry in families where entry.family.socketRule == nil {
            let size = entry.family.preferredSize
            if let wanted, wanted != size { return .none }
            wanted = size
        }
        let sizes = wanted.map { $0...$0 } ?? 1...layout.count
        for size in sizes where size >= 1 && size <= layout.count {
            let answer = bestPreferred(ofSize: size, closest: closest)
            if answer != .none { return answer }
        }
        return .none
    }

    private func bestPreferred(ofSize size: Int, closest: Bool) -> Answer {
        if size == 1 { return preferredSingle(closest: closest).map(Answer.mask) ?? .none }
        var best: NUMAMask?
        for entry in families {
            for mask in entry.family.exact
            where mask.count == size
                && families.allSatisfy({ $0.family.contains(mask) && $0.family.prefers(mask) })
            {
                best = best.map { better($0, mask, closest: closest) } ?? mask
            }
        }
        let open = families.compactMap(\.family.open)
        if open.count == families.count {
            let rules = families.compactMap { entry in
                entry.family.preferredSize == size ? nil : entry.family.socketRule
            }
            var search = MaskSearch(
                layout, open, socketRule: rules.first, stepsLeft: stepsLeft)
            let found = search.best(ofSize: size, closest: closest)
            stepsLeft = search.stepsLeft
            if stepsLeft < 0 { return .beyondLimit }
            if let found { best = best.map { better($0, found, closest: closest) } ?? found }
        }
        return best.map(Answer.mask) ?? .none
    }

    // MARK: Not preferred

    /// The best AND of one mask of each list.
    func bestReachable(closest: Bool) -> Answer {
        guard !families.isEmpty else { return .mask(layout.all) }
        guard let need = widestNeed() else { return .beyondLimit }
        var best: NUMAMask?
        func offer(_ mask: NUMAMask) {
            guard let current = best else { return best = mask }
            best = better(current, mask, need: need, closest: closest)
        }
        for meeting in meetings() {
            switch meeting {
            case .only(let masks):
                for mask in masks { offer(mask) }
            case .open(let lists, let outer):
                let withholding = Withholding(layout, lists, within: outer)
                guard !withholding.nodes.isEmpty else { continue }
                switch bestMeeting(withholding, need: need, closest: closest) {
                case .mask(let mask): offer(mask)
                case .none: break
                case .beyondLimit: return .beyondLimit
                }
            }
        }
        return best.map(Answer.mask) ?? .none
    }

    /// The largest, over lists, of the size of the narrowest mask; nil beyond the work limit.
    private func widestNeed() -> Int? {
        var widest = 0
        for entry in families {
            guard let size = entry.family.narrowestSize(layout, &stepsLeft) else { return nil }
            widest = max(widest, size)
        }
        return widest
    }

    /// Masks that lists can meet in.
    private enum Meeting {
        case only([NUMAMask])
        /// Every AND of open families inside `outer`.
        case open([OpenMasks], NUMAMask)
    }

    /// Ways to choose from each list either its open part or a mask that stands alone.
    private func meetings() -> [Meeting] {
        var result: [Meeting] = []
        let plain = families.filter { $0.family.singles.isEmpty && $0.family.exact.isEmpty }
        let others = plain.flatMap { entry in
            entry.family.open.map { Array(repeating: $0, count: entry.copies) } ?? []
        }
        guard
            let special = families.first(where: {
                !$0.family.singles.isEmpty || !$0.family.exact.isEmpty
            })
        else { return [.open(others, layout.all)] }
        let open = special.family.open
        if let open {
            result.append(
                .open(others + Array(repeating: open, count: special.copies), layout.all))
        }
        // One NUMA node that stands alone is the whole AND, where the other lists have it.
        let shared = others.reduce(layout.all) { $0.intersection($1.domain) }
        result.append(.only(special.family.singles.intersection(shared).map(NUMAMask.init(node:))))
        for (outer, count) in intersections(of: special.family.exact, upTo: special.copies) {
            result.append(.open(others, outer))
            if let open, count < special.copies {
                result.append(
                    .open(
                        others + Array(repeating: open, count: special.copies - count), outer))
            }
        }
        return result
    }

    /// ANDs of up to `most` of the masks, each with the fewest masks it takes.
    private func intersections(of masks: [NUMAMask], upTo most: Int) -> [(NUMAMask, Int)] {
        var result = masks.map { ($0, 1) }
        var latest = masks
        for count in stride(from: 2, through: most, by: 1) {
            var next: [NUMAMask] = []
            for left in latest {
                for right in masks {
                    let both = left.intersection(right)
                    guard !both.isEmpty, !result.contains(where: { $0.0 == both }) else {
                        continue
                    }
                    result.append((both, count))
                    next.append(both)
                }
            }
            latest = next
            if latest.isEmpty { break }
        }
        return result
    }

    /// Sizes that can be met in have no gap: from all shared NUMA nodes down to what must stay.
    private func bestMeeting(
        _ withholding: Withholding, need: Int, closest: Bool
    ) -> Answer {
        let count = withholding.nodes.count
        guard need < count else { return .mask(withholding.nodes) }
        for size in max(1, need)...count {
            if size == count { return .mask(withholding.nodes) }
            var search = MaskSearch(layout, meeting: withholding, stepsLeft: stepsLeft)
            let found = search.best(ofSize: size, closest: closest)
            stepsLeft = search.stepsLeft
            if stepsLeft < 0 { return .beyondLimit }
            if let found { return .mask(found) }
        }
        return .none
    }

    // MARK: Comparing

    /// Of two masks of one size.
    private func better(_ a: NUMAMask, _ b: NUMAMask, closest: Bool) -> NUMAMask {
        if closest {
            let (near, far) = (layout.distanceSum(a), layout.distanceSum(b))
            if near != far { return near < far ? a : b }
        }
        return a.bits <= b.bits ? a : b
    }

    /// As many NUMA nodes as the neediest list wants, else the most below, else the fewest above.
    private func better(_ a: NUMAMask, _ b: NUMAMask, need: Int, closest: Bool) -> NUMAMask {
        let (left, right) = (a.count, b.count)
        if left == right { return better(a, b, closest: closest) }
        if left <= need, right <= need { return left > right ? a : b }
        return left < right ? a : b
    }
}

extension HintFamily {
    /// The fewest NUMA nodes of a mask; nil beyond the work limit.
    func narrowestSize(_ layout: NUMALayout, _ stepsLeft: inout Int) -> Int? {
        if !singles.isEmpty { return 1 }
        let fewest = exact.map(\.count).min()
        guard let open else { return fewest ?? layout.count }
        var search = MaskSearch(layout, [open], stepsLeft: stepsLeft)
        let found = search.fewestNodes()
        stepsLeft = search.stepsLeft
        guard stepsLeft >= 0 else { return nil }
        return [found, fewest].compactMap { $0 }.min() ?? layout.count
    }

    /// What a search of a manager's own found.
    package enum Narrowest: Equatable, Sendable {
        case mask(NUMAMask)
        case none
        case beyondLimit
    }

    /// The mask of the fewest NUMA nodes, at least `size`, that contains `inner`; of the smallest value.
    package func narrowest(
        _ layout: NUMALayout, containing inner: NUMAMask, ofAtLeast size: Int
    ) -> Narrowest {
        var best: NUMAMask?
        func offer(_ mask: NUMAMask) {
            guard inner.isSubset(of: mask), mask.count >= size else { return }
            guard let current = best else { return best = mask }
            if (mask.count, mask.bits) < (current.count, current.bits) { best = mask }
        }
        for node in singles { offer(NUMAMask(node: node)) }
        for mask in exact { offer(mask) }
        guard let open, open.contains(open.domain) else { return best.map(Narrowest.mask) ?? .none }
        var search = MaskSearch(layout, [open], containing: inner)
        if let fewest = search.fewestNodes(from: size),
            let mask = search.best(ofSize: fewest, closest: false)
        {
            offer(mask)
        }
        if search.stepsLeft < 0 { return .beyondLimit }
        return best.map(Narrowest.mask) ?? .none
    }
}
