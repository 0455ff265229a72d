/// How a hypervisor lays the virtual machines of a node group on physical hosts.
///
/// The guest is a machine of its own: what its kernel and its kubelet see. This says what lies underneath.
/// Sources: RA2 chapter 3, "Kubernetes nodes on virtual machines"; libvirt's domain XML (`cputune/vcpupin`,
/// `numatune`, `memoryBacking/hugepages`); KubeVirt's `dedicatedCpuPlacement` and `guestMappingPassthrough`.
public struct VirtualMachineSettings: Hashable, Sendable {
    /// Where a virtual CPU may run.
    public enum CPUPlacement: String, Sendable, CaseIterable {
        /// Each virtual CPU is one host CPU for good.
        case pinned
        /// Anywhere in the host NUMA node that its guest NUMA node was given.
        case numaNode = "numa-node"
        /// Anywhere on the host but the CPUs kept for the hypervisor.
        case floating
    }

    /// Which host CPUs the virtual CPUs are pinned to.
    public enum Pinning: Hashable, Sendable {
        /// Each guest NUMA node on one host NUMA node, in turn; siblings on siblings.
        case byNUMANode
        /// Host CPUs by ascending OS index, wherever they lie.
        case sequential
        /// For each machine of a host in turn: the host CPU of each guest CPU, in order of the guest's OS indices.
        case list([[Int]])
    }

    /// Where the memory of a guest NUMA node lies.
    public enum MemoryPlacement: String, Sendable, CaseIterable {
        /// On the host NUMA nodes of its virtual CPUs, in proportion to them (`numatune` strict).
        case bound
        /// Evenly on all host NUMA nodes with CPUs (`numatune` interleave, or pages as they came).
        case spread
    }

    /// How a guest's devices reach the hardware.
    public enum DeviceAttachment: String, Sendable, CaseIterable {
        /// The guest drives the hardware itself (VFIO): its place on the host counts.
        case passthrough
        /// A thread of the hypervisor works for it (virtio, vhost), wherever the virtual CPUs' host allows.
        case emulated
    }

    /// The physical machine under the guests.
    public var host: Machine
    /// The host's name in the scenario.
    public var hostName: String
    /// Virtual machines of the group on one host; node 0 to n-1 share the first host.
    public var machinesPerHost = 1
    public var cpuPlacement = CPUPlacement.pinned
    public var pinning = Pinning.byNUMANode
    public var memoryPlacement = MemoryPlacement.bound
    /// Bytes of the host's huge pages that back the guest's memory; nil for base pages.
    public var backingPageSize: Int64?
    public var deviceAttachment = DeviceAttachment.passthrough
    /// Host NUMA nodes of a resource's devices, by OS index: one for all, or one for each in order of the plugin's list.
    /// A resource that is not named lies where the memory of its guest NUMA node does.
    public var deviceNUMANodes: [DevicePlace] = []
    /// Host CPUs kept for the hypervisor, by OS index.
    public var hostReservedCPUs: [Int] = []

    public init(host: Machine, hostName: String) {
        self.host = host
        self.hostName = hostName
    }

    public struct DevicePlace: Hashable, Sendable {
        public var resource: String
        public var numaNodes: [Int]

        public init(resource: String, numaNodes: [Int]) {
            self.resource = resource
            self.numaNodes = numaNodes
        }
    }
}
