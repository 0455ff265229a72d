package import Primitives
package import WorkloadModel

/// A pod of the node as the API server and the runtime know it when a kubelet starts.
package struct KnownPod {
    package var index: PodIndex
    package var uid: String
    package var shape: PodShape
    /// Its containers have been started.
    package var isStarted: Bool

    package init(index: PodIndex, uid: String, shape: PodShape, isStarted: Bool) {
        self.index = index
        self.uid = uid
        self.shape = shape
        self.isStarted = isStarted
    }
}

/// A node as read from checkpoint files, which `NodeModel.restart` goes on from.
package struct RestoredNode {
    package var state: NodeState
    package var basis: CheckpointBasis
    /// UIDs of pods that only the files know, by the index that stands for them in `state`.
    package var otherUIDs: [PodIndex: String] = [:]

    package init(state: NodeState, basis: CheckpointBasis) {
        self.state = state
        self.basis = basis
    }
}

extension NodeModel {
    /// The state that a kubelet with this model's settings finds in `files` when it starts.
    ///
    /// What the kubelet refuses is in `basis` and said by `restart`, in the kubelet's order. Devices of resources
    /// that no plugin of the model offers are dropped; what a plugin answered to an allocation is not kept.
    /// - Parameters:
    ///   - pods: Pods bound to the node, in order of creation.
    ///   - isHealthy: What plugins will report of a resource's device; nil for what they first reported.
    /// - Throws: stage `notModelled` for entries that no kubelet of this kind of node writes.
    package func restore(
        _ files: KubeletCheckpoints, pods: [KnownPod],
        isHealthy: ((_ resource: String, _ device: String) -> Bool)? = nil
    ) throws(KubeletStartError) -> RestoredNode {
        var restorer = CheckpointRestorer(model: self, pods: pods, isHealthy: isHealthy)
        if let cpu = files.cpu { restorer.notePods(of: cpu) }
        if let memory = files.memory { restorer.notePods(of: memory) }
        restorer.enterPods()
        if let cpu = files.cpu { try restorer.restore(cpu) }
        if let memory = files.memory { try restorer.restore(memory) }
        try restorer.restore(files.devices ?? DeviceManagerCheckpoint())
        return restorer.node
    }
}

private struct CheckpointRestorer {
    let model: NodeModel
    let pods: [KnownPod]
    var node: RestoredNode
    private var slots: [String: [String: ContainerSlot]] = [:]
    private var shares: [String: ContainerSlot] = [:]
    /// Where a container stands in its pod, for pods that exist.
    private var positions: [String: [String: (pod: PodIndex, position: Int)]] = [:]
    /// Containers that only the files know, by UID in the order of UIDs.
    private var others: [String: Set<String>] = [:]
    private var otherIndices: [String: PodIndex] = [:]
    private var deviceOwners: [String: PodIndex] = [:]
    private var nextOther = UInt32.max

    init(model: NodeModel, pods: [KnownPod], isHealthy: ((String, String) -> Bool)?) {
        self.model = model
        self.pods = pods
        node = RestoredNode(state: model.makeState(), basis: CheckpointBasis(model))
        var checkpoint = DeviceCheckpoint()
        checkpoint.pluginHealth = node.state.devices.healthy
        checkpoint.isPluginGone = model.deviceManager.catalog.kinds.map { _ in false }
        if let isHealthy {
            for kind in model.deviceManager.catalog.kinds {
                for word in kind.words { checkpoint.pluginHealth[word] = 0 }
                for (index, id) in kind.ids.enumerated() where isHealthy(kind.name, id) {
                    kind.insert(index, in: &checkpoint.pluginHealth)
                }
            }
        }
        node.state.deviceCheckpoint = checkpoint
        for pod in pods {
            var places: [String: (pod: PodIndex, position: Int)] = [:]
            for (position, container) in pod.shape.containers.enumerated() {
                places[container.name] = (pod.index, position)
            }
            positions[pod.uid] = places
        }
    }

