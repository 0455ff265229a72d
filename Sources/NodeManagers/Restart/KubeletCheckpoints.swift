public import Primitives

/// The checkpoint files of one kubelet, field for field: what it knows of a node after a restart.
///
/// A file that is missing is nil; the kubelet then begins anew with that manager. Texts and checksums are the
/// business of whoever reads and writes files.
public struct KubeletCheckpoints: Hashable, Sendable {
    public var cpu: CPUManagerCheckpoint?
    public var memory: MemoryManagerCheckpoint?
    public var devices: DeviceManagerCheckpoint?

    public init(
        cpu: CPUManagerCheckpoint? = nil, memory: MemoryManagerCheckpoint? = nil,
        devices: DeviceManagerCheckpoint? = nil
    ) {
        self.cpu = cpu
        self.memory = memory
        self.devices = devices
    }
}

/// `cpu_manager_state`. (cm/cpumanager/state/checkpoint.go)
public struct CPUManagerCheckpoint: Hashable, Sendable {
    public var policyName: String
    /// The shared pool in list format; empty under policy `none`.
    public var defaultCPUSet: String
    /// Exclusive CPUs in list format, by pod UID and container.
    public var entries: [String: [String: String]] = [:]
    /// CPUs of pods as wholes, by UID; nil as a kubelet without the gate PodLevelResourceManagers writes it.
    public var podEntries: [String: CPUSet]?

    public init(policyName: String, defaultCPUSet: String) {
        self.policyName = policyName
        self.defaultCPUSet = defaultCPUSet
    }
}

/// `memory_manager_state`. (cm/memorymanager/state/checkpoint.go)
public struct MemoryManagerCheckpoint: Hashable, Sendable {
    /// One NUMA node.
    public struct NodeState: Hashable, Sendable {
        /// Blocks that touch it.
        public var numberOfAssignments: Int
        /// By `memory` or `hugepages-<size>`.
        public var memoryMap: [String: Table]
        /// The group of NUMA nodes that it belongs to.
        public var cells: [Int]

        public init(numberOfAssignments: Int, memoryMap: [String: Table], cells: [Int]) {
            self.numberOfAssignments = numberOfAssignments
            self.memoryMap = memoryMap
            self.cells = cells
        }
    }

    /// One memory type on one NUMA node: bytes.
    public struct Table: Hashable, Sendable {
        public var total: UInt64
        public var systemReserved: UInt64
        public var allocatable: UInt64
        public var reserved: UInt64
        public var free: UInt64

        public init(
            total: UInt64, systemReserved: UInt64, allocatable: UInt64, reserved: UInt64,
            free: UInt64
        ) {
            self.total = total
            self.systemReserved = systemReserved
            self.allocatable = allocatable
            self.reserved = reserved
            self.free = free
        }
    }

    /// Bytes of one type that a container has on a group of NUMA nodes.
    public struct Block: Hashable, Sendable {
        public var numaAffinity: [Int]
        public var type: String
        public var size: UInt64

        public init(numaAffinity: [Int], type: String, size: UInt64) {
            self.numaAffinity = numaAffinity
            self.type = type
            self.size = size
        }
    }

    public var policyName: String
    /// By OS index of the NUMA node; empty under policy `None`.
    public var machineState: [Int: NodeState] = [:]
    /// By pod UID and container: memory first, then huge pages by name.
    public var entries: [String: [String: [Block]]] = [:]
    /// Memory of pods as wholes, by UID; nil as a kubelet without the gate PodLevelResourceManagers writes it.
    public var podEntries: [String: [Block]]?

    public init(policyName: String) { self.policyName = policyName }
}

/// `device-plugins/kubelet_internal_checkpoint`. (cm/devicemanager/checkpoint/checkpoint.go)
public struct DeviceManagerCheckpoint: Hashable, Sendable {
    /// Devices of one resource that a container has.
    public struct Entry: Hashable, Sendable {
        public var podUID: String
        public var containerName: String
        public var resourceName: String
        /// Ids by OS index of the NUMA node, -1 for devices on none; a device on two stands under both.
        public var deviceIDs: [Int64: [String]]
        /// What the plugin answered, as it came over the wire.
        public var allocationResponse: [UInt8] = []

        public init(
            podUID: String, containerName: String, resourceName: String,
            deviceIDs: [Int64: [String]]
        ) {
            self.podUID = podUID
            self.containerName = containerName
            self.resourceName = resourceName
            self.deviceIDs = deviceIDs
        }
    }

    /// Nil where the file says `null`, as the kubelet does for none.
    public var podDeviceEntries: [Entry]?
    /// Ids of healthy devices by resource.
    public var registeredDevices: [String: [String]] = [:]

    public init() {}
}
