public import WorkloadModel

/// What a kind of node publishes in its Node object; equal nodes share one.
///
/// This is all that a NUMA-blind scheduler sees of a machine. What is taken is counted by the scheduler itself.
public struct NodeDescription: Hashable, Sendable {
    /// `status.allocatable` by `ResourceIndex.position`; shorter than the table where the rest is 0.
    public var allocatable: [Int64]
    /// `status.allocatable["pods"]`.
    public var allowedPods: Int64
    public var labels: [Label]
    public var taints: [Taint]

    public init(
        allocatable: [Int64], allowedPods: Int64, labels: [Label] = [], taints: [Taint] = []
    ) {
        self.allocatable = allocatable
        self.allowedPods = allowedPods
        self.labels = labels
        self.taints = taints
    }

    func label(_ key: String) -> String? { labels.first { $0.key == key }?.value }
}
