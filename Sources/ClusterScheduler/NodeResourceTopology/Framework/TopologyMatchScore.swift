import Primitives

/// Ranks nodes by what they have published of their NUMA nodes.
///
/// Where the real scheduler would give up, as the score leaves 0 to 100 or the plugin crashes, the node scores 0.
struct TopologyMatchScore: ScorePlugin {
    static let name = "NodeResourceTopologyMatch"
    static let summary = "prefers nodes by the room of their NUMA nodes, as published"

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {}

    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        cluster.states.state(TopologyMatchPlugin.self) != nil
    }

    func score(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Int64 {
        cluster.states.state(TopologyMatchPlugin.self)?.score(
            shape: pod.index, on: cluster.roster.order.nodes[position]) ?? 0
    }

    func rank(
        _ pod: PodRequest, _ positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        weight: Int16, scores: inout [Int16]
    ) {
        guard let state = cluster.states.state(TopologyMatchPlugin.self) else { return }
        for position in positions where scores[Int(position)] >= 0 {
            let node = cluster.roster.order.nodes[Int(position)]
            scores[Int(position)] +=
                weight
                * Int16(truncatingIfNeeded: state.score(shape: pod.index, on: node) ?? 0)
        }
    }
}
