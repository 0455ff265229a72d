package import Primitives
package import Records

/// When device plugins come back after a kubelet restart.
public enum PluginReturn: String, Sendable, CaseIterable {
    /// Before the pods are admitted again.
    case before
    /// After all of them were.
    case after
    case never
}

/// What a restarted kubelet decided about a pod that it knew.
package struct Readmission {
    package var pod: PodIndex
    package var prepared: PreparedPod
    package var outcome: AdmissionOutcome
    /// As of the readmission; empty for a refused pod.
    package var placements: [ContainerPlacement] = []
    package var trace: AdmissionTrace?
}

extension NodeModel {
    /// The kubelet of `previous` stops and one with this model's settings starts on its checkpoints.
    ///
    /// Managers are rebuilt from the files; pods are admitted again one by one in order of admission while nothing
    /// is swept, and refused ones fail; then everything stale is swept. `state` must come from
    /// `makeRestartableState`. On a start error it is as before.
    package func restart(
        from previous: NodeModel, plugins: PluginReturn, podUID: (PodIndex) -> String,
        trace: (PodIndex, PreparedPod) -> AdmissionTrace? = { _, _ in nil },
        in state: inout NodeState
    ) throws(KubeletStartError) -> [Readmission] {
        try restart(
            from: CheckpointBasis(previous), plugins: plugins, podUID: podUID, trace: trace,
            in: &state)
    }

    /// A kubelet with this model's settings starts on what `restore` made of checkpoint files.
    ///
    /// Entries of pods that are no more count until all pods are admitted again, then they are swept.
    package func restart(
        from basis: CheckpointBasis, plugins: PluginReturn, podUID: (PodIndex) -> String,
        trace: (PodIndex, PreparedPod) -> AdmissionTrace? = { _, _ in nil },
        in state: inout NodeState
    ) throws(KubeletStartError) -> [Readmission] {
        precondition(state.deviceCheckpoint != nil, "the state does not keep a device checkpoint")
        do throws(PolicyError) {
            try checkCPUCheckpoint(basis, state, podUID)
        } catch {
            throw KubeletStartError(
                stage: .start, message: "start cpu manager error: \(error.message)")
        }
        do throws(PolicyError) {
            try checkMemoryCheckpoint(basis, state)
        } catch {
            throw KubeletStartError(
                stage: .start, message: "start memory manager error: \(error.message)")
        }
        readDeviceCheckpoint(into: &state)
        state.pods.replacePrepared(prepare)
        for position in state.requested.indices { state.requested[position] = 0 }
        state.activePods = 0
        if plugins == .before { registerPlugins(in: &state) }

        var readmissions: [Readmission] = []
        var refused: [PodIndex] = []
        for pod in state.podIndices where !state.stalePods.contains(pod) {
            let position = state.pods.position(of: pod)!
            let prepared = state.pods[position].prepared
            let range = state.pods[position].range
            let trace = trace(pod, prepared)
            state.activePods += 1
            if let cause = decide(
                prepared, range, isRunning: state.pods[position].isStarted, trace: trace,
                in: &state)
            {
                state.activePods -= 1
                refused.append(pod)
                readmissions.append(
                    Readmission(
                        pod: pod, prepared: prepared, outcome: .rejected(Rejection(cause)),
                        trace: trace))
            } else {
                let counts = alignmentCounts(of: range, prepared, in: state)
                readmissions.append(
                    Readmission(
                        pod: pod, prepared: prepared, outcome: .admitted(counts),
                        placements: placements(of: pod, in: state), trace: trace))
            }
        }
        if plugins == .after { registerPlugins(in: &state) }
        for pod in refused { sweep(at: state.pods.position(of: pod)!, in: &state) }
        for pod in state.stalePods { sweep(at: state.pods.position(of: pod)!, in: &state) }
        state.stalePods = []
        sweepStaleDevices(in: &state)
        return readmissions
    }

    // MARK: CPU

