import Primitives

/// Prefers nodes whose requested shares of cpu and memory the pod brings closer together.
///
/// Since 1.35 it is the improvement that counts: 75 where the pod changes nothing. Requests are the actual ones.
/// Source: k/k pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go.
struct BalancedAllocation: ScorePlugin {
    static let name = "NodeResourcesBalancedAllocation"
    static let summary = "prefers nodes where the pod evens out the shares of cpu and memory"

    private let resources: [ScoredResource]
    private let isPlain: Bool

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {
        self.resources = profile.balancedResources.compactMap { ScoredResource($0, resources) }
        isPlain = self.resources.map(\.index) == [ResourceTable.cpu, ResourceTable.memory]
    }

    /// Pods that ask for none of the resources are not scored.
    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        resources.contains { pod.request($0.index) != 0 }
    }

    func score(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Int64 {
        if isPlain {
            let milliCPU = cluster.nodes.allocatable(
                NodeTable.cpu, at: position)
            let memory = cluster.nodes.allocatable(
                NodeTable.memory, at: position)
            guard milliCPU > 0, memory > 0 else { return 75 }
            let usedCPU = cluster.nodes.requested(
                NodeTable.cpu, at: position)
            let usedMemory = cluster.nodes.requested(
                NodeTable.memory, at: position)
            let before = balance(
                share(usedCPU, milliCPU), share(usedMemory, memory))
            let after = balance(
                share(usedCPU + pod.milliCPU, milliCPU), share(usedMemory + pod.memory, memory))
            return 50 + (50 + after - before) / 2
        }
        return generalScore(pod, at: position, in: cluster)
    }

    @inline(__always)
    private func share(_ used: Int64, _ capacity: Int64) -> Double {
        min(1, Double(used) / Double(capacity))
    }

    @inline(__always)
    private func balance(_ first: Double, _ second: Double) -> Int64 {
        Int64((1 - ((first - second) / 2).magnitude) * 100)
    }

    private func generalScore(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Int64 {
        var before: [Double] = []
        var after: [Double] = []
        for resource in resources {
            let capacity = cluster.nodes.allocatable(
                resource.index.position, at: position)
            let request = pod.request(resource.index)
            if capacity == 0 || resource.isScalar && request == 0 { continue }
            let used = cluster.nodes.requested(
                resource.index.position, at: position)
            before.append(share(used, capacity))
            after.append(share(used + request, capacity))
        }
        return 50 + (50 + balance(after) - balance(before)) / 2
    }

    private func balance(_ shares: [Double]) -> Int64 {
        guard shares.count != 2 else { return balance(shares[0], shares[1]) }
        guard shares.count > 2 else { return 100 }
        var total = 0.0
        for share in shares { total += share }
        let mean = total / Double(shares.count)
        var sum = 0.0
        for share in shares { sum += (share - mean) * (share - mean) }
        return Int64((1 - (sum / Double(shares.count)).squareRoot()) * 100)
    }
}