    private func refuse(_ message: String) throws(KubeletStartError) {
        throw KubeletStartError(stage: .notModelled, message: message)
    }

    // MARK: Pods

    mutating func notePods(of cpu: CPUManagerCheckpoint) {
        guard cpu.policyName == model.cpuPolicyName else { return }
        for (uid, containers) in cpu.entries { note(uid, containers.keys) }
    }

    mutating func notePods(of memory: MemoryManagerCheckpoint) {
        guard memory.policyName == model.memoryPolicyName else { return }
        for (uid, containers) in memory.entries { note(uid, containers.keys) }
    }

    private mutating func note(_ uid: String, _ containers: some Sequence<String>) {
        for container in containers where positions[uid]?[container] == nil {
            others[uid, default: []].insert(container)
        }
    }

    private mutating func index(ofOther uid: String) -> PodIndex {
        if let known = otherIndices[uid] { return known }
        let index = PodIndex(rawValue: nextOther)
        nextOther -= 1
        otherIndices[uid] = index
        node.otherUIDs[index] = uid
        return index
    }

    mutating func enterPods() {
        for pod in pods {
            enter(pod.index, pod.uid, pod.shape)
            if pod.isStarted { node.state.pods.setStarted(at: node.state.pods.count - 1) }
        }
        for uid in others.keys.sorted() {
            var shape = PodShape(
                qos: .bestEffort,
                containers: others[uid, default: []].sorted().map {
                    ContainerShape(name: $0, kind: .app, resources: ContainerResources())
                })
            // Room for what the pod may hold as a whole.
            if positions[uid] == nil { shape.podLevel = ContainerResources() }
            let index = index(ofOther: uid)
            enter(index, uid, shape)
            node.state.stalePods.append(index)
        }
    }

    private mutating func enter(_ index: PodIndex, _ uid: String, _ shape: PodShape) {
        let prepared = model.prepare(shape)
        let range = model.enter(index, prepared, in: &node.state)
        for (position, container) in shape.containers.enumerated() {
            slots[uid, default: [:]][container.name] = range[position]
        }
        if prepared.podLevel != nil { shares[uid] = range[shape.containers.count] }
    }

    // MARK: CPU

    mutating func restore(_ file: CPUManagerCheckpoint) throws(KubeletStartError) {
        node.basis.cpuPolicyName = file.policyName
        if file.podEntries != nil, !model.gates.podLevelResourceManagers {
            node.basis.cpuRefusal = CheckpointRefusal.cpu(CheckpointRefusal.corrupted)
            return
        }
        guard file.policyName == model.cpuPolicyName, file.policyName != NoneCPUPolicy.name else {
            return
        }
        guard let pool = try? CPUSet(parsing: file.defaultCPUSet) else {
            node.basis.cpuRefusal = CheckpointRefusal.cpu(
                "could not parse default cpu set \"\(file.defaultCPUSet)\"")
            return
        }
        if pool.isEmpty, file.entries.allSatisfy(\.value.isEmpty) { return }
        node.state.cpu.pool = pool
        for uid in file.entries.keys.sorted() {
            for (name, text) in file.entries[uid, default: [:]].sorted(by: { $0.key < $1.key }) {
                guard let cpus = try? CPUSet(parsing: text), let slot = slots[uid]?[name] else {
                    node.basis.cpuRefusal = CheckpointRefusal.cpu(
                        "could not parse cpuset \"\(text)\" for container \"\(name)\" in pod"
                            + " \"\(uid)\"")
                    return
                }
                try check(cpus)
                node.state.cpu.record(cpus, of: slot)
            }
        }
        for (uid, cpus) in (file.podEntries ?? [:]).sorted(by: { $0.key < $1.key }) {
            try check(cpus)
            if let share = shares[uid] {
                node.state.cpu.record(cpus, of: share)
            } else {
                node.state.lostPodCPUs.append((index(ofOther: uid), cpus))
            }
        }
    }

