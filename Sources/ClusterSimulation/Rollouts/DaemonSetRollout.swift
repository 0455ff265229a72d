import ClusterScheduler
import DiscreteEvents
import Primitives
import Records
import WorkloadModel

/// DaemonSets in a cluster whose nodes come and go, or whose template changes.
///
/// Source: k/k pkg/controller/daemon/{daemon_controller,update}.go; the shared folder's spec/controllers.md section 4. Nodes
/// are taken in the order of their numbers, where Kubernetes goes through a map.
extension Simulation {
    /// Nodes changed: every DaemonSet looks at them again when its informer shows it.
    mutating func syncDaemonSets() {
        for position in lifecycle.rollouts.owners.indices
        where lifecycle.rollouts.owners[position].kind == .daemonSet {
            requestRollout(UInt32(position), at: time + scenario.timings.watch)
        }
    }

    /// The shape with the tolerations that the controller adds.
    ///
    /// (k/k pkg/controller/daemon/util, AddOrUpdateDaemonPodTolerations)
    mutating func daemonShape(_ index: PodShapeIndex) -> PodShapeIndex {
        var shape = shapes.shapes[index.position]
        let added: [(String, TaintEffect)] = [
            ("not-ready", .noExecute), ("unreachable", .noExecute),
            ("disk-pressure", .noSchedule), ("memory-pressure", .noSchedule),
            ("pid-pressure", .noSchedule), ("unschedulable", .noSchedule),
        ]
        for (name, effect) in added {
            let toleration = Toleration(
                key: "node.kubernetes.io/\(name)", value: nil, effect: effect)
            if !shape.tolerations.contains(toleration) { shape.tolerations.append(toleration) }
        }
        let interned = shapes.intern(shape)
        introduceNewShapes()
        return interned
    }

    /// Whether the node is meant for a pod of the shape, and whether one that is there may stay.
    private func eligibility(_ node: NodeIndex, _ shape: PodShape) -> (runs: Bool, stays: Bool) {
        if nodes.isGone(node) { return (false, false) }
        let labels = nodes.labels(of: node)
        guard shape.nodeSelector.allSatisfy({ labels.contains($0) }) else { return (false, false) }
        let untolerated = nodes.taints(of: node).filter { taint in
            taint.effect != .preferNoSchedule && !shape.tolerations.contains { $0.tolerates(taint) }
        }
        if untolerated.contains(where: { $0.effect == .noExecute }) { return (false, false) }
        let isReady = isSeenReady(node)
        return (untolerated.isEmpty && isReady, true)
    }

    mutating func syncDaemonSet(_ position: UInt32) {
        guard let newest = lifecycle.rollouts.owners[Int(position)].newest else { return }
        // Until its writes were seen there is nothing to do.
        guard lifecycle.rollouts.owners[Int(position)].expectedAdds <= 0,
            lifecycle.rollouts.owners[Int(position)].revisions.allSatisfy({
                $0.expectedDeletes <= 0
            })
        else { return }
        if let next = lifecycle.rollouts.owners[Int(position)].nextAvailability(after: time) {
            requestRollout(position, at: next)
        }
        let owner = lifecycle.rollouts.owners[Int(position)]
        let shape = shapes.shapes[owner.template.position]
        var byNode: [[Int]] = Array(repeating: [], count: nodes.count)
        for (place, pod) in owner.pods.enumerated() { byNode[Int(pod.node)].append(place) }
        var create: [UInt32] = []
        var delete: [Int] = []
        var wanted = 0
        for number in 0..<nodes.count {
            let (runs, stays) = eligibility(NodeIndex(number), shape)
            if runs || stays && !byNode[number].isEmpty { wanted += 1 }
            if runs, byNode[number].isEmpty, !isOver(owner, UInt32(number)) {
                create.append(UInt32(number))
            } else if !stays {
                delete += byNode[number].filter {
                    // What lies on a node that is gone is pod GC's, but for what waits for that node.
                    let phase = pods[owner.pods[$0].handle.slot].phase
                    return !nodes.isGone(NodeIndex(number)) || phase == .pending
                }
            }
        }
        lifecycle.rollouts.owners[Int(position)].replicas = wanted
        if create.isEmpty, delete.isEmpty, owner.strategy.kind == .rollingUpdate {
            roll(position, byNode, newest, &create, &delete)
        }
        let limit = Int(DaemonSetController.burstReplicas)
        createDaemonPods(position, Array(create.prefix(limit)), newest)
        for place in delete.prefix(limit).sorted() {
            let pod = lifecycle.rollouts.owners[Int(position)].pods[place]
            guard !pod.isDeleting, pod.isActive else { continue }
            _ = deleteRolloutPod(position, place, by: .daemonSet)
        }
        writeDaemonStatus(position, newest)
    }

    /// The pod of this node lived as long as the scenario says.
    private func isOver(_ owner: RolloutOwner, _ node: UInt32) -> Bool {
        owner.replicaOfNode[node].flatMap { owner.incarnations[$0] } == UInt32.max
    }

