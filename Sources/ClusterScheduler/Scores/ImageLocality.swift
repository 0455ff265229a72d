import Primitives

/// Prefers nodes that have the pod's images already, large ones and widely spread ones more.
///
/// Source: k/k pkg/scheduler/framework/plugins/imagelocality/image_locality.go.
struct ImageLocality: ScorePlugin {
    static let name = "ImageLocality"
    static let summary = "prefers nodes that have the pod's images"

    private static let minimum: Int64 = 23 << 20
    private static let maximumOfContainer: Int64 = 1000 << 20

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {}

    func score(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Int64 {
        let present = cluster.images.ofKind[cluster.nodes.kindAt[position]]
        guard !present.isEmpty, !pod.images.isEmpty else { return 0 }
        var sum: Int64 = 0
        for image in pod.images where image >= 0 && present.contains(image) {
            let share =
                Double(cluster.images.nodeCounts[Int(image)]) / Double(cluster.nodeCount)
            sum += Int64(Double(cluster.images.sizes[Int(image)]) * share)
        }
        let maximum = ImageLocality.maximumOfContainer * Int64(pod.images.count)
        sum = min(max(sum, ImageLocality.minimum), maximum)
        return 100 * (sum - ImageLocality.minimum) / (maximum - ImageLocality.minimum)
    }

    func rank(
        _ pod: PodRequest, _ positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        weight: Int16, scores: inout [Int16]
    ) {
        guard pod.images.contains(where: { $0 >= 0 }) else { return }
        for position in positions where scores[Int(position)] >= 0 {
            scores[Int(position)] +=
                weight * Int16(truncatingIfNeeded: score(pod, at: Int(position), in: cluster))
        }
    }
}
