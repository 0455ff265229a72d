import Primitives
import WorkloadModel

/// A node passes when it matches the pod's `nodeSelector` and required node affinity, and the profile's added affinity.
///
/// Source: k/k pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go.
struct NodeAffinity: FilterPlugin {
    static let name = "NodeAffinity"
    static let summary = "the node matches the pod's nodeSelector and required node affinity"

    private let added: AddedNodeTerms?

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {
        added = profile.addedRequiredTerms.map(AddedNodeTerms.init)
    }

    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        added != nil || !pod.node.asksNothing
    }

    func preFilter(
        _ pod: PodRequest, in cluster: borrowing ClusterSnapshot
    ) -> PreFilterAnswer {
        guard let names = pod.allowedNames else { return .allNodes }
        guard !names.isEmpty else {
            return .refused(Refusal(Self.name, .unresolvable, ["pod affinity terms conflict"]))
        }
        return .only(cluster.positions(ofNames: names))
    }

    func passes(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        if let added, !added.matches(position, cluster) { return false }
        return pod.node.matches(position, cluster.columns)
    }

    func mayHelp(
        _ question: HintQuestion, _ pod: PodRequest, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        func matches(_ node: NodeObject) -> Bool {
            node.matches(pod.shape) && added?.matches(node) ?? true
        }
        switch question {
        case .nodeAdded(let node): return matches(node)
        case .nodeChanged(.labels, _, let new): return matches(new)
        case .nodeChanged(.taints, _, _): return true
        case .nodeChanged(.allocatable, _, _), .topologyChanged, .podAdded, .podRemoved:
            return false
        }
    }

    func refusalClass(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> UInt64 {
        if let added, !added.matches(position, cluster) { return 1 }
        return 0
    }

    func isFinal(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool { true }

    func refusal(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Refusal {
        if let added, !added.matches(position, cluster) {
            return Refusal(
                Self.name, .unresolvable,
                ["node(s) didn't match scheduler-enforced node affinity"])
        }
        return Refusal(
            Self.name, .unresolvable, ["node(s) didn't match Pod's node affinity/selector"])
    }
}

/// Terms that a profile adds to every pod: few, so they are compared as text.
struct AddedNodeTerms: Sendable {
    private let terms: [NodeSelectorTerm]

    init(_ terms: [NodeSelectorTerm]) { self.terms = terms }

    func matches(_ position: Int, _ cluster: borrowing ClusterSnapshot) -> Bool {
        matches(
            NodeObject(
                description: cluster.nodes.kinds[cluster.nodes.kindAt[position]],
                name: cluster.roster.name(at: position),
                hasHostnameLabel: cluster.roster.hasHostnameLabels))
    }

    func matches(_ node: NodeObject) -> Bool { node.matches(terms) }
}

extension NodeSelectorRequirement {
    /// Whether a label's value satisfies it; nil is no such label.
    func holds(for value: String?) -> Bool {
        switch operation {
        case .isIn: value.map { values.contains($0) } ?? false
        case .isNotIn: value.map { !values.contains($0) } ?? true
        case .exists: value != nil
        case .doesNotExist: value == nil
        case .greaterThan, .lessThan:
            if let number = value.flatMap({ Int64($0) }),
                let bound = values.first.flatMap({ Int64($0) })
            {
                operation == .greaterThan ? number > bound : number < bound
            } else {
                false
            }
        }
    }
}
