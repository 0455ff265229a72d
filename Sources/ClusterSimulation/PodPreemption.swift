import ClusterScheduler
import DiscreteEvents
import Primitives
import Records
import WorkloadModel

/// Pods that leave for others. The scheduler deletes them through the API server; everyone sees it a watch later; the
/// kubelet ends their containers, which take their grace period to the full; then the node is free.
extension Simulation {
    /// Does what preemption found for a pod that fits nowhere.
    mutating func carryOut(
        _ outcome: PreemptionOutcome, for slot: UInt32, _ shape: PodShapeIndex
    ) {
        switch outcome {
        case .ineligible, .switchedOff: return
        case .impossible: scheduler.removeNomination(of: slot)
        case .possible(let candidates, let best):
            let chosen = candidates[best[0]]
            scheduler.nominate(Nomination(pod: slot, shape: shape, node: chosen.node))
            _ = scheduler.clearNominations(below: slot, on: chosen.node)
            let seen = schedulerFreeAt + scenario.timings.bind + scenario.timings.watch
            for victim in chosen.victims {
                let handle = PodHandle(
                    slot: victim.pod, generation: pods[victim.pod].generation)
                events.push(.podTerminationSeen(handle), at: seen, phase: .release)
            }
        }
    }

    /// Scheduler, controllers and the kubelet see that a pod is to leave, for another unless something else was said.
    mutating func podTerminationSeen(_ handle: PodHandle) {
        guard pods.isCurrent(handle) else { return }
        let reason = pods[handle.slot].leavesAs
        switch pods[handle.slot].phase {
        case .running where !pods[handle.slot].isTerminating: break
        case .bound:
            // The kubelet never starts it.
            let lost = pods[handle.slot]
            delete(handle.slot, as: reason)
            if reason == .preempted { counters.preempted += 1 }
            if hasLifecycle { podIsGone(handle, lost) }
            replace(lost, as: reason)
            return
        case .pending where reason != .preempted:
            let lost = pods[handle.slot]
            delete(handle.slot, as: reason)
            replace(lost, as: reason)
            return
        case .planned, .pending, .running, .ended, .gone: return
        }
        let node = NodeIndex(rawValue: pods[handle.slot].node)
        let shape = pods[handle.slot].shape
        scheduler.beginTermination(shape: shape, on: node)
        scheduler.nodePods.update(handle.slot, on: node) {
            $0.termination = reason == .preempted ? .preempted : .deleted
        }
        loseHealth(handle.slot)
        pods[handle.slot].isTerminating = true
        if reason == .preempted { counters.preempted += 1 }
        var grace = shapes.shapes[shape.position].terminationGracePeriodSeconds
        if hasLifecycle, let given = lifecycle.graceOverrides[handle.slot] { grace = given }
        events.push(.podTerminated(handle), at: time + .seconds(grace), phase: .release)
        replace(pods[handle.slot], as: reason)
    }

    /// The grace period is over.
    mutating func podTerminated(_ handle: PodHandle) {
        guard pods.isCurrent(handle), pods[handle.slot].phase == .running else { return }
        end(handle, as: pods[handle.slot].leavesAs)
    }

    /// These controllers do not wait for the end of a pod that is being deleted.
    private mutating func replace(_ pod: PodState, as outcome: PodOutcomeCode) {
        guard pod.ownerSlot != PodState.none else { return }
        var lost = pod
        lost.outcome = outcome
        if owners[pod.ownerSlot].rollout != PodState.none {
            return rolloutPodLeaves(lost)
        }
        switch scenario.workloads[pod.workload.position].controller {
        case .replicaSet, .deployment: ReplicaSetController.podEnded(&self, lost)
        case .job: JobController.podEnded(&self, lost)
        case .none, .statefulSet, .daemonSet: break
        }
    }

    /// Whether a pod's controller acts when it sees the pod's end, and has not done so already.
    func controllerActs(onEndOf pod: PodState) -> Bool {
        guard pod.ownerSlot != PodState.none else { return false }
        if owners[pod.ownerSlot].rollout != PodState.none { return true }
        guard pod.isTerminating else { return true }
        switch scenario.workloads[pod.workload.position].controller {
        case .statefulSet, .daemonSet: return true
        case .none, .replicaSet, .deployment, .job: return false
        }
    }

    /// Makes the scheduler know pods one by one once their priorities differ.
    mutating func keepPodsIfPrioritiesDiffer() {
        guard !scheduler.nodePods.isKept,
            shapes.shapes.contains(where: { $0.priority != shapes.shapes[0].priority })
        else { return }
        scheduler.nodePods.keep(nodeCount: nodes.count)
        for slot in pods.liveSlots {
            let pod = pods[slot]
            switch pod.phase {
            case .bound, .running, .ended:
                scheduler.nodePods.add(
                    NodePod(
                        pod: slot, shape: pod.shape,
                        startTime: pod.started < 0 ? nil : pod.started),
                    to: NodeIndex(rawValue: pod.node))
            case .planned, .pending, .gone: break
            }
        }
    }

    // MARK: Budgets

    /// A pod is no longer among the healthy ones, if it was.
    mutating func loseHealth(_ slot: UInt32) {
        guard pods[slot].isHealthy else { return }
        pods[slot].isHealthy = false
        if hasLifecycle, isCounted(slot) { noteReplicas(of: pods[slot].workload, ready: -1) }
        count(slot, healthy: -1)
    }

    mutating func gainHealth(_ slot: UInt32) {
        pods[slot].isHealthy = true
        if hasLifecycle, isCounted(slot) { noteReplicas(of: pods[slot].workload, ready: 1) }
        count(slot, healthy: 1)
    }

    private func isCounted(_ slot: UInt32) -> Bool {
        scenario.workloads[pods[slot].workload.position].controller.hasScale
    }

    /// An owner wants more pods, or fewer.
    mutating func changeScale(
        of shape: PodShapeIndex, _ workload: WorkloadIndex, by change: Int64
    ) {
        if hasLifecycle { noteReplicas(of: workload, wanted: change) }
        changeScale(of: shape, by: change)
    }

    mutating func changeScale(of shape: PodShapeIndex, by change: Int64) {
        guard !disruptions.isEmpty, change != 0 else { return }
        for budget in disruptions.change(
            shape, shapes.shapes[shape.position], total: change, healthy: 0)
        {
            scheduler.setAllowed(disruptions.allowed(budget), ofBudget: budget)
        }
    }

    /// A pod came, became healthy, or the opposite: budgets that cover it are worked out anew.
    mutating func count(_ slot: UInt32, total: Int64 = 0, healthy: Int64 = 0) {
        guard !disruptions.isEmpty else { return }
        let shape = pods[slot].shape
        // Those owners say how many there should be.
        let total = scenario.workloads[pods[slot].workload.position].controller.hasScale ? 0 : total
        guard total != 0 || healthy != 0 else { return }
        for budget in disruptions.change(
            shape, shapes.shapes[shape.position], total: total, healthy: healthy)
        {
            scheduler.setAllowed(disruptions.allowed(budget), ofBudget: budget)
        }
    }
}
