import Primitives

/// Nothing, for pods without resource claims: those are not simulated.
///
/// Source: k/k pkg/scheduler/framework/plugins/dynamicresources; the plugin does not skip itself, so its 0 is a part of
/// every total.
struct DynamicResourcesScore: ScorePlugin {
    static let name = "DynamicResources"
    static let summary = "0 for pods without resource claims, which are not simulated"
    static let defaultWeight: Int64 = 2

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {}

    func score(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Int64 { 0 }

    func rank(
        _ pod: PodRequest, _ positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        weight: Int16, scores: inout [Int16]
    ) {}
}
