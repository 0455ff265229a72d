import Primitives

/// Prefers domains with the pods that the pod would like to be with, and that would like to be with it.
///
/// Source: k/k pkg/scheduler/framework/plugins/interpodaffinity/scoring.go.
struct InterPodAffinityScore: ScorePlugin {
    static let name = "InterPodAffinity"
    static let summary = "preferred affinity and anti-affinity, the pod's own and that of others"
    static let defaultWeight: Int64 = 2

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {}

    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        cluster.placement.ofShape[pod.index].preference.contains {
            cluster.placement.tallies[$0].occurrences > 0
        }
    }

    func isSeparable(for pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        false
    }

    func score(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Int64 {
        var sum: Int64 = 0
        for index in cluster.placement.ofShape[pod.index].preference {
            let column = cluster.placement.tallies[index].column
            let domain = cluster.columns[column].at[position]
            if domain >= 0 { sum += cluster.placement.tallies[index].count(of: domain) }
        }
        return sum
    }

    func score(
        _ pod: PodRequest, at positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        into scores: inout [Int64]
    ) {
        for index in scores.indices { scores[index] = 0 }
        for tally in cluster.placement.ofShape[pod.index].preference
        where cluster.placement.tallies[tally].occurrences > 0 {
            let column = cluster.placement.tallies[tally].column
            cluster.columns.columns[column].at.withUnsafeBufferPointer { at in
                cluster.placement.tallies[tally].counts.withUnsafeBufferPointer { counts in
                    for index in positions.indices {
                        let domain = Int(at[Int(positions[index])])
                        if domain >= 0, domain < counts.count { scores[index] += counts[domain] }
                    }
                }
            }
        }
    }

    func normalize(
        _ scores: inout [Int64], of pod: PodRequest, at positions: [UInt32],
        in cluster: borrowing ClusterSnapshot
    ) {
        guard let smallest = scores.min(), let largest = scores.max() else { return }
        let range = Double(largest - smallest)
        for index in scores.indices {
            scores[index] =
                range > 0 ? Int64(100 * (Double(scores[index] - smallest) / range)) : 0
        }
    }
}
