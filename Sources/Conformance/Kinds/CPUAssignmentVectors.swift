import NodeManagers
import Primitives

/// One call of the CPU accumulator.
enum CPUAssignmentVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        let topology = try machines.machine(of: json).topology
        // An upstream test may name CPUs that its machine lacks; the kubelet drops them.
        let free = try cpuSet(try required(json["available"]?.text, "available"))
            .intersection(topology.all)
        let count = try within(
            -65536..<65537, try required(json["count"]?.integer, "count"), "count")
        let outcome = try take(count, from: free, json, topology)
        let expected = try required(json["expect"], "expect")
        if let cpus = expected["cpus"]?.text {
            try requireEqual("expect.cpus", expected: cpus, got: describe(outcome))
        } else if let message = expected["error"]?.text {
            try requireEqual("expect.error", expected: message, got: describe(outcome))
        } else {
            guard expected["nonterminating"]?.boolean == true else {
                throw .malformed("`expect`: expected `cpus`, `error` or `nonterminating: true`")
            }
            try requireEqual(
                "expect.nonterminating", expected: "never ends", got: describe(outcome))
        }
    }

    private static func take(
        _ count: Int, from free: CPUSet, _ json: JSONValue, _ topology: CPUTopology
    ) throws(VectorStop) -> CPUTaker.Outcome {
        let strategy: CPUTaker.Strategy =
            json["strategy"]?.text == "spread" ? .spread : .packed
        switch json["fn"]?.text {
        case "packed":
            return CPUTaker.packed(
                count, from: free, on: topology, strategy: strategy,
                prefersUncores: json["prefer_uncore"]?.boolean ?? false)
        case "distributed":
            return CPUDistribution.take(
                count, from: free, on: topology,
                group: try within(1..<1025, try required(json["group"]?.integer, "group"), "group"),
                strategy: strategy)
        default:
            var options = StaticCPUPolicyOptions()
            for option in json["options"]?.elements.compactMap(\.text) ?? [] {
                switch option {
                case "full-pcpus-only": options.fullPCPUsOnly = true
                case "distribute-cpus-across-numa": options.distributesAcrossNUMA = true
                case "distribute-cpus-across-cores": options.distributesAcrossCores = true
                case "align-by-socket": options.alignsBySocket = true
                case "strict-cpu-reservation": options.reservesStrictly = true
                case "prefer-align-cpus-by-uncorecache": options.prefersUncores = true
                default: throw .unsupported("option \(option)")
                }
            }
            return StaticCPUPolicy.take(count, from: free, on: topology, options: options)
        }
    }

    private static func describe(_ outcome: CPUTaker.Outcome) -> String {
        switch outcome {
        case .taken(let cpus): "\(cpus)"
        case .tooFew(let requested, let available):
            "not enough cpus available to satisfy request:"
                + " requested=\(requested), available=\(available)"
        case .notFound: "failed to allocate cpus"
        case .neverEnds: "never ends"
        case .wouldStall: "upstream would stall"
        }
    }
}
