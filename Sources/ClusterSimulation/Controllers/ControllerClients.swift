import Primitives
import WorkloadModel

/// The API clients of the controllers: each kind has its own, shared by all its owners and by its events.
///
/// Source: the shared folder's spec/controllers.md section 9 (20 writes a second, 30 at once, per controller).
struct ControllerClients {
    private var buckets: [TokenBucket]

    init(_ timings: ControlPlaneTimings) {
        buckets = ControllerKind.allCases.map { _ in
            TokenBucket(qps: timings.controllerQPS, burst: timings.controllerBurst)
        }
    }

    /// When the last of `count` writes that are due at `now` leaves.
    mutating func write(_ kind: ControllerKind, count: Int = 1, at now: SimTime) -> SimTime {
        var time = now
        for _ in 0..<count { time = buckets[kind.position].take(at: now) }
        return time
    }
}

extension ControllerKind {
    fileprivate var position: Int {
        switch self {
        case .none: 0
        case .replicaSet: 1
        case .deployment: 2
        case .statefulSet: 3
        case .daemonSet: 4
        case .job: 5
        }
    }
}

// MARK: Pods that owners want

extension Simulation {
    /// A pod of a new owner, not yet asked for.
    mutating func newPod(of owner: UInt32, replica: Int, _ arrival: Arrival) -> PodState {
        let state = owners[owner]
        var pod = PodState()
        pod.workload = state.workload
        pod.shape = arrival.shape
        pod.ownerSlot = owner
        pod.owner = state.ordinal
        pod.replica = UInt32(replica)
        pod.wanted = time.nanoseconds
        pod.lifetime = arrivals[state.workload.position].drawLifetime()
        pod.pinnedNode =
            scenario.workloads[state.workload.position].pinnedNode?.rawValue ?? PodState.none
        return pod
    }

    /// The pod object that follows one which failed: same owner, replica and lifetime.
    func replacement(of pod: PodState) -> PodState {
        var next = PodState()
        next.workload = pod.workload
        next.shape = pod.shape
        next.ownerSlot = pod.ownerSlot
        next.owner = pod.owner
        next.replica = pod.replica
        next.incarnation = pod.incarnation + 1
        next.replaces = pod.pod.rawValue
        next.pinnedNode = pod.pinnedNode
        // A replica that ran is wanted anew from the time when that is over.
        next.wanted = pod.started < 0 ? pod.wanted : time.nanoseconds
        next.lifetime = pod.lifetime
        return next
    }

    mutating func newOwner(_ index: WorkloadIndex, _ arrival: Arrival, desired: Int) -> UInt32 {
        if scenario.workloads[index.position].controller.hasScale {
            changeScale(of: arrival.shape, index, by: Int64(desired))
        }
        return owners.allocate(
            OwnerState(
                workload: index, ordinal: arrival.ordinal, desired: Int32(clamping: desired)))
    }

    /// One replica less; the owner goes with its last.
    mutating func replicaIsOver(_ owner: UInt32) {
        owners[owner].desired -= 1
        if owners[owner].desired <= 0 { owners.free(owner) }
    }

    /// Puts a pod behind those that its owner wants and has not asked for.
    mutating func addWaiting(_ pod: PodState) {
        var pod = pod
        pod.phase = .planned
        pod.nextWaiting = PodState.none
        let slot = pods.allocate(pod).slot
        let owner = pod.ownerSlot
        let last = owners[owner].lastWaiting
        if last == PodState.none {
            owners[owner].firstWaiting = slot
        } else {
            pods[last].nextWaiting = slot
        }
        owners[owner].lastWaiting = slot
        owners[owner].waitingCount += 1
    }

    /// Takes the pod that has waited longest.
    mutating func takeWaiting(_ owner: UInt32) -> UInt32? {
        let slot = owners[owner].firstWaiting
        guard slot != PodState.none else { return nil }
        let next = pods[slot].nextWaiting
        pods[slot].nextWaiting = PodState.none
        owners[owner].firstWaiting = next
        if next == PodState.none { owners[owner].lastWaiting = PodState.none }
        owners[owner].waitingCount -= 1
        return slot
    }
}

// MARK: What owners write

extension Simulation {
    /// POSTs a pod, and the event that tells so; returns when the answer comes.
    mutating func create(_ slot: UInt32, by kind: ControllerKind, at now: SimTime) -> SimTime {
        let answered = clients.write(kind, at: now) + scenario.timings.controllerWrite
        planPod(in: slot, creation: answered)
        tell(pods[slot].ownerSlot, by: kind, at: answered)
        return answered
    }

    /// Writes an event about an owner, unless there have been too many.
    private mutating func tell(_ owner: UInt32, by kind: ControllerKind, at now: SimTime) {
        guard owners[owner].events.admits(at: now) else { return }
        counters.controllerEvents += 1
        _ = clients.write(kind, at: now)
    }

    /// Asks for up to `limit` of the pods that wait, in parallel batches of 1, 2, 4 …; returns when the last is answered.
    ///
    /// Source: k/k pkg/controller/replicaset/replica_set.go `slowStartBatch`, as Job and DaemonSet use it.
    mutating func createInBatches(
        _ owner: UInt32, by kind: ControllerKind, limit: Int32, at now: SimTime
    ) -> SimTime {
        var left = min(limit, owners[owner].waitingCount)
        var (begin, batch) = (now, Int32(1))
        while left > 0 {
            var end = begin
            for _ in 0..<min(batch, left) {
                guard let slot = takeWaiting(owner) else { break }
                end = max(end, create(slot, by: kind, at: begin))
            }
            left -= min(batch, left)
            batch *= 2
            begin = end
        }
        return begin
    }

    /// DELETEs a pod that ended; returns when the deletion is seen.
    mutating func deleteEnded(_ owner: UInt32, by kind: ControllerKind, at now: SimTime) -> SimTime
    {
        counters.podDeletions += 1
        terminated.remove(at: time)
        let answered = clients.write(kind, at: now) + scenario.timings.controllerWrite
        tell(owner, by: kind, at: answered)
        return answered + scenario.timings.watch
    }

    /// Writes an owner's status because of something seen at `now`; a write that has not left yet includes it.
    mutating func putStatus(_ owner: UInt32, by kind: ControllerKind, at now: SimTime) {
        guard owners[owner].statusLeaves <= now else { return }
        owners[owner].statusLeaves = clients.write(kind, at: now)
        counters.statusWrites.add(kind)
    }
}

/// Writes of owners' statuses, by kind of owner.
struct StatusWriteCounts: Sendable, Hashable {
    var replicaSet: Int64 = 0
    var deployment: Int64 = 0
    var statefulSet: Int64 = 0
    var daemonSet: Int64 = 0
    var job: Int64 = 0

    mutating func add(_ kind: ControllerKind, count: Int64 = 1) {
        switch kind {
        case .none: break
        case .replicaSet: replicaSet += count
        case .deployment: deployment += count
        case .statefulSet: statefulSet += count
        case .daemonSet: daemonSet += count
        case .job: job += count
        }
    }
}
