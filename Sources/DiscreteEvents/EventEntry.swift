/// A pending event: 16 bytes and its payload.
@usableFromInline
struct EventEntry<Payload: BitwiseCopyable>: BitwiseCopyable {
    /// Nanoseconds.
    @usableFromInline let time: Int64
    /// The bits of its `EventRank`.
    @usableFromInline let rank: UInt64
    @usableFromInline let payload: Payload

    @inlinable
    init(time: Int64, rank: UInt64, payload: Payload) {
        self.time = time
        self.rank = rank
        self.payload = payload
    }

    /// The total order. No two entries of a queue have the same rank.
    @inlinable
    func precedes(_ other: EventEntry) -> Bool {
        time < other.time || (time == other.time && rank < other.rank)
    }
}

/// The order of events at one instant: phase, then sequence of pushing.
@usableFromInline
struct EventRank: Hashable, Sendable, BitwiseCopyable {
    /// The phase in the highest byte, the sequence number below it.
    @usableFromInline let bits: UInt64

    @inlinable
    init(bits: UInt64) { self.bits = bits }

    @inlinable
    init(phase: EventPhase, sequence: UInt64) { bits = UInt64(phase.rawValue) &<< 56 | sequence }

    @inlinable
    var phase: EventPhase {
        EventPhase(rawValue: UInt8(truncatingIfNeeded: bits &>> 56)).unsafelyUnwrapped
    }

    /// The phase's raw value.
    @inlinable
    var phasePosition: Int { Int(truncatingIfNeeded: bits &>> 56) }

    @inlinable
    var sequence: UInt64 { bits & (1 &<< 56 &- 1) }
}
