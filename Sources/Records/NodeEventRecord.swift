public import Primitives

/// Something that happened to a node's kubelet or to its device plugins.
public struct NodeEventRecord: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        /// A kubelet started again on its checkpoints.
        case kubeletRestarted = "kubelet-restarted"
        /// It did not start; the node is NotReady until a later restart.
        case kubeletFailed = "kubelet-failed"
        /// It hangs in an admission that never ends; the node is NotReady until a later restart.
        case kubeletStalled = "kubelet-stalled"
        case pluginRegistered = "plugin-registered"
        case pluginLost = "plugin-lost"
        /// Devices failed or recovered.
        case devicesChanged = "devices-changed"
        /// The node object exists; its kubelet is not Ready yet.
        case registered
        /// Pods may be bound to it, as far as it is not cordoned.
        case ready
        case cordoned
        case uncordoned
        /// No pod is left on it but those that a drain ignores.
        case drained
        /// It was stopped for an upgrade.
        case stopped
        /// It fell silent.
        case silent
        /// The node lifecycle controller noticed that.
        case unreachable
        /// Its object and its machine are gone.
        case removed
    }

    public var time: SimTime
    public var node: NodeIndex
    public var kind: Kind
    /// What the kubelet says, or what changed, as a sentence without a full stop.
    public var message: String

    public init(time: SimTime, node: NodeIndex, kind: Kind, message: String) {
        self.time = time
        self.node = node
        self.kind = kind
        self.message = message
    }
}
