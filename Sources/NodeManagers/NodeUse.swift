public import Primitives

/// One resource on one NUMA node of a node: capacity = reserved + used + free.
///
/// Units are the resource's own: milli-CPU, bytes, devices.
public struct NodeUse: Hashable, Sendable {
    /// OS index; nil for what the kubelet does not tell apart by NUMA node.
    public var numaNode: Int?
    public var resource: ResourceIndex
    public var capacity: Int64
    public var reserved: Int64
    /// Exclusive CPUs, memory blocks or devices; requests where nothing is told apart by NUMA node.
    public var used: Int64
    public var free: Int64
    /// CPUs only: the shared pool without the reserved CPUs.
    public var shared: Int64

    public init(
        numaNode: Int?, resource: ResourceIndex, capacity: Int64, reserved: Int64, used: Int64,
        free: Int64, shared: Int64
    ) {
        self.numaNode = numaNode
        self.resource = resource
        self.capacity = capacity
        self.reserved = reserved
        self.used = used
        self.free = free
        self.shared = shared
    }
}

extension NodeModel {
    /// Calls `body` for each resource and NUMA node: CPUs, then memory by type, then devices by name.
    ///
    /// Resources that no manager places (policies `none` and `None`, devices without topology) come once, with no
    /// NUMA node; then `used` counts requests.
    public func use(of state: NodeState, _ body: (NodeUse) -> Void) {
        useOfCPUs(of: state, body)
        useOfMemory(of: state, body)
        useOfDevices(of: state, body)
    }

    private func byRequests(_ resource: ResourceIndex, _ state: NodeState) -> NodeUse {
        let capacity = capacity[resource.position]
        let reserved = capacity - allocatable[resource.position]
        let used = state.requested[resource.position]
        return NodeUse(
            numaNode: nil, resource: resource, capacity: capacity, reserved: reserved, used: used,
            free: capacity - reserved - used, shared: 0)
    }

    private func useOfCPUs(of state: NodeState, _ body: (NodeUse) -> Void) {
        guard cpuPolicyName != NoneCPUPolicy.name else {
            var use = byRequests(ResourceTable.cpu, state)
            use.shared = use.capacity - use.reserved
            return body(use)
        }
        let reserved = cpuPolicy.reserved
        let shared = state.cpu.pool.subtracting(reserved)
        for node in topology.numaNodes {
            let capacity = Int64(node.count) * 1000
            let set = Int64(node.count(in: reserved)) * 1000
            let free = Int64(node.count(in: shared)) * 1000
            body(
                NodeUse(
                    numaNode: node.id, resource: ResourceTable.cpu, capacity: capacity,
                    reserved: set, used: capacity - set - free, free: free, shared: free))
        }
    }

    private func useOfMemory(of state: NodeState, _ body: (NodeUse) -> Void) {
        let totals = memoryPolicy.totals
        guard !totals.isEmpty else {
            for resource in memoryTypes.resources { body(byRequests(resource, state)) }
            return
        }
        for (type, resource) in memoryTypes.resources.enumerated() {
            for node in 0..<layout.count {
                let index = node * memoryTypes.count + type
                let table = totals[index]
                // Memory in huge pages is counted with them, so that capacity is what can be had or is set aside.
                body(
                    NodeUse(
                        numaNode: layout.osIndices[node], resource: resource,
                        capacity: table.allocatable + table.systemReserved,
                        reserved: table.systemReserved, used: state.memory.tables[index].reserved,
                        free: state.memory.tables[index].free, shared: 0))
            }
        }
    }

    private func useOfDevices(of state: NodeState, _ body: (NodeUse) -> Void) {
        for kind in deviceManager.catalog.kinds {
            for node in 0..<layout.count {
                let members = kind.groups.first { $0.nodes == NUMAMask(node: node) }
                guard let members else { continue }
                body(use(of: kind, members.devices, numaNode: layout.osIndices[node], in: state))
            }
            var rest = Array(repeating: UInt64(0), count: kind.words.count)
            for (index, nodes) in kind.nodes.enumerated() where nodes?.isSingle != true {
                rest[index / 64] |= 1 << UInt64(index % 64)
            }
            if rest.contains(where: { $0 != 0 }) {
                body(use(of: kind, rest, numaNode: nil, in: state))
            }
        }
    }

    /// Unhealthy devices that no one holds are reserved.
    private func use(
        of kind: DeviceCatalog.Kind, _ devices: [UInt64], numaNode: Int?, in state: NodeState
    ) -> NodeUse {
        var (capacity, used, free) = (0, 0, 0)
        for (index, bits) in devices.enumerated() {
            let word = kind.words.lowerBound + index
            capacity += bits.nonzeroBitCount
            used += (bits & state.devices.allocated[word]).nonzeroBitCount
            free +=
                (bits & state.devices.healthy[word] & ~state.devices.allocated[word])
                .nonzeroBitCount
        }
        return NodeUse(
            numaNode: numaNode, resource: kind.resource, capacity: Int64(capacity),
            reserved: Int64(capacity - used - free), used: Int64(used), free: Int64(free),
            shared: 0)
    }
}
