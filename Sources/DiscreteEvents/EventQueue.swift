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
public struct EventQueue<Payload: BitwiseCopyable>: ~Copyable {
    /// An event that has left the queue.
    public struct Event: BitwiseCopyable {
        public let time: SimTime
        public let phase: EventPhase
        public let payload: Payload

        @inlinable
        init(time: SimTime, phase: EventPhase, payload: Payload) {
            self.time = time
            self.phase = phase
            self.payload = payload
        }
    }

    @usableFromInline
    struct Entry: BitwiseCopyable {
        @usableFromInline let time: SimTime
        @usableFromInline let rank: EventRank
        @usableFromInline let payload: Payload

        @inlinable
        init(time: SimTime, rank: EventRank, payload: Payload) {
            self.time = time
            self.rank = rank
            self.payload = payload
        }

        @inlinable
        func precedes(_ other: Entry) -> Bool {
            time.nanoseconds < other.time.nanoseconds
                || (time.nanoseconds == other.time.nanoseconds && rank.bits < other.rank.bits)
        }
    }

    /// The time of the event that left last, or where the queue started.
    public private(set) var now: SimTime

    @usableFromInline var heap: [Entry] = []
    @usableFromInline var cancelled: Set<EventRank> = []
    @usableFromInline var nextSequence: UInt64 = 0
    /// By phase, the last event that left. Within a phase events leave by (time, sequence), so this tells
    /// whether any other has left.
    @usableFromInline var lastOut: [EventHandle?]

    /// An empty queue at time `start`.
    public init(startingAt start: SimTime = .zero) {
        now = start
        lastOut = Array(repeating: nil, count: EventPhase.allCases.count)
    }

    /// Events that will still leave; the cancelled ones do not count.
    public var count: Int { heap.count - cancelled.count }

    public var isEmpty: Bool { count == 0 }

    /// The time of the event that leaves next.
    public var nextTime: SimTime? {
        mutating get {
            dropCancelled()
            return heap.first?.time
        }
    }

    /// Adds an event.
    ///
    /// - Precondition: `time` is not before `now`.
    @discardableResult
    public mutating func push(_ payload: Payload, at time: SimTime, phase: EventPhase)
        -> EventHandle
    {
        precondition(time >= now, "an event cannot be pushed into the past")
        let rank = EventRank(phase: phase, sequence: nextSequence)
        nextSequence += 1
        heap.append(Entry(time: time, rank: rank, payload: payload))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
        return EventHandle(time: time, rank: rank)
    }

    /// Takes the first event out and moves `now` to its time.
    public mutating func pop() -> Event? {
        dropCancelled()
        guard let entry = removeFirst() else { return nil }
        now = entry.time
        return Event(time: entry.time, phase: entry.rank.phase, payload: entry.payload)
    }

    /// Takes an event out before its time; false when it has already left or was cancelled before.
    @discardableResult
    public mutating func cancel(_ handle: EventHandle) -> Bool {
        if let last = lastOut[Int(handle.rank.phase.rawValue)],
            (handle.time.nanoseconds, handle.rank.bits) <= (last.time.nanoseconds, last.rank.bits)
        {
            return false
        }
        return cancelled.insert(handle.rank).inserted
    }

    private mutating func dropCancelled() {
        while !cancelled.isEmpty, let first = heap.first, cancelled.remove(first.rank) != nil {
            _ = removeFirst()
        }
    }

    private mutating func removeFirst() -> Entry? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        lastOut[Int(first.rank.phase.rawValue)] = EventHandle(time: first.time, rank: first.rank)
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(heap[parent]) else { break }
            heap.swapAt(child, parent)
            parent = child
        }
        return first
    }
}
