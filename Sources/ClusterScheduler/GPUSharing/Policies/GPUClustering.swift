/// Puts pods that take the same number of GPUs, or a share of one, on the same nodes.
struct GPUClustering: GPUSharePolicy {
    static let name = "GpuClustering"
    static let summary = "nodes that already run pods with as many GPUs"

    init(fragmentation: GPUFragmentation) {}

    func score(
        _ request: GPUShareRequest, at node: Int, in nodes: borrowing GPUShareNodes
    ) -> GPUShareScore {
        guard request.gpuCount > 0 else { return GPUShareScore(0) }
        let base = 25 * (8000 - nodes.gpuTotalLeft[node]) / 8000
        let own = GPUShareNodes.tag(of: request)
        var hasOwn = false
        var hasOther = false
        for tag in 0...nodes.stride where nodes.pods(on: node, withTag: tag) > 0 {
            if tag == own { hasOwn = true } else { hasOther = true }
        }
        if hasOwn { return GPUShareScore(base + (hasOther ? 50 : 75)) }
        return GPUShareScore(base + (hasOther ? 0 : 25))
    }
}
