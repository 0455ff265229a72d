import Primitives

/// Prefers the node, and the GPU on it, where the pod adds least to what typical pods could not use.
///
/// Source: USENIX ATC 2023, "Beware of Fragmentation", section 5; the score is 100 × sigmoid of thousandths taken away.
struct FragmentationGradientDescent: GPUSharePolicy {
    static let name = "FGD"
    static let summary = "the node and GPU where fragmentation grows least (USENIX ATC 2023)"

    let fragmentation: GPUFragmentation

    init(fragmentation: GPUFragmentation) { self.fragmentation = fragmentation }

    func score(
        _ request: GPUShareRequest, at node: Int, in nodes: borrowing GPUShareNodes
    ) -> GPUShareScore {
        var rest = GPUFragmentation.Rest(node, in: nodes)
        let before = fragmentation.amounts(rest).fragment
        rest.milliCPU -= request.milliCPU
        guard request.isShare else {
            takeWholeGPUs(request, from: &rest)
            return GPUShareScore(value(before, fragmentation.amounts(rest).fragment))
        }
        var best = GPUShareScore(-1)
        for gpu in 0..<rest.gpuCount {
            let left = rest.gpus[gpu]
            // GPUs with as much left give the same answer, and the first of them counts.
            guard left >= Int16(request.gpuMilli), isFirst(gpu, in: rest) else { continue }
            rest.gpus[gpu] = left - Int16(request.gpuMilli)
            let score = value(before, fragmentation.amounts(rest).fragment)
            rest.gpus[gpu] = left
            if score > best.score { best = GPUShareScore(score, gpu: gpu) }
        }
        return best
    }

    private func value(_ before: Double, _ after: Double) -> Int {
        Int(100 * (1 / (1 + Double.exp(-(before - after) / 1000))))
    }

    private func isFirst(_ gpu: Int, in rest: borrowing GPUFragmentation.Rest) -> Bool {
        for other in 0..<gpu where rest.gpus[other] == rest.gpus[gpu] { return false }
        return true
    }

    private func takeWholeGPUs(
        _ request: GPUShareRequest, from rest: inout GPUFragmentation.Rest
    ) {
        var wanted = request.gpuCount
        for gpu in 0..<rest.gpuCount where wanted > 0 {
            guard rest.gpus[gpu] >= Int16(request.gpuMilli) else { continue }
            rest.gpus[gpu] -= Int16(request.gpuMilli)
            wanted -= 1
        }
    }
}
