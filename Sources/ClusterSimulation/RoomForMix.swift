import NodeManagers
import Primitives
import Records
import WorkloadModel

/// How many more pods of each member of the target mix every node would take: by its real admission, and by its totals.
///
/// Asked on a copy of the node's state, once for each distinct state, and only for nodes that changed.
struct RoomForMix {
    private let mix: [MixMember]
    private var prepared: [[PreparedPod]] = []
    /// For each node: admitted and fitting counts, `2 × mix.count` values.
    private var counts: [Int32]
    private var known: [[NodeStateKey: [Int32]]] = []
    private var nodeCount: Int
    private var isFirst = true

    /// Distinct states that are remembered for each kind of node; beyond, the memory begins anew.
    private static let memoryLimit = 100_000

    init(_ mix: [MixMember], nodeCount: Int) {
        self.mix = mix
        self.nodeCount = nodeCount
        counts = Array(repeating: 0, count: nodeCount * mix.count * 2)
    }

    mutating func update(_ changed: [NodeIndex], nodes: borrowing ClusterNodes) {
        guard !mix.isEmpty else { return }
        while nodeCount < nodes.count {
            for _ in 0..<mix.count * 2 { counts.append(0) }
            nodeCount += 1
        }
        if isFirst {
            isFirst = false
            for model in nodes.models {
                prepared.append(mix.map { model.prepare($0.shape) })
                known.append([:])
            }
            for node in 0..<nodeCount { update(NodeIndex(node), nodes: nodes) }
            return
        }
        for node in changed { update(node, nodes: nodes) }
    }

    private mutating func update(_ node: NodeIndex, nodes: borrowing ClusterNodes) {
        let base = node.position * mix.count * 2
        if nodes.isDown(node) {
            for index in 0..<mix.count * 2 { counts[base + index] = 0 }
            return
        }
        let kind = nodes.kindOfNode[node.position]
        let key = nodes.states[node.position].key
        let answer: [Int32]
        if let remembered = known[kind][key] {
            answer = remembered
        } else {
            answer = count(node, kind: kind, nodes: nodes)
            if known[kind].count >= RoomForMix.memoryLimit { known[kind] = [:] }
            known[kind][key] = answer
        }
        for index in answer.indices { counts[base + index] = answer[index] }
    }

    private func count(
        _ node: NodeIndex, kind: Int, nodes: borrowing ClusterNodes
    ) -> [Int32] {
        var answer: [Int32] = []
        for (member, wanted) in mix.enumerated() {
            let fitting = fittingByTotals(wanted.shape, node, nodes: nodes)
            var state = nodes.states[node.position]
            var admitted: Int32 = 0
            // Numbers from the top cannot be those of pods that run.
            while admitted < fitting,
                case .admitted = nodes.models[kind].admit(
                    PodIndex(rawValue: UInt32.max - UInt32(admitted)), prepared[kind][member],
                    in: &state)
            {
                admitted += 1
            }
            answer += [admitted, fitting]
        }
        return answer
    }

    /// How many fit when only the node's totals count.
    private func fittingByTotals(
        _ shape: PodShape, _ node: NodeIndex, nodes: borrowing ClusterNodes
    ) -> Int32 {
        var fitting = nodes.model(of: node).maxPods - nodes.runningPods[node.position]
        for request in shape.requests
        where request.amount > 0 && request.resource != ResourceTable.ephemeralStorage {
            let resource = request.resource.position
            let free = nodes.allocatable(resource, of: node) - nodes.requested(resource, on: node)
            fitting = min(fitting, free / request.amount)
        }
        return Int32(clamping: max(0, fitting))
    }

    /// Sums over the nodes.
    func totals() -> [MixSample] {
        mix.indices.map { member in
            var sample = MixSample(member: member, admitted: 0, fitting: 0)
            for node in 0..<nodeCount {
                let base = node * mix.count * 2 + member * 2
                sample.admitted += Int64(counts[base])
                sample.fitting += Int64(counts[base + 1])
            }
            return sample
        }
    }

    /// What is free of a resource on nodes that would admit no member of the mix.
    func stranded(_ resource: Int, nodes: borrowing ClusterNodes) -> Int64 {
        guard !mix.isEmpty else { return 0 }
        var total: Int64 = 0
        for node in 0..<nodeCount {
            let base = node * mix.count * 2
            let takesAny = mix.indices.contains { counts[base + $0 * 2] > 0 }
            guard !takesAny else { continue }
            let index = NodeIndex(node)
            total +=
                nodes.allocatable(resource, of: index) - nodes.requested(resource, on: index)
        }
        return total
    }
}
