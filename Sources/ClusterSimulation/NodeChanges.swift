public import NodeManagers
public import Primitives

/// Kubelets of a node group restart: once, or again and again.
public struct KubeletRestart: Sendable, Hashable {
    /// The first one.
    public var time: SimTime
    /// Time from each to the next; nil for one alone.
    public var period: SimDuration?
    /// Positions in the group, ascending; empty for all of it.
    public var nodes: [Int] = []
    public var plugins = PluginReturn.before
    /// The settings from then on; nil keeps those that it had.
    public var settings: KubeletSettings?

    public init(time: SimTime, period: SimDuration? = nil) {
        self.time = time
        self.period = period
    }
}

/// Device plugins or devices of a node group change.
public struct DeviceChange: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// From the beginning: the plugin registers later.
        case pluginIsLate
        case pluginRegisters
        case pluginIsLost
        /// The devices named are unhealthy from now on, all others of the resource healthy.
        case unhealthy([String])
    }

    public var time: SimTime
    /// Positions in the group, ascending; empty for all of it.
    public var nodes: [Int] = []
    public var resource: String
    public var kind: Kind

    public init(time: SimTime, resource: String, kind: Kind) {
        self.time = time
        self.resource = resource
        self.kind = kind
    }
}

/// What becomes of a pod whose admission never ends in a real kubelet.
public enum UpstreamHang: String, Sendable, CaseIterable {
    /// The pod is refused, with a message that says so; the node goes on.
    case reject
    /// As it is: the kubelet hangs, the pod stays as it is, and the node is NotReady until a restart.
    case stallNode
}
