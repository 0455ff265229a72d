import NodeManagers
import Primitives
import Testing

/// Merging given lists by sets of masks against the kubelet's cross product.
@Suite struct HintSetMergerTests {
    /// Lists that no manager would make too: "any" hints among masks, masks that come twice, in any order.
    private static func lists(_ nodes: inout RandomNodes, _ layout: NUMALayout) -> [[TopologyHint]?]
    {
        let isWild = nodes.chance(30)
        return (0..<nodes.pick([0, 1, 2, 2, 3, 4])).map { _ in
            if nodes.chance(10) { return nil }
            if nodes.chance(10) { return [] }
            var list: [TopologyHint] = []
            let keep = nodes.pick([5, 15, 40, 90])
            let preferredSize = 1 + nodes.below(layout.count)
            layout.forEachMask(of: layout.all) { mask in
                guard nodes.chance(keep), list.count < 9 else { return }
                let preferred = isWild ? nodes.chance(30) : mask.count == preferredSize
                list.append(TopologyHint(mask, isPreferred: preferred))
                if isWild, nodes.chance(10) {
                    list.append(TopologyHint(mask, isPreferred: nodes.chance(50)))
                }
                if isWild, nodes.chance(5) {
                    list.append(TopologyHint(nil, isPreferred: nodes.chance(50)))
                }
            }
            if isWild, list.count > 1 { list.swapAt(0, nodes.below(list.count)) }
            return list
        }
    }

    @Test(arguments: Array(1...400) as [UInt64])
    func `sets of masks from lists give the answer of the cross product`(_ seed: UInt64) {
        var nodes = RandomNodes(seed: seed &+ 70_000)
        let count = nodes.pick([1, 2, 2, 3, 4, 5, 7, 8])
        let layout = NUMALayout(
            osIndices: (0..<count).map { $0 * 2 },
            distances: (0..<count * count).map { _ in 10 + nodes.below(3) * 10 })
        // One merger for several merges: nothing may stay behind.
        for entry in TopologyManagerPolicyRegistry.all {
            for closest in [false, true] {
                var merger = HintSetMerger(
                    layout: layout, policy: entry.make(), prefersClosest: closest)
                let literal = HintListMerger(
                    layout: layout, policy: entry.make(), prefersClosest: closest)
                for _ in 0..<3 {
                    let lists = HintSetMergerTests.lists(&nodes, layout)
                    guard let expected = literal.merge(lists) else { continue }
                    #expect(
                        merger.verdict(on: HintLists(lists)) == expected,
                        "seed \(seed), \(entry.name), closest \(closest): \(lists)")
                }
            }
        }
    }

    @Test func `sixteen NUMA nodes are merged without their permutations`() {
        let layout = NUMALayout(osIndices: Array(0..<16))
        var every: [TopologyHint] = []
        layout.forEachMask(of: layout.all) {
            every.append(TopologyHint($0, isPreferred: $0.count == 1))
        }
        let pairs = every.map { TopologyHint($0.affinity, isPreferred: $0.affinity?.count == 2) }
        var merger = HintSetMerger(
            layout: layout, policy: BestEffortTopologyPolicy(), prefersClosest: false)
        let best = merger.merge(HintLists([every, every, every]))
        #expect(best.hint == TopologyHint(NUMAMask(1), isPreferred: true))
        #expect(best.rule == .preferredByAll)
        let split = merger.merge(HintLists([every, pairs, every]))
        #expect(split.hint == TopologyHint(NUMAMask(1), isPreferred: false))
        #expect(split.rule == .asWideAsNeeded)
        let wide = every.filter { ($0.affinity?.count ?? 0) >= 15 }
        let merged = merger.merge(HintLists([wide, every.filter(\.isPreferred), pairs]))
        #expect(merged.neededNodes == 15)
        #expect(merged.rule == .narrowerThanNeeded)
    }
}
