import Primitives
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
    /// `spec.unschedulable`: the node is cordoned.
    public var isUnschedulable: Bool
    /// `status.images`.
    public var images: [NodeImage]

    public init(
        allocatable: [Int64], allowedPods: Int64, labels: [Label] = [], taints: [Taint] = [],
        isUnschedulable: Bool = false, images: [NodeImage] = []
    ) {
        self.allocatable = allocatable
        self.allowedPods = allowedPods
        self.labels = labels
        self.taints = taints
        self.isUnschedulable = isUnschedulable
        self.images = images
    }

    /// `status.allocatable` of a resource, 0 where the node has none.
    func published(_ resource: ResourceIndex) -> Int64 {
        resource.position < allocatable.count ? allocatable[resource.position] : 0
    }

    func label(_ key: String) -> String? { labels.first { $0.key == key }?.value }
}

/// A container image that lies on a node.
public struct NodeImage: Hashable, Sendable {
    public var names: [String]
    /// Bytes.
    public var size: Int64

    public init(names: [String], size: Int64) {
        self.names = names
        self.size = size
    }
}
