import Primitives

/// Places pods with shares of GPUs one by one, by one policy.
///
/// Scores are kept for each kind of request and node, and only nodes that changed are scored again; the answer is that of
/// scoring every node (`placementByFullScan`, the oracle of the tests). Ties go to the first node.
package struct GPUShareScheduler: ~Copyable, Sendable {
    package private(set) var nodes: GPUShareNodes
    private let policy: any GPUSharePolicy
    private let fragmentation: GPUFragmentation
    private var random: RandomStream
    private var requests: [GPUShareRequest: Int] = [:]
    private var tables: [Scores] = []
    private var log: ChangeLog
    private var dirty: [UInt32] = []
    private var amounts: [GPUFragmentation.Amounts] = []

    private struct Scores {
        var request: GPUShareRequest
        var scores: [Int16] = []
        var gpus: [Int8] = []
        var seen = 0
    }

    package struct Placement: Hashable, Sendable {
        package var node: Int
        /// GPUs taken, as bits by number.
        package var gpus: UInt64
    }

    package init(
        nodes: consuming GPUShareNodes, policy: any GPUSharePolicy.Type,
        fragmentation: GPUFragmentation, seed: UInt64
    ) {
        log = ChangeLog(nodeCount: nodes.count)
        self.policy = policy.init(fragmentation: fragmentation)
        self.fragmentation = fragmentation
        random = RandomStream(seed: seed, name: "gpu-share-scheduler")
        self.nodes = nodes
        for node in 0..<self.nodes.count {
            amounts.append(fragmentation.amounts(of: node, in: self.nodes))
        }
    }

    /// Takes a node and GPUs for the pod; nil when it fits nowhere.
    package mutating func place(_ request: GPUShareRequest) -> Placement? {
        guard let placement = choose(request) else { return nil }
        nodes.take(request, on: placement.node, gpus: placement.gpus)
        changed(placement.node)
        return placement
    }

    /// Gives back what a pod has.
    package mutating func remove(_ request: GPUShareRequest, _ placement: Placement) {
        nodes.giveBack(request, on: placement.node, gpus: placement.gpus)
        changed(placement.node)
    }

    private mutating func changed(_ node: Int) {
        log.append(node)
        amounts[node] = fragmentation.amounts(of: node, in: nodes)
    }

    private mutating func choose(_ request: GPUShareRequest) -> Placement? {
        let index = tableIndex(request)
        var table = Scores(request: request)
        swap(&table, &tables[index])
        defer { swap(&table, &tables[index]) }
        if table.scores.isEmpty {
            table.scores = Array(repeating: -1, count: nodes.count)
            table.gpus = Array(repeating: -1, count: nodes.count)
            dirty = Array(0..<UInt32(nodes.count))
        } else {
            log.collectChanges(since: table.seen, into: &dirty)
        }
        table.seen = log.count
        policy.rank(request, dirty, in: nodes, scores: &table.scores, gpus: &table.gpus)
        if let (node, gpu) = policy.choose(
            request, scores: table.scores, in: nodes, random: &random)
        {
            return Placement(
                node: node, gpus: nodes.gpus(for: request, on: node, chosen: gpu))
        }
        guard let node = firstBest(table.scores) else { return nil }
        return placement(of: request, on: node, gpu: Int(table.gpus[node]))
    }

    private func placement(of request: GPUShareRequest, on node: Int, gpu: Int) -> Placement {
        var gpu = gpu
        if request.isShare, gpu < 0 {
            gpu = nodes.tightestGPU(for: request.gpuMilli, on: node)
        }
        return Placement(node: node, gpus: nodes.gpus(for: request, on: node, chosen: gpu))
    }

    /// What `place` would choose, by scoring every node; for policies whose choice is not random.
    package func placementByFullScan(_ request: GPUShareRequest) -> Placement? {
        var best: (node: Int, score: GPUShareScore)?
        for node in 0..<nodes.count where nodes.fits(request, on: node) {
            let score = policy.score(request, at: node, in: nodes)
            if best == nil || score.score > best!.score.score { best = (node, score) }
        }
        return best.map { placement(of: request, on: $0.node, gpu: Int($0.score.gpu)) }
    }

    private mutating func tableIndex(_ request: GPUShareRequest) -> Int {
        if let known = requests[request] { return known }
        let index = tables.count
        requests[request] = index
        tables.append(Scores(request: request))
        return index
    }

    private func firstBest(_ scores: [Int16]) -> Int? {
        scores.withUnsafeBufferPointer { scores in
            var best: Int16 = -1
            for score in scores { best = max(best, score) }
            return best < 0 ? nil : scores.firstIndex(of: best)
        }
    }

    /// Fragmentation of all nodes together, added in their order.
    package func totalFragmentation() -> GPUFragmentation.Amounts {
        var total = GPUFragmentation.Amounts()
        for node in amounts { total += node }
        return total
    }
}
