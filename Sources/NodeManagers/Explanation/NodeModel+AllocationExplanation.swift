import HardwareModel
import Primitives
import Records
import WorkloadModel

extension NodeModel {
    /// What the managers did for one container, or for a pod's share: from the node as it was and became.
    func explain(
        _ allocation: AdmissionTrace.Allocation, of pod: PreparedPod
    ) -> AllocationExplanation {
        guard let position = allocation.container else { return explainShare(allocation, of: pod) }
        let shape = pod.shape.containers[position]
        let container = pod.containers[position]
        let before = allocation.before
        let range = before.pods[before.pods.count - 1].range
        let slot = range[position]
        var result = AllocationExplanation(
            container: shape.name, kind: shape.kind.rawValue, affinity: explained(allocation.hint))
        result.refusedBy = allocation.refusal.map(\.manager)
        for demand in container.devices {
            if let devices = explain(demand, slot, allocation) { result.devices.append(devices) }
        }
        if result.refusedBy == .device { return result }
        if container.cpus > 0 {
            let request = CPURequest(
                count: container.cpus, container: slot, isReusable: container.isRegularInit)
            result.cpus = explain(request, slot, allocation)
        }
        if result.refusedBy == .cpu { return result }
        if container.memory.isManaged, !memoryPolicy.totals.isEmpty {
            result.memory = explain(container.memory, slot, allocation)
        }
        return result
    }

    private func explainShare(
        _ allocation: AdmissionTrace.Allocation, of pod: PreparedPod
    ) -> AllocationExplanation {
        var result = AllocationExplanation(
            container: nil, kind: nil, affinity: explained(allocation.hint))
        result.refusedBy = allocation.refusal.map(\.manager)
        guard let demand = pod.podLevel else { return result }
        let before = allocation.before
        let slot = before.pods[before.pods.count - 1].range[pod.containers.count]
        if demand.cpus > 0 {
            result.cpus = explain(
                CPURequest(count: demand.cpus, container: slot, isReusable: false), slot,
                allocation)
        }
        if result.refusedBy != .cpu, demand.memory.isManaged, !memoryPolicy.totals.isEmpty {
            result.memory = explain(demand.memory, slot, allocation)
        }
        return result
    }

    // MARK: Devices

    private func explain(
        _ demand: DeviceDemand, _ slot: ContainerSlot, _ allocation: AdmissionTrace.Allocation
    ) -> AllocationExplanation.Devices? {
        let (before, after) = (allocation.before.devices, allocation.after.devices)
        guard before.registrations[demand.kind] != .unknown else { return nil }
        let kind = deviceManager.catalog.kinds[demand.kind]
        var result = AllocationExplanation.Devices(
            resource: kind.resource, requested: demand.count,
            preferredAllocation: kind.preferredAllocation.rawValue)
        let affinity = kind.hasTopology ? allocation.hint.affinity : nil
        for (index, id) in kind.ids.enumerated() {
            let word = kind.words.lowerBound + index / 64
            let bit: UInt64 = 1 << UInt64(index % 64)
            let given = after.devices(of: slot, word: word) & ~before.devices(of: slot, word: word)
            guard given & bit != 0 else { continue }
            if before.hasReusable, before.reusable[word] & bit != 0 {
                result.reused.append(id)
            } else if let affinity, let nodes = kind.nodes[index], !nodes.isEmpty {
                if nodes.intersects(affinity) {
                    result.aligned.append(id)
                } else {
                    result.unaligned.append(id)
                }
            } else {
                result.withoutAffinity.append(id)
            }
        }
        return result
    }

    // MARK: CPUs

    private func explain(
        _ request: CPURequest, _ slot: ContainerSlot, _ allocation: AdmissionTrace.Allocation
    ) -> AllocationExplanation.CPUs? {
        let (before, after) = (allocation.before.cpu, allocation.after.cpu)
        let taken = after.cpus(of: slot)
        guard taken != nil || allocation.refusal?.manager == .cpu else { return nil }
        var result = AllocationExplanation.CPUs(
            requested: request.count, available: before.pool.subtracting(cpuPolicy.reserved),
            reusable: before.hasReusable ? before.reusable : CPUSet())
        result.available.formUnion(result.reusable)
        result.taken = taken ?? CPUSet()
        cpuPolicy.explain(
            request, from: result.available, within: allocation.hint.affinity, in: &result)
        return result
    }

    // MARK: Memory

    private func explain(
        _ demand: MemoryDemand, _ slot: ContainerSlot, _ allocation: AdmissionTrace.Allocation
    ) -> AllocationExplanation.Memory {
        var result = AllocationExplanation.Memory(
            requested: demand.amounts.map {
                ResourceAmount(memoryTypes.resources[$0.type], $0.bytes)
            })
        let (before, after) = (allocation.before.memory, allocation.after.memory)
        guard allocation.refusal == nil, after.presence(of: slot) == .present else { return result }
        let nodes = after.nodes(of: slot)
        result.origin =
            allocation.hint.affinity.map { $0 == nodes ? .affinity : .extendedAffinity }
            ?? .ownGroup
        for amount in demand.amounts
        where after.types(of: slot) >> UInt32(amount.type) & 1 != 0 {
            result.blocks.append(
                MemoryBlock(
                    resource: memoryTypes.resources[amount.type], numaNodes: layout.osSet(nodes),
                    bytes: after.size(of: slot, type: amount.type)))
            for node in nodes {
                let index = node * memoryTypes.count + amount.type
                let bytes = before.tables[index].free - after.tables[index].free
                guard bytes > 0 else { continue }
                result.charges.append(
                    AllocationExplanation.Memory.Charge(
                        numaNode: layout.osIndices[node],
                        resource: memoryTypes.resources[amount.type], bytes: bytes,
                        freeAfter: after.tables[index].free))
            }
        }
        return result
    }
}

extension Rejection.Cause {
    /// Whose refusal it is, of those that allocate.
    var manager: MergeExplanation.HintList.Provider {
        switch self {
        case .tooFewDevices, .noHealthyDevices, .devicesNoLongerHealthy, .devicesNotRegistered,
            .deviceRequestChanged:
            .device
        case .noMemoryForDefaultAffinity, .defaultMemoryHintNotPreferred, .memoryHintNotExtensible,
            .extendedMemoryHintNotPreferred, .memoryHintViolatesGroup, .memoryTypeUnknown,
            .noMemoryLeftForSharedContainers, .noMemoryLeftForSharedInitContainers,
            .initContainerExceedsPodMemory:
            .memory
        default: .cpu
        }
    }
}
