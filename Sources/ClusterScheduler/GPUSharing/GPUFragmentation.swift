/// How much of a node's idle GPU the typical pods of a workload could not use.
///
/// Source: "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent",
/// USENIX ATC 2023, section 4, and the case distinction of its simulator.
package struct GPUFragmentation: Sendable {
    /// A kind of pod and the share of all pods that it stands for.
    package struct TypicalPod: Sendable {
        package var milliCPU: Int64
        package var gpuCount: Int
        package var gpuMilli: Int
        package var models: UInt64
        package var probability: Double
    }

    /// Idle thousandths of GPU by what stands in the way of the typical pods; each a mean over them.
    package struct Amounts: Sendable {
        /// Neither CPU nor GPU suffices.
        package var lacksBoth = 0.0
        package var lacksGPU = 0.0
        package var usable = 0.0
        package var lacksCPU = 0.0
        /// Seen by pods that want no GPU: CPU suffices, and does not.
        package var unaskedWithCPU = 0.0
        package var unaskedWithoutCPU = 0.0
        /// The model is another.
        package var wrongModel = 0.0

        package init() {}

        /// All but what is usable, added in the order in which the authors' simulator adds.
        package var fragment: Double {
            lacksBoth + lacksGPU + lacksCPU + unaskedWithCPU + unaskedWithoutCPU + wrongModel
        }

        /// All idle GPU.
        package var idle: Double {
            lacksBoth + lacksGPU + usable + lacksCPU + unaskedWithCPU + unaskedWithoutCPU
                + wrongModel
        }

        package static func += (left: inout Amounts, right: Amounts) {
            left.lacksBoth += right.lacksBoth
            left.lacksGPU += right.lacksGPU
            left.usable += right.usable
            left.lacksCPU += right.lacksCPU
            left.unaskedWithCPU += right.unaskedWithCPU
            left.unaskedWithoutCPU += right.unaskedWithoutCPU
            left.wrongModel += right.wrongModel
        }
    }

    package let typicalPods: [TypicalPod]

    /// The most frequent kinds of `pods` that together are at least `coverage` of them (0.95 in the paper); kinds differ
    /// in CPU, GPUs and models, and memory plays no part.
    package init(pods: [GPUShareRequest], coverage: Double = 0.95) {
        var counts: [GPUShareRequest: Int] = [:]
        for pod in pods {
            var kind = pod
            kind.memory = 0
            counts[kind, default: 0] += 1
        }
        // Ties are broken, so that no order of a dictionary shows.
        let kinds = counts.sorted { left, right in
            if left.value != right.value { return left.value > right.value }
            return GPUFragmentation.key(left.key).lexicographicallyPrecedes(
                GPUFragmentation.key(right.key), by: >)
        }
        var covered = 0
        var chosen: [(kind: GPUShareRequest, count: Int)] = []
        for kind in kinds {
            chosen.append((kind.key, kind.value))
            covered += kind.value
            if Double(covered) >= coverage * Double(pods.count) { break }
        }
        let all = Double(pods.count)
        typicalPods = chosen.map { kind, count in
            TypicalPod(
                milliCPU: kind.milliCPU, gpuCount: kind.gpuCount, gpuMilli: kind.gpuMilli,
                models: kind.models,
                probability: (Double(count) / all) / (Double(covered) / all))
        }
    }

    private static func key(_ kind: GPUShareRequest) -> [UInt64] {
        [
            UInt64(kind.milliCPU), UInt64(kind.gpuMilli), UInt64(kind.gpuCount),
            UInt64(kind.modelsText),
        ]
    }

    /// What is left on one node, for trying out a placement without making it.
    struct Rest {
        var milliCPU: Int64
        var model: UInt8
        var gpuCount: Int
        var gpus: InlineArray<64, Int16>

        init(_ node: Int, in nodes: borrowing GPUShareNodes) {
            milliCPU = nodes.milliCPULeft[node]
            model = nodes.model[node]
            gpuCount = nodes.gpuCount[node]
            gpus = InlineArray(repeating: 0)
            for gpu in 0..<gpuCount { gpus[gpu] = Int16(nodes.left(node, gpu: gpu)) }
        }
    }

    func amounts(_ rest: borrowing Rest) -> Amounts {
        var result = Amounts()
        var total = 0
        for gpu in 0..<rest.gpuCount { total += Int(rest.gpus[gpu]) }
        let idle = Double(total)
        for pod in typicalPods {
            let probability = pod.probability
            let hasCPU = rest.milliCPU >= pod.milliCPU
            if pod.gpuMilli == 0 {
                if hasCPU {
                    result.unaskedWithCPU += probability * idle
                } else {
                    result.unaskedWithoutCPU += probability * idle
                }
                continue
            }
            if pod.models != 0, pod.models >> UInt64(rest.model) & 1 == 0 {
                result.wrongModel += probability * idle
                continue
            }
            var fitting = 0
            var small = 0
            for gpu in 0..<rest.gpuCount {
                let left = Int(rest.gpus[gpu])
                if left >= pod.gpuMilli { fitting += 1 } else { small += left }
            }
            switch (fitting >= pod.gpuCount, hasCPU) {
            case (true, true):
                result.lacksGPU += probability * Double(small)
                result.usable += probability * Double(total - small)
            case (true, false): result.lacksCPU += probability * idle
            case (false, true): result.lacksGPU += probability * idle
            case (false, false): result.lacksBoth += probability * idle
            }
        }
        return result
    }

    /// The amounts of one node as it is.
    package func amounts(of node: Int, in nodes: borrowing GPUShareNodes) -> Amounts {
        amounts(Rest(node, in: nodes))
    }
}
