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
        let ignored = ignoredNodes(own, positions, cluster)
        var sums = Array(repeating: 0.0, count: positions.count)
        for constraint in own.softSpread {
            let size = size(of: constraint, ignored, positions, cluster)
            let weight = Double.log(Double(size + 2))
            let fixed = Double(constraint.maxSkew - 1)
            cluster.columns.columns[constraint.column].at.withUnsafeBufferPointer { at in
                cluster.placement.tallies[constraint.tally].counts.withUnsafeBufferPointer {
                    counts in
                    addCounts(
                        at, counts, positions, weight: weight, fixed: fixed, to: &sums)
                }
            }
        }
        sums.withUnsafeBufferPointer { sums in
            scores.withUnsafeMutableBufferPointer { scores in
                for index in sums.indices {
                    // Rounded half up: sums are not negative and far below 2^52.
                    let whole = Int64(sums[index])
                    scores[index] = whole + (sums[index] - Double(whole) >= 0.5 ? 1 : 0)
                }
            }
        }
        for index in ignored { scores[Int(index)] = 0 }
    }

    private func addCounts(
        _ at: UnsafeBufferPointer<Int32>, _ counts: UnsafeBufferPointer<Int64>,
        _ positions: [UInt32], weight: Double, fixed: Double, to sums: inout [Double]
    ) {
        positions.withUnsafeBufferPointer { positions in
            sums.withUnsafeMutableBufferPointer { sums in
                for index in positions.indices {
                    let domain = Int(at[Int(positions[index])])
                    guard domain >= 0 else { continue }
                    let count = domain < counts.count ? counts[domain] : 0
                    sums[index] += Double(count) * weight + fixed
                }
            }
        }
    }

    /// Places in `positions` of nodes that lack a key, where all are wanted; ascending.
    private func ignoredNodes(
        _ own: ShapeTallies, _ positions: [UInt32], _ cluster: borrowing ClusterSnapshot
    ) -> [UInt32] {
        guard own.requiresAllKeys else { return [] }
        let columns = own.softSpread.map(\.column).filter { cluster.columns[$0].lacksSome }
        guard !columns.isEmpty else { return [] }
        var ignored: [UInt32] = []
        for (index, position) in positions.enumerated()
        where columns.contains(where: { cluster.columns[$0].at[Int(position)] < 0 }) {
            ignored.append(UInt32(index))
        }
        return ignored
    }

    /// Domains among the nodes that passed; without the label they are one domain more.
    private func size(
        of constraint: SpreadConstraint, _ ignored: [UInt32], _ positions: [UInt32],
        _ cluster: borrowing ClusterSnapshot
    ) -> Int {
        if constraint.isHostname { return positions.count - ignored.count }
        var isSeen = Array(
            repeating: false, count: cluster.columns[constraint.column].values.count + 1)
        var size = 0
        var next = 0
        cluster.columns.columns[constraint.column].at.withUnsafeBufferPointer { at in
            for index in positions.indices {
                if next < ignored.count, Int(ignored[next]) == index {
                    next += 1
                    continue
                }
                let domain = Int(at[Int(positions[index])]) + 1
                if !isSeen[domain] {
                    isSeen[domain] = true
                    size += 1
                }
            }
        }
        return size
    }

    func normalize(
        _ scores: inout [Int64], of pod: PodRequest, at positions: [UInt32],
        in cluster: borrowing ClusterSnapshot
    ) {
        let own = cluster.placement.ofShape[pod.index]
        let ignored = ignoredNodes(own, positions, cluster)
        var smallest = Int64.max
        var largest: Int64 = 0
        // Ignored nodes have 0, which is no largest; and they are no smallest.
        if ignored.isEmpty {
            scores.withUnsafeBufferPointer { scores in
                for score in scores {
                    smallest = min(smallest, score)
                    largest = max(largest, score)
                }
            }
        } else {
            var next = 0
            for index in scores.indices {
                if next < ignored.count, Int(ignored[next]) == index {
                    next += 1
                    continue
                }
                smallest = min(smallest, scores[index])
                largest = max(largest, scores[index])
            }
        }
        scores.withUnsafeMutableBufferPointer { scores in
            let top = largest + (smallest == .max ? 0 : smallest)
            for index in scores.indices {
                scores[index] = largest == 0 ? 100 : quotient(100 * (top - scores[index]), largest)
            }
        }
        for index in ignored { scores[Int(index)] = 0 }
    }
}
