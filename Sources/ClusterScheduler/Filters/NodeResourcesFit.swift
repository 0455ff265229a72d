import Primitives

/// A node passes when its published allocatable still covers the pod's requests and its pod count allows one more.
///
/// Source: k/k pkg/scheduler/framework/plugins/noderesources/fit.go, `fitsRequest`.
struct NodeResourcesFit: FilterPlugin {
    static let name = "NodeResourcesFit"
    static let looksAtTaken = true
    static let summary = "the node's allocatable covers the pod's requests; NUMA nodes are not seen"

    func passes(_ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable) -> Bool {
        guard nodes.podCount[position] < nodes.allowedPods[position] else { return false }
        let base = position * nodes.resourceCount
        for request in pod.requests {
            let cell = base + request.resource.position
            guard request.amount <= nodes.allocatable[cell] - nodes.requested[cell] else {
                return false
            }
        }
        return true
    }

    func reasons(_ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable) -> [String] {
        var reasons: [String] = []
        if nodes.podCount[position] >= nodes.allowedPods[position] {
            reasons.append("Too many pods")
        }
        let base = position * nodes.resourceCount
        for request in pod.requests {
            let cell = base + request.resource.position
            if request.amount > nodes.allocatable[cell] - nodes.requested[cell] {
                reasons.append(SchedulerMessage.insufficient(request.resource))
            }
        }
        return reasons
    }
}
