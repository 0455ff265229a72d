/// Prefers the node with the least CPU and GPU left after the pod, each against the largest node.
struct BestFit: GPUSharePolicy {
    static let name = "BestFit"
    static let summary = "the node that would have the least CPU and GPU left"

    init(fragmentation: GPUFragmentation) {}

    func score(
        _ request: GPUShareRequest, at node: Int, in nodes: borrowing GPUShareNodes
    ) -> GPUShareScore {
        let cpu = Double(nodes.milliCPULeft[node] - request.milliCPU) / 128_000
        let gpu = Double(nodes.gpuTotalLeft[node] - request.totalMilli) / 8000
        return GPUShareScore(Int(100 * (1 - (cpu * 0.5 + gpu * 0.5))))
    }
}
