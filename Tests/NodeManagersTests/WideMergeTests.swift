import Foundation
import Testing

import NodeManagers

/// Families of masks against literal lists and their cross product, on every case where those end.
///
/// 100,000 requests by default; `TOPSIM_MERGE_CASES` sets another number.
@Suite struct WideMergeTests {
    static let cases =
        ProcessInfo.processInfo.environment["TOPSIM_MERGE_CASES"].flatMap(Int.init) ?? 100_000
    static let batches = 100

    /// Permutations up to which lists are merged as the kubelet does.
    static let mostPermutations = 2_000
    /// Pairs of masks up to which lists are folded one into another.
    static let mostPairs = 200_000

    /// What the lists merge to; nil where it takes too long to find out.
    private static func literal(
        _ lists: [[TopologyHint]?], _ manager: TopologyManager
    ) -> TopologyVerdict? {
        var product = 1
        for list in lists where product <= mostPermutations { product *= max(1, list?.count ?? 1) }
        if product <= mostPermutations {
            return HintListMerger(
                layout: manager.layout, policy: manager.policy,
                prefersClosest: manager.prefersClosest
            ).merge(lists)
        }
        return folded(lists, manager)
    }

    /// The same by sets: masks that all prefer, else the ANDs of the lists one after another.
    private static func folded(
        _ lists: [[TopologyHint]?], _ manager: TopologyManager
    ) -> TopologyVerdict? {
        let layout = manager.layout
        let isSingle = manager.policyName == SingleNUMANodeTopologyPolicy.name
        let masks = lists.compactMap { $0 }.filter { !$0.isEmpty }
        func rank(_ mask: NUMAMask) -> (Int, UInt64) {
            (manager.prefersClosest ? layout.distanceSum(mask) : 0, mask.bits)
        }
        func verdict(_ mask: NUMAMask?, _ isPreferred: Bool) -> TopologyVerdict {
            manager.policy.verdict(
                on: TopologyHint(mask ?? layout.all, isPreferred: isPreferred && mask != nil),
                allNodes: layout.all)
        }
        if masks.count == lists.count {
            var common = Set(masks[0].filter(\.isPreferred).compactMap(\.affinity))
            for list in masks {
                common.formIntersection(list.filter(\.isPreferred).compactMap(\.affinity))
            }
            if isSingle { common = common.filter(\.isSingle) }
            let best = common.min {
                ($0.count, rank($0).0, rank($0).1) < ($1.count, rank($1).0, rank($1).1)
            }
            if let best { return verdict(best, true) }
        } else if lists.allSatisfy({ $0.map { !$0.isEmpty } ?? true }) {
            return folded(lists.filter { $0 != nil }, manager)
        }
        guard !isSingle else { return verdict(nil, false) }
        var reached: Set<UInt64> = [layout.all.bits]
        var need = 0
        for list in masks {
            guard reached.count * list.count <= mostPairs else { return nil }
            var next: Set<UInt64> = []
            for left in reached {
                for hint in list where left & hint.affinity!.bits != 0 {
                    next.insert(left & hint.affinity!.bits)
                }
            }
            reached = next
            need = max(need, list.map { $0.affinity!.count }.min()!)
        }
        func distance(_ count: Int) -> Int { count <= need ? need - count : 100 + count }
        let best = reached.map(NUMAMask.init).min {
            (distance($0.count), rank($0).0, rank($0).1)
                < (distance($1.count), rank($1).0, rank($1).1)
        }
        return verdict(best, false)
    }

    @Test(arguments: 0..<batches)
    func `families merge to what lists of hints merge to`(_ batch: Int) throws {
        for index in 0..<WideMergeTests.cases / WideMergeTests.batches {
            let seed = UInt64(batch * 10_000_000 + index)
            let request = RandomMerge(
                seed: seed,
                counts: [
                    1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 8, index % 8 == 0 ? 10 : 7,
                    index % 32 == 0 ? 12 : 6,
                ])
            let lists = request.literalLists()
            let managers = MergeManagers(request, mostTabulated: 0)
            for entry in TopologyManagerPolicyRegistry.all where entry.name != "none" {
                for closest in [false, true] {
                    let manager = try TopologyManager(
                        policyName: entry.name, scopeName: "container",
                        options: [
                            "prefer-closest-numa-nodes": "\(closest)",
                            "max-allowable-numa-nodes": "64",
                        ], layout: managers.layout)
                    guard let expected = WideMergeTests.literal(lists, manager) else { continue }
                    let verdict = managers.verdict(manager)
                    // Nobody reads a hint that `restricted` refuses, and it is not looked for.
                    if entry.name == "restricted", !expected.isAdmitted, !verdict.isAdmitted {
                        continue
                    }
                    if verdict != expected {
                        Issue.record(
                            "seed \(seed), \(request.count) NUMA nodes, \(entry.name), closest \(closest): expected \(expected), got \(verdict)"
                        )
                    }
                }
            }
            if let policy = managers.memory {
                #expect(managers.demand.minimumNodes == request.literalMemoryMinimum)
                let inner = NUMAMask(UInt64(index % 4) & managers.layout.all.bits)
                let narrowest = request.literalMemory().compactMap(\.affinity)
                    .filter { inner.isSubset(of: $0) }
                    .min { ($0.count, $0.bits) < ($1.count, $1.bits) }
                #expect(
                    policy.family(for: managers.demand, in: managers.memoryState).narrowest(
                        managers.layout, containing: inner,
                        ofAtLeast: managers.demand.minimumNodes)
                        == narrowest.map(HintFamily.Narrowest.mask) ?? .none, "seed \(seed)")
            }
            for (item, demand) in zip(request.devices, managers.deviceDemands) {
                #expect(demand.minimumNodes == request.literalDeviceMinimum(item), "seed \(seed)")
            }
        }
    }
}