    /// Sets are kept in as many words as the machine's CPUs need.
    private func check(_ cpus: CPUSet) throws(KubeletStartError) {
        for word in node.state.cpu.wordsPerSet..<16 where cpus[word: word] != 0 {
            try refuse("the CPU manager's checkpoint gives out CPUs \(cpus), beyond the machine's")
        }
    }

    // MARK: Memory

    mutating func restore(_ file: MemoryManagerCheckpoint) throws(KubeletStartError) {
        node.basis.memoryPolicyName = file.policyName
        if file.podEntries != nil, !model.gates.podLevelResourceManagers {
            node.basis.memoryPolicyName = model.memoryPolicyName
            node.basis.memoryRefusal = CheckpointRefusal.memory(CheckpointRefusal.corrupted)
            return
        }
        guard file.policyName == model.memoryPolicyName, !model.memoryPolicy.totals.isEmpty else {
            return
        }
        if file.machineState.isEmpty {
            if !file.entries.isEmpty {
                node.basis.memoryRefusal =
                    "[memorymanager] machine state can not be empty when it has memory assignments"
            }
            return
        }
        for uid in file.entries.keys.sorted() {
            for (name, blocks) in file.entries[uid, default: [:]] {
                guard let slot = slots[uid]?[name] else { continue }
                try record(blocks, of: slot, "container \(name) of pod \(uid)")
            }
        }
        for (uid, blocks) in (file.podEntries ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let share = shares[uid] else {
                try refuse(
                    "the memory manager's checkpoint gives memory to pod \(uid) as a whole, which"
                        + " has no container with memory")
                return
            }
            try record(blocks, of: share, "pod \(uid)")
        }
        guard let totals = restoreTables(file.machineState) else {
            node.basis.memoryTotals = []
            return
        }
        node.basis.memoryTotals = totals
    }

    private mutating func record(
        _ blocks: [MemoryManagerCheckpoint.Block], of slot: ContainerSlot, _ owner: String
    ) throws(KubeletStartError) {
        var group: NUMAMask?
        var types: Set<Int> = []
        var amounts: [(type: Int, bytes: Int64)] = []
        for block in blocks {
            let nodes = mask(block.numaAffinity)
            guard let nodes, group == nil || group == nodes,
                let type = memoryType(block.type), types.insert(type).inserted,
                let bytes = CheckpointRestorer.amount(block.size, below: 1 << 60)
            else {
                try refuse(
                    "the memory manager's checkpoint gives \(owner) \(block.size) bytes of"
                        + " \(block.type) on NUMA nodes \(block.numaAffinity), as no kubelet does"
                        + " on this machine")
                return
            }
            group = nodes
            amounts.append((type, bytes))
        }
        node.state.memory.beginEntry(of: slot, on: group ?? .none)
        for amount in amounts {
            node.state.memory.addBlock(amount.bytes, type: amount.type, to: slot)
        }
    }

    /// The totals of every NUMA node and type; nil where the file is of another machine.
    private mutating func restoreTables(
        _ nodes: [Int: MemoryManagerCheckpoint.NodeState]
    ) -> [MemoryTotals]? {
        let types = model.memoryTypes.count
        var memory = node.state.memory
        var totals = Array(repeating: MemoryTotals(), count: model.layout.count * types)
        guard nodes.count == model.layout.count else { return nil }
        for (osIndex, file) in nodes {
            guard let position = model.layout.position(osIndex: osIndex),
                let cells = mask(file.cells), file.memoryMap.count == types,
                let assignments = Int32(exactly: file.numberOfAssignments)
            else { return nil }
            memory.nodes[position] = MemoryManagerState.NodeGroup(
                assignments: assignments, cells: cells)
            for (name, table) in file.memoryMap {
                guard let type = memoryType(name),
                    let total = CheckpointRestorer.amount(table.total),
                    let reserved = CheckpointRestorer.amount(table.reserved),
                    let free = CheckpointRestorer.amount(table.free)
                else { return nil }
                let index = position * types + type
                memory.tables[index] = MemoryManagerState.Table(reserved: reserved, free: free)
                totals[index].total = total
                totals[index].systemReserved = Int64(bitPattern: table.systemReserved)
                totals[index].allocatable = Int64(bitPattern: table.allocatable)
            }
        }
        node.state.memory = memory
        return totals
    }

