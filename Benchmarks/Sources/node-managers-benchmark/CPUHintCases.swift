import NodeManagers
import Primitives

/// The static CPU policy's hints for one request.
enum CPUHintCases {
    static func lines(
        _ file: BenchmarkFile, _ bench: Bench, _ isWanted: (String) -> Bool
    ) throws -> [Line] {
        var lines: [Line] = []
        for item in file.cases(ofKind: "cpu-hints") {
            let name: String = try value(item, "name")
            guard isWanted(name) else { continue }
            let machine = try file.machine(of: item)
            let rule = CPUHintRule(topology: machine.topology, layout: machine.layout)
            let available = try cpuSet(try value(item, "available"))
            let request: Int = try value(item, "request")

            func gather(_ question: HintCollector.Question, _ trace: HintTrace?) -> HintCollector {
                var hints = HintCollector(
                    layout: machine.layout, question: question, trace: trace)
                rule.add(request, available: available, reusable: nil, to: &hints)
                return hints
            }
            let trace = HintTrace()
            keep(gather(.preferred, trace))
            try check(name, expected: try expected(item), got: described(trace, item))
            let kubelet = BenchmarkFile.kubeletTime(item)
            lines.append(
                Line(
                    name: name, cost: bench.measure { keep(gather(.preferred, nil)) },
                    kubelet: kubelet, target: .ratio(100)))
            lines.append(
                Line(
                    name: name + ", listed",
                    cost: bench.measure { keep(gather(.preferred, HintTrace())) },
                    kubelet: kubelet))
        }
        return lines
    }

    /// Hints as the file has them, without the note that ends long lists.
    private static func expected(_ item: BenchmarkFile.Object) throws -> String {
        let hints: [Any] = try value(item, "hints")
        return hints.compactMap { ($0 as? [Int]).map { "\($0)" } }.joined(separator: " ")
            + (hints.compactMap { $0 as? String }.first ?? "... \(hints.count) in all")
    }

    private static func described(_ trace: HintTrace, _ item: BenchmarkFile.Object) -> String {
        let hints = trace.lists.first?.hints ?? []
        let shown = (item["hints"] as? [Any] ?? []).count { $0 is [Int] }
        return hints.prefix(shown).map { hint in
            "[\(hint.affinity?.bits ?? 0), \(hint.isPreferred ? 1 : 0)]"
        }.joined(separator: " ") + "... \(hints.count) in all"
    }
}
