import Primitives

/// Every NUMA node's rest as published, and what the plugin remembers of it: one state for filter and score.
extension TopologyMatchPlugin: PluginState {}

/// A node passes when a NUMA node that it published has room, as far as its policy is `single-numa-node`.
///
/// Without published objects every node passes.
struct TopologyMatchFilter: FilterPlugin {
    static let name = "NodeResourceTopologyMatch"
    static let summary = "a NUMA node has room for the pod, as the node has published"

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {}

    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        cluster.states.state(TopologyMatchPlugin.self) != nil
    }

    func passes(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        outcome(pod, at: position, in: cluster)?.passes != false
    }

    func refusal(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Refusal {
        switch outcome(pod, at: position, in: cluster) {
        case .unschedulable(let refusal):
            Refusal(Self.name, .unschedulable, [refusal.rawValue])
        case .error(let reasons): Refusal(Self.name, .unschedulable, reasons)
        case .panicked(let panic): Refusal(Self.name, .unschedulable, [panic.rawValue])
        case .success, nil: Refusal(Self.name, .unschedulable, [])
        }
    }

    func refuse(
        _ pod: PodRequest, _ positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        scores: inout [Int16]
    ) {
        guard let state = cluster.states.state(TopologyMatchPlugin.self) else { return }
        for position in positions where scores[Int(position)] >= 0 {
            let node = cluster.roster.order.nodes[Int(position)]
            if !state.outcome(shape: pod.index, on: node).passes { scores[Int(position)] = -1 }
        }
    }

    func noteRefusals(
        of pod: PodRequest, _ positions: [UInt32], scores: [Int16],
        in cluster: inout ClusterSnapshot
    ) {
        let nodes = cluster.roster.order.nodes
        cluster.states.update(TopologyMatchPlugin.self) { state in
            guard state.marks else { return }
            for position in positions where scores[Int(position)] >= 0 {
                _ = state.passes(shape: pod.index, on: nodes[Int(position)])
            }
        }
    }

    /// No end of a pod changes what a node has published.
    func isFinal(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool { false }

    /// The plugin registers deleted pods, new nodes, other allocatable amounts and its own objects, without hints.
    func mayHelp(
        _ question: HintQuestion, _ pod: PodRequest, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        switch question {
        case .podRemoved, .nodeAdded, .nodeChanged(.allocatable, _, _), .topologyChanged: true
        case .podAdded, .nodeChanged: false
        }
    }

    private func outcome(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> TopologyFilterOutcome? {
        cluster.states.state(TopologyMatchPlugin.self)?.outcome(
            shape: pod.index, on: cluster.roster.order.nodes[position])
    }
}
