/// What one device plugin offers to the kubelet: a resource and its devices.
///
/// Source: kubelet device plugin API v1beta1 (`ListAndWatch`, `GetPreferredAllocation`).
public struct DeviceResource: Hashable, Sendable {
    /// What `GetPreferredAllocation` answers. `none` means that the plugin does not implement it.
    public enum PreferredAllocation: String, Sendable, CaseIterable {
        case none, lowest, highest
    }

    /// The extended resource's name, such as `intel.com/sriov_vfs`.
    public var name: String
    public var devices: [PluginDevice]
    public var preferredAllocation: PreferredAllocation

    public init(
        name: String, devices: [PluginDevice], preferredAllocation: PreferredAllocation = .none
    ) {
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
