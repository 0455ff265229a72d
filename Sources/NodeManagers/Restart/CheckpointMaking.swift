public import Primitives
import WorkloadModel

extension NodeModel {
    /// What the kubelet's checkpoint files say of `state`.
    ///
    /// The Device Manager's file is as it was last written, so it may name pods that are gone; it is nil for a
    /// state that does not come from `makeRestartableState`.
    /// - Parameter podUID: The UIDs of all pods that the node has had.
    public func checkpoints(
        of state: NodeState, podUID: (PodIndex) -> String
    ) -> KubeletCheckpoints {
        KubeletCheckpoints(
            cpu: cpuCheckpoint(of: state, podUID), memory: memoryCheckpoint(of: state, podUID),
            devices: state.deviceCheckpoint.map { deviceCheckpoint($0, podUID) })
    }

    private func cpuCheckpoint(
        of state: NodeState, _ podUID: (PodIndex) -> String
    ) -> CPUManagerCheckpoint {
        let isStatic = cpuPolicyName != NoneCPUPolicy.name
        var checkpoint = CPUManagerCheckpoint(
            policyName: cpuPolicyName, defaultCPUSet: isStatic ? "\(state.cpu.pool)" : "")
        for entry in cpuEntries(of: state) {
            checkpoint.entries[podUID(entry.pod), default: [:]][entry.container] = "\(entry.cpus)"
        }
        if gates.podLevelResourceManagers {
            var shares: [String: CPUSet] = [:]
            for share in podCPUEntries(of: state) { shares[podUID(share.pod)] = share.cpus }
            checkpoint.podEntries = shares
        }
        return checkpoint
    }

    private func memoryCheckpoint(
        of state: NodeState, _ podUID: (PodIndex) -> String
    ) -> MemoryManagerCheckpoint {
        var checkpoint = MemoryManagerCheckpoint(policyName: memoryPolicyName)
        func blocks(_ entry: MemoryEntry) -> [MemoryManagerCheckpoint.Block] {
            entry.blocks.map {
                MemoryManagerCheckpoint.Block(
                    numaAffinity: Array(layout.osSet($0.nodes)),
                    type: resources[memoryTypes.resources[$0.type]],
                    size: UInt64(bitPattern: $0.bytes))
            }
        }
        for entry in memoryEntries(of: state) {
            checkpoint.entries[podUID(entry.pod), default: [:]][entry.container] = blocks(entry)
        }
        if gates.podLevelResourceManagers {
            var shares: [String: [MemoryManagerCheckpoint.Block]] = [:]
            for entry in podMemoryEntries(of: state) { shares[podUID(entry.pod)] = blocks(entry) }
            checkpoint.podEntries = shares
        }
        guard !memoryPolicy.totals.isEmpty else { return checkpoint }
        for node in 0..<layout.count {
            var map: [String: MemoryManagerCheckpoint.Table] = [:]
            for (type, resource) in memoryTypes.resources.enumerated() {
                let index = node * memoryTypes.count + type
                let totals = memoryPolicy.totals[index]
                let table = state.memory.tables[index]
                map[resources[resource]] = MemoryManagerCheckpoint.Table(
                    total: UInt64(bitPattern: totals.total),
                    systemReserved: UInt64(bitPattern: totals.systemReserved),
                    allocatable: UInt64(bitPattern: totals.allocatable),
                    reserved: UInt64(bitPattern: table.reserved),
                    free: UInt64(bitPattern: table.free))
            }
            checkpoint.machineState[layout.osIndices[node]] = MemoryManagerCheckpoint.NodeState(
                numberOfAssignments: Int(state.memory.nodes[node].assignments), memoryMap: map,
                cells: Array(layout.osSet(state.memory.nodes[node].cells)))
        }
        return checkpoint
    }

    private func deviceCheckpoint(
        _ written: DeviceCheckpoint, _ podUID: (PodIndex) -> String
    ) -> DeviceManagerCheckpoint {
        var checkpoint = DeviceManagerCheckpoint()
        var entries: [DeviceManagerCheckpoint.Entry] = []
        for entry in written.entries {
            for kind in deviceManager.catalog.kinds {
                var byNode: [Int64: [String]] = [:]
                for (index, id) in kind.ids.enumerated()
                where kind.contains(index, in: entry.devices) {
                    let nodes = kind.nodes[index] ?? .none
                    for node in nodes.isEmpty ? [-1] : Array(layout.osSet(nodes)) {
                        byNode[Int64(node), default: []].append(id)
                    }
                }
                guard !byNode.isEmpty else { continue }
                entries.append(
                    DeviceManagerCheckpoint.Entry(
                        podUID: podUID(entry.pod), containerName: entry.name,
                        resourceName: kind.name, deviceIDs: byNode))
            }
        }
        if !entries.isEmpty { checkpoint.podDeviceEntries = entries }
        for (position, kind) in deviceManager.catalog.kinds.enumerated()
        where written.registered[position] {
            checkpoint.registeredDevices[kind.name] = kind.ids.indices.filter {
                kind.contains($0, in: written.healthy)
            }.map { kind.ids[$0] }
        }
        return checkpoint
    }
}

extension DeviceCatalog.Kind {
    /// Whether the bit of device `index` is set in a container's row.
    func contains(_ index: Int, in row: [UInt64]) -> Bool {
        row[words.lowerBound + index / 64] >> UInt64(index % 64) & 1 != 0
    }
}
