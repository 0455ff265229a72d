import Primitives
import WorkloadModel

/// A node passes when its domains have the pods that the pod must be with, and none that keep each other away.
///
/// Source: k/k pkg/scheduler/framework/plugins/interpodaffinity/filtering.go.
struct InterPodAffinity: FilterPlugin {
    static let name = "InterPodAffinity"
    static let summary =
        "required affinity and anti-affinity, the pod's own and that of running pods"
    static let reach = PluginReach.cluster

    init(_ profile: SchedulerProfile, _ resources: ResourceTable) {}

    func applies(to pod: PodRequest, in cluster: borrowing ClusterSnapshot) -> Bool {
        let own = cluster.placement.ofShape[pod.index]
        if !own.affinity.isEmpty || !own.antiAffinity.isEmpty { return true }
        return own.existingAntiAffinity.contains { cluster.placement.tallies[$0].occurrences > 0 }
    }

    private enum Answer: UInt64 { case passes, affinity, antiAffinity, existingAntiAffinity }

    private func answer(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Answer {
        let own = cluster.placement.ofShape[pod.index]
        if !own.affinity.isEmpty, !isWithWanted(own, position, cluster) { return .affinity }
        if hasAny(own.antiAffinity, position, cluster) { return .antiAffinity }
        if hasAny(own.existingAntiAffinity, position, cluster) { return .existingAntiAffinity }
        return .passes
    }

    /// A node must have every key. Where no pod anywhere matches, one that matches its own terms may be the first.
    private func isWithWanted(
        _ own: ShapeTallies, _ position: Int, _ cluster: borrowing ClusterSnapshot
    ) -> Bool {
        var areAllThere = true
        var isEmpty = true
        for index in own.affinity {
            let tally = cluster.placement.tallies[index]
            let domain = cluster.columns[tally.column].at[position]
            guard domain >= 0 else { return false }
            if tally.count(of: domain) <= 0 { areAllThere = false }
            if tally.occurrences > 0 { isEmpty = false }
        }
        return areAllThere || isEmpty && own.matchesOwnAffinity
    }

    private func hasAny(
        _ tallies: [Int], _ position: Int, _ cluster: borrowing ClusterSnapshot
    ) -> Bool {
        for index in tallies {
            let tally = cluster.placement.tallies[index]
            let domain = cluster.columns[tally.column].at[position]
            if domain >= 0, tally.count(of: domain) > 0 { return true }
        }
        return false
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
        let own = cluster.placement.ofShape[pod.index]
        if !own.affinity.isEmpty {
            let isEmpty = own.affinity.allSatisfy {
                cluster.placement.tallies[$0].occurrences == 0
            }
            let mayBeFirst = isEmpty && own.matchesOwnAffinity
            for tally in own.affinity {
                passing = cluster.clearing(passing, from: start, tally: tally) {
                    $0 == nil || !mayBeFirst && $0! <= 0
                }
            }
        }
        for tally in own.antiAffinity + own.existingAntiAffinity
        where cluster.placement.tallies[tally].occurrences > 0 {
            passing = cluster.clearing(passing, from: start, tally: tally) {
                $0 != nil && $0! > 0
            }
        }
    }

    func mayHelp(
        _ question: HintQuestion, _ pod: PodRequest, in cluster: borrowing ClusterSnapshot
    ) -> Bool {
        let rules = pod.shape.placement
        let wanted = rules?.podAffinity.required ?? []
        let unwanted = rules?.podAntiAffinity.required ?? []
        switch question {
        case .podAdded(let other): return matchesAll(wanted, of: pod, other)
        case .podRemoved(let other): return matchesAll(unwanted, of: pod, other)
        case .nodeAdded(let node):
            return !unwanted.isEmpty || wanted.contains { node.label($0.topologyKey) != nil }
        case .nodeChanged(.labels, let old, let new):
            return wanted.contains {
                let value = new.label($0.topologyKey)
                return value != nil && value != old.label($0.topologyKey)
            }
                || unwanted.contains {
                    let value = old.label($0.topologyKey)
                    return value != nil && value != new.label($0.topologyKey)
                }
        case .nodeChanged, .topologyChanged: return false
        }
    }

    /// Whether there are terms and the other pod matches them all; labels of namespaces are not looked up here.
    private func matchesAll(
        _ terms: [PodAffinityTerm], of pod: PodRequest, _ other: PodShape
    ) -> Bool {
        !terms.isEmpty
            && terms.allSatisfy {
                AffinityTermMatcher($0, of: pod.shape, listed: nil).matches(
                    other.labels, in: other.namespace, NamespaceTable([]))
            }
    }

    func refusalClass(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> UInt64 {
        answer(pod, at: position, in: cluster).rawValue
    }

    func isFinal(
        _ pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Bool { answer(pod, at: position, in: cluster) == .affinity }

    func refusal(
        of pod: PodRequest, at position: Int, in cluster: borrowing ClusterSnapshot
    ) -> Refusal {
        switch answer(pod, at: position, in: cluster) {
        case .passes, .affinity:
            Refusal(Self.name, .unresolvable, ["node(s) didn't match pod affinity rules"])
        case .antiAffinity:
            Refusal(Self.name, .unschedulable, ["node(s) didn't match pod anti-affinity rules"])
        case .existingAntiAffinity:
            Refusal(
                Self.name, .unschedulable,
                ["node(s) didn't satisfy existing pods anti-affinity rules"])
        }
    }
}
