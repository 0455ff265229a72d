package import Primitives

/// Amounts by NUMA node and resource, as a client of the kubelet's pod-resources API would add them up.
package struct NUMAAmounts: Hashable, Sendable {
    /// NUMA nodes by position in the machine's layout.
    package let nodeCount: Int
    package let resourceCount: Int
    /// By NUMA node, then resource. What the API does not tell is 0.
    package private(set) var amounts: [Int64]

    package init(nodeCount: Int, resourceCount: Int) {
        self.nodeCount = nodeCount
        self.resourceCount = resourceCount
        amounts = Array(repeating: 0, count: nodeCount * resourceCount)
    }

    package subscript(node: Int, resource: ResourceIndex) -> Int64 {
        amounts[node &* resourceCount &+ resource.position]
    }

    package mutating func clear() {
        for index in amounts.indices { amounts[index] = 0 }
    }

    mutating func add(_ amount: Int64, _ resource: ResourceIndex, on node: Int) {
        amounts[node &* resourceCount &+ resource.position] &+= amount
    }
}

/// What the kubelet's pod-resources API tells: whole CPUs, memory blocks, devices with a NUMA node.
///
/// Shared CPUs are no one's, so pods without exclusive ones do not show. Plain init containers are not told.
/// (pkg/kubelet/apis/podresources/server_v1.go; devicemanager, cpumanager, memorymanager `GetAllocatable…`)
extension NodeModel {
    /// `GetAllocatableResources`: CPUs that may be exclusive (none under policy `none`), memory that the Memory Manager
    /// hands out (none under `None`), healthy devices. Units are the resource's own.
    package var allocatableByNUMANode: NUMAAmounts {
        var amounts = NUMAAmounts(nodeCount: layout.count, resourceCount: resources.count)
        if cpuPolicyName != NoneCPUPolicy.name {
            add(topology.all.subtracting(cpuPolicy.reserved), to: &amounts)
        }
        let totals = memoryPolicy.totals
        if !totals.isEmpty {
            for node in 0..<layout.count {
                for (type, resource) in memoryTypes.resources.enumerated() {
                    amounts.add(
                        totals[node * memoryTypes.count + type].allocatable, resource, on: node)
                }
            }
        }
        for kind in deviceManager.catalog.kinds {
            for (index, nodes) in kind.nodes.enumerated() where kind.isHealthy[index] {
                for node in nodes ?? .none { amounts.add(1, kind.resource, on: node) }
            }
        }
        return amounts
    }

    /// `List`, added up: adds what the pods' containers hold to `amounts`, and calls `body` for each pod with whether any
    /// of it has a NUMA node.
    ///
    /// A block or device on several NUMA nodes counts in full on each, as resource-topology-exporter counts it.
    package func addHoldings(
        of state: borrowing NodeState, to amounts: inout NUMAAmounts,
        _ body: (PodIndex, _ hasLocality: Bool) -> Void
    ) {
        for position in state.pods.indices {
            let range = state.pods[position].range
            let containers = state.pods[position].prepared.containers
            var hasLocality = false
            for index in containers.indices where !containers[index].isRegularInit {
                let slot = range[index]
                if let cpus = state.cpu.cpus(of: slot) {
                    add(cpus, to: &amounts)
                    hasLocality = true
                }
                if addBlocks(of: slot, in: state, to: &amounts) { hasLocality = true }
                if addDevices(of: slot, in: state, to: &amounts) { hasLocality = true }
            }
            body(state.pods[position].id, hasLocality)
        }
    }

    private func add(_ cpus: CPUSet, to amounts: inout NUMAAmounts) {
        for node in topology.numaNodes {
            guard let position = layout.position(osIndex: node.id) else { continue }
            amounts.add(Int64(node.count(in: cpus)) * 1000, ResourceTable.cpu, on: position)
        }
    }

    private func addBlocks(
        of slot: ContainerSlot, in state: borrowing NodeState, to amounts: inout NUMAAmounts
    ) -> Bool {
        guard !memoryPolicy.totals.isEmpty, state.memory.presence(of: slot) == .present else {
            return false
        }
        var types = state.memory.types(of: slot)
        let hasBlocks = types != 0
        while types != 0 {
            let type = types.trailingZeroBitCount
            types &= types - 1
            let bytes = state.memory.size(of: slot, type: type)
            for node in state.memory.nodes(of: slot) {
                amounts.add(bytes, memoryTypes.resources[type], on: node)
            }
        }
        return hasBlocks
    }

    private func addDevices(
        of slot: ContainerSlot, in state: borrowing NodeState, to amounts: inout NUMAAmounts
    ) -> Bool {
        var hasTopology = false
        for kind in deviceManager.catalog.kinds where kind.hasTopology {
            for word in kind.words {
                var devices = state.devices.devices(of: slot, word: word)
                while devices != 0 {
                    let index = (word - kind.words.lowerBound) * 64 + devices.trailingZeroBitCount
                    devices &= devices - 1
                    for node in kind.nodes[index] ?? .none {
                        amounts.add(1, kind.resource, on: node)
                        hasTopology = true
                    }
                }
            }
        }
        return hasTopology
    }
}
