public import Primitives
public import Records
import WorkloadModel

extension NodeModel {
    /// How `admit` would come to its answer, by deciding on a copy of `state` and writing down every step.
    ///
    /// - Complexity: that of the kubelet's own lists, 2^NUMA nodes; meant for single pods that someone asks about.
    public func explain(
        _ pod: PodIndex, _ prepared: PreparedPod, in state: borrowing NodeState
    ) -> (explanation: AdmissionExplanation, outcome: AdmissionOutcome) {
        let trace = AdmissionTrace(keepsStates: true)
        var copy = copy state
        let before = copy
        let outcome = admit(pod, prepared, in: &copy, starting: true, trace: trace)

        var explanation = AdmissionExplanation(settings: policies)
        explanation.free = free(in: before, for: prepared)
        for event in trace.events {
            switch event {
            case .merge(let step):
                explanation.steps.append(.merge(explain(step, of: prepared)))
            case .allocation(let allocation):
                explanation.steps.append(.allocation(explain(allocation, of: prepared)))
            }
        }
        if let state = trace.stateAtPredicates {
            explanation.predicates = comparisons(of: prepared, in: state)
        }
        if case .rejected(let rejection) = outcome {
            explanation.refusal = Refusal(
                by: rejection.source.rawValue, reason: rejection.reason(resources),
                message: rejection.message(resources))
        }
        return (explanation, outcome)
    }

    private var policies: KubeletPolicies {
        var policies = KubeletPolicies(
            topologyManagerPolicy: topologyManager.policyName,
            topologyManagerScope: topologyManager.scope.rawValue,
            cpuManagerPolicy: cpuPolicyName, memoryManagerPolicy: memoryPolicyName)
        for options in [settings.topologyManagerPolicyOptions, settings.cpuManagerPolicyOptions] {
            for name in options.keys.sorted() {
                if let value = options[name] { policies.options.append("\(name)=\(value)") }
            }
        }
        return policies
    }

    // MARK: What the node could give

    private func free(in state: NodeState, for pod: PreparedPod) -> [FreeOnNUMANode] {
        let assignable = state.cpu.pool.subtracting(cpuPolicy.reserved)
        let asked = askedResources(of: pod)
        return (0..<layout.count).map { node in
            var cpus = CPUSet()
            for unit in topology.numaNodes where unit.id == layout.osIndices[node] {
                cpus = unit.cpus.intersection(assignable)
            }
            let group =
                memoryPolicy.totals.isEmpty ? NUMAMask(node: node) : state.memory.nodes[node].cells
            var free = FreeOnNUMANode(
                numaNode: layout.osIndices[node], cpus: cpus, group: layout.osSet(group))
            for resource in asked {
                if let amount = freeAmount(of: resource, on: node, in: state) {
                    free.amounts.append(ResourceAmount(resource, amount))
                }
            }
            return free
        }
    }

    /// Memory types and devices that the pod's containers ask for, by resource.
    private func askedResources(of pod: PreparedPod) -> [ResourceIndex] {
        var asked: Set<ResourceIndex> = []
        for container in pod.containers {
            for item in requests(of: container) { asked.insert(item.resource) }
        }
        for amount in pod.podLevel?.memory.amounts ?? [] {
            asked.insert(memoryTypes.resources[amount.type])
        }
        asked.remove(ResourceTable.cpu)
        return asked.sorted()
    }

    private func freeAmount(
        of resource: ResourceIndex, on node: Int, in state: NodeState
    ) -> Int64? {
        if let kind = deviceManager.catalog.kind(of: resource) {
            let kind = deviceManager.catalog.kinds[kind]
            var count = 0
            for group in kind.groups where group.nodes.contains(node) {
                for (index, bits) in group.devices.enumerated() {
                    let word = kind.words.lowerBound + index
                    let free = state.devices.healthy[word] & ~state.devices.allocated[word]
                    count += (free & bits).nonzeroBitCount
                }
            }
            return kind.hasTopology ? Int64(count) : nil
        }
        guard !memoryPolicy.totals.isEmpty, let type = memoryTypes.position(of: resource) else {
            return nil
        }
        return state.memory.tables[node * memoryTypes.count + type].free
    }

    /// What the managers are asked for by one container.
    func requests(of container: PreparedContainer) -> [ResourceAmount] {
        requests(cpus: container.cpus, container.memory, container.devices)
    }

    func requests(
        cpus: Int, _ memory: MemoryDemand, _ devices: [DeviceDemand]
    ) -> [ResourceAmount] {
        var amounts: [ResourceAmount] = []
        if cpus > 0 { amounts.append(ResourceAmount(ResourceTable.cpu, Int64(cpus) * 1000)) }
        for amount in memory.amounts {
            amounts.append(ResourceAmount(memoryTypes.resources[amount.type], amount.bytes))
        }
        for demand in devices {
            amounts.append(
                ResourceAmount(
                    deviceManager.catalog.kinds[demand.kind].resource, Int64(demand.count)))
        }
        return amounts
    }

    func explained(_ hint: TopologyHint) -> MergeExplanation.Hint {
        MergeExplanation.Hint(
            hint.affinity.map(layout.osSet), isPreferred: hint.isPreferred)
    }

    // MARK: Predicates

    /// The predicates' comparisons up to the first that fails, as `admit` makes them.
    private func comparisons(
        of prepared: PreparedPod, in state: NodeState
    ) -> [PredicateComparison] {
        let others = Int64(state.activePods - 1)
        var comparisons = [
            PredicateComparison(resource: nil, requested: 1, used: others, capacity: maxPods)
        ]
        let range = state.pods[state.pods.count - 1].range
        for item in prepared.requests where comparisons.last?.fits == true {
            var capacity = allocatable[item.resource.position]
            if let kind = deviceManager.catalog.kind(of: item.resource) {
                guard let present = deviceCapacity(kind, prepared, range, in: state.devices)
                else { continue }
                capacity = present
            } else if isUnknownExtendedResource(item.resource) {
                continue
            }
            comparisons.append(
                PredicateComparison(
                    resource: item.resource, requested: item.amount,
                    used: state.requested[item.resource.position], capacity: capacity))
        }
        return comparisons
    }
}
