import ClusterScheduler
import DiscreteEvents
import Primitives
import Records
import WorkloadModel

/// What owners that change have in common: how they arrive, what their informers show, who syncs when.
extension Simulation {
    mutating func rolloutOwnerArrived(_ index: WorkloadIndex, _ arrival: Arrival) {
        let workload = scenario.workloads[index.position]
        let shape = workload.controller == .daemonSet ? daemonShape(arrival.shape) : arrival.shape
        let known = Arrival(ordinal: arrival.ordinal, shape: shape, traceName: arrival.traceName)
        let replicas = workload.controller == .daemonSet ? 0 : workload.replicas
        let slot = newOwner(index, known, desired: replicas)
        var revision = Revision(shape: shape)
        revision.spec = replicas
        revision.oldSpec = replicas
        let strategy = scenario.rolloutStrategies[workload.name] ?? RolloutStrategy()
        var owner = RolloutOwner(
            slot: slot, workload: index, ordinal: arrival.ordinal, kind: workload.controller,
            replicas: replicas, template: shape, strategy: strategy,
            revisions: workload.controller == .deployment ? [] : [revision])
        owner.progressAt = time
        lifecycle.rollouts.owners.append(owner)
        let position = UInt32(lifecycle.rollouts.owners.count - 1)
        owners[slot].rollout = position
        if workload.controller == .replicaSet {
            requestReplicas(position, 0, at: time)
        } else {
            requestRollout(position, at: time)
        }
    }

    /// The position of a pod's owner among those that change.
    private func rollout(of pod: PodState) -> UInt32 { owners[pod.ownerSlot].rollout }

    // MARK: What the informers show

    mutating func rolloutPodSeen(_ slot: UInt32) {
        let pod = pods[slot]
        let position = rollout(of: pod)
        let handle = PodHandle(slot: slot, generation: pod.generation)
        guard let place = lifecycle.rollouts.owners[Int(position)].place(of: handle) else { return }
        lifecycle.rollouts.owners[Int(position)].pods[place].stage = .pending
        lifecycle.rollouts.owners[Int(position)].pods[place].number = pod.pod
        let revision = lifecycle.rollouts.owners[Int(position)].pods[place].revision
        lifecycle.rollouts.owners[Int(position)].revisions[revision].expectedAdds -= 1
        lifecycle.rollouts.owners[Int(position)].expectedAdds -= 1
        podChanged(position, revision)
    }

    mutating func rolloutPodReady(_ handle: PodHandle) {
        let position = rollout(of: pods[handle.slot])
        guard let place = lifecycle.rollouts.owners[Int(position)].place(of: handle),
            lifecycle.rollouts.owners[Int(position)].pods[place].stage == .pending,
            pods[handle.slot].isHealthy
        else { return }
        lifecycle.rollouts.owners[Int(position)].pods[place].stage = .ready
        lifecycle.rollouts.owners[Int(position)].pods[place].readySince = time
        podChanged(position, lifecycle.rollouts.owners[Int(position)].pods[place].revision)
    }

    /// A pod's node is no longer Ready, or is again.
    mutating func rolloutPodReadiness(_ slot: UInt32, isReady: Bool) {
        let pod = pods[slot]
        guard pod.ownerSlot != PodState.none, rollout(of: pod) != PodState.none else { return }
        let position = rollout(of: pod)
        let handle = PodHandle(slot: slot, generation: pod.generation)
        guard let place = lifecycle.rollouts.owners[Int(position)].place(of: handle),
            lifecycle.rollouts.owners[Int(position)].pods[place].isActive
        else { return }
        lifecycle.rollouts.owners[Int(position)].pods[place].stage = isReady ? .ready : .pending
        lifecycle.rollouts.owners[Int(position)].pods[place].readySince = time
        podChanged(position, lifecycle.rollouts.owners[Int(position)].pods[place].revision)
    }

    /// A pod has a deletionTimestamp; one that never ran is gone with it. `pod.outcome` says why.
    mutating func rolloutPodLeaves(_ pod: PodState) {
        let position = rollout(of: pod)
        guard
            let place = lifecycle.rollouts.owners[Int(position)].pods.firstIndex(where: {
                $0.number == pod.pod
            })
        else { return }
        let entry = lifecycle.rollouts.owners[Int(position)].pods[place]
        if entry.isDeleting {
            lifecycle.rollouts.owners[Int(position)].revisions[entry.revision]
                .expectedDeletes -= 1
        }
        noteLoss(of: pod, position)
        if pods[entry.handle.slot].phase == .gone
            || pods[entry.handle.slot].generation != entry.handle.generation
        {
            lifecycle.rollouts.owners[Int(position)].pods.remove(at: place)
        } else {
            lifecycle.rollouts.owners[Int(position)].pods[place].stage = .leaving
        }
        podChanged(position, entry.revision)
    }

