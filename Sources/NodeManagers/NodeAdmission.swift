public import Primitives

extension NodeModel {
    /// The kubelet's whole admission: Topology Manager with hints, merge and allocation, then the predicates.
    ///
    /// A refused pod leaves what it leaves in the kubelet after its sweep: nothing of its own.
    /// - Parameter starting: also starts the containers, which frees the memory of finished init containers.
    public func admit(
        _ pod: PodIndex, _ prepared: PreparedPod, in state: inout NodeState, starting: Bool = true
    ) -> AdmissionOutcome {
        admit(pod, prepared, in: &state, starting: starting, trace: nil)
    }

    /// `trace` receives what each container or pod was asked and told; nil costs nothing.
    package func admit(
        _ pod: PodIndex, _ prepared: PreparedPod, in state: inout NodeState, starting: Bool,
        trace: AdmissionTrace?
    ) -> AdmissionOutcome {
        let range = enter(pod, prepared, in: &state)
        if let cause = decide(
            prepared, range, isRunning: false, trace: trace, in: &state)
        {
            state.activePods -= 1
            sweep(at: state.pods.count - 1, in: &state)
            return .rejected(Rejection(cause))
        }
        let counts = alignmentCounts(of: range, prepared, in: state)
        if starting { start(at: state.pods.count - 1, in: &state) }
        return .admitted(counts)
    }

    /// Removes a pod: its containers stop, it leaves, the managers sweep. Says whether the node had it.
    @discardableResult
    public func remove(_ pod: PodIndex, from state: inout NodeState) -> Bool {
        guard let position = state.pods.position(of: pod) else { return false }
        for item in state.pods[position].prepared.requests {
            state.requested[item.resource.position] &-= item.amount
        }
        state.activePods -= 1
        sweep(at: position, in: &state)
        return true
    }

    /// Gives a pod its slots; it is the last of the table.
    func enter(
        _ pod: PodIndex, _ prepared: PreparedPod, in state: inout NodeState
    ) -> ContainerRange {
        let range = state.pods.add(
            pod, prepared, slots: prepared.containers.count + (prepared.podLevel == nil ? 0 : 1))
        state.activePods += 1
        state.cpu.grow(to: state.pods.slotCount)
        state.memory.grow(to: state.pods.slotCount)
        state.devices.grow(to: state.pods.slotCount)
        return range
    }

    /// Everything up to the answer; `isRunning` is whether the runtime has the pod's containers, as after a kubelet
    /// restart. What was allocated stays, and the pod's requests count when it is admitted.
    func decide(
        _ prepared: PreparedPod, _ range: ContainerRange, isRunning: Bool,
        trace: AdmissionTrace?, in state: inout NodeState
    ) -> Rejection.Cause? {
        state.cpu.beginAdmission()
        state.memory.beginAdmission()
        state.devices.beginAdmission()
        if let type = prepared.unknownMemoryType { return .memoryTypeUnknown(type) }
        let cause =
            topologyManager.asksProviders && topologyManager.scope == .pod
            ? admitAsPod(prepared, range, isRunning: isRunning, trace: trace, in: &state)
            : admitByContainer(prepared, range, isRunning: isRunning, trace: trace, in: &state)
        if let cause { return cause }
        trace?.willCompare(in: state)
        if let cause = predicates(prepared, range, in: state) { return cause }
        for item in prepared.requests {
            state.requested[item.resource.position] &+= item.amount
        }
        return nil
    }

    /// Starts the containers of a pod that was admitted without.
    package func start(_ pod: PodIndex, in state: inout NodeState) {
        if let position = state.pods.position(of: pod) { start(at: position, in: &state) }
    }

    /// Containers start in order; the Memory Manager then frees every earlier regular init container.
    func start(at position: Int, in state: inout NodeState) {
        state.pods.setStarted(at: position)
        let prepared = state.pods[position].prepared
        guard prepared.hasInitContainers, !memoryPolicy.totals.isEmpty else { return }
        let range = state.pods[position].range
        let share = podShare(of: position, in: state)
        let isShared = share.map { state.memory.presence(of: $0) == .present } ?? false
        for index in prepared.containers.indices.dropLast()
        where prepared.containers[index].isRegularInit
            && state.memory.presence(of: range[index]) == .present
        {
            if isShared {
                state.memory.forget(range[index], keepingRecord: true)
            } else {
                state.memory.release(range[index], keepingRecord: true)
            }
        }
    }

