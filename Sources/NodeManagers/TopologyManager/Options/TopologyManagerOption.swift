/// An option of `topologyManagerPolicyOptions`: its name, where it comes from, and how its value is read.
package protocol TopologyManagerOption: Sendable {
    /// As KubeletConfiguration spells it.
    static var name: String { get }
    /// Alpha options need the gate `TopologyManagerPolicyAlphaOptions`.
    static var isAlpha: Bool { get }
    /// One line for `topsim policies`; says whose option it is where it is not the kubelet's.
    static var summary: String { get }

    /// Checks `value` as the kubelet does and stores what it says.
    static func read(
        _ value: String, into options: inout TopologyManagerOptions
    ) throws(PolicyError)
}

/// Every option of the Topology Manager, in the order in which `topsim policies` lists them.
package enum TopologyManagerOptionRegistry {
    package static let all: [any TopologyManagerOption.Type] = [
        PreferClosestNUMANodesOption.self,
        MaxAllowableNUMANodesOption.self,
        NUMAAllocationStrategyOption.self,
        NUMAScoreWeightsOption.self,
    ]

    package static func option(named name: String) -> (any TopologyManagerOption.Type)? {
        all.first { $0.name == name }
    }
}

/// `topologyManagerPolicyOptions`, read as the kubelet reads them. (cm/topologymanager/policy_options.go)
package struct TopologyManagerOptions: Hashable, Sendable {
    package var prefersClosestNUMANodes = false
    package var maximumNUMANodes = 8
    package var allocationStrategy = NUMAAllocationStrategy.none
    /// By resource name; others weigh 1.
    package var scoreWeights: [String: Int] = [:]

    /// Options in order of name; the first that is wrong is told.
    package init(
        _ options: [String: String], gates: FeatureGates = FeatureGates()
    ) throws(PolicyError) {
        for name in options.keys.sorted() {
            guard let option = TopologyManagerOptionRegistry.option(named: name) else {
                throw PolicyError("unknown Topology Manager Policy option: \"\(name)\"")
            }
            if option.isAlpha, !gates.topologyManagerPolicyAlphaOptions {
                throw PolicyError(
                    "topology manager policy alpha-level options not enabled,"
                        + " but option \"\(name)\" provided")
            }
            try option.read(options[name] ?? "", into: &self)
        }
    }
}
