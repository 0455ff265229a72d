package import Primitives
package import WorkloadModel

/// Every node as the scheduler believes it to be, in visiting order, as plain columns.
///
/// `requested` holds pods from the moment they are assumed until their end is seen.
package struct NodeTable: ~Copyable, Sendable {
    package let kinds: [NodeDescription]
    package let resourceCount: Int
    /// Kind of the node at each position.
    package let kindAt: [Int]
    /// A position with a node of each kind, nil where there is none.
    package let firstOfKind: [Int?]
    /// Allocatable amounts, `resourceCount` a position.
    package private(set) var allocatable: [Int64]
    package private(set) var allowedPods: [Int64]
    /// False for a node whose kubelet does not answer.
    package private(set) var isReady: [Bool]
    /// Σ of effective requests, `resourceCount` a position.
    package private(set) var requested: [Int64]
    /// Σ of the requests with 100m and 200Mi where a container has none.
    package private(set) var nonZeroMilliCPU: [Int64]
    package private(set) var nonZeroMemory: [Int64]
    package private(set) var podCount: [Int64]

    package init(kinds: [NodeDescription], kindAt: [Int], resourceCount: Int) {
        self.kinds = kinds
        self.kindAt = kindAt
        self.resourceCount = resourceCount
        firstOfKind = kinds.indices.map { kindAt.firstIndex(of: $0) }
        allocatable = []
        allocatable.reserveCapacity(kindAt.count * resourceCount)
        for kind in kindAt {
            let published = kinds[kind].allocatable
            for resource in 0..<resourceCount {
                allocatable.append(resource < published.count ? published[resource] : 0)
            }
        }
        allowedPods = kindAt.map { kinds[$0].allowedPods }
        isReady = Array(repeating: true, count: kindAt.count)
        requested = Array(repeating: 0, count: allocatable.count)
        nonZeroMilliCPU = Array(repeating: 0, count: kindAt.count)
        nonZeroMemory = Array(repeating: 0, count: kindAt.count)
        podCount = Array(repeating: 0, count: kindAt.count)
    }

    package var count: Int { kindAt.count }

    /// The node publishes other amounts: `published` as in `NodeDescription`.
    package mutating func publish(_ published: [Int64], allowedPods: Int64, at position: Int) {
        for resource in 0..<resourceCount {
            allocatable[position * resourceCount + resource] =
                resource < published.count ? published[resource] : 0
        }
        self.allowedPods[position] = allowedPods
    }

    package mutating func setReady(_ isReady: Bool, at position: Int) {
        self.isReady[position] = isReady
    }

    package mutating func add(_ pod: PodRequest, at position: Int) {
        change(pod, at: position, by: 1)
    }

    package mutating func remove(_ pod: PodRequest, at position: Int) {
        change(pod, at: position, by: -1)
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

/// What filters and scores read of a pod: its shape, with what never changes worked out once.
package struct PodRequest: Sendable {
    package let requests: [ResourceAmount]
    package let nonZeroMilliCPU: Int64
    package let nonZeroMemory: Int64
    package let nodeSelector: [Label]
    package let tolerations: [Toleration]
    package let priority: Int32

    package init(_ shape: PodShape) {
        // Nodes publish no storage yet, so none is asked for (docs/fidelity.md).
        requests = shape.requests.filter { $0.resource != ResourceTable.ephemeralStorage }
        nonZeroMilliCPU = shape.nonZeroMilliCPU
        nonZeroMemory = shape.nonZeroMemory
        nodeSelector = shape.nodeSelector
        tolerations = shape.tolerations
        priority = shape.priority
    }
}
