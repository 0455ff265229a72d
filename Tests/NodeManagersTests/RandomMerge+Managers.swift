import HardwareModel
import Primitives

import NodeManagers

/// The same request put to the managers.
struct MergeManagers {
    let layout: NUMALayout
    private var rule: CPUHintRule?
    private var available = CPUSet()
    private var reusable = CPUSet()
    private var wantedCPUs = 0
    private(set) var memory: StaticMemoryPolicy?
    private(set) var memoryState = MemoryManagerState(totals: [], nodeCount: 0, typeCount: 0)
    private(set) var demand = MemoryDemand()
    private(set) var deviceManager: DeviceManager
    private var deviceState: DeviceManagerState
    private(set) var deviceDemands: [DeviceDemand] = []

    init(_ request: RandomMerge, mostTabulated: Int) {
        let layout = NUMALayout(
            osIndices: request.osIndices, distances: request.distances, mostTabulated: mostTabulated
        )
        self.layout = layout
        var resources = ResourceTable()
        let names = ["memory", "hugepages-1Gi", "hugepages-2Mi"]
        for name in names { _ = resources.intern(name) }

        var plugins: [DeviceResource] = []
        for (index, item) in request.devices.enumerated() {
            let name = "example.com/device\(index)"
            _ = resources.intern(name)
            plugins.append(
                DeviceResource(
                    name: name,
                    devices: item.nodes.enumerated().map { position, nodes in
                        PluginDevice(
                            id: "device\(position + 1000)",
                            numaNodes: nodes.map { mask in
                                (0..<request.count).filter { mask >> UInt64($0) & 1 != 0 }
                                    .map { request.osIndices[$0] }
                            })
                    }))
        }
        let catalog = DeviceCatalog(plugins, layout: layout, resources: resources)
        deviceManager = DeviceManager(catalog: catalog, layout: layout)
        deviceState = DeviceManagerState(catalog)
        for (kind, item) in request.devices.enumerated() {
            let first = catalog.kinds[kind].words.lowerBound
            for index in item.nodes.indices {
                let bit = UInt64(1) << UInt64(index % 64)
                if !item.isFree[index] { deviceState.allocated[first + index / 64] |= bit }
                if item.isReusable[index] {
                    deviceState.reusable[first + index / 64] |= bit
                    deviceState.hasReusable = true
                }
            }
            deviceDemands.append(
                DeviceDemand(
                    kind: kind, count: item.wanted,
                    minimumNodes: catalog.kinds[kind].minimumNodes(
                        for: item.wanted, layout: layout)))
        }
        if request.wantedCPUs > 0 { addCPUs(request) }
        if !request.amounts.isEmpty { addMemory(request, names, resources) }
    }

    private mutating func addCPUs(_ request: RandomMerge) {
        var rows: [CPUTopology.Row] = []
        for node in 0..<request.count {
            for index in 0..<request.cpus[node] {
                let cpu = rows.count
                rows.append(
                    CPUTopology.Row(
                        cpu: cpu, core: cpu, socket: request.sockets[node],
                        numaNode: request.osIndices[node], uncore: request.sockets[node]))
                if index < request.freeCPUs[node] {
                    available.insert(cpu)
                } else if index < request.freeCPUs[node] + request.reusableCPUs[node] {
                    reusable.insert(cpu)
                }
            }
        }
        wantedCPUs = request.wantedCPUs
        rule = CPUHintRule(
            topology: CPUTopology(rows: rows), layout: layout,
            alignsBySocket: request.alignsBySocket)
    }

    private mutating func addMemory(
        _ request: RandomMerge, _ names: [String], _ resources: ResourceTable
    ) {
        let types = MemoryTypes(
            resources: names.prefix(request.types).compactMap(resources.index),
            resourceCount: resources.count)
        let totals = request.allocatable.map { bytes in
            var entry = MemoryTotals()
            entry.total = bytes
            entry.allocatable = bytes
            return entry
        }
        let policy = StaticMemoryPolicy(layout: layout, types: types, totals: totals)
        memoryState = MemoryManagerState(
            totals: totals, nodeCount: request.count, typeCount: request.types)
        for index in totals.indices { memoryState.tables[index].free = request.freeMemory[index] }
        for node in 0..<request.count {
            memoryState.nodes[node].assignments = Int32(request.assignments[node])
            memoryState.nodes[node].cells = NUMAMask(request.cells[node])
        }
        for entry in request.reuse {
            memoryState.allowReuse(of: entry.bytes, type: entry.type, on: NUMAMask(entry.mask))
        }
        demand.isManaged = true
        demand.amounts = request.amounts.map { MemoryAmount(type: $0.type, bytes: $0.bytes) }
        demand.minimumNodes = policy.minimumNodes(for: demand.amounts)
        memory = policy
    }

    func gather(into hints: inout HintCollector) {
        deviceManager.hints(
            for: deviceDemands, holders: ContainerRange(first: 0, count: 0), pod: false,
            in: deviceState, into: &hints)
        rule?.add(
            wantedCPUs, available: available, reusable: reusable.isEmpty ? nil : reusable,
            to: &hints)
        memory?.hints(for: demand, holder: nil, in: memoryState, into: &hints)
    }

    /// The verdict of the managers' way of merging.
    func verdict(_ manager: TopologyManager) -> TopologyVerdict {
        var hints = manager.collector()!
        gather(into: &hints)
        if let verdict = manager.verdict(on: hints) { return verdict }
        hints = manager.reachableCollector()
        gather(into: &hints)
        return manager.verdict(onReachable: hints)
    }
}
