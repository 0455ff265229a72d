public import Primitives

/// Which events were cancelled, and which have left.
@usableFromInline
struct EventCancellations {
    /// Cancelled events that are still inside the queue.
    @usableFromInline var stored = 0
    /// The sequence numbers of cancelled events that a handle may still name.
    @usableFromInline var marks: Set<UInt64> = []
    /// Those that were dropped before their time, and the latest time among them: their marks stay until then.
    @usableFromInline var dropped: [UInt64] = []
    @usableFromInline var droppedUntil = Int64.min
    /// By phase, time and sequence of the event that left last. Within a phase events leave by time and sequence,
    /// so this tells whether any other has left.
    @usableFromInline var lastLeft: InlineArray<8, LastLeft>

    @usableFromInline
    struct LastLeft {
        @usableFromInline var time = Int64.min
        @usableFromInline var sequence: UInt64 = 0

        @inlinable
        init() {}
    }

    @inlinable
    init() { lastLeft = InlineArray(repeating: LastLeft()) }

    /// Notes that an event left by being popped.
    @inlinable
    mutating func left(_ time: Int64, _ rank: EventRank) {
        let phase = rank.phasePosition
        lastLeft[phase].time = time
        lastLeft[phase].sequence = rank.sequence
        if !dropped.isEmpty, droppedUntil < time { forgetDropped() }
    }

    /// - Precondition: the handle's time has not passed.
    @inlinable
    mutating func cancel(_ handle: EventHandle) -> Bool {
        let last = lastLeft[handle.rank.phasePosition]
        if last.time == handle.time.nanoseconds, handle.rank.sequence <= last.sequence {
            return false
        }
        guard marks.insert(handle.rank.sequence).inserted else { return false }
        stored &+= 1
        return true
    }

    /// Whether the queue's first event was cancelled; if so, it counts as dropped.
    @inlinable
    mutating func drop(_ time: Int64, _ rank: EventRank) -> Bool {
        guard marks.contains(rank.sequence) else { return false }
        stored &-= 1
        dropped.append(rank.sequence)
        droppedUntil = max(droppedUntil, time)
        return true
    }

    @inlinable
    mutating func forgetDropped() {
        for sequence in dropped { marks.remove(sequence) }
        dropped.removeAll(keepingCapacity: true)
        droppedUntil = .min
    }
}
