import ClusterScheduler
import Primitives
import WorkloadModel

/// NodeResourceTopologyMatch's Score: one object, node and pod, under several strategies and weights.
enum TopologyScoreVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        try run(json, .exact)
        try run(json, .compact)
    }

    private static func run<Amount: ZoneAmount>(
        _ json: JSONValue, _ amounts: VectorAmounts<Amount>
    ) throws(VectorStop) {
        var resources = ResourceTable()
        let pod = try TopologyVectorObjects.pod(
            try required(json["pod"], "pod"), amounts, &resources)
        let object = try TopologyVectorObjects.object(json["nrt"] ?? .null)
        let topology = object.flatMap { amounts.topology($0, &resources) }
        guard let pod, (object == nil) == (topology == nil) else { return }
        let name = Quantities.name(Amount.self == Quantity.self)
        try requireEqual("QoS", expected: json["podQOS"]?.text, got: pod.qos.rawValue)
        var cache = TopologyCacheSettings()
        cache.kind = .passthrough
        var plugin = NodeResourceTopologyMatch(published: [topology], cache: cache)
        for (number, expected) in (json["expect"]?.elements ?? []).enumerated() {
            plugin.strategy = try required(
                TopologyScoringStrategy(rawValue: expected["strategy"]?.text ?? ""), "strategy")
            plugin.weights = TopologyVectorObjects.weights(expected["weights"], &resources)
            try requireEqual(
                "\(plugin.strategy.rawValue) \(number)\(name)", expected: answer(expected),
                got: answer(plugin, pod, node: 0))
        }
    }

    private static func answer(_ expected: JSONValue) -> String? {
        expected["panic"]?.text ?? expected["score"]?.description
    }

    static func answer<Amount: ZoneAmount>(
        _ plugin: NodeResourceTopologyMatch<Amount>, _ pod: TopologyPod<Amount>, node: Int
    ) -> String? {
        do throws(TopologyPanic) {
            return "\(try plugin.score(pod, on: node))"
        } catch {
            return error.rawValue
        }
    }
}
