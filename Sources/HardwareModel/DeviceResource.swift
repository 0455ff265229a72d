/// What one device plugin offers to the kubelet: a resource and its devices.
///
/// Source: kubelet device plugin API v1beta1 (`ListAndWatch`, `GetPreferredAllocation`).
public struct DeviceResource: Hashable, Sendable {
    /// What `GetPreferredAllocation` answers. Ids are in natural order: shorter ones first, then by bytes.
    public enum PreferredAllocation: String, Sendable, CaseIterable {
        /// The plugin does not implement it.
        case none
        case lowest, highest
        /// From the fewest NUMA nodes: of those with enough, the one with the fewest free devices, lowest ids first.
        case packed
        /// One at a time, lowest id first, from the NUMA node that has most free devices left.
        case spread
        /// In the order of `preferredIDs`, then lowest ids first.
        case list
    }

    /// The extended resource's name, such as `intel.com/sriov_vfs`.
    public var name: String
    public var devices: [PluginDevice]
    public var preferredAllocation: PreferredAllocation
    /// For `list`: devices by id, the most wanted first.
    public var preferredIDs: [String]

    public init(
        name: String, devices: [PluginDevice], preferredAllocation: PreferredAllocation = .none,
        preferredIDs: [String] = []
    ) {
        self.preferredIDs = preferredIDs
        self.name = name
        self.devices = devices
        self.preferredAllocation = preferredAllocation
    }
}

/// One device of a plugin.
public struct PluginDevice: Hashable, Sendable {
    public var id: String
    /// OS indices of its NUMA nodes; nil when the plugin reports no topology.
    public var numaNodes: [Int]?
    public var isHealthy: Bool

    public init(id: String, numaNodes: [Int]?, isHealthy: Bool = true) {
        self.id = id
        self.numaNodes = numaNodes
        self.isHealthy = isHealthy
    }
}
