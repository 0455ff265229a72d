/// Pods with pod-level resources under pod scope (gate PodLevelResourceManagers): one portion of memory for the
/// pod, cut up among its containers. (cm/memorymanager/policy_static.go, AllocatePod)
///
/// The kubelet counts in unsigned numbers that wrap around; so do we.
extension StaticMemoryPolicy {
    package func refusal(ofShareOf pod: PreparedPod) -> Rejection.Cause? {
        guard let share = pod.podLevel?.memory else { return nil }
        var exclusive = MemoryAmounts(typeCount)
        var hasSharedContainers = false
        for container in pod.containers {
            let asked = MemoryAmounts(typeCount, container.memory.amounts)
            guard container.isRegularInit else {
                if container.memory.amounts.isEmpty { hasSharedContainers = true }
                exclusive.add(container.memory.amounts)
                continue
            }
            for amount in share.amounts {
                let left = UInt64(amount.bytes) &- exclusive[amount.type]
                if container.memory.amounts.isEmpty {
                    if exclusive[amount.type] >= UInt64(amount.bytes) {
                        return .noMemoryLeftForSharedInitContainers(resource(amount.type))
                    }
                } else if asked[amount.type] > left {
                    return .initContainerExceedsPodMemory(
                        resource(amount.type), requested: Int64(bitPattern: asked[amount.type]),
                        available: Int64(bitPattern: left))
                }
            }
        }
        guard hasSharedContainers else { return nil }
        for amount in share.amounts where exclusive[amount.type] >= UInt64(amount.bytes) {
            return .noMemoryLeftForSharedContainers(resource(amount.type))
        }
        return nil
    }

    package func allocateShare(
        of pod: PreparedPod, _ range: ContainerRange, hint: TopologyHint,
        in state: inout MemoryManagerState
    ) -> Rejection.Cause? {
        guard let share = pod.podLevel?.memory, share.isManaged else { return nil }
        if let refusal = refusal(ofShareOf: pod) { return refusal }
        if keepsShares, state.presence(of: range[pod.containers.count]) == .present { return nil }
        let nodes: NUMAMask
        switch group(for: share.amounts, minimumNodes: share.minimumNodes, hint: hint, in: state) {
        case .success(let found): nodes = found
        case .failure(let refusal): return refusal.cause
        }
        cut(share, for: pod, range, on: nodes, in: &state)
        let slot = range[pod.containers.count]
        if state.presence(of: slot) == .present { state.sharesReplaced += 1 }
        if nodes.isSingle, !state.nodes[nodes.first].cells.isSingle {
            state.singleBlocksOnGroups += 1
        }
        state.beginEntry(of: slot, on: nodes)
        for amount in share.amounts {
            state.charge(amount.bytes, type: amount.type, to: nodes)
            state.addBlock(amount.bytes, type: amount.type, to: slot)
        }
        return nil
    }

    /// Writes the containers' entries; only the pod's own is charged to the tables.
    private func cut(
        _ share: MemoryDemand, for pod: PreparedPod, _ range: ContainerRange, on nodes: NUMAMask,
        in state: inout MemoryManagerState
    ) {
        var left = MemoryAmounts(typeCount, share.amounts)
        func record(_ amounts: MemoryAmounts, of position: Int, in state: inout MemoryManagerState)
        {
            state.beginEntry(of: range[position], on: nodes)
            for type in 0..<typeCount where amounts[type] > 0 {
                state.addBlock(Int64(bitPattern: amounts[type]), type: type, to: range[position])
            }
        }
        // What sidecars use is out of the pool for init containers too; what apps use only for those that share.
        for (position, container) in pod.containers.enumerated() {
            let amounts = container.memory.amounts
            if amounts.isEmpty {
                if container.isRegularInit { record(left, of: position, in: &state) }
                continue
            }
            record(MemoryAmounts(typeCount, amounts), of: position, in: &state)
            if !container.isRegularInit {
                for amount in amounts {
                    left[amount.type] = left[amount.type] &- UInt64(amount.bytes)
                }
            }
        }
        for (position, container) in pod.containers.enumerated()
        where container.memory.amounts.isEmpty && !container.isRegularInit {
            record(left, of: position, in: &state)
        }
    }
}

/// Bytes by type.
private struct MemoryAmounts {
    private var bytes: [UInt64]

    init(_ typeCount: Int, _ amounts: [MemoryAmount] = []) {
        bytes = Array(repeating: 0, count: typeCount)
        add(amounts)
    }

    subscript(type: Int) -> UInt64 {
        get { bytes[type] }
        set { bytes[type] = newValue }
    }

    mutating func add(_ amounts: [MemoryAmount]) {
        for amount in amounts { bytes[amount.type] = bytes[amount.type] &+ UInt64(amount.bytes) }
    }
}
