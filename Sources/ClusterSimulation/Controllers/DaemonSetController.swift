import DiscreteEvents
package import Primitives
import Records
import WorkloadModel

/// DaemonSets: one pod on each node that it is meant for. A failed pod is deleted, the first time at once, then after
/// 1 s doubling to 15 minutes, and comes again when the deletion is seen.
///
/// Source: k/k pkg/controller/daemon/daemon_controller.go; the shared folder's spec/controllers.md section 4.
package enum DaemonSetController {
    /// What one sync creates at most.
    static let burstReplicas: Int32 = 250

    static func ownerArrived(
        _ simulation: inout Simulation, _ index: WorkloadIndex, _ arrival: Arrival
    ) {
        let shape = simulation.shapes.shapes[arrival.shape.position]
        let owner = simulation.newOwner(index, arrival, desired: 0)
        var node = 0
        for group in simulation.scenario.nodeGroups {
            let isMeant = isEligible(group, for: shape)
            for _ in 0..<group.count {
                defer { node += 1 }
                guard isMeant else { continue }
                let replica = Int(simulation.owners[owner].desired)
                simulation.owners[owner].desired += 1
                var pod = simulation.newPod(of: owner, replica: replica, arrival)
                pod.pinnedNode = UInt32(node)
                simulation.addWaiting(pod)
            }
        }
        if simulation.owners[owner].desired == 0 { return simulation.owners.free(owner) }
        let watch = simulation.scenario.timings.watch
        var now = simulation.time
        while simulation.owners[owner].waitingCount > 0 {
            // The next sync creates only when all of this one's pods were seen.
            now =
                simulation.createInBatches(owner, by: .daemonSet, limit: burstReplicas, at: now)
                + watch
            simulation.putStatus(owner, by: .daemonSet, at: now)
        }
    }

    /// The pod runs: once that is seen, the status has one ready pod more.
    static func podStarted(_ simulation: inout Simulation, _ owner: UInt32) {
        let timings = simulation.scenario.timings
        simulation.putStatus(
            owner, by: .daemonSet, at: simulation.time + timings.statusUpdate + timings.watch)
    }

    static func podEnded(_ simulation: inout Simulation, _ pod: PodState) {
        guard pod.isLost else { return simulation.replicaIsOver(pod.ownerSlot) }
        var next = simulation.replacement(of: pod)
        guard pod.outcome == .failed else {
            // Preempted: deleted already, and no failure of its own.
            next.failures = pod.failures
            return create(&simulation, simulation.pods.allocate(next), at: simulation.time)
        }
        let wait = wait(
            afterFailures: pod.failures,
            sinceDeletion: simulation.time - SimTime(nanoseconds: pod.arrival))
        next.failures = wait.isForgotten ? 1 : pod.failures + 1
        let handle = simulation.pods.allocate(next)
        if wait.duration == .zero { return replace(&simulation, handle) }
        simulation.events.push(
            .podDue(handle), at: simulation.time + wait.duration, phase: .controller)
    }

    /// Deletes the pod that failed, and creates the one that follows.
    static func replace(_ simulation: inout Simulation, _ handle: PodHandle) {
        guard simulation.pods.isCurrent(handle) else { return }
        let owner = simulation.pods[handle.slot].ownerSlot
        let seen = simulation.deleteEnded(owner, by: .daemonSet, at: simulation.time)
        create(&simulation, handle, at: seen)
    }

    private static func create(
        _ simulation: inout Simulation, _ handle: PodHandle, at time: SimTime
    ) {
        let owner = simulation.pods[handle.slot].ownerSlot
        let answered = simulation.create(handle.slot, by: .daemonSet, at: time)
        simulation.putStatus(
            owner, by: .daemonSet, at: answered + simulation.scenario.timings.watch)
    }

    /// How long a failed pod stays, when `earlier` ones were deleted on its node and the last of them so long ago.
    ///
    /// A pod that fails within its back-off waits all of it again; past it, it goes at once; 1800 s make the node as new.
    package static func wait(
        afterFailures earlier: UInt32, sinceDeletion: SimDuration
    ) -> (duration: SimDuration, isForgotten: Bool) {
        if earlier == 0 || sinceDeletion > .seconds(1800) { return (.zero, true) }
        let backoff = backoff(afterFailures: earlier)
        return (sinceDeletion < backoff ? backoff : .zero, false)
    }

    /// None for the first failure on a node, then 1, 2, 4 … 900 s.
    static func backoff(afterFailures earlier: UInt32) -> SimDuration {
        guard earlier > 0 else { return .zero }
        return .seconds(min(900, 1 << Int64(min(earlier - 1, 10))))
    }

    /// Whether the node carries the pod's selector and its NoSchedule and NoExecute taints are tolerated.
    private static func isEligible(_ group: NodeGroup, for shape: PodShape) -> Bool {
        shape.nodeSelector.allSatisfy { group.labels.contains($0) }
            && group.taints.allSatisfy { taint in
                taint.effect == .preferNoSchedule
                    || shape.tolerations.contains { $0.tolerates(taint) }
            }
    }
}
