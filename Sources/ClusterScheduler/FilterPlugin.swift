package import Primitives

/// How far a plugin looks when it judges a node.
package enum PluginReach: Sendable {
    /// At that node alone: its answer stays true until the node changes, and is remembered.
    case node
    /// At pods on other nodes, too: it is asked in each cycle.
    case cluster
}

/// Why a plugin refuses a node. (framework.Status)
package struct Refusal: Hashable, Sendable {
    package enum Code: String, Sendable {
        /// Other pods' end may help, so preemption may.
        case unschedulable = "Unschedulable"
        case unresolvable = "UnschedulableAndUnresolvable"
    }

    /// Empty when a PreFilter result left the node out.
    package var plugin: String
    package var code: Code
    package var reasons: [String]

    package init(_ plugin: String, _ code: Code, _ reasons: [String]) {
        self.plugin = plugin
        self.code = code
        self.reasons = reasons
    }
}

/// What a filter says about a pod before any node is looked at. (framework.PreFilterResult)
package enum PreFilterAnswer: Sendable {
    case allNodes
    /// Only the nodes at these positions.
    case only([UInt32])
    /// The pod fits nowhere, whatever the nodes are.
    case refused(Refusal)
}

/// A plugin that says which nodes cannot run a pod (the scheduler framework's Filter).
///
/// A filter is an immutable value; what it remembers lies in `ClusterSnapshot.states`.
package protocol FilterPlugin: Sendable {
    /// As kube-scheduler spells it.
    static var name: String { get }
    /// One line for `topsim policies`.
    static var summary: String { get }
    static var reach: PluginReach { get }
    init(_ profile: SchedulerProfile, _ resources: ResourceTable)
    /// False is PreFilter's Skip: every node passes. For a filter that reaches a node this may change only with the nodes.
    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool
    /// Asked of filters that apply and reach one node; the answer may change only with the nodes.
    func preFilter(
        _ pod: PodRequest, in cluster: borrowing ClusterSnapshot
    ) -> PreFilterAnswer
    /// Whether the node at `position` passes.
    func passes(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool
    /// Why a node that does not pass does not; asked when a pod found no node, so that it may cost.
    func refusal(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Refusal
    /// Whether no pod's end would change that the node is refused; asked of nodes that are.
    func isFinal(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool
    /// A number that tells refusals of one pod apart: equal ones have the same reasons. There is an implementation for all
    /// with one reason: 0.
    func refusalClass(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> UInt64
    /// For filters that reach a node: sets the score of each of the `positions` that does not pass to -1. There is an
    /// implementation for all.
    func refuse(
        _ pod: PodRequest, _ positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        scores: inout [Int16])
    /// For filters that reach a node: remembers what `refuse` is about to say of those `positions` that other filters let
    /// pass. The default remembers nothing.
    func noteRefusals(
        of pod: PodRequest, _ positions: [UInt32], scores: [Int16],
        in cluster: inout ClusterSnapshot)
    /// For filters that reach the cluster: clears the bit of each node that does not pass in the block of 64 from
    /// `start`. There is an implementation for all.
    func refuse(
        _ pod: PodRequest, from start: Int, in cluster: borrowing ClusterSnapshot,
        passing: inout UInt64)
    /// Whether what happened may let a pod pass that this plugin refused (its queueing hint). Without an implementation
    /// anything may.
    func mayHelp(
        _ question: HintQuestion, _ pod: PodRequest, in cluster: borrowing ClusterSnapshot
    ) -> Bool
}

extension FilterPlugin {
    package func mayHelp(
        _ question: HintQuestion, _ pod: PodRequest, in cluster: borrowing ClusterSnapshot
    ) -> Bool { true }

    package static var reach: PluginReach { .node }

    package func noteRefusals(
        of pod: PodRequest, _ positions: [UInt32], scores: [Int16],
        in cluster: inout ClusterSnapshot
    ) {}

    package func preFilter(
        _ pod: PodRequest, in cluster: borrowing ClusterSnapshot
    ) -> PreFilterAnswer { .allNodes }

    package func isFinal(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool { refusal(of: pod, at: position, in: cluster).code == .unresolvable }

    package func refusalClass(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> UInt64 { 0 }

    package func refuse(
        _ pod: PodRequest, _ positions: [UInt32], in cluster: borrowing ClusterSnapshot,
        scores: inout [Int16]
    ) {
        for position in positions
        where scores[Int(position)] >= 0 && !passes(pod, at: Int(position), in: cluster) {
            scores[Int(position)] = -1
        }
    }

    package func refuse(
        _ pod: PodRequest, from start: Int, in cluster: borrowing ClusterSnapshot,
        passing: inout UInt64
    ) {
        var rest = passing
        while rest != 0 {
            let bit = rest.trailingZeroBitCount
            rest &= rest &- 1
            if !passes(pod, at: start + bit, in: cluster) { passing &= ~(1 << UInt64(bit)) }
        }
    }
}
