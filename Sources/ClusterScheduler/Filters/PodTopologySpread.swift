import Primitives
import WorkloadModel

/// A node passes when one more pod in its domains keeps every DoNotSchedule constraint's skew.
///
/// Source: k/k pkg/scheduler/framework/plugins/podtopologyspread/filtering.go.
struct PodTopologySpread: FilterPlugin {
    static let name = "PodTopologySpread"
    static let summary = "one more pod in the node's domains keeps the skew of hard constraints"
    static let reach = PluginReach.cluster

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {}

    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        !cluster.placement.ofShape[pod.index].hardSpread.isEmpty
    }

    private enum Answer { case passes, hasNoKey, skewed }

    private func answer(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Answer {
        for constraint in cluster.placement.ofShape[pod.index].hardSpread {
            let domain = cluster.columns[constraint.column].at[position]
            guard domain >= 0 else { return .hasNoKey }
            let count = cluster.placement.tallies[constraint.tally].count(of: domain)
            let smallest = cluster.placement.smallestCount(constraint)
            if count + constraint.selfMatch - smallest > constraint.maxSkew {
                return .skewed
            }
        }
        return .passes
    }

    func passes(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        answer(pod, at: position, in: cluster) == .passes
    }

    func refuse(
        _ pod: PodRequest, from start: Int, in cluster: borrowing ClusterSnapshot,
        passing: inout UInt64
    ) {
        for index in cluster.placement.ofShape[pod.index].hardSpread.indices {
            let constraint = cluster.placement.ofShape[pod.index].hardSpread[index]
            let limit =
                constraint.maxSkew - constraint.selfMatch
                + cluster.placement.smallestCount(constraint)
            passing = cluster.clearing(passing, from: start, tally: constraint.tally) {
                $0 == nil || $0! > limit
            }
        }
    }

    func mayHelp(
        _ question: HintQuestion, _ pod: PodRequest, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        let constraints = cluster.placement.ofShape[pod.index].hardSpread
        func isSelected(_ other: PodShape) -> Bool {
            constraints.contains { constraint in
                guard
                    case .spread(let namespace, let selector) =
                        cluster.placement.definition(constraint.tally).source
                else { return false }
                return other.namespace == namespace && selector.matches(other.labels)
            }
        }
        func hasAllKeys(_ node: NodeObject) -> Bool {
            constraints.allSatisfy { node.label(cluster.columns[$0.column].key) != nil }
        }
        switch question {
        case .podAdded(let other), .podRemoved(let other): return isSelected(other)
        case .nodeAdded(let node): return hasAllKeys(node)
        case .nodeChanged(.labels, let old, let new):
            if hasAllKeys(old) != hasAllKeys(new) { return true }
            return hasAllKeys(new)
                && constraints.contains {
                    let key = cluster.columns[$0.column].key
                    return old.label(key) != new.label(key)
                }
        case .nodeChanged, .topologyChanged: return false
        }
    }

    func isFinal(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool { answer(pod, at: position, in: cluster) == .hasNoKey }

    func refusalClass(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> UInt64 {
        answer(pod, at: position, in: cluster) == .hasNoKey ? 1 : 0
    }

    func refusal(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Refusal {
        let text = "node(s) didn't match pod topology spread constraints"
        return answer(pod, at: position, in: cluster) == .hasNoKey
            ? Refusal(Self.name, .unresolvable, ["\(text) (missing required label)"])
            : Refusal(Self.name, .unschedulable, [text])
    }
}
