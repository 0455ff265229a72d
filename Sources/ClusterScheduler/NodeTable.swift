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
    /// What fits and what is taken, one row a position, so that judging a node reads one or two cache lines: pods and
    /// pods allowed, Σ of the defaulted requests of cpu and memory, then allocatable and Σ of requests by resource.
    private var rows: [Int64]
    private let stride: Int
    /// Host ports in use; a node without any has no entry.
    package private(set) var ports: [Int: Set<HostPort>] = [:]
    package let hasUnschedulable: Bool
    /// Whether some node has a taint that keeps pods off, or one that only makes it worse.
    package private(set) var hasHardTaints: Bool
    package let hasSoftTaints: Bool
    /// False for a node whose kubelet does not answer; empty as long as all do.
    private var readiness: [Bool] = []

    package init(kinds: [NodeDescription], kindAt: [Int], resourceCount: Int) {
        precondition(
            ResourceTable.cpu.position == NodeTable.cpu
                && ResourceTable.memory.position == NodeTable.memory,
            "the table of resources begins with cpu and memory")
        self.kinds = kinds
        self.kindAt = kindAt
        self.resourceCount = resourceCount
        stride = 4 + 2 * resourceCount
        rows = []
        rows.reserveCapacity(kindAt.count * stride)
        var isUsed = Array(repeating: false, count: kinds.count)
        for kind in kindAt {
            isUsed[kind] = true
            rows.append(0)
            rows.append(kinds[kind].allowedPods)
            rows.append(0)
            rows.append(0)
            let published = kinds[kind].allocatable
            for resource in 0..<resourceCount {
                rows.append(resource < published.count ? published[resource] : 0)
                rows.append(0)
            }
        }
        let used = kinds.indices.filter { isUsed[$0] }.map { kinds[$0] }
        hasUnschedulable = used.contains { $0.isUnschedulable }
        hasHardTaints = used.contains { $0.taints.contains { $0.effect != .preferNoSchedule } }
        hasSoftTaints = used.contains { $0.taints.contains { $0.effect == .preferNoSchedule } }
    }

    package var count: Int { kindAt.count }

    /// `ResourceTable.cpu.position` and `ResourceTable.memory.position` as constants.
    static var cpu: Int { 0 }
    static var memory: Int { 1 }

    /// `status.allocatable` of a resource, by `ResourceIndex.position`.
    package func allocatable(_ resource: Int, at position: Int) -> Int64 {
        rows[position &* stride &+ 4 &+ 2 &* resource]
    }

    /// Σ of effective requests.
    package func requested(_ resource: Int, at position: Int) -> Int64 {
        rows[position &* stride &+ 5 &+ 2 &* resource]
    }

    package func podCount(at position: Int) -> Int64 { rows[position &* stride] }
    package func allowedPods(at position: Int) -> Int64 { rows[position &* stride &+ 1] }

    /// Σ of the requests with 100m and 200Mi where a container has none.
    package func nonZeroMilliCPU(at position: Int) -> Int64 { rows[position &* stride &+ 2] }
    package func nonZeroMemory(at position: Int) -> Int64 { rows[position &* stride &+ 3] }

    package mutating func add(_ pod: PodRequest, at position: Int, count: Int64 = 1) {
        change(pod, at: position, by: count)
        for port in pod.hostPorts { ports[position, default: []].insert(port) }
    }

    package mutating func remove(_ pod: PodRequest, at position: Int) {
        change(pod, at: position, by: -1)
        // A port is free as soon as one of its users is gone, as upstream's is.
        for port in pod.hostPorts { ports[position]?.remove(port) }
    }

    /// Whether the node's kubelet answers.
    package func isReady(at position: Int) -> Bool { readiness.isEmpty || readiness[position] }

    /// The node publishes other amounts, as in `NodeDescription`; one that is not ready is tainted as unreachable.
    mutating func publish(
        _ published: [Int64], allowedPods: Int64, isReady: Bool, at position: Int
    ) {
        let base = position * stride
        rows[base + 1] = allowedPods
        for resource in 0..<resourceCount {
            rows[base + 4 + 2 * resource] =
                resource < published.count ? published[resource] : 0
        }
        guard isReady != self.isReady(at: position) else { return }
        if readiness.isEmpty { readiness = Array(repeating: true, count: count) }
        readiness[position] = isReady
        hasHardTaints = true
    }

    /// Puts back what was remembered of a node's ports.
    mutating func restorePorts(_ used: Set<HostPort>?, at position: Int) {
        ports[position] = used
    }

    private mutating func change(_ pod: PodRequest, at position: Int, by sign: Int64) {
        let base = position * stride
        rows[base] += sign
        rows[base + 2] += sign * pod.nonZeroMilliCPU
        rows[base + 3] += sign * pod.nonZeroMemory
        for request in pod.requests {
            rows[base + 5 + 2 * request.resource.position] += sign * request.amount
        }
        assert(rows[base] >= 0, "a pod was removed twice")
    }
}
