/// What is left on every node, as plain columns; node 0 is the first in the order of ties.
package struct GPUShareNodes: ~Copyable, Sendable {
    /// One node when it is empty.
    package struct Capacity: Hashable, Sendable {
        package var milliCPU: Int64
        /// Bytes.
        package var memory: Int64
        package var gpuCount: Int
        /// Number of the GPUs' model, below 64.
        package var model: UInt8
        package var pods: Int32

        package init(
            milliCPU: Int64, memory: Int64, gpuCount: Int, model: UInt8, pods: Int32
        ) {
            self.milliCPU = milliCPU
            self.memory = memory
            self.gpuCount = gpuCount
            self.model = model
            self.pods = pods
        }
    }

    package let count: Int
    package let gpuCount: [Int]
    package let model: [UInt8]
    package private(set) var milliCPULeft: [Int64]
    package private(set) var memoryLeft: [Int64]
    package private(set) var podsLeft: [Int32]
    /// Σ over a node's GPUs, thousandths.
    package private(set) var gpuTotalLeft: [Int]
    /// Thousandths of each GPU, `stride` a node.
    private var gpuLeft: [Int16]
    /// Pods on the node by tag: 0 is a share, n is n whole GPUs. `stride + 1` a node.
    private var tags: [Int32]
    /// Most GPUs of a node.
    package let stride: Int

    package init(_ capacities: [Capacity]) {
        count = capacities.count
        stride = max(1, capacities.map(\.gpuCount).max() ?? 1)
        gpuCount = capacities.map(\.gpuCount)
        model = capacities.map(\.model)
        milliCPULeft = capacities.map(\.milliCPU)
        memoryLeft = capacities.map(\.memory)
        podsLeft = capacities.map(\.pods)
        gpuTotalLeft = capacities.map { $0.gpuCount * 1000 }
        gpuLeft = []
        gpuLeft.reserveCapacity(count * stride)
        for capacity in capacities {
            for gpu in 0..<stride { gpuLeft.append(gpu < capacity.gpuCount ? 1000 : 0) }
        }
        tags = Array(repeating: 0, count: count * (stride + 1))
    }

    /// Thousandths left of one GPU.
    @inline(__always)
    package borrowing func left(_ node: Int, gpu: Int) -> Int {
        Int(gpuLeft[node &* stride &+ gpu])
    }

    /// GPUs of which at least `milli` thousandths are left.
    @inline(__always)
    package borrowing func gpus(of node: Int, withAtLeast milli: Int) -> Int {
        var number = 0
        for gpu in 0..<gpuCount[node] where left(node, gpu: gpu) >= milli { number += 1 }
        return number
    }

    /// Pods on the node with whole GPUs or a share of one, by tag.
    package borrowing func pods(on node: Int, withTag tag: Int) -> Int32 {
        tags[node * (stride + 1) + tag]
    }

    /// 0 for a share of a GPU, else how many whole ones.
    package static func tag(of request: GPUShareRequest) -> Int {
        request.isShare ? 0 : request.gpuCount
    }

    /// Whether the request fits: CPU, memory, number of pods, model and GPUs.
    package borrowing func fits(_ request: GPUShareRequest, on node: Int) -> Bool {
        guard milliCPULeft[node] >= request.milliCPU, memoryLeft[node] >= request.memory,
            podsLeft[node] > 0
        else { return false }
        guard request.gpuCount > 0 else { return true }
        return gpuCount[node] >= request.gpuCount && request.accepts(model: model[node])
            && gpus(of: node, withAtLeast: request.gpuMilli) >= request.gpuCount
    }

    /// The GPUs that the request takes: `chosen` for a share, else the free ones with the lowest numbers; as bits.
    package borrowing func gpus(
        for request: GPUShareRequest, on node: Int, chosen: Int
    ) -> UInt64 {
        guard request.gpuCount > 0 else { return 0 }
        if request.isShare { return 1 << UInt64(chosen) }
        var mask: UInt64 = 0
        for gpu in 0..<gpuCount[node] where left(node, gpu: gpu) >= request.gpuMilli {
            mask |= 1 << UInt64(gpu)
            if mask.nonzeroBitCount == request.gpuCount { break }
        }
        return mask
    }

    /// The GPU with the least left that still holds the share, the lowest number among equals.
    package borrowing func tightestGPU(for milli: Int, on node: Int) -> Int {
        var best = -1
        for gpu in 0..<gpuCount[node] {
            let here = left(node, gpu: gpu)
            if here >= milli, best < 0 || here < left(node, gpu: best) { best = gpu }
        }
        return best
    }

    package mutating func take(_ request: GPUShareRequest, on node: Int, gpus: UInt64) {
        change(request, on: node, gpus: gpus, by: -1)
    }

    package mutating func giveBack(_ request: GPUShareRequest, on node: Int, gpus: UInt64) {
        change(request, on: node, gpus: gpus, by: 1)
    }

    private mutating func change(
        _ request: GPUShareRequest, on node: Int, gpus: UInt64, by sign: Int
    ) {
        milliCPULeft[node] += Int64(sign) * request.milliCPU
        memoryLeft[node] += Int64(sign) * request.memory
        podsLeft[node] += Int32(sign)
        guard request.gpuCount > 0 else { return }
        gpuTotalLeft[node] += sign * request.totalMilli
        tags[node * (stride + 1) + GPUShareNodes.tag(of: request)] -= Int32(sign)
        var rest = gpus
        while rest != 0 {
            gpuLeft[node * stride + rest.trailingZeroBitCount] += Int16(sign * request.gpuMilli)
            rest &= rest - 1
        }
    }
}
