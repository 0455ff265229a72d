import DiscreteEvents
import Primitives
import Records
import WorkloadModel

/// ReplicaSets of owners that change, and Deployments above them.
///
/// Source: k/k pkg/controller/replicaset/replica_set.go, pkg/controller/deployment/{sync,rolling,recreate,progress}.go; the
/// shared folder's spec/controllers.md sections 1 and 2. Unlike those of owners that never change, these syncs do not wait
/// for one of five workers, only for the controller's client.
extension Simulation {
    // MARK: ReplicaSets

    mutating func requestReplicas(_ position: UInt32, _ revision: Int, at due: SimTime) {
        let state = lifecycle.rollouts.owners[Int(position)].revisions[revision]
        let due = max(due, state.notBefore, time)
        guard due < state.plannedAt else { return }
        lifecycle.rollouts.owners[Int(position)].revisions[revision].plannedAt = due
        plan(.replicaSet(position, revision: revision), at: due, phase: .controller)
    }

    /// One sync of a ReplicaSet: creates or deletes what differs from its spec, then writes what it counted before.
    mutating func syncReplicas(_ position: UInt32, _ revision: Int) {
        guard
            time == lifecycle.rollouts.owners[Int(position)].revisions[revision].plannedAt
        else { return }
        lifecycle.rollouts.owners[Int(position)].revisions[revision].plannedAt = .distantFuture
        let owner = lifecycle.rollouts.owners[Int(position)]
        guard !owner.isDeleted else { return }
        let state = owner.revisions[revision]
        if state.notBefore > time {
            return requestReplicas(position, revision, at: state.notBefore)
        }
        // What the Deployment wrote last is an event of its own.
        if state.specSeen > time { requestReplicas(position, revision, at: state.specSeen) }
        let counted = owner.status(of: revision, at: time)
        var end = time
        if state.expectedAdds <= 0, state.expectedDeletes <= 0 {
            let difference = counted.replicas - state.spec(at: time)
            if difference < 0 {
                end = createReplicas(
                    position, revision,
                    count: min(-difference, Int(ReplicaSetController.burstReplicas)))
            } else if difference > 0 {
                let victims = deletionOrder(position, revision)
                    .prefix(min(difference, Int(ReplicaSetController.burstReplicas)))
                for place in victims {
                    end = max(end, deleteRolloutPod(position, place, by: .replicaSet))
                }
            }
        }
        if owner.kind == .replicaSet, counted.available == owner.replicas,
            counted.replicas == owner.replicas
        {
            rolloutIsComplete(position)
        }
        if counted != state.written { putReplicaSetStatus(position, revision, counted, after: end) }
        if let next = owner.nextAvailability(after: time, revision: revision) {
            requestReplicas(position, revision, at: next)
        }
    }

    private mutating func createReplicas(
        _ position: UInt32, _ revision: Int, count: Int
    ) -> SimTime {
        var (left, batch, begin) = (count, 1, time)
        while left > 0 {
            var end = begin
            for _ in 0..<min(batch, left) {
                let slot = rolloutPod(position, revision: revision)
                end = max(end, create(slot, by: .replicaSet, at: begin))
            }
            left -= min(batch, left)
            batch *= 2
            begin = end
        }
        return begin
    }

    private mutating func putReplicaSetStatus(
        _ position: UInt32, _ revision: Int, _ status: ReplicaSetStatus, after begin: SimTime
    ) {
        let seen =
            clients.write(.replicaSet, at: begin) + scenario.timings.controllerWrite
            + scenario.timings.watch
        counters.statusWrites.add(.replicaSet)
        lifecycle.rollouts.owners[Int(position)].revisions[revision].written = status
        lifecycle.rollouts.owners[Int(position)].revisions[revision].notBefore = seen
        plan(
            .replicaSetStatus(position, revision: revision, status), at: seen, phase: .controller)
    }

    mutating func replicaSetStatusSeen(
        _ position: UInt32, _ revision: Int, _ status: ReplicaSetStatus
    ) {
        lifecycle.rollouts.owners[Int(position)].revisions[revision].status = status
        // Its own write is an event for the ReplicaSet as well.
        requestReplicas(position, revision, at: time)
        requestRollout(position, at: time)
    }