    /// (cm/cpumanager/policy_static.go, validateState)
    private func checkCPUCheckpoint(
        _ basis: CheckpointBasis, _ state: NodeState, _ podUID: (PodIndex) -> String
    ) throws(PolicyError) {
        if let refusal = basis.cpuRefusal { throw PolicyError(refusal) }
        guard cpuPolicyName == basis.cpuPolicyName else {
            throw PolicyError(
                CheckpointRefusal.cpu(
                    "configured policy \"\(cpuPolicyName)\" differs from state checkpoint policy"
                        + " \"\(basis.cpuPolicyName)\""))
        }
        guard cpuPolicyName != NoneCPUPolicy.name else { return }
        let pool = state.cpu.pool
        let reserved = cpuPolicy.reserved
        let entries = cpuEntries(of: state)
        if pool.isEmpty, entries.isEmpty || !fixes.contains(.emptyPoolRefused) {
            // Nothing but entries; without them the kubelet would begin anew.
            if !entries.isEmpty { throw PolicyError("default cpuset cannot be empty") }
            return
        }
        if cpuPolicy.initialPool.isDisjoint(with: reserved) {
            let inside = reserved.intersection(pool)
            if !inside.isEmpty {
                throw PolicyError(
                    "some of strictly reserved cpus: \"\(inside)\" are present in defaultCpuSet:"
                        + " \"\(pool)\"")
            }
        } else if !reserved.isSubset(of: pool) {
            throw PolicyError(
                "not all reserved cpus: \"\(reserved)\" are present in defaultCpuSet: \"\(pool)\"")
        }
        var known = pool
        for entry in entries {
            if !entry.cpus.isDisjoint(with: pool) {
                throw PolicyError(
                    "pod: \(podUID(entry.pod)), container: \(entry.container) cpuset:"
                        + " \"\(entry.cpus)\" overlaps with default cpuset \"\(pool)\"")
            }
            known.formUnion(entry.cpus)
        }
        for share in podCPUEntries(of: state) { known.formUnion(share.cpus) }
        if known != cpuPolicy.initialPool {
            throw PolicyError(
                "current set of available CPUs \"\(cpuPolicy.initialPool)\" doesn't match with"
                    + " CPUs in state \"\(known)\"")
        }
    }

    // MARK: Memory

    /// (cm/memorymanager/policy_static.go, validateState)
    private func checkMemoryCheckpoint(
        _ basis: CheckpointBasis, _ state: NodeState
    ) throws(PolicyError) {
        guard memoryPolicyName == basis.memoryPolicyName else {
            throw PolicyError(
                CheckpointRefusal.memory(
                    "[memorymanager] configured policy \"\(memoryPolicyName)\" differs from state"
                        + " checkpoint policy \"\(basis.memoryPolicyName)\""))
        }
        if let refusal = basis.memoryRefusal { throw PolicyError(refusal) }
        guard !memoryPolicy.totals.isEmpty else { return }
        var expected = MemoryManagerState(
            totals: memoryPolicy.totals, nodeCount: layout.count, typeCount: memoryTypes.count)
        // The kubelet reads pods in any order; where that decides, one of its outcomes is ours.
        for block in memoryBlocks(of: state) {
            expected.charge(block.bytes, type: block.type, to: block.nodes)
        }
        let types = memoryTypes.count
        var isEqual = memoryPolicy.totals == basis.memoryTotals
        for node in 0..<layout.count {
            if state.memory.nodes[node].assignments != expected.nodes[node].assignments
                || state.memory.nodes[node].cells != expected.nodes[node].cells
            {
                isEqual = false
            }
            for type in 0..<types {
                var (free, used): (Int64, Int64) = (0, 0)
                for other in state.memory.nodes[node].cells {
                    let index = other * types + type
                    free += state.memory.tables[index].free - expected.tables[index].free
                    used += state.memory.tables[index].reserved - expected.tables[index].reserved
                }
                if free != 0 || used != 0 { isEqual = false }
            }
        }
        if !isEqual {
            throw PolicyError(
                "[memorymanager] the expected machine state is different from the real one")
        }
    }

    // MARK: Devices

    private func readDeviceCheckpoint(into state: inout NodeState) {
        let checkpoint = state.deviceCheckpoint!
        let words = deviceManager.catalog.rowWords
        for position in checkpoint.registered.indices {
            state.devices.registrations[position] =
                checkpoint.registered[position] ? .awaited : .unknown
        }
        for word in 0..<words {
            state.devices.healthy[word] = 0
            state.devices.allocated[word] = 0
        }
        for position in state.pods.indices { state.devices.release(state.pods[position].range) }
        state.deviceCheckpoint!.stale = []
        for entry in checkpoint.entries {
            if let position = state.pods.position(of: entry.pod) {
                let slot = state.pods[position].range[entry.container]
                for word in 0..<words {
                    state.devices.give(entry.devices[word], word: word, to: slot)
                }
            } else {
                state.deviceCheckpoint!.stale.append(entry)
                for word in 0..<words { state.devices.allocated[word] |= entry.devices[word] }
            }
        }
    }

    private func sweepStaleDevices(in state: inout NodeState) {
        state.deviceCheckpoint!.stale = []
        for word in 0..<deviceManager.catalog.rowWords {
            var taken: UInt64 = 0
            for position in state.pods.indices {
                for index in state.pods[position].range.indices {
                    taken |= state.devices.devices(of: ContainerSlot(index), word: word)
                }
            }
            state.devices.allocated[word] = taken
        }
    }
}
