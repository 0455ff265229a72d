import LiteralKubelet
import NodeManagers
import Primitives

/// One call of the CPU accumulator.
enum AccumulatorCases {
    static func lines(
        _ file: BenchmarkFile, _ bench: Bench, _ isWanted: (String) -> Bool
    ) throws -> [Line] {
        var lines: [Line] = []
        for item in file.cases(ofKind: "accumulator") {
            let name: String = try value(item, "name")
            guard isWanted(name) else { continue }
            let machine = try file.machine(of: item)
            let topology = machine.topology
            let free = try cpuSet(try value(item, "available"))
            let count: Int = try value(item, "count")
            let isSpread = item["strategy"] as? String == "spread"
            let strategy: CPUTaker.Strategy = isSpread ? .spread : .packed
            let prefersUncores: Bool = try value(item, "prefer_uncore")
            let group = item["group"] as? Int

            func choose() -> CPUTaker.Outcome {
                if let group {
                    return CPUDistribution.take(
                        count, from: free, on: topology, group: group, strategy: strategy)
                }
                return CPUTaker.packed(
                    count, from: free, on: topology, strategy: strategy,
                    prefersUncores: prefersUncores)
            }
            let set = Set(free)
            let rows = machine.rows.map {
                LiteralMachine.Row(
                    cpu: $0.cpu, core: $0.core, socket: $0.socket, numaNode: $0.numaNode,
                    uncore: $0.uncore)
            }
            func chooseLiterally() -> LiteralAccumulator.Outcome {
                if let group {
                    return LiteralAccumulator.distributed(
                        count, rows, set, group: group, spread: isSpread)
                }
                return LiteralAccumulator.packed(
                    count, rows, set, spread: isSpread, uncores: prefersUncores)
            }
            let expected: String = try value(item, "expect")
            guard case .taken(let cpus) = choose() else {
                throw WrongAnswer(name: name, expected: expected, got: "\(choose())")
            }
            try check(name, expected: expected, got: "\(cpus)")
            if bench.withLiteral, machine.rows.count <= 256 {
                guard case .cpus(let cpus) = chooseLiterally() else {
                    throw WrongAnswer(name: name, expected: expected, got: "nothing, literally")
                }
                try check(name + ", literally", expected: expected, got: "\(CPUSet(cpus))")
            }
            lines.append(
                Line(
                    name: name, cost: bench.measure { keep(choose()) },
                    kubelet: BenchmarkFile.kubeletTime(item),
                    literal: machine.rows.count <= 256
                        ? bench.measureLiteral { keep(chooseLiterally()) } : nil,
                    target: .ratio(100)))
        }
        return lines
    }
}
