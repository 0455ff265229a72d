public import Primitives

/// Where everything of one virtual machine lies on its host.
public struct GuestMapping: Hashable, Sendable {
    /// Where one virtual CPU runs.
    public struct VirtualCPU: Hashable, Sendable {
        /// Its only host CPU, by OS index; nil when it floats.
        public var hostCPU: Int?
        /// Host NUMA nodes that it may run on, by OS index.
        public var numaNodes: NUMANodeSet
    }

    /// By OS index of the guest's CPUs; nil where there is none.
    public var cpus: [VirtualCPU?]
    /// By OS index of the guest's NUMA nodes: the share of its memory on each host NUMA node, by position there.
    public var memoryShares: [[Double]]
    /// Where the hypervisor's own threads run that serve emulated devices.
    public var serviceNUMANodes: NUMANodeSet

    /// The host NUMA nodes, by OS index, on which memory of the guest NUMA node lies.
    public func memoryNUMANodes(ofGuestNUMANode osIndex: Int, host: Machine) -> NUMANodeSet {
        guard osIndex < memoryShares.count else { return NUMANodeSet() }
        return NUMANodeSet(
            memoryShares[osIndex].indices.lazy.filter { memoryShares[osIndex][$0] > 0 }
                .map { host.numaNodes[$0].osIndex })
    }
}

/// Why virtual machines do not fit their host.
public struct GuestMappingError: Error, Hashable, Sendable {
    /// Sentences without a full stop.
    public var mistakes: [String]
}