    /// The managers' sweep of a pod that is no longer active, and the end of its slots.
    func sweep(at position: Int, in state: inout NodeState) {
        let range = state.pods[position].range
        if let share = podShare(of: position, in: state) {
            forgetPortions(of: position, range, share, in: &state)
        }
        cpuPolicy.release(range, in: &state.cpu)
        memoryPolicy.release(range, in: &state.memory)
        state.devices.release(range)
        state.pods.remove(at: position)
    }

    /// Containers of a pod that holds a share hold portions of it, which go with the share.
    private func forgetPortions(
        of position: Int, _ range: ContainerRange, _ share: ContainerSlot, in state: inout NodeState
    ) {
        let containers = ContainerRange(first: Int(range.first), count: Int(range.count) - 1)
        if let cpus = state.cpu.cpus(of: share) {
            if containers.indices.contains(where: {
                state.cpu.hasExclusiveCPUs(ContainerSlot($0))
            }) {
                state.cpu.discard(containers)
            } else {
                // The kubelet finds stale pods by their containers' entries, and this one has none.
                state.cpu.discard(range)
                state.lostPodCPUs.append((state.pods[position].id, cpus))
            }
        }
        if state.memory.presence(of: share) == .present {
            for index in containers.indices { state.memory.forget(ContainerSlot(index)) }
        }
    }

    // MARK: Scopes

    /// Container scope, and policy `none`: one container after another. A refusal midway leaves earlier
    /// allocations to the sweep. (cm/topologymanager/scope_container.go)
    private func admitByContainer(
        _ prepared: PreparedPod, _ range: ContainerRange, isRunning: Bool, trace: AdmissionTrace?,
        in state: inout NodeState
    ) -> Rejection.Cause? {
        for position in prepared.containers.indices {
            let slot = range[position]
            let container = prepared.containers[position]
            var hint = TopologyHint(nil, isPreferred: false)
            if topologyManager.asksProviders {
                let list = trace?.makeHintTrace(numaNodes: layout.count)
                let verdict = verdict(on: container, range, position, trace: list, in: state)
                trace?.add(container: position, verdict, list)
                guard verdict.isAdmitted else {
                    if verdict.wouldStall { return .upstreamWouldStall }
                    return prepared.podLevel == nil
                        ? .topologyAffinity : .topologyAffinityOfPodLevelPodByContainer
                }
                hint = verdict.hint
                if verdict.isDecidedByScore { state.numaScoreSelections += 1 }
                state.pods.setHint(hint, of: slot)
            }
            trace?.willAllocate(container: position, hint, in: state)
            let cause = allocate(
                container, range, position, hint: hint, isRunning: isRunning, trace: trace,
                in: &state)
            trace?.didAllocate(cause, in: state)
            if let cause { return cause }
        }
        return nil
    }

    /// Pod scope: one merge for the pod, whose affinity every container gets. (cm/topologymanager/scope_pod.go)
    private func admitAsPod(
        _ prepared: PreparedPod, _ range: ContainerRange, isRunning: Bool, trace: AdmissionTrace?,
        in state: inout NodeState
    ) -> Rejection.Cause? {
        let list = trace?.makeHintTrace(numaNodes: layout.count)
        let verdict = verdict(on: prepared, range, trace: list, in: state)
        trace?.add(container: nil, verdict, list)
        guard verdict.isAdmitted else {
            if verdict.wouldStall { return .upstreamWouldStall }
            return prepared.podLevel == nil ? .topologyAffinity : .topologyAffinityOfPodLevelPod
        }
        if verdict.isDecidedByScore { state.numaScoreSelections += 1 }
        for position in prepared.containers.indices {
            state.pods.setHint(verdict.hint, of: range[position])
        }
        if prepared.podLevel != nil {
            // Devices are not given out in this way.
            trace?.willAllocate(container: nil, verdict.hint, in: state)
            let cause =
                cpuPolicy.allocateShare(
                    of: prepared, range, within: verdict.hint.affinity, in: &state.cpu)
                ?? memoryPolicy.allocateShare(
                    of: prepared, range, hint: verdict.hint, in: &state.memory)
            trace?.didAllocate(cause, in: state)
            return cause
        }
        for position in prepared.containers.indices {
            trace?.willAllocate(container: position, verdict.hint, in: state)
            let cause = allocate(
                prepared.containers[position], range, position, hint: verdict.hint,
                isRunning: isRunning, trace: trace, in: &state)
            trace?.didAllocate(cause, in: state)
            if let cause { return cause }
        }
        return nil
    }