    /// One step of a rolling update.
    private func roll(
        _ position: UInt32, _ byNode: [[Int]], _ newest: Int, _ create: inout [UInt32],
        _ delete: inout [Int]
    ) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        let (surge, unavailable) = owner.strategy.daemonFenceposts(of: owner.replicas)
        func isAvailable(_ place: Int) -> Bool {
            owner.pods[place].isAvailable(
                at: time, minReadySeconds: owner.strategy.minReadySeconds)
        }
        var (away, surged) = (0, 0)
        var (free, candidates): ([Int], [Int]) = ([], [])
        for places in byNode where !places.isEmpty {
            let alive = places.filter { owner.pods[$0].stage != .leaving }
            let new = alive.first { owner.pods[$0].revision == newest }
            let old = alive.first { owner.pods[$0].revision != newest }
            if surge > 0 {
                guard let old else { continue }
                guard let new else {
                    if isAvailable(old) { candidates.append(old) } else { free.append(old) }
                    continue
                }
                if isAvailable(new) || owner.pods[old].stage != .ready {
                    delete.append(old)
                } else {
                    surged += 1
                }
            } else if let old, new == nil {
                if isAvailable(old) { candidates.append(old) } else { free.append(old) }
            } else if let new, old == nil {
                if !isAvailable(new) { away += 1 }
            } else {
                away += 1
            }
        }
        if surge > 0 {
            let chosen = free + candidates.prefix(max(0, surge - surged))
            create += chosen.map { owner.pods[$0].node }.sorted()
        } else {
            delete += free + candidates.prefix(max(0, unavailable - away))
        }
    }

    private mutating func createDaemonPods(
        _ position: UInt32, _ chosen: [UInt32], _ revision: Int
    ) {
        var (begin, batch, rest) = (time, 1, chosen[...])
        while !rest.isEmpty {
            var end = begin
            for node in rest.prefix(batch) {
                let slot = rolloutPod(
                    position, revision: revision, replica: daemonReplica(position, node),
                    node: node)
                end = max(end, create(slot, by: .daemonSet, at: begin))
            }
            rest = rest.dropFirst(batch)
            batch *= 2
            begin = end
        }
    }

    private mutating func daemonReplica(_ position: UInt32, _ node: UInt32) -> UInt32 {
        if let known = lifecycle.rollouts.owners[Int(position)].replicaOfNode[node] { return known }
        let replica = lifecycle.rollouts.owners[Int(position)].nextReplica
        lifecycle.rollouts.owners[Int(position)].nextReplica += 1
        lifecycle.rollouts.owners[Int(position)].replicaOfNode[node] = replica
        return replica
    }

    // MARK: Pods that failed

    /// A refused pod is deleted at once or after its back-off, and comes again when that is seen.
    mutating func daemonPodFailed(_ position: UInt32, _ pod: PodState, _ entry: RolloutPod) {
        let wait = DaemonSetController.wait(
            afterFailures: pod.failures,
            sinceDeletion: time - SimTime(nanoseconds: pod.arrival))
        let owner = lifecycle.rollouts.owners[Int(position)]
        guard !owner.isDeleted, !nodes.isGone(NodeIndex(rawValue: entry.node)) else { return }
        var next = replacement(of: pod)
        next.failures = wait.isForgotten ? 1 : pod.failures + 1
        next.shape = owner.template
        let revision = owner.newest ?? entry.revision
        let handle = pods.allocate(next)
        var waiting = RolloutPod(
            handle: handle, number: nil, revision: revision, replica: entry.replica)
        waiting.node = entry.node
        waiting.stage = .backingOff
        lifecycle.rollouts.owners[Int(position)].pods.append(waiting)
        lifecycle.rollouts.owners[Int(position)].incarnations[entry.replica] =
            next.incarnation + 1
        plan(.daemonPod(position, handle), at: time + wait.duration, phase: .controller)
    }

    mutating func daemonPodDue(_ position: UInt32, _ handle: PodHandle) {
        guard pods.isCurrent(handle),
            let place = lifecycle.rollouts.owners[Int(position)].place(of: handle)
        else { return }
        let entry = lifecycle.rollouts.owners[Int(position)].pods[place]
        let owner = lifecycle.rollouts.owners[Int(position)]
        let seen = deleteEnded(owner.slot, by: .daemonSet, at: time)
        if owner.isDeleted || nodes.isGone(NodeIndex(rawValue: entry.node)) {
            lifecycle.rollouts.owners[Int(position)].pods.remove(at: place)
            return pods.free(handle.slot)
        }
        lifecycle.rollouts.owners[Int(position)].pods[place].stage = .asked
        lifecycle.rollouts.owners[Int(position)].revisions[entry.revision].expectedAdds += 1
        lifecycle.rollouts.owners[Int(position)].expectedAdds += 1
        _ = create(handle.slot, by: .daemonSet, at: seen)
    }

    private mutating func writeDaemonStatus(_ position: UInt32, _ newest: Int) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        var counts = RolloutCounts()
        for pod in owner.pods where pod.isActive {
            counts.total += 1
            if pod.revision == newest { counts.updated += 1 }
            if pod.isAvailable(at: time, minReadySeconds: owner.strategy.minReadySeconds) {
                counts.available += 1
                if pod.revision == newest { counts.ready += 1 }
            }
        }
        if counts.ready == owner.replicas, owner.pods.count == owner.replicas {
            rolloutIsComplete(position)
        }
        guard counts != owner.lastCounts else { return }
        lifecycle.rollouts.owners[Int(position)].lastCounts = counts
        let leaves = clients.write(.daemonSet, at: time)
        counters.statusWrites.add(.daemonSet)
        lifecycle.rollouts.owners[Int(position)].notBefore = max(
            owner.notBefore, leaves + scenario.timings.controllerWrite + scenario.timings.watch)
        requestRollout(position, at: lifecycle.rollouts.owners[Int(position)].notBefore)
    }
}
