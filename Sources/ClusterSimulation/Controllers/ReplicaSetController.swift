import DiscreteEvents
import Primitives
import Records
import WorkloadModel

/// ReplicaSets, and Deployments, whose pods a ReplicaSet makes: a failed pod is replaced by the next sync, by a new object.
///
/// Every change of a pod makes its ReplicaSet sync. A sync creates what is missing (when all earlier creations were seen),
/// in batches of 1, 2, 4 … 500 in all, then writes the status if that changed; it holds a worker while its writes wait
/// for the client. Nothing backs off (kubernetes#84869); only the client's rate limits the loop.
/// Source: k/k pkg/controller/replicaset/replica_set.go; the shared folder's spec/controllers.md sections 0, 1 and 10.
enum ReplicaSetController {
    /// What one sync creates at most.
    static let burstReplicas: Int32 = 500

    static func ownerArrived(
        _ simulation: inout Simulation, _ index: WorkloadIndex, _ arrival: Arrival
    ) {
        let workload = simulation.scenario.workloads[index.position]
        guard workload.replicas > 0 else { return }
        let owner = simulation.newOwner(index, arrival, desired: workload.replicas)
        for replica in 0..<workload.replicas {
            simulation.addWaiting(simulation.newPod(of: owner, replica: replica, arrival))
        }
        if workload.controller == .deployment {
            // The Deployment's controller makes the ReplicaSet first, through a client of its own.
            let timings = simulation.scenario.timings
            let leaves = simulation.clients.write(.deployment, at: simulation.time)
            simulation.counters.replicaSetCreations += 1
            simulation.owners[owner].sync.notBefore =
                leaves + timings.controllerWrite + timings.watch
        }
        simulation.syncReplicaSet(owner)
    }

    /// The informer shows a pod that the ReplicaSet made.
    static func podSeen(_ simulation: inout Simulation, _ owner: UInt32) {
        simulation.owners[owner].sync.active += 1
        simulation.owners[owner].sync.expectedCreations -= 1
        simulation.syncReplicaSet(owner)
    }

    /// The pod runs: once that is seen, the status has one ready replica more.
    static func podStarted(_ simulation: inout Simulation, _ owner: UInt32) {
        let timings = simulation.scenario.timings
        simulation.putStatus(
            owner, by: .replicaSet, at: simulation.time + timings.statusUpdate + timings.watch)
    }

    static func podEnded(_ simulation: inout Simulation, _ pod: PodState) {
        let owner = pod.ownerSlot
        simulation.owners[owner].sync.active -= 1
        if pod.isLost {
            simulation.addWaiting(simulation.replacement(of: pod))
        } else {
            simulation.changeScale(of: pod.shape, pod.workload, by: -1)
            simulation.owners[owner].desired -= 1
            if simulation.owners[owner].desired <= 0 {
                simulation.putStatus(owner, by: .replicaSet, at: simulation.time)
                return simulation.endReplicaSet(owner)
            }
        }
        simulation.syncReplicaSet(owner)
    }
}

// MARK: Syncs

extension Simulation {
    /// Something about a ReplicaSet changed: it syncs as soon as it can.
    mutating func syncReplicaSet(_ owner: UInt32) {
        switch owners[owner].sync.phase {
        case .queued: break
        case .running: owners[owner].sync.isDirty = true
        case .idle:
            owners[owner].sync.phase = .queued
            if owners[owner].sync.notBefore > time {
                planSync(owner, at: owners[owner].sync.notBefore)
            } else {
                beginSync(owner)
            }
        }
    }

    private mutating func planSync(_ owner: UInt32, at time: SimTime) {
        events.push(.ownerSync(owners.handle(owner)), at: time, phase: .controller)
    }

    /// A planned event of a ReplicaSet: the beginning of a sync, or its next step.
    mutating func replicaSetDue(_ owner: UInt32) {
        switch owners[owner].sync.phase {
        case .idle: break
        case .queued: beginSync(owner)
        case .running: continueSync(owner)
        }
    }

