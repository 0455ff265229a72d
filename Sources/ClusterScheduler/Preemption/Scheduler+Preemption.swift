package import Primitives
import WorkloadModel

/// Source: k/k pkg/scheduler/framework/preemption/preemption.go and plugins/defaultpreemption of 1.36.
extension Scheduler {
    /// Where a pod would fit if pods of lower priority left. Nothing changes.
    ///
    /// - Parameters:
    ///   - worthTrying: positions of the nodes whose refusal is not final, ascending.
    ///   - offset: which of them is the first; random in kube-scheduler.
    /// - Complexity: O(nodes tried × pods there × plugins).
    package mutating func preempt(
        pod number: UInt32, shape: PodShapeIndex, worthTrying: [Int], offset: Int = 0
    ) -> PreemptionOutcome {
        let pod = shapes[shape.position]
        guard pod.profile >= 0, profiles[pod.profile].preempts else { return .switchedOff }
        if pod.shape.placement?.mayPreempt == false {
            return .ineligible("not eligible due to preemptionPolicy=Never.")
        }
        if waitsForVictims(pod, number, worthTrying) {
            return .ineligible("not eligible due to a terminating pod on the nominated node.")
        }
        // Where nobody has a lower priority there is nobody to ask.
        guard nodePods.isKept, !worthTrying.isEmpty else {
            return .impossible(
                tried: worthTrying.count,
                reasons: worthTrying.isEmpty
                    ? [:] : [Scheduler.noVictims: worthTrying.count],
                nodeCount: cluster.nodeCount)
        }
        let wanted = Scheduler.wantedCandidates(of: worthTrying.count)
        let active = profiles[pod.profile].filters.filter { $0.applies(to: pod, in: cluster) }
        var reasons: [String: Int] = [:]
        var harmless: [PreemptionCandidate] = []
        var violating: [PreemptionCandidate] = []
        for place in worthTrying.indices {
            let position = worthTrying[(place + offset) % worthTrying.count]
            switch tryNode(pod, number, at: position, active) {
            case .refused(let refusal):
                for reason in refusal.reasons { reasons[reason, default: 0] += 1 }
            case .fits(let candidate):
                if candidate.violations == 0 {
                    harmless.append(candidate)
                } else {
                    violating.append(candidate)
                }
            }
            if !harmless.isEmpty, harmless.count + violating.count >= wanted { break }
        }
        let candidates = harmless + violating
        guard !candidates.isEmpty else {
            return .impossible(
                tried: worthTrying.count, reasons: reasons, nodeCount: cluster.nodeCount)
        }
        return .possible(candidates, best: best(of: candidates))
    }

    /// A tenth of the nodes worth a try, at least a hundred. (GetOffsetAndNumCandidates)
    package static func wantedCandidates(of count: Int) -> Int { min(count, max(count / 10, 100)) }

    /// Pods are leaving its nominated node already, unless that node is out of question now.
    private func waitsForVictims(
        _ pod: PodRequest, _ number: UInt32, _ worthTrying: [Int]
    ) -> Bool {
        guard let nominated = nomination(of: number)?.node,
            worthTrying.contains(order.positions[nominated.position])
        else { return false }
        return nodePods[nominated].contains {
            $0.termination == .preempted && shapes[$0.shape.position].priority < pod.priority
        }
    }

    private static let noVictims = "No preemption victims found for incoming pod"

    private enum Trial {
        case refused(Refusal)
        case fits(PreemptionCandidate)
    }