    /// Places of the pods that may go, the first to go first.
    ///
    /// (k/k pkg/controller/controller_utils.go, ActivePodsWithRanks: unassigned, not running, not ready, many on its node,
    /// ready or created lately. The last ties go to the lower replica number here, where Kubernetes has random UIDs.)
    private func deletionOrder(_ position: UInt32, _ revision: Int) -> [Int] {
        let owner = lifecycle.rollouts.owners[Int(position)]
        // A ReplicaSet without a Deployment ranks no nodes.
        var onNode: [UInt32: Int] = [:]
        if owner.kind == .deployment {
            for pod in owner.pods where pod.isActive {
                onNode[pods[pod.handle.slot].node, default: 0] += 1
            }
        }
        func key(_ place: Int) -> [Int64] {
            let entry = owner.pods[place]
            let pod = pods[entry.handle.slot]
            let isAssigned = pod.phase == .bound || pod.phase == .running || pod.phase == .ended
            let isRunning = pod.phase == .running
            let isReady = entry.stage == .ready
            return [
                isAssigned ? 1 : 0, isRunning ? 1 : 0, isReady ? 1 : 0,
                isAssigned ? -Int64(onNode[pod.node] ?? 0) : 0,
                isReady ? logarithm(time - entry.readySince) : 0,
                logarithm(time - SimTime(nanoseconds: pod.arrival)), Int64(entry.replica),
                Int64(pod.incarnation),
            ]
        }
        return owner.pods.indices.filter {
            owner.pods[$0].revision == revision && owner.pods[$0].isActive
                && !owner.pods[$0].isDeleting
        }.map { ($0, key($0)) }.sorted { $0.1.lexicographicallyPrecedes($1.1) }.map(\.0)
    }

    /// The bucket of an age: ⌊log₂ of its nanoseconds⌋, -1 for none.
    private func logarithm(_ age: SimDuration) -> Int64 {
        age.nanoseconds <= 0 ? -1 : Int64(63 - age.nanoseconds.leadingZeroBitCount)
    }

    // MARK: Deployments

