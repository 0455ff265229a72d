import Primitives

/// Any node that fits, and any GPU there that fits, each as likely.
struct RandomPlacement: GPUSharePolicy {
    static let name = "Random"
    static let summary = "any node and any GPU that fits"

    init(fragmentation: GPUFragmentation) {}

    func score(
        _ request: GPUShareRequest, at node: Int, in nodes: borrowing GPUShareNodes
    ) -> GPUShareScore { GPUShareScore(0) }

    func choose(
        _ request: GPUShareRequest, scores: [Int16], in nodes: borrowing GPUShareNodes,
        random: inout RandomStream
    ) -> (node: Int, gpu: Int)? {
        var fitting: UInt64 = 0
        for score in scores where score >= 0 { fitting += 1 }
        guard fitting > 0 else { return nil }
        var skip = random.below(fitting)
        for node in scores.indices where scores[node] >= 0 {
            guard skip == 0 else {
                skip -= 1
                continue
            }
            guard request.isShare else { return (node, -1) }
            let number = nodes.gpus(of: node, withAtLeast: request.gpuMilli)
            var skipGPUs = random.below(UInt64(number))
            for gpu in 0..<nodes.gpuCount[node]
            where nodes.left(node, gpu: gpu) >= request.gpuMilli {
                if skipGPUs == 0 { return (node, gpu) }
                skipGPUs -= 1
            }
        }
        return nil
    }
}