    // MARK: Hints

    /// Asks every provider about a container, in the order device, CPU, memory, and merges.
    @inline(__always)
    func verdict(
        on container: PreparedContainer, _ range: ContainerRange, _ position: Int,
        trace: HintTrace?, in state: borrowing NodeState
    ) -> TopologyVerdict {
        let list = numaScores == nil ? trace : trace ?? HintTrace()
        guard var hints = topologyManager.collector(trace: list) else {
            return TopologyVerdict(TopologyHint(nil, isPreferred: false), isAdmitted: true)
        }
        containerHints(container, range, position, in: state, into: &hints)
        if let numaScores, let list { return scoredVerdict(numaScores, on: list, in: state) }
        if let verdict = topologyManager.verdict(on: hints) { return verdict }
        hints = topologyManager.reachableCollector()
        containerHints(container, range, position, in: state, into: &hints)
        return topologyManager.verdict(onReachable: hints)
    }

    /// Asks every provider about a whole pod.
    @inline(__always)
    func verdict(
        on pod: PreparedPod, _ range: ContainerRange, trace: HintTrace?,
        in state: borrowing NodeState
    ) -> TopologyVerdict {
        let list = numaScores == nil ? trace : trace ?? HintTrace()
        guard var hints = topologyManager.collector(trace: list) else {
            return TopologyVerdict(TopologyHint(nil, isPreferred: false), isAdmitted: true)
        }
        podHints(pod, range, in: state, into: &hints)
        if let numaScores, let list { return scoredVerdict(numaScores, on: list, in: state) }
        if let verdict = topologyManager.verdict(on: hints) { return verdict }
        hints = topologyManager.reachableCollector()
        podHints(pod, range, in: state, into: &hints)
        return topologyManager.verdict(onReachable: hints)
    }

    private func containerHints(
        _ container: PreparedContainer, _ range: ContainerRange, _ position: Int,
        in state: borrowing NodeState, into hints: inout HintCollector
    ) {
        let slot = range[position]
        if !container.devices.isEmpty {
            deviceManager.hints(
                for: container.devices, holders: ContainerRange(first: slot.index, count: 1),
                pod: false, in: state.devices, into: &hints)
        }
        if container.cpus > 0 {
            let held = state.cpu.cpus(of: slot)
            if let held, held.count != container.cpus {
                hints.impossible(ResourceTable.cpu)
            } else {
                cpuPolicy.hints(
                    for: container.cpus, holding: held, in: state.cpu, into: &hints)
            }
        }
        if container.memory.isManaged, !isOver(container, slot, in: state) {
            let holds = state.memory.presence(of: slot) == .present
            memoryPolicy.hints(
                for: container.memory, holder: holds ? slot : nil, in: state.memory, into: &hints)
        }
    }

    private func podHints(
        _ prepared: PreparedPod, _ range: ContainerRange, in state: borrowing NodeState,
        into hints: inout HintCollector
    ) {
        if !prepared.devices.isEmpty {
            deviceManager.hints(
                for: prepared.devices, holders: range, pod: true, in: state.devices, into: &hints)
        }
        let cpus = prepared.podLevel?.cpus ?? prepared.cpus
        if cpus > 0 { podCPUHints(cpus, prepared, range, in: state, into: &hints) }
        let memory = prepared.podLevel?.memory ?? prepared.memory
        if memory.isManaged, !memory.amounts.isEmpty {
            if memoryPolicy.refusal(ofShareOf: prepared) != nil {
                for amount in memory.amounts {
                    hints.impossible(memoryTypes.resources[amount.type])
                }
                return
            }
            var holder: ContainerSlot?
            for position in prepared.containers.indices
            where holder == nil && state.memory.presence(of: range[position]) == .present {
                holder = range[position]
            }
            memoryPolicy.hints(
                for: memory, holder: holder, in: state.memory, into: &hints)
        }
    }

    private func podCPUHints(
        _ count: Int, _ prepared: PreparedPod, _ range: ContainerRange, in state: NodeState,
        into hints: inout HintCollector
    ) {
        if cpuPolicy.refusal(ofShareOf: prepared) != nil {
            return hints.impossible(ResourceTable.cpu)
        }
        if prepared.podLevel != nil, fixes.contains(.secondShareAfterRestart),
            let share = state.cpu.cpus(of: range[prepared.containers.count]), share.count == count
        {
            return cpuPolicy.hints(for: count, holding: share, in: state.cpu, into: &hints)
        }
        var held: CPUSet?
        for position in prepared.containers.indices {
            guard let cpus = state.cpu.cpus(of: range[position]) else { continue }
            if cpus.count != prepared.containers[position].cpus {
                return hints.impossible(ResourceTable.cpu)
            }
            held = held?.union(cpus) ?? cpus
        }
        cpuPolicy.hints(for: count, holding: held, in: state.cpu, into: &hints)
    }

