import ScenarioInput

/// A feature gate: whether it is known, its stage and its default.
enum FeatureGateVectors {
    private static let gates = Dictionary(
        uniqueKeysWithValues: KubernetesFeatureGate.all.map { ($0.name, $0) })

    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        let name = try required(json["gate"]?.text, "gate")
        let gate = gates[name]
        try requireEqual("gate", expected: name, got: gate?.name)
        try requireEqual("stage", expected: json["stage"]?.text, got: gate?.stage.rawValue)
        try requireEqual("default", expected: json["default"]?.boolean, got: gate?.isOnByDefault)
        try requireEqual("locked", expected: json["locked"]?.boolean, got: gate?.isLocked)
    }
}
