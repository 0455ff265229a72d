package import Primitives

/// One ReplicaSet, Deployment, StatefulSet, DaemonSet or Job that lives.
struct OwnerState: BitwiseCopyable {
    var workload: WorkloadIndex
    /// Which owner of the workload, from 0.
    var ordinal: UInt32
    /// Replicas it still wants; for a Job, completions that are missing.
    var desired: Int32
    /// Pods that failed since the last success, and in all (Job).
    var failuresInARow: Int32 = 0
    var failures: Int32 = 0
    /// The next ordinal that a StatefulSet has not created yet.
    var nextOrdinal: Int32 = 0
    /// A Job past its backoffLimit.
    var isGivenUp = false
    /// Distinguishes owners that had the same slot.
    var generation: UInt32 = 0

    /// Pods that are wanted and not asked for yet: the ends of a list through `PodState.nextWaiting`.
    var firstWaiting: UInt32 = PodState.none
    var lastWaiting: UInt32 = PodState.none
    var waitingCount: Int32 = 0

    /// When the last status write leaves the client; what changes before is in it.
    var statusLeaves = SimTime(nanoseconds: .min / 2)
    /// What the status says, or is about to say.
    var statusReplicas: Int32 = 0
    var events = EventFilter()
    var sync = SyncState()
    /// When the newest pod that failed was created (Job).
    var lastFailure = SimTime(nanoseconds: .min / 2)
    /// Position among the owners that change while the run is on, or `PodState.none`.
    var rollout: UInt32 = PodState.none
    /// When the last write of a Deployment's own status leaves.
    var deploymentStatusLeaves = SimTime(nanoseconds: .min / 2)
}

/// Where the controller stands with one owner (ReplicaSet; Job for `plannedAt`).
struct SyncState: BitwiseCopyable {
    enum Phase: UInt8, BitwiseCopyable {
        case idle
        /// Waits for a worker, for its own writes to be seen, or for a timer.
        case queued
        /// Between two steps of a sync; a worker is taken.
        case running
    }

    var phase = Phase.idle
    /// Something happened while a sync ran: it runs again.
    var isDirty = false
    var worker: UInt8 = 0
    /// Pods that count: seen, not failed.
    var active: Int32 = 0
    /// Creations that have not been seen: until then syncs only refresh the status.
    var expectedCreations: Int32 = 0
    /// Of this sync: pods still to create, the next batch, and the status to write at its end (-1 for none).
    var remaining: Int32 = 0
    var batch: Int32 = 1
    var status: Int32 = -1
    /// The next sync begins no earlier: the one before has ended and its writes were seen.
    var notBefore = SimTime(nanoseconds: .min / 2)
    /// When the planned event comes.
    var plannedAt = SimTime.distantFuture
}

/// How many events about one object a client writes: 25, then one each 300 s.
///
/// Source: client-go tools/record/events_cache.go.
package struct EventFilter: BitwiseCopyable {
    private static let interval: Int64 = 300_000_000_000
    private var full: Int64 = .min / 2

    package init() {}

    package mutating func admits(at time: SimTime) -> Bool {
        guard full - 24 * EventFilter.interval <= time.nanoseconds else { return false }
        full = max(full, time.nanoseconds) + EventFilter.interval
        return true
    }
}

/// An owner that an event is about; stale when the owner is gone.
struct OwnerHandle: BitwiseCopyable {
    var slot: UInt32
    var generation: UInt32
}

/// The owners that live; slots serve again.
struct OwnerTable: ~Copyable {
    private var states: [OwnerState] = []
    private var freeSlots: [UInt32] = []

    mutating func allocate(_ state: OwnerState) -> UInt32 {
        if let slot = freeSlots.popLast() {
            let generation = states[Int(slot)].generation
            states[Int(slot)] = state
            states[Int(slot)].generation = generation
            return slot
        }
        states.append(state)
        return UInt32(states.count - 1)
    }

    mutating func free(_ slot: UInt32) {
        states[Int(slot)].generation &+= 1
        freeSlots.append(slot)
    }

    func handle(_ slot: UInt32) -> OwnerHandle {
        OwnerHandle(slot: slot, generation: states[Int(slot)].generation)
    }

    func isCurrent(_ handle: OwnerHandle) -> Bool {
        states[Int(handle.slot)].generation == handle.generation
    }

    subscript(slot: UInt32) -> OwnerState {
        _read { yield states[Int(slot)] }
        _modify { yield &states[Int(slot)] }
    }
}
