import NodeManagers
import Primitives
import Testing

/// Merging by sets of masks against the kubelet's cross product of lists.
@Suite struct HintMergeTests {
    private static func lists(_ nodes: inout RandomNodes, _ layout: NUMALayout) -> [[TopologyHint]?]
    {
        (0..<nodes.pick([0, 1, 2, 2, 3])).map { _ in
            if nodes.chance(10) { return nil }
            if nodes.chance(10) { return [] }
            var list: [TopologyHint] = []
            let keep = nodes.pick([15, 40, 90])
            let preferredSize = 1 + nodes.below(layout.count)
            let isWild = nodes.chance(20)
            layout.forEachMask(of: layout.all) { mask in
                guard nodes.chance(keep) else { return }
                let preferred = isWild ? nodes.chance(30) : mask.count == preferredSize
                list.append(TopologyHint(mask, isPreferred: preferred))
            }
            return list
        }
    }

    private static func gather(
        _ lists: [[TopologyHint]?], _ layout: NUMALayout, into hints: inout HintCollector
    ) {
        for list in lists {
            guard let list else {
                hints.noPreference(ResourceTable.cpu)
                continue
            }
            let preferred = Set(list.filter(\.isPreferred).compactMap(\.affinity))
            let possible = Set(list.compactMap(\.affinity))
            hints.masks(
                ResourceTable.cpu, over: layout.all, preferredSize: 0,
                isAlsoPreferred: { preferred.contains($0) },
                isPossible: { possible.contains($0) })
        }
    }

    @Test(arguments: Array(1...500) as [UInt64])
    func `sets of masks give the answer of the cross product`(_ seed: UInt64) throws {
        var nodes = RandomNodes(seed: seed &+ 50_000)
        let count = nodes.pick([1, 2, 2, 3, 4, 5])
        let layout = NUMALayout(
            osIndices: (0..<count).map { $0 * 2 },
            distances: (0..<count * count).map { _ in 10 + nodes.below(3) * 10 })
        let lists = HintMergeTests.lists(&nodes, layout)
        for entry in TopologyManagerPolicyRegistry.all {
            for closest in [false, true] {
                let manager = try TopologyManager(
                    policyName: entry.name, scopeName: "container",
                    options: closest ? ["prefer-closest-numa-nodes": "true"] : [:], layout: layout)
                // An empty list may come about by chance; it is "impossible" either way.
                let literal = HintListMerger(
                    layout: layout, policy: manager.policy, prefersClosest: closest
                ).merge(lists)
                guard var hints = manager.collector(trace: HintTrace()) else { continue }
                HintMergeTests.gather(lists, layout, into: &hints)
                var verdict = manager.verdict(on: hints)
                if verdict == nil {
                    hints = manager.reachableCollector()
                    HintMergeTests.gather(lists, layout, into: &hints)
                    verdict = manager.verdict(onReachable: hints)
                }
                #expect(
                    verdict == literal,
                    "seed \(seed), \(entry.name), closest \(closest): \(lists)")
            }
        }
    }

    @Test func `masks come by size and then by value`() {
        let layout = NUMALayout(osIndices: Array(0..<6))
        var visited: [UInt64] = []
        _ = layout.narrowestMask(ofAtLeast: 2) { mask in
            visited.append(mask.bits)
            return false
        }
        let expected = (1..<UInt64(64)).filter { $0.nonzeroBitCount >= 2 }.sorted {
            ($0.nonzeroBitCount, $0) < ($1.nonzeroBitCount, $1)
        }
        #expect(visited == expected)
        let wide = NUMALayout(osIndices: Array(0..<64))
        #expect(wide.narrowestMask(ofAtLeast: 64) { _ in true } == wide.all)
        #expect(wide.narrowestMask(ofAtLeast: 1) { $0.contains(63) } == NUMAMask(node: 63))
    }

    @Test func `hints are listed by size and then lexicographically`() {
        let layout = NUMALayout(osIndices: [0, 2, 5])
        var listed: [String] = []
        layout.forEachMask(of: layout.all) { listed.append("\(layout.osSet($0))") }
        #expect(listed == ["0", "2", "5", "0,2", "0,5", "2,5", "0,2,5"])
    }
}
