import Primitives

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
}

/// The owners that live; slots serve again.
struct OwnerTable: ~Copyable {
    private var states: [OwnerState] = []
    private var freeSlots: [UInt32] = []

    mutating func allocate(_ state: OwnerState) -> UInt32 {
        if let slot = freeSlots.popLast() {
            states[Int(slot)] = state
            return slot
        }
        states.append(state)
        return UInt32(states.count - 1)
    }

    mutating func free(_ slot: UInt32) { freeSlots.append(slot) }

    subscript(slot: UInt32) -> OwnerState {
        get { states[Int(slot)] }
        set { states[Int(slot)] = newValue }
    }
}
