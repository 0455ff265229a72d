/// Why a kubelet with these settings does not start, in the kubelet's own words.
public struct KubeletStartError: Error, Hashable, Sendable {
    /// The part of the kubelet that refuses; managers are built in this order, then started.
    public enum Stage: String, Sendable, CaseIterable {
        case topologyManager = "topologymanager"
        case cpuManager = "cpumanager"
        case memoryManager = "memorymanager"
        /// Reading the checkpoints of an earlier run.
        case start
        /// The kubelet would start, but topsim does not model what is asked for.
        case notModelled = "not-modelled"
    }

    public var stage: Stage
    public var message: String

    public init(stage: Stage, message: String) {
        self.stage = stage
        self.message = message
    }
}
