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
    /// The score of a node over the resources. There is an implementation for all, as for the next: being asked for through
    /// the protocol, they are compiled for each strategy on its own.
    func score(
        _ pod: PodRequest, _ resources: ScoredResources, at position: Int,
        in cluster: borrowing ClusterSnapshot
    ) -> Int64
    func rank(
        _ pod: PodRequest, _ resources: ScoredResources, _ positions: [UInt32],
        in cluster: borrowing ClusterSnapshot, weight: Int16, scores: inout [Int16])
}

/// Prefers nodes by how much of them is requested, by the profile's scoring strategy.
///
/// Source: k/k pkg/scheduler/framework/plugins/noderesources/fit.go, resource_allocation.go.
struct NodeResourcesFitScore: ScorePlugin {
    static let name = "NodeResourcesFit"
    static let summary = "prefers nodes by what is requested there, by the scoring strategy"

    private let strategy: any ScoringStrategy
    private let resources: ScoredResources

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {
        guard
            let type = ScoringStrategyRegistry.all.first(where: {
                $0.name == profile.fit.strategy
            })
        else {
            preconditionFailure("a scenario is checked before it runs: no such scoring strategy")
        }
        strategy = type.init(profile.fit)
        self.resources = ScoredResources(profile.fit.resources, resources)
    }

    func score(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Int64 {
        strategy.score(pod, resources, at: position, in: cluster)
    }

    func rank(
        _ pod: PodRequest, _ positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        weight: Int16, scores: inout [Int16]
    ) {
        strategy.rank(pod, resources, positions, in: cluster, weight: weight, scores: &scores)
    }
}

extension ScoringStrategy {
    package static var leavesOutZeros: Bool { false }

    package func rank(
        _ pod: PodRequest, _ resources: ScoredResources, _ positions: [UInt32],
        in cluster: borrowing ClusterSnapshot, weight: Int16, scores: inout [Int16]
    ) {
        for position in positions where scores[Int(position)] >= 0 {
            scores[Int(position)] +=
                weight
                * Int16(
                    truncatingIfNeeded: score(pod, resources, at: Int(position), in: cluster))
        }
    }

    package func score(
        _ pod: PodRequest, _ resources: ScoredResources, at position: Int,
        in cluster: borrowing ClusterSnapshot
    ) -> Int64 {
        var sum: Int64 = 0
        var weights: Int64 = 0
        if resources.isPlain, !Self.leavesOutZeros {
            let milliCPU = cluster.nodes.allocatable(
                NodeTable.cpu, at: position)
            let memory = cluster.nodes.allocatable(
                NodeTable.memory, at: position)
            if milliCPU > 0 {
                sum += part(
                    used: cluster.nodes.nonZeroMilliCPU(at: position) + pod.scoredMilliCPU,
                    capacity: milliCPU)
                weights += 1
            }
            if memory > 0 {
                sum += part(
                    used: cluster.nodes.nonZeroMemory(at: position) + pod.scoredMemory,
                    capacity: memory)
                weights += 1
            }
            return weights == 0 ? 0 : weights == 2 ? sum >> 1 : sum
        }
        for resource in resources.all {
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
            let share = part(used: used, capacity: capacity)
            if Self.leavesOutZeros, share <= 0 { continue }
            sum += share * resource.weight
            weights += resource.weight
        }
        guard weights > 0 else { return 0 }
        guard Self.leavesOutZeros else { return sum / weights }
        return Int64((Double(sum) / Double(weights)).rounded(.toNearestOrAwayFromZero))
    }
}

/// The resources that a strategy weighs.
package struct ScoredResources: Sendable {
    let all: [ScoredResource]
    /// Cpu and memory with the same weight have a shorter way.
    let isPlain: Bool

    init(_ resources: [ResourceWeight], _ table: ResourceTable) {
        all = resources.compactMap { ScoredResource($0, table) }
        isPlain =
            all.map(\.index) == [ResourceTable.cpu, ResourceTable.memory]
            && all.allSatisfy { $0.weight == 1 }
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
