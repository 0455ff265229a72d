public import HardwareModel
public import Primitives
import WorkloadModel

/// One kind of node: a machine, a kubelet's settings and device plugins, checked as the kubelet checks at start.
///
/// Immutable and shared by all equal nodes; each node has a `NodeState`.
///
/// ```swift
/// let model = try NodeModel(machine: machine, settings: settings, devices: [], resources: resources)
/// var state = model.makeState()
/// let pod = model.prepare(shape)
/// if case .rejected(let rejection) = model.admit(PodIndex(0), pod, in: &state) {
///     print(rejection.message(resources))
/// }
/// ```
public final class NodeModel: Sendable {
    /// The node status' values by `ResourceIndex.position`: milli-CPU, bytes, devices.
    public let capacity: [Int64]
    public let allocatable: [Int64]
    public let maxPods: Int64
    public let resources: ResourceTable
    public let settings: KubeletSettings

    package let topology: CPUTopology
    package let layout: NUMALayout
    package let gates: FeatureGates
    package let fixes: UpstreamFixes
    package let topologyManager: TopologyManager
    /// `numa-allocation-strategy`; nil when it is not set.
    package let numaScores: NUMAScoreRule?
    package let cpuPolicy: any CPUManagerPolicy
    package let cpuPolicyName: String
    package let memoryPolicy: any MemoryManagerPolicy
    package let memoryPolicyName: String
    package let memoryTypes: MemoryTypes
    package let memoryCapacity: [Int64]
    package let deviceManager: DeviceManager
    package let alignment: AlignmentRules

    /// Builds the managers in the kubelet's order: topology, CPU, memory; then devices.
    public init(
        machine: Machine, settings: KubeletSettings, devices: [DeviceResource],
        resources: ResourceTable
    ) throws(KubeletStartError) {
        try NodeModel.checkMachine(machine)
        let layout = NUMALayout(machine)
        let fixes = settings.fixes
        let topology = CPUTopology(
            machine, countsRealUnits: fixes.contains(.busyThreadsOfFreeCore))
        let gates = FeatureGates(differences: settings.featureGates)
        let reservation = NodeReservation(machine: machine, settings: settings)

        do throws(PolicyError) {
            topologyManager = try TopologyManager(
                policyName: settings.topologyManagerPolicy,
                scopeName: settings.topologyManagerScope,
                options: settings.topologyManagerPolicyOptions, layout: layout, gates: gates)
        } catch {
            throw KubeletStartError(stage: .topologyManager, message: error.message)
        }
        do throws(PolicyError) {
            guard let entry = CPUManagerPolicyRegistry.entry(named: settings.cpuManagerPolicy)
            else { throw PolicyError("unknown policy: \"\(settings.cpuManagerPolicy)\"") }
            cpuPolicy = try entry.make(
                CPUManagerSetup(
                    topology: topology, layout: layout, options: settings.cpuManagerPolicyOptions,
                    reservedMilliCPU: reservation.milliCPU,
                    reservedSystemCPUs: settings.reservedSystemCPUs, gates: gates,
                    topologyManagerPolicy: settings.topologyManagerPolicy, fixes: fixes))
        } catch {
            throw KubeletStartError(stage: .cpuManager, message: error.message)
        }

        let types = MemoryTypes(machine, resources: resources)
        let memoryCapacity = NodeModel.memoryCapacity(machine, layout, types, resources)
        var hugePages = Array(repeating: Int64(0), count: layout.count)
        for node in machine.numaNodes {
            guard let position = layout.position(osIndex: node.osIndex) else { continue }
            hugePages[position] += node.hugePages.reduce(0) { $0 + $1.pageSize * $1.count }
        }
        do throws(PolicyError) {
            guard let entry = MemoryManagerPolicyRegistry.entry(named: settings.memoryManagerPolicy)
            else { throw PolicyError("unknown policy: \"\(settings.memoryManagerPolicy)\"") }
            memoryPolicy = try entry.make(
                MemoryManagerSetup(
                    layout: layout, types: types, capacity: memoryCapacity,
                    hugePages: hugePages, reservedMemory: settings.reservedMemory,
                    reservation: reservation.amounts,
                    resourceNames: resources.names, fixes: fixes))
        } catch {
            throw KubeletStartError(stage: .memoryManager, message: error.message)
        }

        try NodeModel.checkModelled(memoryPolicy, layout, types)
        numaScores = topologyManager.options.flatMap { NUMAScoreRule($0, resources: resources) }
        if numaScores != nil, layout.isWide {
            throw KubeletStartError(
                stage: .notModelled,
                message: "numa-allocation-strategy on a machine with more than"
                    + " \(MaskSet.maximumNodes) NUMA nodes")
        }

        self.layout = layout
        self.topology = topology
        self.gates = gates
        self.fixes = fixes
        self.resources = resources
        self.settings = settings
        cpuPolicyName = settings.cpuManagerPolicy
        memoryPolicyName = settings.memoryManagerPolicy
        memoryTypes = types
        self.memoryCapacity = memoryCapacity
        maxPods = settings.maxPods
        let catalog = DeviceCatalog(devices, layout: layout, resources: resources)
        deviceManager = DeviceManager(catalog: catalog, layout: layout)
        (capacity, allocatable) = reservation.status(
            topology: topology, types: types, memoryCapacity: memoryCapacity,
            hugePages: hugePages.reduce(0, +), catalog: catalog, layout: layout,
            resources: resources)
        alignment = AlignmentRules(
            topology: topology, layout: layout, reserved: cpuPolicy.reserved)
    }

