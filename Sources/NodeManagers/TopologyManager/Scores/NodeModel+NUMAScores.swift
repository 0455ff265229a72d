import Primitives

extension NodeModel {
    /// The merge of listed hints under `numa-allocation-strategy`, and the policy's answer to it.
    func scoredVerdict(
        _ rule: NUMAScoreRule, on trace: HintTrace, in state: borrowing NodeState
    ) -> TopologyVerdict {
        let scores = NUMAScores(self, state, askingFor: trace.lists.map(\.resource))
        let lists = trace.lists.map { list in
            ScoredMerger.List(
                hints: list.hints,
                scores: (list.hints ?? []).map { hint in
                    hint.affinity.map { scores.score(of: list.resource, on: $0) } ?? 0
                }, weight: rule.weight(of: list.resource))
        }
        let merger = ScoredMerger(
            layout: layout, policy: topologyManager.policy,
            prefersClosest: topologyManager.prefersClosest, strategy: rule.strategy)
        let merged = merger.merge(lists)
        trace.scoredMerge = merged
        var verdict = topologyManager.policy.verdict(on: merged.hint, allNodes: layout.all)
        verdict.isDecidedByScore = merged.isDecidedByScore
        if merged.isBeyondLimit {
            verdict.isAdmitted = false
            verdict.wouldStall = true
        }
        return verdict
    }
}

/// What of each NUMA node is taken when a container or pod is looked at, by resource. (KEP-6007)
struct NUMAScores {
    private let model: NodeModel
    private let memory: [MemoryManagerState.Table]
    private let devices: [UInt64]
    /// Exclusive and assignable CPUs by position of the NUMA node.
    private var exclusive: [Int64] = []
    private var assignable: [Int64] = []

    init(_ model: NodeModel, _ state: borrowing NodeState, askingFor resources: [ResourceIndex]) {
        self.model = model
        memory = state.memory.tables
        devices = state.devices.allocated
        guard resources.contains(ResourceTable.cpu) else { return }
        exclusive = Array(repeating: 0, count: model.layout.count)
        assignable = exclusive
        let taken = state.cpu.exclusiveCPUs
        for unit in model.topology.numaNodes {
            guard let position = model.layout.position(osIndex: unit.id) else { continue }
            exclusive[position] += Int64(unit.count(in: taken))
            assignable[position] += Int64(
                model.topology.count(unit.cpus.subtracting(model.cpuPolicy.reserved)))
        }
    }

    /// Sums over the mask's NUMA nodes, in percent; 0 is "not scored".
    func score(of resource: ResourceIndex, on mask: NUMAMask) -> Int {
        var assigned: Int64 = 0
        var allocatable: Int64 = 0
        if resource == ResourceTable.cpu {
            for node in mask {
                assigned += exclusive[node]
                allocatable += assignable[node]
            }
        } else if let type = model.memoryTypes.position(of: resource) {
            let typeCount = model.memoryTypes.count
            for node in mask {
                assigned += memory[node * typeCount + type].reserved
                allocatable += model.memoryPolicy.totals[node * typeCount + type].allocatable
            }
        } else if let index = model.deviceManager.catalog.kind(of: resource) {
            // A device on several NUMA nodes counts once in each mask that it meets; health does not matter.
            let kind = model.deviceManager.catalog.kinds[index]
            for group in kind.groups where group.nodes.intersects(mask) {
                allocatable += Int64(group.count)
                for (word, bits) in group.devices.enumerated() {
                    assigned += Int64(
                        (devices[kind.words.lowerBound + word] & bits).nonzeroBitCount)
                }
            }
        }
        return NUMAScoreRule.score(assigned: assigned, allocatable: allocatable)
    }
}
