import NodeManagers
import Primitives
import Records
import Testing
import WorkloadModel

/// What `--explain` says against what the node does.
@Suite struct ExplanationTests {
    /// Admits and removes random pods on a random node; each is explained first.
    private func forEachExplained(
        seed: UInt64, gates: [String: Bool] = [:], irregular: Bool = false,
        _ body: (NodeModel, AdmissionExplanation, AdmissionOutcome, NodeState, PodIndex) -> Void
    ) {
        var nodes = RandomNodes(seed: seed)
        let model = nodes.model(irregular: irregular, gates: gates)
        var state = model.makeState()
        var pods: [PodIndex] = []
        for step in 0..<40 {
            if !pods.isEmpty, nodes.chance(30) {
                model.remove(pods.remove(at: nodes.below(pods.count)), from: &state)
                continue
            }
            let pod = PodIndex(step)
            let shape = gates.isEmpty || nodes.chance(30) ? nodes.shape() : nodes.podLevelShape()
            let prepared = model.prepare(shape)
            let before = state.key
            let (explanation, explained) = model.explain(pod, prepared, in: state)
            #expect(state.key == before, "seed \(seed): an explanation changes nothing")
            let outcome = model.admit(pod, prepared, in: &state)
            #expect(explained == outcome, "seed \(seed), step \(step)")
            if case .admitted = outcome { pods.append(pod) }
            body(model, explanation, outcome, state, pod)
        }
    }

    @Test(arguments: Array(1...100) as [UInt64])
    func `an explanation ends as the admission does`(_ seed: UInt64) {
        forEachExplained(seed: seed, irregular: seed % 5 == 0) {
            model, explanation, outcome, _, _ in
            switch outcome {
            case .admitted:
                #expect(explanation.refusal == nil)
                #expect(!explanation.predicates.contains { !$0.fits })
                #expect(!explanation.predicates.isEmpty)
            case .rejected(let rejection):
                #expect(explanation.refusal?.message == rejection.message(model.resources))
                if rejection.source == .predicates {
                    #expect(explanation.predicates.last?.fits == false)
                } else {
                    #expect(explanation.predicates.isEmpty)
                }
            }
        }
    }

    @Test(arguments: Array(1...100) as [UInt64])
    func `the merge that is told is the merge that decided`(_ seed: UInt64) {
        forEachExplained(seed: seed &+ 1_000) { model, explanation, _, _, _ in
            for case .merge(let merge) in explanation.steps {
                #expect(merge.isListed)
                guard let merged = merge.merged else { continue }
                let verdict = model.topologyManager.policy.verdict(
                    on: TopologyHint(
                        merged.numaNodes.map(model.layout.mask), isPreferred: merged.isPreferred),
                    allNodes: model.layout.all)
                #expect(verdict.isAdmitted == merge.isAdmitted, "seed \(seed)")
                #expect(
                    verdict.hint.affinity.map(model.layout.osSet) == merge.affinity.numaNodes,
                    "seed \(seed)")
                // The last permutation that was taken is the merged hint.
                if let best = merge.permutations.last(where: { $0.effect == .taken }) {
                    #expect(best.result == merged, "seed \(seed)")
                }
                if let count = merge.permutationCount,
                    count <= MergeExplanation.toldPermutations
                {
                    #expect(merge.permutations.count == count)
                }
                #expect(merge.isAdmitted || explanation.refusal?.reason == "TopologyAffinityError")
            }
        }
    }

    @Test(arguments: Array(1...100) as [UInt64])
    func `the order of taking gives the CPUs, devices and memory that were given`(_ seed: UInt64) {
        forEachExplained(seed: seed &+ 2_000, irregular: seed % 4 == 0) {
            model, explanation, outcome, state, pod in
            guard case .admitted = outcome else { return }
            let placements = model.placements(of: pod, in: state)
            var told = 0
            for case .allocation(let allocation) in explanation.steps {
                guard let placement = placements.first(where: { $0.name == allocation.container })
                else { continue }
                told += 1
                if let cpus = allocation.cpus {
                    #expect(cpus.taken == placement.cpus, "seed \(seed)")
                    var sum = CPUSet()
                    for step in cpus.steps { sum.formUnion(step.cpus) }
                    #expect(sum == placement.cpus, "seed \(seed): \(cpus.steps)")
                } else {
                    #expect(placement.cpus.isEmpty)
                }
                let ids = allocation.devices.flatMap {
                    $0.reused + $0.aligned + $0.unaligned + $0.withoutAffinity
                }
                #expect(ids.sorted() == placement.devices.map(\.id).sorted(), "seed \(seed)")
                // An init container's blocks shrink when later containers use them.
                if let memory = allocation.memory, allocation.kind == "app" {
                    #expect(
                        memory.blocks.map(\.bytes).sorted()
                            == placement.memory.map(\.bytes).sorted())
                    for charge in memory.charges { #expect(charge.freeAfter >= 0) }
                }
            }
            #expect(told == placements.count, "seed \(seed)")
        }
    }

    @Test(arguments: Array(1...100) as [UInt64])
    func `pods with pod-level resources are explained too`(_ seed: UInt64) {
        let gates = ["PodLevelResources": true, "PodLevelResourceManagers": true]
        forEachExplained(seed: seed &+ 3_000, gates: gates) { _, explanation, outcome, _, _ in
            if case .rejected = outcome { #expect(explanation.refusal != nil) }
            for case .allocation(let allocation) in explanation.steps
            where allocation.container == nil && allocation.refusedBy == nil {
                guard let cpus = allocation.cpus else { continue }
                #expect(cpus.taken.count == cpus.requested)
            }
        }
    }
}
