package import Primitives

/// A pod on a node as preemption sees it.
package struct NodePod: Hashable, Sendable, BitwiseCopyable {
    package enum Termination: UInt8, Sendable, BitwiseCopyable {
        case none
        /// Its deletion began.
        case deleted
        /// It was told to leave for another pod. (condition DisruptionTarget, PreemptionByScheduler)
        case preempted
    }

    /// The caller's number for the pod.
    package var pod: UInt32
    package var shape: PodShapeIndex
    /// `status.startTime` in nanoseconds; a pod that has not started counts as starting now.
    package var startTime: Int64?
    package var termination: Termination

    package init(
        pod: UInt32, shape: PodShapeIndex, startTime: Int64? = nil,
        termination: Termination = .none
    ) {
        self.pod = pod
        self.shape = shape
        self.startTime = startTime
        self.termination = termination
    }
}

/// Which pods are on each node, one by one: kept only where priorities differ, since nobody else asks.
package struct NodePods: Sendable {
    package private(set) var isKept = false
    private var onNode: [[NodePod]] = []

    /// From now on pods are kept; those that are there already are added by the caller.
    package mutating func keep(nodeCount: Int) {
        guard !isKept else { return }
        isKept = true
        reserve(nodeCount)
    }

    private mutating func reserve(_ nodeCount: Int) {
        while onNode.count < nodeCount { onNode.append([]) }
    }

    package subscript(node: NodeIndex) -> [NodePod] {
        node.position < onNode.count ? onNode[node.position] : []
    }

    package mutating func add(_ pod: NodePod, to node: NodeIndex) {
        guard isKept else { return }
        reserve(node.position + 1)
        onNode[node.position].append(pod)
    }

    /// The last one takes its place, as in the scheduler's own list. (NodeInfo.RemovePod)
    package mutating func remove(_ pod: UInt32, from node: NodeIndex) {
        guard isKept, let place = place(of: pod, on: node) else { return }
        onNode[node.position].swapAt(place, onNode[node.position].count - 1)
        onNode[node.position].removeLast()
    }

    package mutating func update(
        _ pod: UInt32, on node: NodeIndex, _ change: (inout NodePod) -> Void
    ) {
        guard isKept, let place = place(of: pod, on: node) else { return }
        change(&onNode[node.position][place])
    }

    private func place(of pod: UInt32, on node: NodeIndex) -> Int? {
        node.position < onNode.count
            ? onNode[node.position].firstIndex { $0.pod == pod } : nil
    }
}
