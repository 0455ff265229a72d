import ClusterScheduler
import NodeManagers
import Primitives
public import Records
import WorkloadModel

/// Follows the pods that someone asks about, by the names that results give them, while a run goes on.
///
/// A run without one does nothing for it. The run's own decisions are never touched: the explainer decides again on a
/// copy of the node, just before the node decides, and compares.
public final class PodExplainer {
    /// Of the pods that were found, in order of arrival.
    public private(set) var explanations: [PodExplanation] = []

    private let names: Set<String>
    private var positions: [PodIndex: Int] = [:]

    public init(names: some Sequence<String>) { self.names = Set(names) }

    /// Asked names that no pod of the run had, sorted.
    public var unknownNames: [String] {
        names.subtracting(explanations.map(\.name)).sorted()
    }

    func wants(_ name: String) -> Bool { names.contains(name) }

    /// Whether the pod is one of those.
    func follows(_ pod: PodIndex) -> Bool { positions[pod] != nil }

    func arrived(_ pod: PodIndex, _ explanation: PodExplanation) {
        positions[pod] = explanations.count
        explanations.append(explanation)
    }

    func attempted(_ pod: PodIndex, _ attempt: SchedulingAttempt) {
        guard let position = positions[pod] else { return }
        explanations[position].attempts.append(attempt)
    }

    func decided(
        _ pod: PodIndex, on node: String, at time: SimTime,
        _ explained: (explanation: AdmissionExplanation, outcome: AdmissionOutcome),
        run outcome: AdmissionOutcome
    ) {
        guard let position = positions[pod] else { return }
        explanations[position].node = node
        explanations[position].decided = time
        explanations[position].admission = explained.explanation
        explanations[position].agreesWithRun = explained.outcome == outcome
    }
}

extension Scenario {
    /// Whether a pod of the scenario can have the name; true as well where that shows only in the run.
    ///
    /// A pod is named `<workload>-<owner>-<replica>`, one that replaces another `.<incarnation>` more, or as its trace
    /// names it.
    public func canName(pod name: String) -> Bool {
        workloads.contains { workload in
            guard case .generated(_, let arrivals, _) = workload.source else { return true }
            guard name.hasPrefix(workload.name + "-") else { return false }
            let rest = name.dropFirst(workload.name.count + 1)
            let numbers = rest.split(separator: "-", omittingEmptySubsequences: false)
            guard numbers.count == 2, let owner = number(numbers[0]) else { return false }
            let last = numbers[1].split(separator: ".", omittingEmptySubsequences: false)
            guard let replica = number(last[0]), last.count == 1 || last.count == 2 else {
                return false
            }
            if last.count == 2 {
                guard let incarnation = number(last[1]), incarnation > 0 else { return false }
            }
            let replicas =
                workload.controller == .daemonSet
                ? nodeGroups.reduce(0) { $0 + $1.count } : workload.replicas
            return replica < replicas && owner < arrivals.limit ?? .max
        }
    }

    /// Digits without zeros in front.
    private func number(_ text: Substring) -> Int? {
        guard let value = Int(text), "\(value)" == text else { return nil }
        return value
    }
}

extension ArrivalProcess {
    /// The most owners that arrive; nil when only time limits them.
    fileprivate var limit: Int? {
        switch self {
        case .fixed(_, _, let count): count
        case .renewal(_, _, let count), .onOff(_, _, _, _, let count), .curve(_, _, _, let count):
            count
        case .cron: nil
        case .list(let times): times.count
        }
    }
}

extension Simulation {
    /// The pod's name in results.
    func name(ofPodIn slot: UInt32) -> String {
        if let name = pods.traceName(slot) { return name }
        let pod = pods[slot]
        let workload = scenario.workloads[pod.workload.position].name
        let incarnation = pod.incarnation > 0 ? ".\(pod.incarnation)" : ""
        return "\(workload)-\(pod.owner)-\(pod.replica)\(incarnation)"
    }

    func explainArrival(of slot: UInt32, to explainer: PodExplainer) {
        let name = name(ofPodIn: slot)
        guard explainer.wants(name) else { return }
        let pod = pods[slot]
        let workload = scenario.workloads[pod.workload.position]
        explainer.arrived(
            pod.pod,
            PodExplanation(
                name: name, workload: workload.name, namespace: workload.namespace,
                qos: shapes[pod.shape].qos.rawValue,
                arrival: SimTime(nanoseconds: pod.arrival)))
    }

    /// - Parameter node: the chosen one; not counted yet.
    mutating func explainAttempt(
        of slot: UInt32, shape: Int, pinnedPosition: Int, node: NodeIndex?,
        to explainer: PodExplainer
    ) {
        let pod = pods[slot].pod
        guard explainer.follows(pod) else { return }
        explainer.attempted(
            pod,
            SchedulingAttempt(
                time: time,
                feasible: scheduler.feasibleNodes(shape: shape, pinnedPosition: pinnedPosition),
                nodes: scheduler.cluster.nodeCount, node: node.map { nodes.names[$0.position] },
                message: node == nil
                    ? scheduler.fitError(shape: shape, pinnedPosition: pinnedPosition) : nil))
    }
}
