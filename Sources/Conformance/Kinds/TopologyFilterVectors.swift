import ClusterScheduler
import Primitives
import WorkloadModel

/// NodeResourceTopologyMatch's Filter: one object, node and pod.
enum TopologyFilterVectors {
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
        let names = TopologyVectorObjects.names(json["node"], &resources)
        let object = try TopologyVectorObjects.object(json["nrt"] ?? .null)
        let topology = object.flatMap { amounts.topology($0, &resources) }
        // Not every case can be told in whole numbers.
        guard let pod, (object == nil) == (topology == nil) else { return }
        var cache = TopologyCacheSettings()
        cache.kind = .passthrough
        var plugin = NodeResourceTopologyMatch(published: [topology], cache: cache)
        let expected = try required(json["expect"], "expect")
        let outcome = plugin.filter(pod, on: 0, names)
        try check(outcome, expected, qos: pod.qos, hasText: Amount.self == Quantity.self)
    }

    /// - Parameter hasText: Quantities in messages are as they were written.
    static func check(
        _ outcome: TopologyFilterOutcome, _ expected: JSONValue, qos: QoSClass, hasText: Bool
    ) throws(VectorStop) {
        let name = Quantities.name(hasText)
        if let qosClass = expected["podQOS"]?.text, !qosClass.isEmpty {
            try requireEqual("QoS", expected: qosClass, got: qos.rawValue)
        }
        try requireEqual(
            "panic\(name)", expected: expected["panic"]?.text, got: outcome.panicText)
        guard expected["panic"] == nil else { return }
        try requireEqual("code\(name)", expected: expected["code"]?.text, got: outcome.code)
        let reasons = (expected["reasons"]?.elements ?? []).compactMap(\.text)
        let kept = hasText ? reasons.count : min(1, reasons.count)
        try requireEqual(
            "reasons\(name)", expected: Array(reasons.prefix(kept)),
            got: hasText ? outcome.reasons : Array(outcome.reasons.prefix(kept)))
        try requireEqual(
            "marksNode\(name)", expected: expected["marksNode"]?.boolean ?? false,
            got: outcome.marksNode)
    }
}

/// How a failure says which of the two runs of a case it comes from.
enum Quantities {
    static func name(_ isExact: Bool) -> String { isExact ? "" : " in whole numbers" }
}

extension TopologyFilterOutcome {
    fileprivate var code: String? {
        switch self {
        case .success: "Success"
        case .unschedulable: "Unschedulable"
        case .error: "Error"
        case .panicked: nil
        }
    }

    fileprivate var reasons: [String] {
        switch self {
        case .success, .panicked: []
        case .unschedulable(let refusal): [refusal.rawValue]
        case .error(let reasons): reasons
        }
    }

    fileprivate var panicText: String? {
        guard case .panicked(let panic) = self else { return nil }
        return panic.rawValue
    }
}
