import DiscreteEvents
package import Primitives
import Records
import WorkloadModel

/// Jobs: `replicas` completions in parallel; failed pods are replaced after 10 s doubling to 10 minutes, counted from
/// the creation of the newest pod that was refused, until more than `backoffLimit` have failed.
///
/// Pod events make a Job sync a second later, once for all of them: three pods that are refused together are three
/// failures, and their replacements come together after 40 s. Source: k/k pkg/controller/job, backoff_utils.go
/// `getFinishedTime`; the shared folder's spec/controllers.md section 5.
package enum JobController {
    /// What one sync creates at most.
    static let burstReplicas: Int32 = 500
    static let batchPeriod = SimDuration.seconds(1)

    /// Returns the Job, or nil when it wants no pod.
    static func ownerArrived(
        _ simulation: inout Simulation, _ index: WorkloadIndex, _ arrival: Arrival
    ) -> UInt32? {
        let workload = simulation.scenario.workloads[index.position]
        guard workload.replicas > 0 else { return nil }
        let owner = simulation.newOwner(index, arrival, desired: workload.replicas)
        for replica in 0..<workload.replicas {
            simulation.addWaiting(simulation.newPod(of: owner, replica: replica, arrival))
        }
        sync(&simulation, owner)
        return owner
    }

    static func podEnded(_ simulation: inout Simulation, _ pod: PodState) {
        let owner = pod.ownerSlot
        // The Job takes its finalizer off when it has counted the pod.
        simulation.counters.finalizersRemoved += 1
        _ = simulation.clients.write(.job, at: simulation.time)
        if simulation.owners[owner].isGivenUp { return podIsOver(&simulation, owner) }
        guard pod.isLost else {
            simulation.owners[owner].failuresInARow = 0
            putStatuses(&simulation, owner, at: simulation.time)
            if simulation.owners[owner].waitingCount > 0 {
                plan(&simulation, owner, at: simulation.time + batchPeriod)
            }
            return podIsOver(&simulation, owner)
        }
        simulation.owners[owner].failures += 1
        simulation.owners[owner].failuresInARow += 1
        // A pod that was refused counts from its creation, a preempted one from now; times have whole seconds.
        let failed = pod.outcome == .failed ? pod.arrival : simulation.time.nanoseconds
        simulation.owners[owner].lastFailure = max(
            simulation.owners[owner].lastFailure,
            SimTime(nanoseconds: failed / 1_000_000_000 * 1_000_000_000))
        simulation.addWaiting(simulation.replacement(of: pod))
        plan(&simulation, owner, at: simulation.time + batchPeriod)
    }

    /// Plans a sync; of several the earliest holds.
    private static func plan(_ simulation: inout Simulation, _ owner: UInt32, at time: SimTime) {
        guard time < simulation.owners[owner].sync.plannedAt else { return }
        simulation.owners[owner].sync.plannedAt = time
        simulation.events.push(
            .ownerSync(simulation.owners.handle(owner)), at: time, phase: .controller)
    }

    static func due(_ simulation: inout Simulation, _ owner: UInt32) {
        guard simulation.time == simulation.owners[owner].sync.plannedAt else { return }
        simulation.owners[owner].sync.plannedAt = .distantFuture
        sync(&simulation, owner)
    }

    private static func sync(_ simulation: inout Simulation, _ owner: UInt32) {
        let state = simulation.owners[owner]
        let limit = simulation.scenario.workloads[state.workload.position].backoffLimit
        if state.failures > limit { return giveUp(&simulation, owner) }
        let now = simulation.time
        if state.failuresInARow > 0 {
            let due = state.lastFailure + backoff(afterFailures: state.failuresInARow)
            if due > now {
                putStatuses(&simulation, owner, at: now)
                return plan(&simulation, owner, at: max(now + batchPeriod, due))
            }
        }
        let room = room(simulation.scenario.workloads[state.workload.position], state)
        let answered = simulation.createInBatches(
            owner, by: .job, limit: min(burstReplicas, room), at: now)
        putStatuses(&simulation, owner, at: answered)
        if simulation.owners[owner].waitingCount > 0, room > burstReplicas {
            plan(
                &simulation, owner,
                at: answered + simulation.scenario.timings.watch + batchPeriod)
        }
    }

    /// How many more pods may run: parallelism less those that do.
    private static func room(_ workload: Workload, _ state: OwnerState) -> Int32 {
        guard let parallelism = workload.parallelism else { return state.waitingCount }
        return max(0, Int32(clamping: parallelism) - (state.desired - state.waitingCount))
    }

    /// One completion less to wait for; the Job goes with its last.
    private static func podIsOver(_ simulation: inout Simulation, _ owner: UInt32) {
        if simulation.owners[owner].desired <= 1 {
            CronJobController.jobEnded(&simulation, owner)
        }
        simulation.replicaIsOver(owner)
    }

    /// A CronJob deletes a Job that runs.
    static func delete(_ simulation: inout Simulation, _ job: OwnerHandle) {
        guard simulation.owners.isCurrent(job), !simulation.owners[job.slot].isGivenUp else {
            return
        }
        giveUp(&simulation, job.slot)
    }

    /// About two writes of the status for each sync; what happens within a second is in the same ones.
    private static func putStatuses(
        _ simulation: inout Simulation, _ owner: UInt32, at time: SimTime
    ) {
        guard simulation.owners[owner].statusLeaves <= time else { return }
        let leaves = simulation.clients.write(.job, count: 2, at: time)
        simulation.owners[owner].statusLeaves = max(leaves, time + batchPeriod)
        simulation.counters.statusWrites.add(.job, count: 2)
    }

    /// 10, 20, 40 … 600 s.
    package static func backoff(afterFailures count: Int32) -> SimDuration {
        .seconds(min(600, 10 << Int64(min(max(count, 1) - 1, 6))))
    }

    /// Deletes what lives of a Job that failed too often, and forgets what it still wanted.
    private static func giveUp(_ simulation: inout Simulation, _ owner: UInt32) {
        putStatuses(&simulation, owner, at: simulation.time)
        forgetWanted(&simulation, owner)
        deletePods(&simulation, owner)
    }

    /// From now on nothing is made for the owner.
    static func forgetWanted(_ simulation: inout Simulation, _ owner: UInt32) {
        simulation.owners[owner].isGivenUp = true
        while let slot = simulation.takeWaiting(owner) {
            simulation.pods.free(slot)
            simulation.owners[owner].desired -= 1
        }
    }

    private static func deletePods(_ simulation: inout Simulation, _ owner: UInt32) {
        for slot in simulation.pods.liveSlots
        where simulation.pods[slot].ownerSlot == owner && !simulation.pods[slot].isTerminating {
            switch simulation.pods[slot].phase {
            // Nobody hears of these again.
            case .planned, .pending, .bound: simulation.owners[owner].desired -= 1
            case .running, .ended, .gone: break
            }
            simulation.delete(slot)
        }
        if simulation.owners[owner].desired <= 0 {
            CronJobController.jobEnded(&simulation, owner)
            simulation.owners.free(owner)
        }
    }
}
