public import Primitives

/// What a node's Topology Manager would answer to a pod, before anything is allocated.
public struct TopologyAnswer: Hashable, Sendable {
    /// The NUMA nodes of the merged hint; nil is "any".
    public var nodes: NUMANodeSet?
    public var isPreferred: Bool
    public var isAdmitted: Bool
    /// The merge is beyond the work limit, where a kubelet would stall.
    public var wouldStall: Bool
}

extension NodeModel {
    /// Hints and merge alone, of a pod's first container or with pod scope of the pod; nil with policy `none`.
    ///
    /// The state is the same afterwards; it is `inout` because the pod is on the node meanwhile.
    public func topologyAnswer(
        to prepared: PreparedPod, in state: inout NodeState
    ) -> TopologyAnswer? {
        guard topologyManager.asksProviders, !prepared.containers.isEmpty else { return nil }
        let range = enter(PodIndex(Int(Int32.max)), prepared, in: &state)
        defer {
            state.activePods -= 1
            sweep(at: state.pods.count - 1, in: &state)
        }
        state.cpu.beginAdmission()
        state.memory.beginAdmission()
        state.devices.beginAdmission()
        let verdict =
            topologyManager.scope == .pod
            ? verdict(on: prepared, range, trace: nil, in: state)
            : verdict(on: prepared.containers[0], range, 0, trace: nil, in: state)
        return TopologyAnswer(
            nodes: verdict.hint.affinity.map { layout.osSet($0) },
            isPreferred: verdict.hint.isPreferred, isAdmitted: verdict.isAdmitted,
            wouldStall: verdict.wouldStall)
    }
}