    /// A pod failed, ended, or is gone.
    mutating func rolloutPodEnded(_ handle: PodHandle, _ pod: PodState) {
        let position = rollout(of: pod)
        guard let place = lifecycle.rollouts.owners[Int(position)].place(of: handle) else { return }
        let entry = lifecycle.rollouts.owners[Int(position)].pods.remove(at: place)
        if entry.stage != .leaving {
            if entry.isDeleting {
                lifecycle.rollouts.owners[Int(position)].revisions[entry.revision]
                    .expectedDeletes -= 1
            }
            if !pod.isLost {
                lifetimeIsOver(of: pod, entry, position)
            } else if lifecycle.rollouts.owners[Int(position)].kind == .daemonSet,
                pod.outcome == .failed
            {
                daemonPodFailed(position, pod, entry)
            } else {
                noteLoss(of: pod, position)
                if pod.outcome == .failed,
                    lifecycle.rollouts.owners[Int(position)].kind == .statefulSet
                {
                    // The failed object goes before one of the same name comes.
                    let seen = deleteEnded(pod.ownerSlot, by: .statefulSet, at: time)
                    lifecycle.rollouts.owners[Int(position)].notBefore = max(
                        lifecycle.rollouts.owners[Int(position)].notBefore, seen)
                }
            }
        }
        podChanged(position, entry.revision)
        if lifecycle.rollouts.owners[Int(position)].kind == .deployment,
            lifecycle.rollouts.owners[Int(position)].strategy.kind == .recreate
        {
            requestRollout(position, at: time)
        }
    }

    /// Owners replace what they lose, all but what they or someone deleted for good.
    private mutating func noteLoss(of pod: PodState, _ position: UInt32) {
        switch lifecycle.rollouts.owners[Int(position)].kind {
        case .replicaSet, .deployment:
            guard pod.isLost, !lifecycle.rollouts.owners[Int(position)].isDeleted else { return }
            lifecycle.rollouts.owners[Int(position)].lost.append(replacement(of: pod))
        case .statefulSet, .daemonSet, .none, .job: break
        }
    }

    /// A replica's lifetime is over: its owner wants one less, as owners without actions do.
    private mutating func lifetimeIsOver(
        of pod: PodState, _ entry: RolloutPod, _ position: UInt32
    ) {
        guard lifecycle.rollouts.owners[Int(position)].kind != .daemonSet else {
            lifecycle.rollouts.owners[Int(position)].incarnations[entry.replica] = UInt32.max
            return
        }
        guard lifecycle.rollouts.owners[Int(position)].replicas > 0,
            !lifecycle.rollouts.owners[Int(position)].isDeleted
        else { return }
        lifecycle.rollouts.owners[Int(position)].replicas -= 1
        changeScale(
            of: lifecycle.rollouts.owners[Int(position)].template, pod.workload, by: -1)
        lifecycle.rollouts.owners[Int(position)].revisions[entry.revision].spec = max(
            0, lifecycle.rollouts.owners[Int(position)].revisions[entry.revision].spec - 1)
        lifecycle.rollouts.owners[Int(position)].revisions[entry.revision].oldSpec = max(
            0, lifecycle.rollouts.owners[Int(position)].revisions[entry.revision].oldSpec - 1)
        for revision in lifecycle.rollouts.owners[Int(position)].revisions.indices {
            let replicas = lifecycle.rollouts.owners[Int(position)].replicas
            lifecycle.rollouts.owners[Int(position)].revisions[revision].desired = replicas
        }
    }

    private mutating func podChanged(_ position: UInt32, _ revision: Int) {
        switch lifecycle.rollouts.owners[Int(position)].kind {
        case .replicaSet, .deployment: requestReplicas(position, revision, at: time)
        case .statefulSet, .daemonSet: requestRollout(position, at: time)
        case .none, .job: break
        }
    }

    // MARK: Syncs

