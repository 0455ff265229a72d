/// Fills GPUs in use first, then nodes in use, and opens an idle node last.
struct GPUPacking: GPUSharePolicy {
    static let name = "GpuPacking"
    static let summary = "GPUs in use first, then nodes in use, idle nodes last"

    init(fragmentation: GPUFragmentation) {}

    func score(
        _ request: GPUShareRequest, at node: Int, in nodes: borrowing GPUShareNodes
    ) -> GPUShareScore {
        guard request.gpuCount > 0 else { return GPUShareScore(0) }
        let free = nodes.gpus(of: node, withAtLeast: 1000)
        if free == nodes.gpuCount[node] { return GPUShareScore(max(33 - free, free)) }
        // The GPUs with the least left first; those below the request do not count.
        var freePicked = 0
        var usedParts = 0
        var wanted = request.gpuCount
        var floor = request.gpuMilli
        while wanted > 0 {
            var least = Int.max
            var number = 0
            for gpu in 0..<nodes.gpuCount[node] {
                let left = nodes.left(node, gpu: gpu)
                guard left >= floor else { continue }
                if left < least { (least, number) = (left, 0) }
                if left == least { number += 1 }
            }
            guard number > 0 else { break }
            let picked = min(number, wanted)
            if least == 1000 { freePicked += picked }
            usedParts += picked * (least * 100 / 1000)
            wanted -= picked
            floor = least + 1
        }
        if freePicked > 0 { return GPUShareScore(max(50 - freePicked, 33)) }
        return GPUShareScore(max(100 - usedParts / 10, 50))
    }
}
