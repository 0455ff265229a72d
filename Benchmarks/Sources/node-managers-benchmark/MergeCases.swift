import NodeManagers

/// Merges of given lists.
enum MergeCases {
    static func lines(
        _ file: BenchmarkFile, _ bench: Bench, _ isWanted: (String) -> Bool
    ) throws -> [Line] {
        var lines: [Line] = []
        for item in file.cases(ofKind: "merge") {
            let name: String = try value(item, "name")
            guard isWanted(name) else { continue }
            let machine = try file.machine(of: item)
            let providers: Int = try value(item, "providers")
            let policy: String = try value(item, "policy")
            let nodes: Int = try value(item, "numa")
            var lists = Array(repeating: every(machine.layout) { $0.count == 1 }, count: providers)
            let isReduced = (item["hints"] as? String)?.contains("single-node masks") == true
            if isReduced { lists[1] = lists[1].filter(\.isPreferred) }
            let expected: BenchmarkFile.Object = try value(item, "expect")
            let hint: [Int] = try value(expected, "hint")
            let target: Line.Target =
                switch (nodes, policy, providers) {
                case (2, _, _), (4, _, _), (8, "single-numa-node", _): .ratio(20)
                case (8, _, 3): .ratio(10_000)
                case (8, _, _): .ratio(1_000)
                default: .none
                }
            lines.append(
                try line(
                    name, lists, policy, closest: try value(item, "prefer_closest"),
                    machine.layout, bench, kubelet: BenchmarkFile.kubeletTime(item),
                    target: target,
                    expected: "\(hint[0]) \(hint[1] == 1) \(expected["admit"] as? Bool == true)"))
        }
        for nodes in [2, 4, 8] {
            for item in own(nodes) where isWanted(item.name) {
                lines.append(
                    try line(
                        item.name, item.lists, item.policy, closest: false, item.layout, bench,
                        kubelet: nil, target: .none, expected: item.expected))
            }
        }
        return lines
    }

    private static func every(
        _ layout: NUMALayout, _ isPreferred: (NUMAMask) -> Bool
    ) -> [TopologyHint] {
        every(layout, of: layout.all, isPreferred)
    }

    private static func every(
        _ layout: NUMALayout, of domain: NUMAMask, _ isPreferred: (NUMAMask) -> Bool
    ) -> [TopologyHint] {
        var list: [TopologyHint] = []
        layout.forEachMask(of: domain) {
            list.append(TopologyHint($0, isPreferred: isPreferred($0)))
        }
        return list
    }

    private struct OwnCase {
        var name: String
        var lists: [[TopologyHint]]
        var policy: String
        var layout: NUMALayout
        /// Mask, preferred, admitted.
        var expected: String
    }

    /// Merges whose answer is not the first mask.
    private static func own(_ nodes: Int) -> [OwnCase] {
        let layout = NUMALayout(osIndices: Array(0..<nodes))
        let all = layout.all
        let half = NUMAMask((1 << UInt64(nodes / 2)) - 1)
        let otherHalf = NUMAMask(all.bits & ~half.bits)
        let singles = every(layout) { $0.count == 1 }
        let pairs = every(layout) { $0.count == 2 }
        let whole = every(layout) { $0 == all }
        var cases: [OwnCase] = []
        for providers in [2, 3] {
            func add(
                _ what: String, _ lists: [[TopologyHint]], _ policy: String, _ expected: String
            ) {
                cases.append(
                    OwnCase(
                        name: "merge/\(nodes)numa/\(providers)providers/\(policy)/\(what)*",
                        lists: lists, policy: policy, layout: layout, expected: expected))
            }
            let copies = Array(repeating: singles, count: providers - 2)
            add(
                "last mask", Array(repeating: whole, count: providers), "restricted",
                "\(all.bits) true true")
            // The neediest list needs one NUMA node.
            add("not preferred", copies + [singles, pairs], "best-effort", "1 false true")
            add("not preferred", copies + [singles, pairs], "restricted", "1 false false")
            add(
                "none in common",
                copies + [
                    every(layout, of: half) { $0.count == 1 },
                    every(layout, of: otherHalf) { $0.count == 1 },
                ], "best-effort", "\(all.bits) false true")
            add(
                "none in common",
                copies + [
                    singles.filter { $0.affinity != NUMAMask(1) },
                    singles.filter { $0.affinity == NUMAMask(1) },
                ], "single-numa-node", "nil false false")
        }
        return cases
    }

    private static func line(
        _ name: String, _ lists: [[TopologyHint]], _ policyName: String, closest: Bool,
        _ layout: NUMALayout, _ bench: Bench, kubelet: Double?, target: Line.Target,
        expected: String
    ) throws -> Line {
        guard let policy = TopologyManagerPolicyRegistry.entry(named: policyName)?.make() else {
            throw BenchmarkFile.Malformed(description: "no policy `\(policyName)`")
        }
        let given = HintLists(lists)
        var merger = HintSetMerger(layout: layout, policy: policy, prefersClosest: closest)
        let literal = HintListMerger(layout: layout, policy: policy, prefersClosest: closest)
        func described(_ verdict: TopologyVerdict?) -> String {
            guard let verdict else { return "none" }
            let mask = verdict.hint.affinity.map { "\($0.bits)" } ?? "nil"
            return "\(mask) \(verdict.hint.isPreferred) \(verdict.isAdmitted)"
        }
        try check(name, expected: expected, got: described(merger.verdict(on: given)))
        if bench.withLiteral {
            try check(
                name + ", literally", expected: expected, got: described(literal.merge(lists)))
        }
        return Line(
            name: name, cost: bench.measure { keep(merger.verdict(on: given)) }, kubelet: kubelet,
            literal: bench.measureLiteral { keep(literal.merge(lists)) }, target: target)
    }
}
