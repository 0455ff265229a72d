import Primitives

/// Prefers the node with the larger share of cpu and memory still unrequested: spreads pods.
///
/// Source: k/k pkg/scheduler/framework/plugins/noderesources/least_allocated.go; cpu and memory weigh the same, requests
/// count as 100m and 200Mi where a container has none, and every division is of whole numbers.
struct LeastAllocated: ScorePlugin {
    static let name = "LeastAllocated"
    static let summary = "prefers the node with more cpu and memory unrequested: spreads"

    func score(_ pod: PodRequest, at position: Int, in nodes: borrowing NodeTable) -> Int64 {
        nodes.averageOfCPUAndMemory(pod, at: position) { used, capacity in
            used > capacity ? 0 : (capacity - used) * 100 / capacity
        }
    }
}

extension NodeTable {
    /// The mean, rounded down, of `part(used with the pod, capacity)` over cpu and memory; a resource that the node
    /// does not have is left out.
    borrowing func averageOfCPUAndMemory(
        _ pod: PodRequest, at position: Int, _ part: (_ used: Int64, _ capacity: Int64) -> Int64
    ) -> Int64 {
        let base = position * resourceCount
        let milliCPU = allocatable[base + ResourceTable.cpu.position]
        let memory = allocatable[base + ResourceTable.memory.position]
        var sum: Int64 = 0
        var weights: Int64 = 0
        if milliCPU > 0 {
            sum += part(nonZeroMilliCPU[position] + pod.nonZeroMilliCPU, milliCPU)
            weights += 1
        }
        if memory > 0 {
            sum += part(nonZeroMemory[position] + pod.nonZeroMemory, memory)
            weights += 1
        }
        return weights == 0 ? 0 : sum / weights
    }
}
