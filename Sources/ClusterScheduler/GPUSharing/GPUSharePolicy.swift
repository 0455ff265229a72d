package import Primitives

/// A policy that ranks nodes for pods with shares of GPUs, alone: no other plugin adds to its score.
package protocol GPUSharePolicy: Sendable {
    /// As the paper's tables spell it.
    static var name: String { get }
    /// One line for `topsim policies`.
    static var summary: String { get }
    init(fragmentation: GPUFragmentation)
    /// 0 (worst) to 100 (best) for a node on which the request fits.
    func score(
        _ request: GPUShareRequest, at node: Int, in nodes: borrowing GPUShareNodes
    ) -> GPUShareScore
    /// Scores the nodes that are named: -1 where the request does not fit. There is an implementation for all.
    func rank(
        _ request: GPUShareRequest, _ positions: [UInt32], in nodes: borrowing GPUShareNodes,
        scores: inout [Int16], gpus: inout [Int8])
    /// The node and GPU to take, when the highest score does not decide. There is an implementation for all.
    func choose(
        _ request: GPUShareRequest, scores: [Int16], in nodes: borrowing GPUShareNodes,
        random: inout RandomStream
    ) -> (node: Int, gpu: Int)?
}

/// A node's score, and the GPU that a share of one would take there.
package struct GPUShareScore: Hashable, Sendable {
    package var score: Int16
    /// -1 when the tightest GPU that fits is taken.
    package var gpu: Int8 = -1

    package init(_ score: Int, gpu: Int = -1) {
        self.score = Int16(truncatingIfNeeded: score)
        self.gpu = Int8(truncatingIfNeeded: gpu)
    }
}

extension GPUSharePolicy {
    package func rank(
        _ request: GPUShareRequest, _ positions: [UInt32], in nodes: borrowing GPUShareNodes,
        scores: inout [Int16], gpus: inout [Int8]
    ) {
        for position in positions {
            let node = Int(position)
            guard nodes.fits(request, on: node) else {
                scores[node] = -1
                continue
            }
            let result = score(request, at: node, in: nodes)
            scores[node] = result.score
            gpus[node] = result.gpu
        }
    }

    package func choose(
        _ request: GPUShareRequest, scores: [Int16], in nodes: borrowing GPUShareNodes,
        random: inout RandomStream
    ) -> (node: Int, gpu: Int)? { nil }
}

/// Every policy for shares of GPUs, in the order of the paper's table.
package enum GPUSharePolicyRegistry {
    package static let all: [any GPUSharePolicy.Type] = [
        RandomPlacement.self,
        DotProduct.self,
        GPUClustering.self,
        GPUPacking.self,
        BestFit.self,
        FragmentationGradientDescent.self,
    ]

    package static func policy(named name: String) -> (any GPUSharePolicy.Type)? {
        all.first { $0.name == name }
    }
}
