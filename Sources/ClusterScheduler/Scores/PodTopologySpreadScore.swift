import Primitives

/// Prefers nodes in domains with fewer pods like this one, by soft constraints or the profile's defaults.
///
/// Source: k/k pkg/scheduler/framework/plugins/podtopologyspread/scoring.go.
struct PodTopologySpreadScore: ScorePlugin {
    static let name = "PodTopologySpread"
    static let summary = "prefers domains with fewer matching pods, by soft constraints"
    static let defaultWeight: Int64 = 2

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {}

    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        !cluster.placement.ofShape[pod.index].softSpread.isEmpty
    }

    func isSeparable(for pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        false
    }

    func score(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Int64 {
        // Domains are counted over all nodes that passed: see the other one.
        0
    }

    func score(
        _ pod: PodRequest, at positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        into scores: inout [Int64]
    ) {
        let own = cluster.placement.ofShape[pod.index]
        let weights = own.softSpread.indices.map { index in
            Double.log(Double(size(index, of: own, at: positions, in: cluster) + 2))
        }
        for index in positions.indices {
            let position = Int(positions[index])
            guard !isIgnored(position, own, cluster) else {
                scores[index] = 0
                continue
            }
            var sum = 0.0
            for (number, constraint) in own.softSpread.enumerated() {
                let domain = cluster.columns[constraint.column].at[position]
                guard domain >= 0 else { continue }
                let count = cluster.placement.tallies[constraint.tally].count(of: domain)
                sum += Double(count) * weights[number] + Double(constraint.maxSkew - 1)
            }
            scores[index] = Int64(sum.rounded(.toNearestOrAwayFromZero))
        }
    }

    /// Domains among the nodes that passed; without the label they are one domain more.
    private func size(
        _ number: Int, of own: ShapeTallies, at positions: [UInt32],
        in cluster: borrowing ClusterSnapshot
    ) -> Int {
        let constraint = own.softSpread[number]
        var size = 0
        if constraint.isHostname {
            for position in positions where !isIgnored(Int(position), own, cluster) { size += 1 }
            return size
        }
        var isSeen = Array(
            repeating: false, count: cluster.columns[constraint.column].values.count + 1)
        for position in positions where !isIgnored(Int(position), own, cluster) {
            let domain = Int(cluster.columns[constraint.column].at[Int(position)]) + 1
            if !isSeen[domain] {
                isSeen[domain] = true
                size += 1
            }
        }
        return size
    }

    /// A node that lacks a key, where all are wanted.
    private func isIgnored(
        _ position: Int, _ own: ShapeTallies, _ cluster: borrowing ClusterSnapshot
    ) -> Bool {
        guard own.requiresAllKeys else { return false }
        for constraint in own.softSpread
        where cluster.columns[constraint.column].at[position] < 0 {
            return true
        }
        return false
    }

    func normalize(
        _ scores: inout [Int64], of pod: PodRequest, at positions: [UInt32],
        in cluster: borrowing ClusterSnapshot
    ) {
        let own = cluster.placement.ofShape[pod.index]
        var smallest = Int64.max
        var largest: Int64 = 0
        for index in scores.indices where !isIgnored(Int(positions[index]), own, cluster) {
            smallest = min(smallest, scores[index])
            largest = max(largest, scores[index])
        }
        for index in scores.indices {
            if isIgnored(Int(positions[index]), own, cluster) {
                scores[index] = 0
            } else {
                scores[index] =
                    largest == 0 ? 100 : 100 * (largest + smallest - scores[index]) / largest
            }
        }
    }
}
