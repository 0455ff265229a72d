/// What the Topology Manager was told and answered during one admission, for people and for comparing.
package final class AdmissionTrace {
    /// One merge.
    package struct Step {
        /// Position of the container in the pod; nil in pod scope.
        package let container: Int?
        package let verdict: TopologyVerdict
        /// The hint lists, resource by resource; nil on machines with too many NUMA nodes to list.
        package let hints: HintTrace?
    }

    /// One allocation, with the node as it was and became.
    package struct Allocation {
        /// Position of the container in the pod; nil for a share of the whole pod.
        package let container: Int?
        package let hint: TopologyHint
        package let before: NodeState
        package let after: NodeState
        package let refusal: Rejection.Cause?
    }

    package enum Event {
        case merge(Step)
        case allocation(Allocation)
    }

    /// NUMA nodes up to which hint lists are written down: 4,095 masks.
    package static let maximumListedNodes = 12

    package private(set) var events: [Event] = []
    /// The node when the general predicates were asked; nil when they were not.
    package private(set) var stateAtPredicates: NodeState?
    /// Devices to take where the kubelet takes any, by container: bits as in a container's row. For following a
    /// real kubelet's choices.
    package var wishedDevices: [Int: [UInt64]] = [:]

    private let keepsStates: Bool
    private var pending: (container: Int?, hint: TopologyHint, before: NodeState)?

    /// - Parameter keepsStates: also keeps the node's state around every allocation.
    package init(keepsStates: Bool = false) { self.keepsStates = keepsStates }

    /// The merges.
    package var steps: [Step] {
        events.compactMap { event in
            if case .merge(let step) = event { step } else { nil }
        }
    }

    /// Where hints are to be written down.
    func makeHintTrace(numaNodes: Int) -> HintTrace? {
        numaNodes <= AdmissionTrace.maximumListedNodes ? HintTrace() : nil
    }

    func add(container: Int?, _ verdict: TopologyVerdict, _ hints: HintTrace?) {
        events.append(.merge(Step(container: container, verdict: verdict, hints: hints)))
    }

    func willAllocate(container: Int?, _ hint: TopologyHint, in state: NodeState) {
        if keepsStates { pending = (container, hint, state) }
    }

    func didAllocate(_ refusal: Rejection.Cause?, in state: NodeState) {
        guard let pending else { return }
        events.append(
            .allocation(
                Allocation(
                    container: pending.container, hint: pending.hint, before: pending.before,
                    after: state, refusal: refusal)))
        self.pending = nil
    }

    func willCompare(in state: NodeState) {
        if keepsStates { stateAtPredicates = state }
    }
}
