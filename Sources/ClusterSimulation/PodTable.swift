import Primitives

/// Where a pod object stands.
enum PodPhase: UInt8, BitwiseCopyable {
    /// A controller will create it at a known time.
    case planned
    /// In the scheduler's queue, or parked as unschedulable.
    case pending
    /// Bound to a node; the kubelet has not decided.
    case bound
    case running
    /// Ended or refused; scheduler and controllers have yet to see it.
    case ended
    /// Deleted while something else still refers to its slot.
    case gone
}

/// One live pod object: what the simulation must remember of it, and no more.
struct PodState: BitwiseCopyable {
    var phase = PodPhase.planned
    var outcome = PodOutcomeCode.pending
    /// Bound to a node whose kubelet does not answer.
    var isHeld = false
    /// Its end was due while its kubelet did not answer; `outcome` is what it is going to be.
    var isOverdue = false
    var generation: UInt32 = 0
    /// Number of the pod object; set when it is created.
    var pod = PodIndex(rawValue: 0)
    var workload = WorkloadIndex(rawValue: 0)
    var shape = PodShapeIndex(rawValue: 0)
    /// Position in `OwnerTable`, or `PodState.none` for a bare pod.
    var ownerSlot: UInt32 = PodState.none
    var owner: UInt32 = 0
    var replica: UInt32 = 0
    var incarnation: UInt32 = 0
    /// The pod that it replaces, or `PodState.none`.
    var replaces: UInt32 = PodState.none
    /// The node that it is bound to, or `PodState.none`.
    var node: UInt32 = PodState.none
    /// The only node that it may run on, or `PodState.none`.
    var pinnedNode: UInt32 = PodState.none
    var attempts: UInt32 = 0
    /// Pods that failed before it and were deleted, as a DaemonSet's back-off counts them on a node.
    var failures: UInt32 = 0
    /// When its replica was wanted first: the arrival of a pod that replaces none.
    var wanted: Int64 = 0
    /// Instants in nanoseconds, -1 for never.
    var arrival: Int64 = 0
    var scheduled: Int64 = -1
    var started: Int64 = -1
    var finished: Int64 = -1
    /// Nanoseconds from start to finish, -1 for ever.
    var lifetime: Int64 = -1
    var admissionSequence: Int64 = 0
    var releaseSequence: Int64 = 0
    /// It was told to leave and has not left yet.
    var isTerminating = false
    /// What it will have been when it has left.
    var leavesAs = PodOutcomeCode.preempted
    /// Disruption budgets count it as healthy.
    var isHealthy = false

    /// Its controller makes another in its place.
    var isLost: Bool {
        switch outcome {
        case .failed, .preempted, .evicted, .lost: true
        case .succeeded, .deleted, .running, .pending: false
        }
    }

    static let none = UInt32.max

    /// The pod that its owner asks for next, as long as it asked for neither: they have no node yet.
    var nextWaiting: UInt32 {
        get { node }
        set { node = newValue }
    }
}

/// `PodOutcome` as one byte.
enum PodOutcomeCode: UInt8, BitwiseCopyable {
    case succeeded, failed, deleted, running, pending, preempted, evicted, lost
}

/// The live pod objects. Slots of pods that are over serve again, so memory follows the pods that live, not all pods.
struct PodTable: ~Copyable {
    private(set) var states: [PodState] = []
    private var freeSlots: [UInt32] = []
    /// Names that a trace gave, by slot; empty as long as no trace did.
    private var traceNames: [String?] = []

    /// A slot for a new pod; its generation is one that no earlier handle has.
    mutating func allocate(_ state: PodState) -> PodHandle {
        if let slot = freeSlots.popLast() {
            let generation = states[Int(slot)].generation
            states[Int(slot)] = state
            states[Int(slot)].generation = generation
            return PodHandle(slot: slot, generation: generation)
        }
        states.append(state)
        return PodHandle(slot: UInt32(states.count - 1), generation: 0)
    }

    mutating func free(_ slot: UInt32) {
        states[Int(slot)].generation &+= 1
        states[Int(slot)].phase = .gone
        if Int(slot) < traceNames.count { traceNames[Int(slot)] = nil }
        freeSlots.append(slot)
    }

    /// Whether the handle's pod is still there.
    func isCurrent(_ handle: PodHandle) -> Bool {
        states[Int(handle.slot)].generation == handle.generation
    }

    subscript(slot: UInt32) -> PodState {
        _read { yield states[Int(slot)] }
        _modify { yield &states[Int(slot)] }
    }

    /// Slots whose pods live, ascending.
    ///
    /// - Complexity: O(slots log slots); for rare sweeps.
    var liveSlots: [UInt32] {
        let free = Set(freeSlots)
        return (0..<UInt32(states.count)).filter { !free.contains($0) }
    }

    /// Slots of pods that wait for a node, ascending.
    ///
    /// - Complexity: O(slots).
    var pendingSlots: [UInt32] {
        states.indices.filter { states[$0].phase == .pending }.map { UInt32($0) }
    }

    func traceName(_ slot: UInt32) -> String? {
        Int(slot) < traceNames.count ? traceNames[Int(slot)] : nil
    }

    mutating func setTraceName(_ name: String, for slot: UInt32) {
        while traceNames.count <= Int(slot) { traceNames.append(nil) }
        traceNames[Int(slot)] = name
    }
}
