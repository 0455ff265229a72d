import Primitives

extension NodeModel {
    /// Broken laws in words, empty when all hold: nothing given twice, nothing reserved given, nothing lost.
    ///
    /// For checkers and tests; costs as much as the node has pods.
    public func invariantViolations(of state: NodeState) -> [String] {
        cpuViolations(of: state) + memoryViolations(of: state) + deviceViolations(of: state)
            + requestViolations(of: state)
    }

    private func cpuViolations(of state: NodeState) -> [String] {
        guard cpuPolicyName != NoneCPUPolicy.name else {
            return state.cpu.pool == cpuPolicy.initialPool
                ? [] : ["policy none has taken CPUs out of the shared pool"]
        }
        var violations: [String] = []
        var taken = CPUSet()
        for position in 0..<state.pods.count {
            var ofPod = CPUSet()
            let prepared = state.pods[position].prepared
            for index in state.pods[position].range.indices {
                guard let cpus = state.cpu.cpus(of: ContainerSlot(index)) else { continue }
                ofPod.formUnion(cpus)
            }
            let pod = state.pods[position].id
            if !ofPod.isDisjoint(with: taken) {
                violations.append("CPUs \(ofPod.intersection(taken)) of \(pod) have two owners")
            }
            if !ofPod.isDisjoint(with: cpuPolicy.reserved) {
                violations.append("reserved CPUs of \(ofPod) are exclusive to \(pod)")
            }
            if !ofPod.isDisjoint(with: state.cpu.pool) {
                violations.append("CPUs of \(ofPod) are shared and exclusive to \(pod)")
            }
            violations += runningOverlaps(of: position, prepared, in: state)
            taken.formUnion(ofPod)
        }
        // What the kubelet lost track of, each time through a bug with a name.
        var known = state.cpu.pool.union(taken).union(state.cpu.lostCPUs)
        for lost in state.lostPodCPUs { known.formUnion(lost.cpus) }
        if known != cpuPolicy.initialPool {
            violations.append(
                "shared and exclusive CPUs are \(known), the machine's \(cpuPolicy.initialPool)")
        }
        return violations
    }

    /// Containers of one pod that run at the same time hold disjoint CPUs.
    private func runningOverlaps(
        of position: Int, _ prepared: PreparedPod, in state: NodeState
    ) -> [String] {
        guard prepared.podLevel == nil else { return [] }
        var running = CPUSet()
        for (index, container) in prepared.containers.enumerated() where !container.isRegularInit {
            guard let cpus = state.cpu.cpus(of: state.pods[position].range[index]) else {
                continue
            }
            if !cpus.isDisjoint(with: running) {
                return ["containers of \(state.pods[position].id) share CPUs of \(cpus)"]
            }
            running.formUnion(cpus)
        }
        return []
    }

    private func memoryViolations(of state: NodeState) -> [String] {
        let totals = memoryPolicy.totals
        guard !totals.isEmpty else { return [] }
        var violations: [String] = []
        for index in totals.indices {
            let (used, free) = (
                state.memory.tables[index].reserved, state.memory.tables[index].free
            )
            if used < 0 || free < 0 || used + free != totals[index].allocatable {
                violations.append(
                    "memory table \(index): \(used) used and \(free) free of"
                        + " \(totals[index].allocatable)")
            }
        }
        guard state.memory.sharesReplaced == 0 else { return violations }
        var blocks = Array(repeating: Int32(0), count: layout.count)
        for block in memoryBlocks(of: state) {
            for node in block.nodes { blocks[node] += 1 }
        }
        for node in 0..<layout.count where blocks[node] != state.memory.nodes[node].assignments {
            violations.append(
                "NUMA node \(layout.osIndices[node]) counts \(state.memory.nodes[node].assignments)"
                    + " blocks, containers hold \(blocks[node])")
        }
        return violations
    }

    private func deviceViolations(of state: NodeState) -> [String] {
        var violations: [String] = []
        for word in 0..<deviceManager.catalog.rowWords {
            var taken: UInt64 = 0
            for position in state.pods.indices {
                var ofPod: UInt64 = 0
                for index in state.pods[position].range.indices {
                    ofPod |= state.devices.devices(of: ContainerSlot(index), word: word)
                }
                if ofPod & taken != 0 {
                    violations.append("devices of \(state.pods[position].id) have two owners")
                }
                taken |= ofPod
            }
            if taken != state.devices.allocated[word] {
                violations.append("devices are marked as taken that no pod holds")
            }
        }
        return violations
    }

    private func requestViolations(of state: NodeState) -> [String] {
        var requested = Array(repeating: Int64(0), count: resources.count)
        for position in state.pods.indices {
            for item in state.pods[position].prepared.requests {
                requested[item.resource.position] += item.amount
            }
        }
        return requested == state.requested
            ? [] : ["requests are counted as \(state.requested), pods ask for \(requested)"]
    }
}
