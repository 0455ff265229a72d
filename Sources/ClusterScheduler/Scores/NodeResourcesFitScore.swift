import Primitives

/// How NodeResourcesFit turns what is requested of a resource into a score.
package protocol ScoringStrategy: Sendable {
    /// As NodeResourcesFitArgs spells it.
    static var name: String { get }
    /// One line for `topsim policies`.
    static var summary: String { get }
    /// The mean is rounded, and resources that score 0 are left out of it, weight and all.
    static var leavesOutZeros: Bool { get }
    init(_ arguments: FitArguments)
    /// 0 to 100 for a resource of which `used` of `capacity` would be requested.
    func part(used: Int64, capacity: Int64) -> Int64
}

extension ScoringStrategy {
    package static var leavesOutZeros: Bool { false }

    fileprivate func plugin(_ profile: SchedulerProfile, _ resources: ResourceTable)
        -> any ScorePlugin
    {
        StrategyScore(self, profile, resources)
    }
}

/// Prefers nodes by how much of them is requested, by the profile's scoring strategy.
///
/// Source: k/k pkg/scheduler/framework/plugins/noderesources/fit.go, resource_allocation.go.
struct NodeResourcesFitScore: ScorePlugin {
    static let name = "NodeResourcesFit"
    static let summary = "prefers nodes by what is requested there, by the scoring strategy"

    private let strategy: any ScorePlugin

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {
        guard let strategy = ScoringStrategyRegistry.strategy(profile.fit) else {
            preconditionFailure("a scenario is checked before it runs: no such scoring strategy")
        }
        self.strategy = strategy.plugin(profile, resources)
    }

    func score(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Int64 {
        strategy.score(pod, at: position, in: cluster)
    }

    func score(
        _ pod: PodRequest, at positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        into scores: inout [Int64]
    ) {
        strategy.score(pod, at: positions, in: cluster, into: &scores)
    }

    func rank(
        _ pod: PodRequest, _ positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        weight: Int16, scores: inout [Int16]
    ) {
        strategy.rank(pod, positions, in: cluster, weight: weight, scores: &scores)
    }
}

/// A strategy compiled into one loop.
private struct StrategyScore<Strategy: ScoringStrategy>: ScorePlugin {
    static var name: String { Strategy.name }
    static var summary: String { Strategy.summary }

    private let strategy: Strategy
    private let resources: [ScoredResource]
    /// Cpu and memory with the same weight have a shorter way.
    private let isPlain: Bool

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {
        self.init(Strategy(profile.fit), profile, resources)
    }

    init(_ strategy: Strategy, _ profile: SchedulerProfile, _ resources: ResourceTable) {
        self.strategy = strategy
        self.resources = profile.fit.resources.compactMap { ScoredResource($0, resources) }
        isPlain =
            self.resources.map(\.index) == [ResourceTable.cpu, ResourceTable.memory]
            && self.resources.allSatisfy { $0.weight == 1 } && !Strategy.leavesOutZeros
    }

    func score(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Int64 {
        var sum: Int64 = 0
        var weights: Int64 = 0
        if isPlain {
            let milliCPU = cluster.nodes.allocatable(
                ResourceTable.cpu.position, at: position)
            let memory = cluster.nodes.allocatable(
                ResourceTable.memory.position, at: position)
            if milliCPU > 0 {
                sum += strategy.part(
                    used: cluster.nodes.nonZeroMilliCPU(at: position) + pod.scoredMilliCPU,
                    capacity: milliCPU)
                weights += 1
            }
            if memory > 0 {
                sum += strategy.part(
                    used: cluster.nodes.nonZeroMemory(at: position) + pod.scoredMemory,
                    capacity: memory)
                weights += 1
            }
            return weights == 0 ? 0 : weights == 2 ? sum >> 1 : sum
        }
        for resource in resources {
            let capacity = cluster.nodes.allocatable(
                resource.index.position, at: position)
            guard capacity > 0 else { continue }
            var used: Int64
            switch resource.index {
            case ResourceTable.cpu:
                used = cluster.nodes.nonZeroMilliCPU(at: position) + pod.scoredMilliCPU
            case ResourceTable.memory:
                used = cluster.nodes.nonZeroMemory(at: position) + pod.scoredMemory
            default:
                let request = pod.request(resource.index)
                if resource.isScalar, request == 0 { continue }
                used =
                    cluster.nodes.requested(
                        resource.index.position, at: position) + request
            }
            let part = strategy.part(used: used, capacity: capacity)
            if Strategy.leavesOutZeros, part <= 0 { continue }
            sum += part * resource.weight
            weights += resource.weight
        }
        guard weights > 0 else { return 0 }
        guard Strategy.leavesOutZeros else { return sum / weights }
        return Int64((Double(sum) / Double(weights)).rounded(.toNearestOrAwayFromZero))
    }
}

/// A resource that a score weighs.
struct ScoredResource: Sendable {
    let index: ResourceIndex
    let weight: Int64
    /// Left out for pods that do not ask for it.
    let isScalar: Bool

    /// Nil for a resource that no node and no pod of the scenario has.
    init?(_ resource: ResourceWeight, _ table: ResourceTable) {
        guard let index = table.index(of: resource.name) else { return nil }
        self.index = index
        weight = resource.weight
        isScalar = index.position > ResourceTable.ephemeralStorage.position
    }
}
