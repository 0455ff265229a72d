import ClusterScheduler
import DiscreteEvents
import Primitives
import Records
import WorkloadModel

extension Simulation {
    /// A pod's lifetime is over: its containers stop and the node takes back what it gave.
    mutating func podFinished(_ handle: PodHandle) {
        guard pods.isCurrent(handle), pods[handle.slot].phase == .running else { return }
        let controller = scenario.workloads[pods[handle.slot].workload.position].controller
        let succeeds = controller == .none || controller == .job
        let isLeaving = pods[handle.slot].isTerminating
        end(handle, as: isLeaving ? pods[handle.slot].leavesAs : succeeds ? .succeeded : .deleted)
    }

    /// The recording that named the pod deletes it: it waits no longer, or leaves its node at once.
    mutating func podDeleted(_ handle: PodHandle) {
        guard pods.isCurrent(handle) else { return }
        delete(handle.slot)
        scheduler.podWithdrawn(handle.slot)
        wakeScheduler()
    }

    /// Releases the pod, or leaves that to its kubelet's next start.
    mutating func end(_ handle: PodHandle, as outcome: PodOutcomeCode) {
        guard nodes.isDown(NodeIndex(rawValue: pods[handle.slot].node)) else {
            return release(handle, as: outcome)
        }
        pods[handle.slot].isOverdue = true
        pods[handle.slot].outcome = outcome
    }

    /// Takes a running pod off its node.
    mutating func release(_ handle: PodHandle, as outcome: PodOutcomeCode) {
        counters.decisions += 1
        counters.running -= 1
        lastProgress = time
        if outcome == .succeeded {
            counters.succeeded += 1
            terminated.add(at: time)
        } else {
            counters.deleted += 1
            // Its owner's or the scheduler's, and its kubelet's when it has stopped.
            counters.podDeletions += 2
        }
        loseHealth(handle.slot)
        pods[handle.slot].phase = .ended
        pods[handle.slot].outcome = outcome
        pods[handle.slot].finished = time.nanoseconds
        pods[handle.slot].releaseSequence = counters.decisions
        let pod = pods[handle.slot]
        nodes.remove(
            pod.pod, shapes.shapes[pod.shape.position], from: NodeIndex(rawValue: pod.node))
        planTopologyScan(of: NodeIndex(rawValue: pod.node))
        planEndSeen(handle)
    }

    /// Scheduler and controllers see that the pod ended; its slot serves again.
    mutating func podEndSeen(_ handle: PodHandle) {
        guard pods.isCurrent(handle) else { return }
        let pod = pods[handle.slot]
        forgetByScheduler(handle.slot)
        sink.ended(record(of: handle.slot))
        count(handle.slot, total: -1)
        pods.free(handle.slot)
        if hasLifecycle { podIsGone(handle, pod) }
        if controllerActs(onEndOf: pod) {
            if owners[pod.ownerSlot].rollout != PodState.none {
                rolloutPodEnded(handle, pod)
                return noteEnd(of: pod.shape)
            }
            switch scenario.workloads[pod.workload.position].controller {
            case .none: break
            case .replicaSet, .deployment: ReplicaSetController.podEnded(&self, pod)
            case .statefulSet: StatefulSetController.podEnded(&self, pod)
            case .daemonSet: DaemonSetController.podEnded(&self, pod)
            case .job: JobController.podEnded(&self, pod)
            }
        }
        noteEnd(of: pod.shape)
    }

    /// The scheduler no longer counts a pod.
    mutating func forgetByScheduler(_ slot: UInt32) {
        let pod = pods[slot]
        let node = NodeIndex(rawValue: pod.node)
        scheduler.forget(shape: pod.shape, on: node, isTerminating: pod.isTerminating)
        scheduler.nodePods.remove(slot, from: node)
        if hasLifecycle { lifecycle.residents.remove(slot, from: node) }
        scheduler.topologyPodEnded(pod.pod, shape: pod.shape, on: node)
        mayResyncHelp = true
    }

    /// Pods that wait are told that a pod is gone from its node.
    mutating func noteEnd(of shape: PodShapeIndex) {
        scheduler.note(
            .assignedPodDelete(shape: Int32(truncatingIfNeeded: shape.position)), at: time)
        wakeScheduler()
    }

    /// Deletes a pod wherever it stands: its Job was given up, or it has to leave.
    mutating func delete(_ slot: UInt32, as outcome: PodOutcomeCode = .deleted) {
        switch pods[slot].phase {
        case .planned: pods.free(slot)
        case .pending, .bound:
            counters.pending -= 1
            counters.deleted += 1
            counters.podDeletions += 1
            pods[slot].phase = .gone
            pods[slot].outcome = outcome
            pods[slot].finished = time.nanoseconds
            count(slot, total: -1)
            sink.ended(record(of: slot))
        // The slot is freed when the queue or the kubelet comes across it.
        case .running:
            end(PodHandle(slot: slot, generation: pods[slot].generation), as: outcome)
        case .ended, .gone: break
        }
    }

    func record(of slot: UInt32) -> PodRecord {
        let pod = pods[slot]
        return PodRecord(
            pod: pod.pod, workload: pod.workload, shape: pod.shape, owner: pod.owner,
            replica: pod.replica, incarnation: pod.incarnation,
            replaces: pod.replaces == PodState.none ? nil : PodIndex(rawValue: pod.replaces),
            traceName: pods.traceName(slot),
            node: pod.node == PodState.none ? nil : NodeIndex(rawValue: pod.node),
            arrival: SimTime(nanoseconds: pod.arrival), scheduled: instant(pod.scheduled),
            started: instant(pod.started), finished: instant(pod.finished),
            outcome: PodOutcome(pod.outcome), attempts: pod.attempts,
            admissionSequence: pod.admissionSequence, releaseSequence: pod.releaseSequence,
            wanted: SimTime(nanoseconds: pod.wanted))
    }
}

private func instant(_ nanoseconds: Int64) -> SimTime? {
    nanoseconds < 0 ? nil : SimTime(nanoseconds: nanoseconds)
}

extension PodOutcome {
    init(_ code: PodOutcomeCode) {
        self =
            switch code {
            case .succeeded: .succeeded
            case .failed: .failed
            case .deleted: .deleted
            case .running: .running
            case .pending: .pending
            case .preempted: .preempted
            case .evicted: .evicted
            case .lost: .lost
            }
    }
}