    // MARK: Allocation

    /// In the order device, CPU, memory.
    private func allocate(
        _ container: PreparedContainer, _ range: ContainerRange, _ position: Int,
        hint: TopologyHint, isRunning: Bool, trace: AdmissionTrace?, in state: inout NodeState
    ) -> Rejection.Cause? {
        let slot = range[position]
        let knowsExitedInits = fixes.contains(.exitedInitContainerDevices)
        if !container.devices.isEmpty {
            let givenBefore = state.devices.givenCount
            if let cause = deviceManager.allocate(
                container.devices, to: slot, isReusable: container.isRegularInit,
                isRunning: isRunning && (!container.isRegularInit || knowsExitedInits),
                within: hint.affinity,
                wish: trace?.wishedDevices[position], in: &state.devices)
            {
                return cause
            }
            if state.devices.givenCount != givenBefore { writeDeviceCheckpoint(of: &state) }
        }
        if container.cpus > 0 {
            let request = CPURequest(
                count: container.cpus, container: slot, isReusable: container.isRegularInit)
            if case .rejected(let cause) = cpuPolicy.allocate(
                request, within: hint.affinity, in: &state.cpu)
            {
                return cause
            }
        }
        if container.memory.isManaged {
            if isOver(container, slot, in: state) { return nil }
            return memoryPolicy.allocate(
                container.memory, to: position, of: range, hint: hint, in: &state.memory)
        }
        return nil
    }

    /// Whether the container is an init container whose memory was freed, and the kubelet is one that knows it.
    private func isOver(
        _ container: PreparedContainer, _ slot: ContainerSlot, in state: borrowing NodeState
    ) -> Bool {
        container.isRegularInit && fixes.contains(.initMemoryChargedAgain)
            && state.memory.presence(of: slot) == .freed
    }

    // MARK: Predicates

    /// Pods, then cpu and memory, then the rest by name, against what other pods asked for. (lifecycle/predicate.go)
    private func predicates(
        _ prepared: PreparedPod, _ range: ContainerRange, in state: NodeState
    ) -> Rejection.Cause? {
        let others = Int64(state.activePods - 1)
        if others + 1 > maxPods { return .tooManyPods(used: others, capacity: maxPods) }
        for item in prepared.requests {
            let used = state.requested[item.resource.position]
            var capacity = allocatable[item.resource.position]
            if let kind = deviceManager.catalog.kind(of: item.resource) {
                guard
                    let present = deviceCapacity(
                        kind, prepared, range, in: state.devices)
                else { continue }
                capacity = present
            } else if isUnknownExtendedResource(item.resource) {
                continue
            }
            if item.amount > capacity - used {
                return .outOf(
                    item.resource, requested: item.amount, used: used, capacity: capacity)
            }
        }
        return nil
    }

    /// Healthy devices; for a pod that holds some, at least as many as are given out. Nil while no plugin offers
    /// the resource, which the kubelet then leaves out.
    func deviceCapacity(
        _ kind: Int, _ prepared: PreparedPod, _ range: ContainerRange,
        in state: DeviceManagerState
    ) -> Int64? {
        var healthy = 0
        var allocated = 0
        for word in deviceManager.catalog.kinds[kind].words {
            healthy += state.healthy[word].nonzeroBitCount
            allocated += state.allocated[word].nonzeroBitCount
        }
        var holdsDevices = false
        if !prepared.devices.isEmpty {
            for index in range.indices
            where state.count(of: ContainerSlot(index), in: 0..<deviceManager.catalog.rowWords) > 0
            {
                holdsDevices = true
            }
        }
        if holdsDevices { return Int64(max(healthy, allocated)) }
        return state.registrations[kind] == .registered ? Int64(healthy) : nil
    }

    /// An extended resource that the node does not offer; the kubelet leaves it out of the comparison.
    func isUnknownExtendedResource(_ resource: ResourceIndex) -> Bool {
        guard allocatable[resource.position] == 0 else { return false }
        return resource != ResourceTable.cpu && resource != ResourceTable.memory
            && resources.hugePageSize(resource) == nil
    }
}