    /// Who would have to leave one node. (SelectVictimsOnNode)
    private mutating func tryNode(
        _ pod: PodRequest, _ number: UInt32, at position: Int, _ active: [any FilterPlugin]
    ) -> Trial {
        let node = order.nodes[position]
        var potential = nodePods[node].filter {
            shapes[$0.shape.position].priority < pod.priority
        }
        guard !potential.isEmpty else {
            return .refused(
                Refusal("", .unresolvable, [Scheduler.noVictims]))
        }
        let ports = cluster.nodes.ports[position]
        // A pod that is ending is taken off spread counts as any other, though it was in none.
        for victim in potential { cluster.remove(shapes[victim.shape.position], at: position) }
        defer { cluster.nodes.restorePorts(ports, at: position) }
        if let refusal = refusal(of: pod, number, at: position, active) {
            for victim in potential { cluster.add(shapes[victim.shape.position], at: position) }
            return .refused(refusal)
        }
        sortByImportance(&potential)
        let isViolating = budgets.violations(potential, shapes)
        var victims: [NodePod] = []
        var violations = 0
        for turn in [true, false] {
            for (index, victim) in potential.enumerated() where isViolating[index] == turn {
                let request = shapes[victim.shape.position]
                cluster.add(request, at: position)
                guard refusal(of: pod, number, at: position, active) != nil else { continue }
                cluster.remove(request, at: position)
                victims.append(victim)
                if turn { violations += 1 }
            }
        }
        for victim in victims { cluster.add(shapes[victim.shape.position], at: position) }
        if isViolating.contains(true), isViolating.contains(false) { sortByImportance(&victims) }
        guard !victims.isEmpty else {
            return .refused(Refusal("", .unresolvable, ["expected at least one victim pod"]))
        }
        return .fits(
            PreemptionCandidate(
                node: node, position: position, victims: victims, violations: violations))
    }

    /// By priority, then by start; equal ones keep their order.
    private func sortByImportance(_ pods: inout [NodePod]) {
        let sorted = pods.enumerated().sorted { first, second in
            let (a, b) = (first.element, second.element)
            let priorities = (
                shapes[a.shape.position].priority, shapes[b.shape.position].priority
            )
            if priorities.0 != priorities.1 { return priorities.0 > priorities.1 }
            let starts = (a.startTime ?? .max, b.startTime ?? .max)
            if starts.0 != starts.1 { return starts.0 < starts.1 }
            return first.offset < second.offset
        }
        pods = sorted.map(\.element)
    }

    /// The candidates that are best by every rule, as they were found. (pickOneNodeForPreemption)
    private func best(of candidates: [PreemptionCandidate]) -> [Int] {
        let keys = candidates.map { harm($0) }
        guard let least = keys.min(by: { $0.lexicographicallyPrecedes($1) }) else { return [] }
        return keys.indices.filter { keys[$0] == least }
    }

    /// What speaks against a candidate, the weightiest first: budgets broken, the highest priority, the sum of
    /// priorities, the number of victims, and how early the first of the most important ones started.
    private func harm(_ candidate: PreemptionCandidate) -> [Int64] {
        let priorities = candidate.victims.map { Int64(shapes[$0.shape.position].priority) }
        let highest = priorities.max() ?? 0
        var earliest = Int64.max
        for (victim, priority) in zip(candidate.victims, priorities) where priority == highest {
            earliest = min(earliest, victim.startTime ?? .max)
        }
        return [
            Int64(candidate.violations), priorities[0],
            priorities.reduce(0) { $0 + $1 + (1 << 31) }, Int64(priorities.count), -earliest,
        ]
    }

    // MARK: What follows

    /// Pods of lower priority lose their nomination to a node that a pod is nominated to; gives their numbers.
    package mutating func clearNominations(below pod: UInt32, on node: NodeIndex) -> [UInt32] {
        guard let own = nomination(of: pod) else { return [] }
        let priority = shapes[own.shape.position].priority
        let losers = nominations.filter {
            $0.node == node && shapes[$0.shape.position].priority < priority
        }.map(\.pod)
        nominations.removeAll { losers.contains($0.pod) }
        return losers
    }

    /// The budgets of the cluster, in their order.
    package mutating func setBudgets(_ list: [DisruptionBudget]) { budgets.set(list) }

    package mutating func setAllowed(_ allowed: Int64, ofBudget budget: Int) {
        budgets.setAllowed(allowed, of: budget)
    }
}
