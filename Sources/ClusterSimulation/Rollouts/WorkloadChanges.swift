import ClusterScheduler
import DiscreteEvents
import Primitives
import Records
import WorkloadModel

/// Replica counts, templates and deletions that come from outside.
extension Simulation {
    mutating func changeWorkload(_ change: WorkloadChange) {
        guard let index = scenario.workloads.firstIndex(where: { $0.name == change.workload })
        else { return }
        lastProgress = time
        let workload = WorkloadIndex(index)
        if case .delete = change.kind { return deleteOwners(of: workload, change.owner) }
        for position in lifecycle.rollouts.owners.indices {
            let owner = lifecycle.rollouts.owners[position]
            guard owner.workload == workload, !owner.isDeleted,
                change.owner == nil || change.owner == Int(owner.ordinal)
            else { continue }
            switch change.kind {
            case .scale(let replicas): scale(UInt32(position), to: replicas)
            case .template(let shape): update(UInt32(position), to: shape)
            case .delete: break
            }
        }
    }

    private mutating func scale(_ position: UInt32, to replicas: Int) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        guard owner.kind != .daemonSet, owner.replicas != replicas else { return }
        changeScale(of: owner.template, owner.workload, by: Int64(replicas - owner.replicas))
        lifecycle.rollouts.owners[Int(position)].replicas = replicas
        lifecycle.rollouts.owners[Int(position)].isUpdating = true
        tell(position, .changed, "replicas \(owner.replicas) to \(replicas)")
        if owner.kind == .replicaSet {
            lifecycle.rollouts.owners[Int(position)].revisions[0].spec = replicas
            lifecycle.rollouts.owners[Int(position)].revisions[0].oldSpec = replicas
            requestReplicas(position, 0, at: time)
        } else {
            requestRollout(position, at: time)
        }
    }

    private mutating func update(_ position: UInt32, to shape: PodShape) {
        var index = shapes.intern(shape)
        introduceNewShapes()
        let owner = lifecycle.rollouts.owners[Int(position)]
        if owner.kind == .daemonSet { index = daemonShape(index) }
        guard owner.template != index else { return }
        if owner.kind.hasScale {
            // Budgets follow the labels of the template.
            changeScale(of: owner.template, by: -Int64(owner.replicas))
            changeScale(of: index, by: Int64(owner.replicas))
        }
        lifecycle.rollouts.owners[Int(position)].template = index
        lifecycle.rollouts.owners[Int(position)].progressAt = time
        lifecycle.rollouts.owners[Int(position)].isDeadlineTold = false
        switch owner.kind {
        case .replicaSet: lifecycle.rollouts.owners[Int(position)].revisions[0].shape = index
        case .statefulSet, .daemonSet:
            lifecycle.rollouts.owners[Int(position)].isUpdating = true
            if lifecycle.rollouts.owners[Int(position)].newest == nil {
                lifecycle.rollouts.owners[Int(position)].revisions.append(Revision(shape: index))
            }
        case .deployment: lifecycle.rollouts.owners[Int(position)].isUpdating = true
        case .none, .job: break
        }
        tell(position, .changed, "a new template")
        requestRollout(position, at: time)
    }

    // MARK: Deletion

    /// The garbage collector deletes the pods of owners that are gone, a write and a watch later.
    private mutating func deleteOwners(of workload: WorkloadIndex, _ ordinal: Int?) {
        for position in lifecycle.rollouts.owners.indices {
            let owner = lifecycle.rollouts.owners[position]
            guard owner.workload == workload, !owner.isDeleted,
                ordinal == nil || ordinal == Int(owner.ordinal)
            else { continue }
            if owner.kind.hasScale {
                changeScale(of: owner.template, workload, by: -Int64(owner.replicas))
            }
            lifecycle.rollouts.owners[position].replicas = 0
            lifecycle.rollouts.owners[position].isDeleted = true
            lifecycle.rollouts.owners[position].lost = []
            tell(UInt32(position), .deleted, "")
        }
        for slot in pods.liveSlots {
            let pod = pods[slot]
            guard pod.workload == workload, ordinal == nil || ordinal == Int(pod.owner) else {
                continue
            }
            if pod.ownerSlot != PodState.none, owners[pod.ownerSlot].rollout == PodState.none,
                !owners[pod.ownerSlot].isGivenUp
            {
                JobController.forgetWanted(&self, pod.ownerSlot)
            }
            // Those that the owner had not asked for went with it.
            switch pods[slot].phase {
            case .planned: cancel(slot)
            case .pending, .bound, .running:
                guard !pod.isTerminating else { continue }
                terminate(
                    PodHandle(slot: slot, generation: pod.generation), as: .deleted,
                    seen: time + scenario.timings.controllerWrite + scenario.timings.watch)
            case .ended, .gone: break
            }
        }
    }

    /// A pod that was asked for, or was about to be, never comes.
    mutating func cancel(_ slot: UInt32) {
        let pod = pods[slot]
        guard pod.ownerSlot != PodState.none, owners[pod.ownerSlot].rollout != PodState.none else {
            // Its Job never hears of it.
            if pod.ownerSlot != PodState.none { owners[pod.ownerSlot].desired -= 1 }
            return pods.free(slot)
        }
        let position = Int(owners[pod.ownerSlot].rollout)
        let handle = PodHandle(slot: slot, generation: pod.generation)
        if let place = lifecycle.rollouts.owners[position].place(of: handle) {
            let entry = lifecycle.rollouts.owners[position].pods.remove(at: place)
            lifecycle.rollouts.owners[position].revisions[entry.revision].expectedAdds -= 1
            lifecycle.rollouts.owners[position].expectedAdds -= 1
        }
        pods.free(slot)
    }
}
