import Primitives
package import WorkloadModel

/// Every node as the scheduler believes it to be, in visiting order, as plain columns.
///
/// `requested` holds pods from the moment they are assumed until their end is seen.
package struct NodeTable: ~Copyable, Sendable {
    package let kinds: [NodeDescription]
    package let resourceCount: Int
    /// Kind of the node at each position.
    package let kindAt: [Int]
    /// Allocatable amounts, `resourceCount` a position.
    package private(set) var allocatable: [Int64]
    package let allowedPods: [Int64]
    /// Σ of effective requests, `resourceCount` a position.
    package private(set) var requested: [Int64]
    /// Σ of the requests with 100m and 200Mi where a container has none.
    package private(set) var nonZeroMilliCPU: [Int64]
    package private(set) var nonZeroMemory: [Int64]
    package private(set) var podCount: [Int64]
    /// Host ports in use; a node without any has no entry.
    package private(set) var ports: [Int: Set<HostPort>] = [:]
    package let hasUnschedulable: Bool
    /// Whether some node has a taint that keeps pods off, or one that only makes it worse.
    package let hasHardTaints: Bool
    package let hasSoftTaints: Bool

    package init(kinds: [NodeDescription], kindAt: [Int], resourceCount: Int) {
        self.kinds = kinds
        self.kindAt = kindAt
        self.resourceCount = resourceCount
        allocatable = []
        allocatable.reserveCapacity(kindAt.count * resourceCount)
        var isUsed = Array(repeating: false, count: kinds.count)
        for kind in kindAt {
            isUsed[kind] = true
            let published = kinds[kind].allocatable
            for resource in 0..<resourceCount {
                allocatable.append(resource < published.count ? published[resource] : 0)
            }
        }
        let used = kinds.indices.filter { isUsed[$0] }.map { kinds[$0] }
        hasUnschedulable = used.contains { $0.isUnschedulable }
        hasHardTaints = used.contains { $0.taints.contains { $0.effect != .preferNoSchedule } }
        hasSoftTaints = used.contains { $0.taints.contains { $0.effect == .preferNoSchedule } }
        allowedPods = kindAt.map { kinds[$0].allowedPods }
        requested = Array(repeating: 0, count: allocatable.count)
        nonZeroMilliCPU = Array(repeating: 0, count: kindAt.count)
        nonZeroMemory = Array(repeating: 0, count: kindAt.count)
        podCount = Array(repeating: 0, count: kindAt.count)
    }

    package var count: Int { kindAt.count }

    package mutating func add(_ pod: PodRequest, at position: Int, count: Int64 = 1) {
        change(pod, at: position, by: count)
        for port in pod.hostPorts { ports[position, default: []].insert(port) }
    }

    package mutating func remove(_ pod: PodRequest, at position: Int) {
        change(pod, at: position, by: -1)
        // A port is free as soon as one of its users is gone, as upstream's is.
        for port in pod.hostPorts { ports[position]?.remove(port) }
    }

    /// Puts back what was remembered of a node's ports.
    mutating func restorePorts(_ used: Set<HostPort>?, at position: Int) {
        ports[position] = used
    }

    private mutating func change(_ pod: PodRequest, at position: Int, by sign: Int64) {
        let base = position * resourceCount
        for request in pod.requests {
            requested[base + request.resource.position] += sign * request.amount
        }
        nonZeroMilliCPU[position] += sign * pod.nonZeroMilliCPU
        nonZeroMemory[position] += sign * pod.nonZeroMemory
        podCount[position] += sign
        assert(podCount[position] >= 0, "a pod was removed twice")
    }
}
