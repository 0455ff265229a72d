public import Primitives

/// What a run's records are measured against: the resources, what the nodes offer, and the target mix.
public struct MetricTables: Sendable {
    public var resources: ResourceTable
    /// Allocatable of all nodes together, by position in `resources`.
    public var allocatable: [Int64]
    /// Allocatable milli-CPU of each node, by node index.
    public var nodeMilliCPU: [Int64]
    /// The scenario's target mix, in its order; empty when none is declared.
    public var targetMix: [MixDemand]

    public init(
        resources: ResourceTable, allocatable: [Int64], nodeMilliCPU: [Int64],
        targetMix: [MixDemand] = []
    ) {
        self.resources = resources
        self.allocatable = allocatable
        self.nodeMilliCPU = nodeMilliCPU
        self.targetMix = targetMix
    }
}

/// One member of the target mix: its weight among the others and what one pod of it asks for.
public struct MixDemand: Sendable, Hashable {
    public var weight: Int
    public var requests: [ResourceAmount]

    public init(weight: Int, requests: [ResourceAmount]) {
        self.weight = weight
        self.requests = requests
    }
}
