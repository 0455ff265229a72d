import Primitives
import WorkloadModel

/// The API clients of the controllers: each kind has its own, shared by all its owners.
///
/// Source: spec/controllers.md section 9 (20 writes a second, 30 at once, per controller).
struct ControllerClients {
    private var buckets: [TokenBucket]

    init(_ timings: ControlPlaneTimings) {
        buckets = ControllerKind.allCases.map { _ in
            TokenBucket(qps: timings.controllerQPS, burst: timings.controllerBurst)
        }
    }

    /// When the last of `count` writes that are due at `now` leaves.
    mutating func write(_ kind: ControllerKind, count: Int = 1, at now: SimTime) -> SimTime {
        let index = ControllerKind.allCases.firstIndex(of: kind) ?? 0
        var time = now
        for _ in 0..<count { time = buckets[index].take(at: now) }
        return time
    }
}

extension Simulation {
    /// A pod of a new owner, to be planned.
    mutating func newPod(of owner: UInt32, replica: Int, _ arrival: Arrival) -> PodState {
        let state = owners[owner]
        var pod = PodState()
        pod.workload = state.workload
        pod.shape = arrival.shape
        pod.ownerSlot = owner
        pod.owner = state.ordinal
        pod.replica = UInt32(replica)
        pod.lifetime = arrivals[state.workload.position].drawLifetime()
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
        next.lifetime = pod.lifetime
        return next
    }

    mutating func newOwner(_ index: WorkloadIndex, _ arrival: Arrival, desired: Int) -> UInt32 {
        owners.allocate(
            OwnerState(
                workload: index, ordinal: arrival.ordinal, desired: Int32(clamping: desired)))
    }

    /// One replica less; the owner goes with its last.
    mutating func replicaIsOver(_ owner: UInt32) {
        owners[owner].desired -= 1
        if owners[owner].desired <= 0 { owners.free(owner) }
    }
}
