import Primitives

/// A node passes when its published allocatable still covers the pod's requests and its pod count allows one more.
///
/// Source: k/k pkg/scheduler/framework/plugins/noderesources/fit.go, `fitsRequest`.
struct NodeResourcesFit: FilterPlugin {
    static let name = "NodeResourcesFit"
    static let summary = "the node's allocatable covers the pod's requests; NUMA nodes are not seen"

    /// By `ResourceIndex.position`.
    private let isIgnored: [Bool]
    private let ignoresAny: Bool
    private let resources: ResourceTable

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {
        self.resources = resources
        isIgnored = resources.names.map { name in
            guard let slash = name.firstIndex(of: "/") else { return false }
            return profile.fit.ignoredResources.contains(name)
                || profile.fit.ignoredResourceGroups.contains(String(name[..<slash]))
        }
        ignoresAny = isIgnored.contains(true)
    }

    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool { true }

    private func isCounted(_ request: ResourceAmount) -> Bool {
        !ignoresAny || !isIgnored[request.resource.position]
    }

    func passes(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        guard cluster.nodes.podCount(at: position) < cluster.nodes.allowedPods(at: position) else {
            return false
        }
        for request in pod.requests where isCounted(request) {
            let resource = request.resource.position
            guard
                request.amount <= cluster.nodes.allocatable(resource, at: position)
                    - cluster.nodes.requested(resource, at: position)
            else { return false }
        }
        return true
    }

    func mayHelp(
        _ question: HintQuestion, _ pod: PodRequest, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        func covers(_ node: NodeDescription) -> Bool {
            node.allowedPods >= 1
                && pod.requests.allSatisfy {
                    !isCounted($0) || $0.amount <= node.published($0.resource)
                }
        }
        switch question {
        case .podRemoved: return true
        case .nodeAdded(let node): return covers(node.description)
        case .nodeChanged(.allocatable, let old, let new):
            let (old, new) = (old.description, new.description)
            return covers(new)
                && (new.allowedPods > old.allowedPods
                    || pod.requests.contains {
                        new.published($0.resource) > old.published($0.resource)
                    })
        case .nodeChanged(.taints, _, _): return true
        case .nodeChanged(.labels, _, _), .topologyChanged, .podAdded: return false
        }
    }

    /// A bit for each resource that is short. A pod with more requests than bits is told about the first 63 alone.
    func refusalClass(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> UInt64 {
        let isFull =
            cluster.nodes.podCount(at: position) >= cluster.nodes.allowedPods(at: position)
        var bits: UInt64 = isFull ? 1 : 0
        for (number, request) in pod.requests.enumerated() where isCounted(request) {
            let resource = request.resource.position
            let free =
                cluster.nodes.allocatable(resource, at: position)
                - cluster.nodes.requested(resource, at: position)
            if request.amount > free { bits |= 1 << UInt64(min(number + 1, 63)) }
        }
        return bits
    }

    func isFinal(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        pod.requests.contains {
            isCounted($0)
                && $0.amount > cluster.nodes.allocatable($0.resource.position, at: position)
        }
    }

    func refusal(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Refusal {
        var refusal = Refusal(Self.name, .unschedulable, [])
        if cluster.nodes.podCount(at: position) >= cluster.nodes.allowedPods(at: position) {
            refusal.reasons.append("Too many pods")
        }
        for request in pod.requests where isCounted(request) {
            let resource = request.resource.position
            let allocatable = cluster.nodes.allocatable(resource, at: position)
            guard request.amount > allocatable - cluster.nodes.requested(resource, at: position)
            else { continue }
            refusal.reasons.append("Insufficient \(resources[request.resource])")
            // One resource that the node never has makes the whole refusal final.
            if request.amount > allocatable { refusal.code = .unresolvable }
        }
        return refusal
    }
}
