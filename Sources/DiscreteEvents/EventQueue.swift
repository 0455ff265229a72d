public import Primitives

/// Pending events in the total order (time, phase, sequence): events of equal time and phase leave in the order in
/// which they were pushed.
///
/// ```swift
/// var queue = EventQueue<Int>()
/// let late = queue.push(7, at: SimTime(nanoseconds: 20), phase: .arrival)
/// queue.push(8, at: SimTime(nanoseconds: 10), phase: .arrival)
/// queue.cancel(late)         // true
/// queue.pop()?.payload       // 8
/// queue.now.nanoseconds      // 10
/// ```
///
/// A ladder of buckets, each rung finer than the one above it, ends in a short sorted front; so an event is moved a
/// few times, whatever the number of pending ones. Nothing is allocated per event once the queue has had its largest
/// size. docs/decisions/0001-event-queue.md has what else was tried, and the numbers.
public struct EventQueue<Payload: BitwiseCopyable>: ~Copyable {
    /// An event that has left the queue.
    public struct Event: BitwiseCopyable {
        @usableFromInline let entry: EventEntry<Payload>

        @inlinable
        init(_ entry: EventEntry<Payload>) { self.entry = entry }

        @inlinable
        public var time: SimTime { SimTime(nanoseconds: entry.time) }

        @inlinable
        public var phase: EventPhase { EventRank(bits: entry.rank).phase }

        @inlinable
        public var payload: Payload { entry.payload }
    }

    /// The time of the event that left last, or where the queue started.
    @inlinable
    public var now: SimTime { SimTime(nanoseconds: nowNanoseconds) }

    @usableFromInline var nowNanoseconds: Int64
    @usableFromInline var nextSequence: UInt64 = 0
    /// Events inside, with the cancelled ones that are still there.
    @usableFromInline var stored = 0
    /// Everything up to and with `front.last` is in the front, everything later in the ladder.
    @usableFromInline var front: EventFront<Payload>
    @usableFromInline var ladder: EventLadder<Payload>
    @usableFromInline var cancellations = EventCancellations()

    /// An empty queue at time `start`.
    ///
    /// - Precondition: `start` is not the earliest time of all.
    @inlinable
    public init(startingAt start: SimTime = .zero) {
        precondition(start.nanoseconds > .min, "a queue starts after the earliest time of all")
        nowNanoseconds = start.nanoseconds
        front = EventFront(last: start.nanoseconds &- 1)
        ladder = EventLadder(start: start.nanoseconds)
    }

    /// Events that will still leave; the cancelled ones do not count.
    @inlinable
    public var count: Int { stored &- cancellations.stored }

    @inlinable
    public var isEmpty: Bool { count == 0 }

    /// The time of the event that leaves next.
    @inlinable
    public var nextTime: SimTime? {
        mutating get {
            guard bringForward() else { return nil }
            return SimTime(nanoseconds: front.first.time)
        }
    }

    /// Adds an event.
    ///
    /// - Precondition: `time` is not before `now`.
    /// - Complexity: O(1) amortised, for times that a few rungs can tell apart.
    @discardableResult
    @inlinable
    public mutating func push(_ payload: Payload, at time: SimTime, phase: EventPhase)
        -> EventHandle
    {
        precondition(
            time.nanoseconds >= nowNanoseconds, "an event cannot be pushed into the past")
        let rank = EventRank(phase: phase, sequence: nextSequence)
        nextSequence &+= 1
        stored &+= 1
        let entry = EventEntry(time: time.nanoseconds, rank: rank.bits, payload: payload)
        if time.nanoseconds > front.last {
            ladder.append(entry)
        } else {
            front.insert(entry)
            if front.late.count >= front.lateLimit { front.spill(into: &ladder) }
        }
        return EventHandle(time: time, rank: rank)
    }

    /// Takes the first event out and moves `now` to its time.
    ///
    /// - Complexity: O(1) amortised, as `push`.
    @inlinable
    public mutating func pop() -> Event? {
        guard bringForward() else { return nil }
        let entry = front.removeFirst()
        stored &-= 1
        nowNanoseconds = entry.time
        cancellations.left(entry.time, EventRank(bits: entry.rank))
        return Event(entry)
    }

    /// Takes an event out before its time; false when it has already left or was cancelled before.
    ///
    /// The event's room is given back when its time comes.
    @discardableResult
    @inlinable
    public mutating func cancel(_ handle: EventHandle) -> Bool {
        handle.time.nanoseconds >= nowNanoseconds && cancellations.cancel(handle)
    }

    /// Makes the front begin with the event that leaves next; false when there is none.
    @inlinable
    mutating func bringForward() -> Bool {
        while true {
            if front.isRunEmpty {
                if front.late.count == 0 {
                    if !ladder.refill(&front) { return false }
                } else if front.late.count > EventFront<Payload>.usualLateLimit {
                    front.sortLate()
                }
            }
            if cancellations.stored == 0 { return true }
            let first = front.first
            guard cancellations.drop(first.time, EventRank(bits: first.rank)) else { return true }
            _ = front.removeFirst()
            stored &-= 1
        }
    }
}