    /// A node of this kind that runs nothing.
    public func makeState() -> NodeState {
        NodeState(
            cpu: CPUManagerState(pool: cpuPolicy.initialPool, wordsPerSet: topology.wordCount),
            memory: MemoryManagerState(
                totals: memoryPolicy.totals, nodeCount: layout.count,
                typeCount: memoryPolicy.totals.isEmpty ? 0 : memoryTypes.count),
            devices: DeviceManagerState(deviceManager.catalog), resourceCount: resources.count)
    }

    private static func checkMachine(_ machine: Machine) throws(KubeletStartError) {
        func refuse(_ message: String) throws(KubeletStartError) {
            throw KubeletStartError(stage: .notModelled, message: message)
        }
        if machine.cpus.isEmpty { try refuse("the machine has no CPUs") }
        if let cpu = machine.cpus.first(where: { $0.osIndex < 0 || $0.osIndex > 1023 }) {
            try refuse("CPU \(cpu.osIndex) is beyond the 1024 CPUs that a node may have")
        }
        if machine.numaNodes.count > 64 {
            try refuse("a kubelet counts at most 64 NUMA nodes, the machine has more")
        }
        if let node = machine.numaNodes.first(where: { $0.osIndex < 0 || $0.osIndex > 63 }) {
            try refuse(
                "the kubelet's masks hold NUMA nodes 0 to 63, the machine has NUMA node"
                    + " \(node.osIndex)")
        }
    }

    /// What the kubelet would do and we would not is refused, never done differently.
    ///
    /// The kubelet counts in unsigned numbers: a NUMA node that reserves more than it has gets nearly 2^64 bytes.
    private static func checkModelled(
        _ policy: any MemoryManagerPolicy, _ layout: NUMALayout, _ types: MemoryTypes
    ) throws(KubeletStartError) {
        for (index, total) in policy.totals.enumerated() where total.allocatable < 0 {
            throw KubeletStartError(
                stage: .notModelled,
                message: "reservedMemory of NUMA node \(layout.osIndices[index / types.count])"
                    + " is more than the node has")
        }
    }

    private static func memoryCapacity(
        _ machine: Machine, _ layout: NUMALayout, _ types: MemoryTypes, _ resources: ResourceTable
    ) -> [Int64] {
        var capacity = Array(repeating: Int64(0), count: layout.count * types.count)
        for node in machine.numaNodes {
            guard let position = layout.position(osIndex: node.osIndex) else { continue }
            capacity[position * types.count] += node.memory
            for pool in node.hugePages {
                let name = ResourceTable.hugePageResource(ofSize: pool.pageSize)
                guard let resource = resources.index(of: name),
                    let type = types.position(of: resource)
                else { continue }
                capacity[position * types.count + type] += pool.pageSize * pool.count
            }
        }
        return capacity
    }
}
