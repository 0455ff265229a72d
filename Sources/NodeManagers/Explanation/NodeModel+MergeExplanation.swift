import Primitives
import Records
import WorkloadModel

extension NodeModel {
    /// One merge: lists, permutations as far as they can be told, and the rule that decided.
    func explain(_ step: AdmissionTrace.Step, of pod: PreparedPod) -> MergeExplanation {
        var merge = MergeExplanation(
            affinity: explained(step.verdict.hint), isAdmitted: step.verdict.isAdmitted)
        if let container = step.container {
            merge.container = pod.shape.containers[container].name
            merge.requests = requests(of: pod.containers[container])
        } else {
            merge.requests = requests(
                cpus: pod.podLevel?.cpus ?? pod.cpus, pod.podLevel?.memory ?? pod.memory,
                pod.devices)
        }
        guard let trace = step.hints else {
            merge.isListed = false
            return merge
        }
        merge.lists = trace.lists.map(explain)

        let listMerger = HintListMerger(
            layout: layout, policy: topologyManager.policy,
            prefersClosest: topologyManager.prefersClosest)
        let lists = HintLists(trace.lists.map(\.hints)).filtered(listMerger.keeps)
        for position in merge.lists.indices {
            // What stands for a list without hints is not one of its hints.
            merge.lists[position].keptCount =
                merge.lists[position].count == 0 ? 0 : lists[position].count
        }
        merge.permutationCount = lists.permutationCount
        if trace.scoredMerge == nil, let count = merge.permutationCount,
            count <= MergeExplanation.toldPermutations
        {
            merge.permutations = listMerger.permutations(of: lists).map { permutation in
                MergeExplanation.Permutation(
                    hints: permutation.hints.map(explained), result: explained(permutation.result),
                    effect: permutation.effect)
            }
        }
        var setMerger = HintSetMerger(
            layout: layout, policy: topologyManager.policy,
            prefersClosest: topologyManager.prefersClosest)
        let merged = setMerger.merge(HintLists(trace.lists.map(\.hints)))
        merge.merged = explained(merged.hint)
        merge.rule = MergeRule(rawValue: merged.rule.rawValue)
        merge.neededNUMANodes = merged.neededNodes
        if let scored = trace.scoredMerge {
            merge.merged = explained(scored.hint)
            if scored.isDecidedByScore { merge.rule = .numaAllocationStrategy }
        }
        return merge
    }

    private func explain(
        _ list: (resource: ResourceIndex, hints: [TopologyHint]?)
    ) -> MergeExplanation.HintList {
        let provider: MergeExplanation.HintList.Provider =
            if list.resource == ResourceTable.cpu {
                .cpu
            } else if memoryTypes.position(of: list.resource) != nil {
                .memory
            } else {
                .device
            }
        guard let hints = list.hints else {
            return MergeExplanation.HintList(
                provider: provider, resource: list.resource, answer: .noPreference)
        }
        var result = MergeExplanation.HintList(
            provider: provider, resource: list.resource,
            answer: hints.isEmpty ? .impossible : .hints)
        result.count = hints.count
        result.preferredCount = hints.count { $0.isPreferred }
        var narrowest: TopologyHint?
        for hint in hints where (hint.affinity?.count ?? 0) < (narrowest?.affinity?.count ?? .max) {
            narrowest = hint
        }
        result.narrowest = narrowest.map(explained)
        if layout.count <= MergeExplanation.listedNUMANodes { result.hints = hints.map(explained) }
        return result
    }
}
