package import Primitives

/// A plugin that is told where pods go, so that it can remember it until the cluster shows it (the framework's Reserve).
package protocol ReservePlugin: Sendable {
    static var name: String { get }
    init(_ profile: SchedulerProfile, _ resources: ResourceTable)
    /// The pod was assumed on the node at `position`.
    func reserve(_ pod: PodRequest, at position: Int, in cluster: inout ClusterSnapshot)
    /// The pod will not run there after all: its binding or admission failed.
    func unreserve(_ pod: PodRequest, at position: Int, in cluster: inout ClusterSnapshot)
}
