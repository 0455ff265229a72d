/// Prefers the node whose rest of CPU and GPU has the smallest dot product with what the pod asks for.
struct DotProduct: GPUSharePolicy {
    static let name = "DotProd"
    static let summary = "the node whose rest has the smallest dot product with the request"

    init(fragmentation: GPUFragmentation) {}

    func score(
        _ request: GPUShareRequest, at node: Int, in nodes: borrowing GPUShareNodes
    ) -> GPUShareScore {
        let cpuLeft = Double(nodes.milliCPULeft[node]) / 128_000
        let gpuLeft = Double(nodes.gpuTotalLeft[node]) / 8000
        let cpu = Double(request.milliCPU) / 128_000
        let gpu = Double(request.totalMilli) / 8000
        return GPUShareScore(Int(100 * (1 - (cpuLeft * cpu + gpuLeft * gpu) / 2)))
    }
}
