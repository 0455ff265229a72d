public import Primitives

/// Where what a pod got in a virtual machine lies on the host underneath.
public struct HostPlacementRecord: Sendable, Hashable {
    public var pod: PodIndex
    public var node: NodeIndex
    /// Containers that have something to align in the guest, in order.
    public var containers: [HostPlacement]

    public init(pod: PodIndex, node: NodeIndex, containers: [HostPlacement]) {
        self.pod = pod
        self.node = node
        self.containers = containers
    }
}

/// One container as the host sees it. NUMA nodes are the host's, by OS index.
public struct HostPlacement: Sendable, Hashable {
    /// The container's place in its pod.
    public var position: Int
    /// Host CPUs of its exclusive CPUs; empty when they float or it has none.
    public var cpus = CPUSet()
    public var cpuNUMANodes = NUMANodeSet()
    public var memoryNUMANodes = NUMANodeSet()
    public var deviceNUMANodes = NUMANodeSet()
    /// What the guest's kubelet sees.
    public var isAlignedInGuest: Bool
    /// CPUs, memory and devices together lie in the fewest host NUMA nodes that could hold them when empty.
    public var isAlignedOnHost: Bool
    /// No core of its pinned CPUs is shared with a virtual CPU of another; nil when they float or it has none.
    public var isCoreAlignedOnHost: Bool?
    /// Mean distance from its CPUs to its memory in thousandths of the local distance; nil without exclusive CPUs.
    public var distanceThousandths: Int64?
    /// It holds huge pages of the guest that huge pages of the host do not back.
    public var hasUnbackedHugePages = false

    public init(position: Int, isAlignedInGuest: Bool, isAlignedOnHost: Bool) {
        self.position = position
        self.isAlignedInGuest = isAlignedInGuest
        self.isAlignedOnHost = isAlignedOnHost
    }

    /// Aligned as far as the guest can see, and split underneath.
    public var isFalselyAligned: Bool { isAlignedInGuest && !isAlignedOnHost }
}

/// Containers in virtual machines, counted.
public struct HostAlignmentTotals: Sendable, Hashable {
    public var containers: Int64 = 0
    public var alignedInGuest: Int64 = 0
    public var alignedOnHost: Int64 = 0
    public var falselyAligned: Int64 = 0
    /// Containers with exclusive CPUs, and the sum of their mean distances in thousandths of the local one.
    public var measuredDistances: Int64 = 0
    public var distanceThousandths: Int64 = 0
    /// Containers with pinned exclusive CPUs, and those that share no host core.
    public var pinned: Int64 = 0
    public var coreAlignedOnHost: Int64 = 0
    public var unbackedHugePages: Int64 = 0

    public init() {}

    public mutating func add(_ placement: HostPlacement) {
        containers += 1
        if placement.isAlignedInGuest { alignedInGuest += 1 }
        if placement.isAlignedOnHost { alignedOnHost += 1 }
        if placement.isFalselyAligned { falselyAligned += 1 }
        if let distance = placement.distanceThousandths {
            measuredDistances += 1
            distanceThousandths += distance
        }
        if let isCoreAligned = placement.isCoreAlignedOnHost {
            pinned += 1
            if isCoreAligned { coreAlignedOnHost += 1 }
        }
        if placement.hasUnbackedHugePages { unbackedHugePages += 1 }
    }
}