    mutating func syncDeployment(_ position: UInt32) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        let replicas = owner.replicas
        let isScaled = owner.revisions.contains { $0.spec > 0 && $0.desired != replicas }
        if isScaled {
            scaleProportionally(position)
        } else {
            let newest = owner.newest ?? createReplicaSet(position)
            if owner.strategy.kind == .recreate {
                recreate(position, newest)
            } else {
                rollOn(position, newest)
            }
        }
        writeDeploymentStatus(position)
    }

    /// POSTs the ReplicaSet of the template, as large as it may be at once.
    private mutating func createReplicaSet(_ position: UInt32) -> Int {
        let owner = lifecycle.rollouts.owners[Int(position)]
        let sum = owner.revisions.reduce(0) { $0 + $1.spec }
        let surge = owner.strategy.fenceposts(of: owner.replicas).surge
        let room = max(0, owner.replicas + surge - sum)
        let isFirst = owner.revisions.isEmpty
        let size =
            owner.strategy.kind == .recreate && !isFirst ? 0 : min(owner.replicas, room)
        lifecycle.rollouts.owners[Int(position)].revisions.append(Revision(shape: owner.template))
        counters.replicaSetCreations += 1
        let revision = owner.revisions.count
        resize(position, revision, to: size)
        return revision
    }

    /// Writes a ReplicaSet's size; its controller and the Deployment's own see it a watch later.
    private mutating func resize(_ position: UInt32, _ revision: Int, to size: Int) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        let seen =
            clients.write(.deployment, at: time) + scenario.timings.controllerWrite
            + scenario.timings.watch
        lifecycle.rollouts.owners[Int(position)].revisions[revision].setSpec(
            size, at: time, seen: seen)
        lifecycle.rollouts.owners[Int(position)].revisions[revision].desired = owner.replicas
        lifecycle.rollouts.owners[Int(position)].revisions[revision].maxReplicas =
            owner.replicas + owner.strategy.fenceposts(of: owner.replicas).surge
        lifecycle.rollouts.owners[Int(position)].notBefore = max(owner.notBefore, seen)
        requestReplicas(position, revision, at: seen)
        requestRollout(position, at: seen)
    }

    /// One step of a rolling update: the new ReplicaSet up, or old ones down.
    private mutating func rollOn(_ position: UInt32, _ newest: Int) {
        var owner = lifecycle.rollouts.owners[Int(position)]
        let replicas = owner.replicas
        let (surge, unavailable) = owner.strategy.fenceposts(of: replicas)
        let sum = owner.revisions.reduce(0) { $0 + $1.spec }
        let size = owner.revisions[newest].spec
        if size > replicas { return resize(position, newest, to: replicas) }
        let growth = min(replicas + surge - sum, replicas - size)
        if growth > 0 { return resize(position, newest, to: size + growth) }
        // A status that is older than the size which was just written counts for no more than that size. Upstream trusts
        // it, and may cut the same pods twice within the few milliseconds until the ReplicaSet tells of them.
        let available = owner.revisions.reduce(0) { $0 + min($1.status.available, $1.spec) }
        let fewest = replicas - unavailable
        var most = sum - fewest - (size - owner.revisions[newest].status.available)
        guard most > 0 else { return }
        var sizes = owner.revisions.map(\.spec)
        for revision in sizes.indices where revision != newest && most > 0 {
            let unhealthy = sizes[revision] - owner.revisions[revision].status.available
            let cut = min(most, max(0, unhealthy))
            sizes[revision] -= cut
            most -= cut
        }
        var spare = available - fewest
        for revision in sizes.indices where revision != newest && spare > 0 {
            let cut = min(spare, sizes[revision])
            sizes[revision] -= cut
            spare -= cut
        }
        owner = lifecycle.rollouts.owners[Int(position)]
        for revision in sizes.indices where sizes[revision] != owner.revisions[revision].spec {
            resize(position, revision, to: sizes[revision])
        }
    }

    /// Old pods go, all of them, before a new one comes.
    private mutating func recreate(_ position: UInt32, _ newest: Int) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        var isScaling = false
        for revision in owner.revisions.indices
        where revision != newest && owner.revisions[revision].spec > 0 {
            resize(position, revision, to: 0)
            isScaling = true
        }
        // Pods that are asked for, run or terminate all block.
        guard !isScaling, !owner.pods.contains(where: { $0.revision != newest }) else { return }
        if owner.revisions[newest].spec != owner.replicas {
            resize(position, newest, to: owner.replicas)
        }
    }

    /// Other replicas in the middle of a rollout: every ReplicaSet by its share, the largest first.
    private mutating func scaleProportionally(_ position: UInt32) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        let replicas = owner.replicas
        let active = owner.revisions.indices.filter { owner.revisions[$0].spec > 0 }
        if active.count == 1 { return resize(position, active[0], to: replicas) }
        if let newest = owner.newest, owner.revisions[newest].spec == replicas,
            owner.revisions[newest].desired == replicas,
            owner.revisions[newest].status.available == replicas
        {
            for revision in active where revision != newest { resize(position, revision, to: 0) }
            return
        }
        let sum = active.reduce(0) { $0 + owner.revisions[$1].spec }
        let allowed =
            replicas == 0 ? 0 : replicas + owner.strategy.fenceposts(of: replicas).surge
        let toAdd = allowed - sum
        let order = active.sorted {
            let (left, right) = (owner.revisions[$0].spec, owner.revisions[$1].spec)
            if left != right { return left > right }
            return toAdd > 0 ? $0 > $1 : $0 < $1
        }
        var added = 0
        var sizes: [(revision: Int, size: Int)] = []
        for revision in order {
            let size = owner.revisions[revision].spec
            var share = 0
            if toAdd != 0 {
                let largest = max(1, owner.revisions[revision].maxReplicas)
                let exact = rounded(size * allowed, over: largest) - size
                let left = toAdd - added
                share = toAdd > 0 ? max(0, min(exact, left)) : min(0, max(exact, left))
            }
            added += share
            sizes.append((revision, size + share))
        }
        if let first = sizes.first, toAdd != added {
            sizes[0].size = max(0, first.size + toAdd - added)
        }
        for entry in sizes { resize(position, entry.revision, to: entry.size) }
    }

    /// A quotient of whole numbers, halves away from 0.
    private func rounded(_ dividend: Int, over divisor: Int) -> Int {
        (2 * dividend + divisor) / (2 * divisor)
    }

    /// The Deployment's own status, and whether it moves on.
    private mutating func writeDeploymentStatus(_ position: UInt32) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        let newest = owner.newest
        var counts = RolloutCounts()
        for (index, revision) in owner.revisions.enumerated() {
            counts.total += revision.status.replicas
            counts.ready += revision.status.ready
            counts.available += revision.status.available
            if index == newest { counts.updated = revision.status.replicas }
        }
        let last = owner.lastCounts
        if counts.updated > last.updated || counts.ready > last.ready
            || counts.available > last.available
            || counts.total - counts.updated < last.total - last.updated
        {
            lifecycle.rollouts.owners[Int(position)].progressAt = time
            lifecycle.rollouts.owners[Int(position)].isDeadlineTold = false
        }
        if counts != last {
            lifecycle.rollouts.owners[Int(position)].lastCounts = counts
            _ = clients.write(.deployment, at: time)
            counters.statusWrites.add(.deployment)
        }
        if counts.updated == owner.replicas, counts.available == owner.replicas,
            counts.total == owner.replicas
        {
            return rolloutIsComplete(position)
        }
        guard owner.isUpdating, !lifecycle.rollouts.owners[Int(position)].isDeadlineTold else {
            return
        }
        let deadline =
            lifecycle.rollouts.owners[Int(position)].progressAt
            + .seconds(owner.strategy.progressDeadlineSeconds)
        if deadline < time {
            lifecycle.rollouts.owners[Int(position)].isDeadlineTold = true
            tell(position, .deadlineExceeded, "ProgressDeadlineExceeded")
        } else {
            requestRollout(position, at: deadline + .seconds(1))
        }
    }
}
