public import Primitives

/// Names one pushed event, so that it can be cancelled. It stays valid, and harmless, after the event has left.
public struct EventHandle: Hashable, Sendable, BitwiseCopyable {
    @usableFromInline let time: SimTime
    @usableFromInline let rank: EventRank

    @inlinable
    init(time: SimTime, rank: EventRank) {
        self.time = time
        self.rank = rank
    }
}

/// The order of events at one instant: phase, then order of pushing.
@usableFromInline
struct EventRank: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The phase in the highest byte, the sequence number below it.
    @usableFromInline let bits: UInt64

    @inlinable
    init(phase: EventPhase, sequence: UInt64) { bits = UInt64(phase.rawValue) &<< 56 | sequence }

    @inlinable
    var phase: EventPhase { EventPhase(rawValue: UInt8(truncatingIfNeeded: bits &>> 56))! }

    @inlinable
    var sequence: UInt64 { bits & (1 &<< 56 &- 1) }

    @inlinable
    static func < (lhs: EventRank, rhs: EventRank) -> Bool { lhs.bits < rhs.bits }
}