    /// Gives the key to a worker, or lets it wait for one.
    private mutating func beginSync(_ owner: UInt32) {
        guard let worker = replicaSetWorkers.take(at: time) else {
            replicaSetWorkers.append(owners.handle(owner))
            return planWorkerWake()
        }
        start(owner, on: worker)
    }

    private mutating func planWorkerWake() {
        guard replicaSetWorkers.hasKeys, !replicaSetWorkers.isWakePlanned,
            let free = replicaSetWorkers.nextFree
        else { return }
        replicaSetWorkers.isWakePlanned = true
        events.push(.replicaSetWorkerFree, at: max(time, free), phase: .controller)
    }

    mutating func replicaSetWorkerFree() {
        replicaSetWorkers.isWakePlanned = false
        while replicaSetWorkers.hasKeys, let worker = replicaSetWorkers.take(at: time) {
            var next = replicaSetWorkers.popKey()
            while let key = next, !owners.isCurrent(key) { next = replicaSetWorkers.popKey() }
            guard let key = next else {
                replicaSetWorkers.release(worker, at: time)
                break
            }
            start(key.slot, on: worker)
        }
        planWorkerWake()
    }

    private mutating func start(_ owner: UInt32, on worker: UInt8) {
        var sync = owners[owner].sync
        sync.phase = .running
        sync.worker = worker
        sync.isDirty = false
        sync.batch = 1
        sync.remaining =
            sync.expectedCreations <= 0
            ? min(owners[owner].waitingCount, ReplicaSetController.burstReplicas) : 0
        if sync.remaining > 0 { sync.expectedCreations = sync.remaining }
        // The status tells what was counted before the creations.
        sync.status = sync.active == owners[owner].statusReplicas ? -1 : sync.active
        owners[owner].sync = sync
        continueSync(owner)
    }

    /// The next batch, or the status; a worker is free again when the last write is answered.
    private mutating func continueSync(_ owner: UInt32) {
        var end = time
        if owners[owner].sync.remaining > 0 {
            let batch = min(owners[owner].sync.batch, owners[owner].sync.remaining)
            for _ in 0..<batch {
                guard let slot = takeWaiting(owner) else { break }
                end = max(end, create(slot, by: .replicaSet, at: time))
            }
            owners[owner].sync.remaining -= batch
            owners[owner].sync.batch *= 2
            if owners[owner].sync.remaining > 0 || owners[owner].sync.status >= 0 {
                return planSync(owner, at: end)
            }
        } else if owners[owner].sync.status >= 0 {
            end = writeStatus(owner)
        }
        finishSync(owner, at: end)
    }

    /// Writes the status; returns when the answer comes.
    private mutating func writeStatus(_ owner: UInt32) -> SimTime {
        let timings = scenario.timings
        let leaves = clients.write(.replicaSet, at: time)
        let end = leaves + timings.controllerWrite
        counters.statusWrites.add(.replicaSet)
        owners[owner].statusReplicas = owners[owner].sync.status
        owners[owner].statusLeaves = leaves
        // No sync before the controller's own writes are seen (StaleControllerConsistencyReplicaSet).
        owners[owner].sync.notBefore = end + timings.watch
        let workload = scenario.workloads[owners[owner].workload.position]
        if workload.controller == .deployment,
            owners[owner].deploymentStatusLeaves <= end + timings.watch
        {
            owners[owner].deploymentStatusLeaves = clients.write(
                .deployment, at: end + timings.watch)
            counters.statusWrites.add(.deployment)
        }
        return end
    }

    private mutating func finishSync(_ owner: UInt32, at end: SimTime) {
        replicaSetWorkers.release(owners[owner].sync.worker, at: end)
        owners[owner].sync.phase = .idle
        owners[owner].sync.notBefore = max(owners[owner].sync.notBefore, end)
        if owners[owner].sync.isDirty {
            owners[owner].sync.isDirty = false
            syncReplicaSet(owner)
        }
        planWorkerWake()
    }

    /// The last replica is over.
    fileprivate mutating func endReplicaSet(_ owner: UInt32) {
        if owners[owner].sync.phase == .running {
            replicaSetWorkers.release(owners[owner].sync.worker, at: time)
        }
        owners.free(owner)
        planWorkerWake()
    }
}