    /// The kubelet's unsigned numbers wrap around below zero, and so may those in its files. A bound that no machine
    /// comes near keeps their sums exact.
    private static func amount(_ bytes: UInt64, below bound: Int64 = 1 << 52) -> Int64? {
        let amount = Int64(bitPattern: bytes)
        return amount < bound && amount > -bound ? amount : nil
    }

    private func memoryType(_ name: String) -> Int? {
        model.resources.index(of: name).flatMap(model.memoryTypes.position)
    }

    private func mask(_ osIndices: [Int]) -> NUMAMask? {
        var mask = NUMAMask.none
        for osIndex in osIndices {
            guard let position = model.layout.position(osIndex: osIndex) else { return nil }
            mask = mask.union(NUMAMask(node: position))
        }
        return mask.isEmpty ? nil : mask
    }

    // MARK: Devices

    mutating func restore(_ file: DeviceManagerCheckpoint) throws(KubeletStartError) {
        let catalog = model.deviceManager.catalog
        var checkpoint = node.state.deviceCheckpoint ?? DeviceCheckpoint()
        checkpoint.healthy = Array(repeating: 0, count: catalog.rowWords)
        checkpoint.registered = catalog.kinds.map { file.registeredDevices[$0.name] != nil }
        for kind in catalog.kinds {
            let healthy = Set(file.registeredDevices[kind.name] ?? [])
            for (index, id) in kind.ids.enumerated() where healthy.contains(id) {
                kind.insert(index, in: &checkpoint.healthy)
            }
        }
        for entry in file.podDeviceEntries ?? [] {
            guard let kind = catalog.kinds.first(where: { $0.name == entry.resourceName }) else {
                continue
            }
            let place = positions[entry.podUID]?[entry.containerName]
            // A pod that is in the table only for its CPUs or memory has its devices as one that is gone.
            let pod = place?.pod ?? deviceOwner(entry.podUID)
            let position = place?.position ?? 0
            var held = checkpoint.entries.firstIndex {
                $0.pod == pod && $0.name == entry.containerName
            }
            if held == nil {
                held = checkpoint.entries.count
                checkpoint.entries.append(
                    DeviceCheckpoint.Entry(
                        pod: pod, container: position, name: entry.containerName,
                        devices: Array(repeating: 0, count: catalog.rowWords)))
            }
            for id in entry.deviceIDs.values.joined() {
                guard let device = kind.ids.firstIndex(of: id), let held else {
                    try refuse(
                        "the device manager's checkpoint gives \(entry.resourceName) \(id) to pod"
                            + " \(entry.podUID), which no plugin of the node has")
                    return
                }
                kind.insert(device, in: &checkpoint.entries[held].devices)
            }
        }
        node.state.deviceCheckpoint = checkpoint
    }

    private mutating func deviceOwner(_ uid: String) -> PodIndex {
        if let known = deviceOwners[uid] { return known }
        let index = PodIndex(rawValue: nextOther)
        nextOther -= 1
        deviceOwners[uid] = index
        node.otherUIDs[index] = uid
        return index
    }
}

extension DeviceCatalog.Kind {
    /// Sets the bit of device `index` in a container's row.
    func insert(_ index: Int, in row: inout [UInt64]) {
        row[words.lowerBound + index / 64] |= 1 << UInt64(index % 64)
    }
}
