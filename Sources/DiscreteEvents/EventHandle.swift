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
