import Primitives
import WorkloadModel

/// Prefers nodes that match more of the pod's preferred node affinity, and of the profile's.
///
/// Source: k/k pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go.
struct NodeAffinityScore: ScorePlugin {
    static let name = "NodeAffinity"
    static let summary = "prefers nodes that match the pod's preferred node affinity"
    static let isFixed = true
    static let defaultWeight: Int64 = 2

    private let added: [(weight: Int64, terms: AddedNodeTerms)]

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {
        added = profile.addedPreferredTerms.filter { $0.weight != 0 }.map {
            ($0.weight, AddedNodeTerms([$0.term]))
        }
    }

    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        !added.isEmpty || pod.shape.placement?.preferredNodeTerms.isEmpty == false
    }

    func isSeparable(for pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        false
    }

    func score(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Int64 {
        var sum = pod.preference.score(position, cluster.columns)
        for entry in added where entry.terms.matches(position, cluster) { sum += entry.weight }
        return sum
    }

    func normalize(
        _ scores: inout [Int64], of pod: PodRequest, at positions: [UInt32],
        in cluster: borrowing ClusterSnapshot
    ) {
        normalizeByMaximum(&scores, reverse: false)
    }
}
