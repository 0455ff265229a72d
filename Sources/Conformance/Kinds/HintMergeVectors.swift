import NodeManagers
import Primitives

/// One merge of hints by a Topology Manager policy.
enum HintMergeVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        let ids = json["numa"]?.elements.compactMap(\.integer) ?? []
        guard !ids.isEmpty, Set(ids).count == ids.count, ids.allSatisfy({ $0 >= 0 && $0 < 64 })
        else { throw .malformed("`numa`: expected NUMA nodes from 0 to 63, each once") }
        let order = ids.indices.sorted { ids[$0] < ids[$1] }
        let table = try VectorMachine.distances(json["distances"], count: ids.count)
        let layout = NUMALayout(
            osIndices: order.map { ids[$0] },
            distances: table.map { table in
                order.flatMap { from in order.map { table[from * ids.count + $0] } }
            })
        let expected = try required(json["expect"], "expect")
        var options: [String: String] = [:]
        for member in json["options"]?.members ?? [] {
            options[member.name] = member.value.optionText
        }
        let manager: TopologyManager
        do throws(PolicyError) {
            manager = try TopologyManager(
                policyName: json["policy"]?.text ?? "", scopeName: "container", options: options,
                layout: layout)
        } catch {
            return try requireEqual(
                "expect.config_error", expected: expected["config_error"]?.text ?? "none",
                got: error.message)
        }
        let lists = try readLists(json["providers"]?.elements ?? [], layout)
        let merger = HintListMerger(
            layout: layout, policy: manager.policy, prefersClosest: manager.prefersClosest)
        guard let literal = merger.merge(lists) else {
            throw .unsupported("a merge that would stall the kubelet")
        }
        try compare(literal, expected, layout, "by lists")
        if layout.count <= HintSetMerger.maximumNodes {
            var sets = HintSetMerger(
                layout: layout, policy: manager.policy, prefersClosest: manager.prefersClosest)
            try compare(
                sets.verdict(on: HintLists(lists)), expected, layout, "by sets of the lists' masks")
        }
        if !layout.isWide, lists.allSatisfy(isPlain) {
            try compare(merge(lists, manager), expected, layout, "by sets of masks")
        }
    }

    private static func compare(
        _ verdict: TopologyVerdict, _ expected: JSONValue, _ layout: NUMALayout, _ way: String
    ) throws(VectorStop) {
        let mask = verdict.hint.affinity.map { "\(layout.osSet($0).mask)" } ?? "null"
        try requireEqual(
            "expect.hint (\(way))", expected: "\(expected["hint"] ?? .null)",
            got: "[\(mask),\(verdict.hint.isPreferred ? 1 : 0)]")
        try requireEqual(
            "expect.admit (\(way))", expected: expected["admit"]?.boolean, got: verdict.isAdmitted)
    }

    /// A list that a manager could make: no "any" among masks, and no mask twice.
    private static func isPlain(_ list: [TopologyHint]?) -> Bool {
        guard let list else { return true }
        return list.allSatisfy { $0.affinity != nil }
            && Set(list.compactMap(\.affinity)).count == list.count
    }

    private static func merge(
        _ lists: [[TopologyHint]?], _ manager: TopologyManager
    ) -> TopologyVerdict {
        guard var hints = manager.collector(trace: HintTrace()) else {
            return manager.policy.verdict(
                on: TopologyHint(nil, isPreferred: false), allNodes: manager.layout.all)
        }
        gather(lists, manager, into: &hints)
        if let verdict = manager.verdict(on: hints) { return verdict }
        hints = manager.reachableCollector()
        gather(lists, manager, into: &hints)
        return manager.verdict(onReachable: hints)
    }

    private static func gather(
        _ lists: [[TopologyHint]?], _ manager: TopologyManager, into hints: inout HintCollector
    ) {
        for list in lists {
            guard let list else {
                hints.noPreference(ResourceTable.cpu)
                continue
            }
            guard !list.isEmpty else {
                hints.impossible(ResourceTable.cpu)
                continue
            }
            hints.masks(
                ResourceTable.cpu, over: manager.layout.all, preferredSize: 0,
                isAlsoPreferred: { mask in
                    list.contains { $0.affinity == mask && $0.isPreferred }
                },
                isPossible: { mask in list.contains { $0.affinity == mask } })
        }
    }

    private static func nodes(
        _ json: JSONValue, _ layout: NUMALayout
    ) throws(VectorStop) -> NUMANodeSet {
        guard case .number(let digits) = json, let bits = UInt64(digits) else {
            throw .malformed("a hint's mask: expected a whole number or null, found \(json.said)")
        }
        let set = NUMANodeSet(mask: bits)
        guard layout.osSet(layout.mask(set)) == set else {
            throw .malformed("a hint's mask \(bits) has a NUMA node that `numa` has not")
        }
        return set
    }

    /// Nil is "no preference", as is a provider without resources.
    private static func readLists(
        _ providers: [JSONValue], _ layout: NUMALayout
    ) throws(VectorStop) -> [[TopologyHint]?] {
        var lists: [[TopologyHint]?] = []
        for provider in providers {
            guard !provider.members.isEmpty else {
                lists.append(nil)
                continue
            }
            for member in provider.members {
                guard !member.value.isNull else {
                    lists.append(nil)
                    continue
                }
                var list: [TopologyHint] = []
                for hint in member.value.elements {
                    guard hint.elements.count == 2, let preferred = hint.elements[1].integer else {
                        throw .malformed("a hint is a mask and 0 or 1")
                    }
                    var mask: NUMAMask?
                    if !hint.elements[0].isNull {
                        mask = layout.mask(try nodes(hint.elements[0], layout))
                    }
                    list.append(TopologyHint(mask, isPreferred: preferred == 1))
                }
                lists.append(list)
            }
        }
        return lists
    }
}
