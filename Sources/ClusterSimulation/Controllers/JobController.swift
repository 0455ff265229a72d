import Primitives
import Records
import WorkloadModel

/// Jobs: `replicas` completions in parallel; a failed pod is replaced after 10 s doubling to 10 minutes, counted from
/// the creation of the pod that was refused, until more than `backoffLimit` have failed.
///
/// Source: k/k pkg/controller/job, backoff_utils.go `getFinishedTime`; spec/controllers.md section 5.
enum JobController {
    static func ownerArrived(
        _ simulation: inout Simulation, _ index: WorkloadIndex, _ arrival: Arrival
    ) {
        let workload = simulation.scenario.workloads[index.position]
        let owner = simulation.newOwner(index, arrival, desired: workload.replicas)
        for replica in 0..<workload.replicas {
            let creation = simulation.clients.write(.job, at: simulation.time)
            let pod = simulation.newPod(of: owner, replica: replica, arrival)
            simulation.planPod(pod, creation: creation)
        }
    }

    static func podEnded(_ simulation: inout Simulation, _ pod: PodState) {
        let owner = simulation.owners[pod.ownerSlot]
        if owner.isGivenUp { return simulation.replicaIsOver(pod.ownerSlot) }
        guard pod.isLost else {
            simulation.owners[pod.ownerSlot].failuresInARow = 0
            return simulation.replicaIsOver(pod.ownerSlot)
        }
        simulation.owners[pod.ownerSlot].failures += 1
        simulation.owners[pod.ownerSlot].failuresInARow += 1
        let limit = simulation.scenario.workloads[pod.workload.position].backoffLimit
        if owner.failures + 1 > limit { return giveUp(&simulation, pod) }
        let backoff = backoff(afterFailures: owner.failuresInARow + 1)
        // Pod events make the Job sync a second later.
        let sync = simulation.time + .seconds(1)
        let due = max(sync, SimTime(nanoseconds: pod.arrival) + backoff)
        let creation = simulation.clients.write(.job, at: due)
        simulation.planPod(simulation.replacement(of: pod), creation: creation)
    }

    /// 10, 20, 40 … 600 s.
    static func backoff(afterFailures count: Int32) -> SimDuration {
        .seconds(min(600, 10 << Int64(min(max(count, 1) - 1, 6))))
    }

    /// Deletes what lives of a Job that failed too often.
    private static func giveUp(_ simulation: inout Simulation, _ pod: PodState) {
        let owner = pod.ownerSlot
        simulation.owners[owner].isGivenUp = true
        for slot in simulation.pods.liveSlots where simulation.pods[slot].ownerSlot == owner {
            simulation.delete(slot)
        }
    }
}
