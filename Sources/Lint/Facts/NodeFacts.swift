public import WorkloadModel

/// What a check wants to know of a node, a group of equal nodes, or a kubelet's configuration alone.
public struct NodeFacts: Sendable {
    /// `Node worker-0`, `node group user-plane`, `KubeletConfiguration`.
    public var subject: String
    public var place: LintPlace
    /// A Node's name, or empty.
    public var name = ""
    public var count = 1
    /// A node or a group of them, not a configuration for nodes.
    public var isNode = false
    /// Nil when nothing is known of them: any pod may land here.
    public var labels: [Label]?
    public var taints: [Taint] = []
    /// Nil where only hardware is known.
    public var kubelet: KubeletFacts?
    /// What pods may take of the whole node, by name; nil when it is not known.
    public var resources: [String: Int64]?
    /// Whether `resources` has everything that device plugins offer.
    public var namesDevices = false
    /// What pods may take of each NUMA node; empty when it is not known.
    public var zones: [[String: Int64]] = []
    /// The CPUs of each core; empty when it is not known.
    public var cores: [[Int]] = []
    /// Resources whose plugin is told to keep NUMA nodes to itself.
    public var devicesWithoutTopology: [String] = []

    public init(subject: String, place: LintPlace) {
        self.subject = subject
        self.place = place
    }

    /// CPUs of a core; nil when it is not known.
    var threadsPerCore: Int? { cores.map(\.count).max() }
}

/// The part of a KubeletConfiguration that RA2 has an opinion on, defaults filled in.
public struct KubeletFacts: Sendable {
    public var place: LintPlace
    public var cpuManagerPolicy = "none"
    public var fullPCPUsOnly = false
    public var memoryManagerPolicy = "None"
    public var topologyManagerPolicy = "none"
    /// Whether the containers of a pod are aligned together.
    public var isPodScope = false
    /// Empty when not given.
    public var reservedSystemCPUs: Set<Int> = []
    public var kubeReserved: [String: Int64] = [:]
    public var systemReserved: [String: Int64] = [:]
    /// `memory.available` of hard eviction in bytes; nil when it is a share of the memory.
    public var evictionHardMemory: Int64? = 100 << 20
    /// Bytes by resource of all entries; nil when none is given.
    public var reservedMemory: [String: Int64]?
    /// Where a field is written.
    public var places: [String: LintPlace] = [:]

    public init(place: LintPlace) { self.place = place }

    func place(of field: String) -> LintPlace { places[field] ?? place }
}

/// Which CPUs are for what on nodes of a PerformanceProfile.
public struct CPUPartitionFacts: Sendable {
    public var subject: String
    public var place: LintPlace
    public var reserved: Set<Int>
    public var isolated: Set<Int>
    /// Offlined and shared ones.
    public var others: Set<Int>

    public init(
        subject: String, place: LintPlace, reserved: Set<Int>, isolated: Set<Int>,
        others: Set<Int>
    ) {
        self.subject = subject
        self.place = place
        self.reserved = reserved
        self.isolated = isolated
        self.others = others
    }
}

/// A NetworkAttachmentDefinition.
public struct NetworkFacts: Sendable {
    public var namespace: String
    public var name: String
    public var place: LintPlace
    /// `k8s.v1.cni.cncf.io/resourceName`.
    public var resourceName: String?
    /// The CNI plugin; empty when it cannot be told.
    public var plugin: String
    /// The interface of the node that it builds on, as macvlan's `master`.
    public var parent: String?

    public init(
        namespace: String, name: String, place: LintPlace, resourceName: String?, plugin: String,
        parent: String?
    ) {
        self.namespace = namespace
        self.name = name
        self.place = place
        self.resourceName = resourceName
        self.plugin = plugin
        self.parent = parent
    }
}

/// A pool of virtual functions: an SriovNetworkNodePolicy, or an entry of the device plugin's list.
public struct DevicePoolFacts: Sendable {
    public var subject: String
    public var place: LintPlace
    /// Without a prefix when the policy does not say it.
    public var resource: String
    public var excludesTopology: Bool

    public init(subject: String, place: LintPlace, resource: String, excludesTopology: Bool) {
        self.subject = subject
        self.place = place
        self.resource = resource
        self.excludesTopology = excludesTopology
    }
}

/// Everything that one call of `lint` read.
public struct LintFacts: Sendable {
    public var pods: [PodFacts] = []
    public var nodes: [NodeFacts] = []
    public var partitions: [CPUPartitionFacts] = []
    public var networks: [NetworkFacts] = []
    public var pools: [DevicePoolFacts] = []

    public init() {}

    public mutating func append(_ other: LintFacts) {
        pods += other.pods
        nodes += other.nodes
        partitions += other.partitions
        networks += other.networks
        pools += other.pools
    }
}