    /// The owner's controller looks at it at `due`, or when it has seen its own writes.
    mutating func requestRollout(_ position: UInt32, at due: SimTime) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        let due = max(due, owner.notBefore, time)
        guard !owner.isDeleted, due < owner.plannedAt else { return }
        lifecycle.rollouts.owners[Int(position)].plannedAt = due
        plan(.rollout(position), at: due, phase: .controller)
    }

    mutating func syncRollout(_ position: UInt32) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        guard time == owner.plannedAt else { return }
        lifecycle.rollouts.owners[Int(position)].plannedAt = .distantFuture
        guard !owner.isDeleted else { return }
        if owner.notBefore > time { return requestRollout(position, at: owner.notBefore) }
        switch owner.kind {
        case .deployment: syncDeployment(position)
        case .statefulSet: syncStatefulSet(position)
        case .daemonSet: syncDaemonSet(position)
        case .none, .replicaSet, .job: break
        }
    }

    /// A pod of the owner that is to be made: a lost one's successor first.
    mutating func rolloutPod(
        _ position: UInt32, revision: Int, replica: UInt32? = nil, node: UInt32 = PodState.none
    ) -> UInt32 {
        let owner = lifecycle.rollouts.owners[Int(position)]
        var pod: PodState
        if replica == nil, !owner.lost.isEmpty {
            pod = lifecycle.rollouts.owners[Int(position)].lost.removeFirst()
        } else {
            let number = replica ?? owner.nextReplica
            if replica == nil { lifecycle.rollouts.owners[Int(position)].nextReplica += 1 }
            pod = newPod(
                of: owner.slot, replica: Int(number),
                Arrival(ordinal: owner.ordinal, shape: owner.template, traceName: nil))
            let earlier = owner.incarnations[number] ?? 0
            pod.incarnation = earlier
            if replica != nil {
                lifecycle.rollouts.owners[Int(position)].incarnations[number] = earlier + 1
            }
        }
        pod.shape = owner.revisions[revision].shape
        pod.pinnedNode = node
        pod.phase = .planned
        let handle = pods.allocate(pod)
        var entry = RolloutPod(
            handle: handle, number: nil, revision: revision, replica: pod.replica)
        entry.node = node
        lifecycle.rollouts.owners[Int(position)].pods.append(entry)
        lifecycle.rollouts.owners[Int(position)].revisions[revision].expectedAdds += 1
        lifecycle.rollouts.owners[Int(position)].expectedAdds += 1
        return handle.slot
    }

    /// DELETEs a pod of the owner; returns when the deletion is seen.
    mutating func deleteRolloutPod(
        _ position: UInt32, _ place: Int, by kind: ControllerKind
    ) -> SimTime {
        let answered = clients.write(kind, at: time) + scenario.timings.controllerWrite
        let seen = answered + scenario.timings.watch
        let entry = lifecycle.rollouts.owners[Int(position)].pods[place]
        lifecycle.rollouts.owners[Int(position)].pods[place].isDeleting = true
        lifecycle.rollouts.owners[Int(position)].revisions[entry.revision].expectedDeletes += 1
        terminate(entry.handle, as: .deleted, seen: seen)
        return seen
    }

    // MARK: Records

    mutating func tell(_ position: UInt32, _ step: RolloutRecord.Step, _ message: String) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        let newest = owner.newest
        let active = owner.pods.filter(\.isActive)
        sink.rolled(
            RolloutRecord(
                time: time, workload: owner.workload, owner: owner.ordinal, step: step,
                wanted: owner.replicas, existing: active.count,
                updated: active.count { $0.revision == newest },
                available: active.count {
                    $0.isAvailable(
                        at: time, minReadySeconds: owner.strategy.minReadySeconds)
                }, message: message))
    }

    mutating func rolloutIsComplete(_ position: UInt32) {
        guard lifecycle.rollouts.owners[Int(position)].isUpdating else { return }
        lifecycle.rollouts.owners[Int(position)].isUpdating = false
        tell(position, .complete, "")
    }

    // MARK: What is missing

    /// Brings the integral of missing replicas up to now.
    mutating func settleMissing() {
        lifecycle.rollouts.missing +=
            lifecycle.rollouts.shortfall
            * (time - lifecycle.rollouts.settled).nanoseconds
        lifecycle.rollouts.settled = time
    }

    mutating func noteReplicas(of workload: WorkloadIndex, wanted: Int64 = 0, ready: Int64 = 0) {
        settleMissing()
        while lifecycle.rollouts.wanted.count < scenario.workloads.count {
            lifecycle.rollouts.wanted.append(0)
            lifecycle.rollouts.ready.append(0)
        }
        let place = workload.position
        func short(_ table: RolloutTable) -> Int64 {
            max(0, table.wanted[place] - table.ready[place])
        }
        let before = short(lifecycle.rollouts)
        lifecycle.rollouts.wanted[place] += wanted
        lifecycle.rollouts.ready[place] += ready
        lifecycle.rollouts.shortfall += short(lifecycle.rollouts) - before
    }
}
