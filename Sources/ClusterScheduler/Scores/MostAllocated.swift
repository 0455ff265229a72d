/// Prefers the node with the larger share of cpu and memory requested: packs pods.
///
/// Source: k/k pkg/scheduler/framework/plugins/noderesources/most_allocated.go.
struct MostAllocated: ScorePlugin {
    static let name = "MostAllocated"
    static let summary = "prefers the node with less cpu and memory unrequested: packs"

    func score(_ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable) -> Int64 {
        nodes.averageOfCPUAndMemory(pod, at: position) { used, capacity in
            min(used, capacity) * 100 / capacity
        }
    }
}
