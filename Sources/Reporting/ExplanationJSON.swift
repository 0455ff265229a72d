public import Primitives
public import Records

/// Explanations for programs; docs/reference/explain.md describes every field. Keys are only ever added.
public struct ExplanationJSON {
    private let resources: ResourceTable

    /// An array with one object a pod.
    public static func value(
        _ explanations: [PodExplanation], resources: ResourceTable
    ) -> JSONValue {
        let json = ExplanationJSON(resources: resources)
        return .array(explanations.map(json.value))
    }

    // MARK: Values

    private func name(_ resource: ResourceIndex) -> JSONValue { .string(resources[resource]) }

    private func integer(_ value: Int) -> JSONValue { .integer(Int64(value)) }

    private func nodes(_ set: NUMANodeSet?) -> JSONValue {
        set.map { .array($0.map { .integer(Int64($0)) }) } ?? .null
    }

    private func cpus(_ set: CPUSet?) -> JSONValue { set.map { .string("\($0)") } ?? .null }

    private func strings(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }

    private func amounts(_ amounts: [ResourceAmount]) -> JSONValue {
        .object(amounts.map { JSONValue.Member(resources[$0.resource], .integer($0.amount)) })
    }

    private func time(_ time: SimTime?) -> JSONValue {
        time.map { .integer($0.nanoseconds) } ?? .null
    }

    private func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

    private func hint(_ hint: MergeExplanation.Hint) -> JSONValue {
        ["numaNodes": nodes(hint.numaNodes), "preferred": .bool(hint.isPreferred)]
    }

    // MARK: A pod

    private func value(_ pod: PodExplanation) -> JSONValue {
        [
            "pod": .string(pod.name),
            "workload": .string(pod.workload),
            "namespace": .string(pod.namespace),
            "qos": .string(pod.qos),
            "arrivalNanoseconds": time(pod.arrival),
            "scheduling": .array(pod.attempts.map(value)),
            "node": text(pod.node),
            "decidedNanoseconds": time(pod.decided),
            "admission": pod.admission.map(value) ?? .null,
            "agreesWithRun": .bool(pod.agreesWithRun),
        ]
    }

    private func value(_ attempt: SchedulingAttempt) -> JSONValue {
        [
            "timeNanoseconds": time(attempt.time),
            "feasibleNodes": integer(attempt.feasible),
            "nodes": integer(attempt.nodes),
            "node": text(attempt.node),
            "message": text(attempt.message),
        ]
    }

    private func value(_ admission: AdmissionExplanation) -> JSONValue {
        [
            "admitted": .bool(admission.refusal == nil),
            "refusal": admission.refusal.map {
                [
                    "by": .string($0.by), "reason": .string($0.reason),
                    "message": .string($0.message),
                ]
            } ?? .null,
            "topologyManagerPolicy": .string(admission.settings.topologyManagerPolicy),
            "topologyManagerScope": .string(admission.settings.topologyManagerScope),
            "cpuManagerPolicy": .string(admission.settings.cpuManagerPolicy),
            "memoryManagerPolicy": .string(admission.settings.memoryManagerPolicy),
            "options": strings(admission.settings.options),
            "free": .array(
                admission.free.map {
                    [
                        "numaNode": integer($0.numaNode), "cpus": cpus($0.cpus),
                        "amounts": amounts($0.amounts), "group": nodes($0.group),
                    ]
                }),
            "steps": .array(
                admission.steps.map { step in
                    switch step {
                    case .merge(let merge): value(merge)
                    case .allocation(let allocation): value(allocation)
                    }
                }),
            "predicates": .array(
                admission.predicates.map {
                    [
                        "resource": $0.resource.map(name) ?? "pods",
                        "requested": .integer($0.requested), "used": .integer($0.used),
                        "capacity": .integer($0.capacity), "fits": .bool($0.fits),
                    ]
                }),
        ]
    }

    // MARK: A merge

    private func value(_ merge: MergeExplanation) -> JSONValue {
        [
            "step": "merge",
            "container": text(merge.container),
            "requests": amounts(merge.requests),
            "hintsListed": .bool(merge.isListed),
            "hints": .array(merge.lists.map(value)),
            "permutationCount": merge.permutationCount.map(integer) ?? .null,
            "permutations": .array(
                merge.permutations.map {
                    [
                        "hints": .array($0.hints.map(hint)), "result": hint($0.result),
                        "effect": .string($0.effect.rawValue),
                    ]
                }),
            "neededNUMANodes": integer(merge.neededNUMANodes),
            "merged": merge.merged.map(hint) ?? .null,
            "rule": text(merge.rule?.rawValue),
            "affinity": hint(merge.affinity),
            "admitted": .bool(merge.isAdmitted),
        ]
    }

    private func value(_ list: MergeExplanation.HintList) -> JSONValue {
        [
            "provider": .string(list.provider.rawValue),
            "resource": name(list.resource),
            "answer": .string(list.answer.rawValue),
            "count": integer(list.count),
            "preferredCount": integer(list.preferredCount),
            "keptCount": integer(list.keptCount),
            "narrowest": list.narrowest.map(hint) ?? .null,
            "list": .array(list.hints.map(hint)),
        ]
    }

    // MARK: An allocation

    private func value(_ allocation: AllocationExplanation) -> JSONValue {
        [
            "step": "allocation",
            "container": text(allocation.container),
            "kind": text(allocation.kind),
            "affinity": hint(allocation.affinity),
            "devices": .array(
                allocation.devices.map {
                    [
                        "resource": name($0.resource), "requested": integer($0.requested),
                        "preferredAllocation": .string($0.preferredAllocation),
                        "reused": strings($0.reused), "aligned": strings($0.aligned),
                        "unaligned": strings($0.unaligned),
                        "withoutAffinity": strings($0.withoutAffinity),
                    ]
                }),
            "cpus": allocation.cpus.map(value) ?? .null,
            "memory": allocation.memory.map(value) ?? .null,
            "refusedBy": text(allocation.refusedBy?.rawValue),
        ]
    }

    private func value(_ choice: AllocationExplanation.CPUs) -> JSONValue {
        [
            "requested": integer(choice.requested),
            "available": cpus(choice.available),
            "reusable": cpus(choice.reusable),
            "aligned": cpus(choice.aligned),
            "steps": .array(
                choice.steps.map {
                    [
                        "part": .string($0.part.rawValue), "unit": .string($0.unit.rawValue),
                        "id": integer($0.id), "cpus": cpus($0.cpus),
                    ]
                }),
            "taken": cpus(choice.taken),
        ]
    }

    private func value(_ memory: AllocationExplanation.Memory) -> JSONValue {
        [
            "requested": amounts(memory.requested),
            "origin": text(memory.origin?.rawValue),
            "blocks": .array(
                memory.blocks.map {
                    [
                        "type": name($0.resource), "numaAffinity": nodes($0.numaNodes),
                        "size": .integer($0.bytes),
                    ]
                }),
            "charges": .array(
                memory.charges.map {
                    [
                        "numaNode": integer($0.numaNode), "type": name($0.resource),
                        "bytes": .integer($0.bytes), "freeAfter": .integer($0.freeAfter),
                    ]
                }),
        ]
    }
}
