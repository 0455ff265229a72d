/// The events that leave next: a sorted run that came from the ladder, and a heap of those pushed since.
@usableFromInline
struct EventFront<Payload: BitwiseCopyable>: ~Copyable {
    /// How many late events may gather before they are spread over a rung of their own.
    @inlinable
    static var usualLateLimit: Int { 64 }

    /// The front holds every pending event of this time or before, and none after it.
    @usableFromInline var last: Int64
    /// Ascending; `run[runStart...]` has not left yet.
    @usableFromInline var run = EventBuffer<Payload>()
    @usableFromInline var runStart = 0
    /// A binary heap.
    @usableFromInline var late = EventBuffer<Payload>()
    @usableFromInline var lateLimit = EventFront.usualLateLimit

    @inlinable
    init(last: Int64) { self.last = last }

    @inlinable
    var isRunEmpty: Bool { runStart == run.count }

    /// - Precondition: not empty.
    @inlinable
    var first: EventEntry<Payload> {
        if late.count == 0 { return run.base[runStart] }
        if runStart == run.count || late.base[0].precedes(run.base[runStart]) {
            return late.base[0]
        }
        return run.base[runStart]
    }

    /// - Precondition: not empty.
    @inlinable
    mutating func removeFirst() -> EventEntry<Payload> {
        if late.count != 0,
            runStart == run.count || late.base[0].precedes(run.base[runStart])
        {
            return removeFirstLate()
        }
        let entry = run.base[runStart]
        runStart &+= 1
        return entry
    }

    /// - Precondition: `entry` is not later than `last`.
    @inlinable
    mutating func insert(_ entry: EventEntry<Payload>) {
        late.append(entry)
        var hole = late.count &- 1
        while hole > 0 {
            let parent = (hole &- 1) &>> 1
            guard entry.precedes(late.base[parent]) else { break }
            late.base[hole] = late.base[parent]
            hole = parent
        }
        late.base[hole] = entry
    }

    @inlinable
    mutating func removeFirstLate() -> EventEntry<Payload> {
        let first = late.base[0]
        late.count &-= 1
        let end = late.count
        let moved = late.base[end]
        var hole = 0
        while true {
            var child = 2 &* hole &+ 1
            guard child < end else { break }
            if child &+ 1 < end, late.base[child &+ 1].precedes(late.base[child]) { child &+= 1 }
            guard late.base[child].precedes(moved) else { break }
            late.base[hole] = late.base[child]
            hole = child
        }
        late.base[hole] = moved
        return first
    }
}

// MARK: Between front and ladder

extension EventFront {
    /// Adds one of a few entries to the run, keeping it sorted.
    @inlinable
    mutating func insertIntoRun(_ entry: EventEntry<Payload>) {
        run.append(entry)
        var hole = run.count &- 1
        while hole > 0, entry.precedes(run.base[hole &- 1]) {
            run.base[hole] = run.base[hole &- 1]
            hole &-= 1
        }
        run.base[hole] = entry
    }

    /// Sorts a run of any length. Most long ones are of one instant, and in order already.
    @inlinable
    mutating func sortRun() {
        lateLimit = Swift.max(EventFront.usualLateLimit, run.count)
        var position = 1
        while position < run.count, run.base[position &- 1].precedes(run.base[position]) {
            position &+= 1
        }
        guard position < run.count else { return }
        var entries = UnsafeMutableBufferPointer(start: run.base, count: run.count)
        entries.sort { $0.precedes($1) }
    }

    @inlinable
    mutating func clearRun() {
        run.count = 0
        runStart = 0
        lateLimit = EventFront.usualLateLimit
    }

    /// Turns the late events into the run, when there is none and they are many: sorted at once they cost less than
    /// one by one.
    @inlinable
    mutating func sortLate() {
        clearRun()
        swap(&run, &late)
        sortRun()
    }

    /// Spreads everything over a new rung, unless it is all of one instant or there are rungs enough.
    @inlinable
    mutating func spill(into ladder: inout EventLadder<Payload>) {
        var span = EventSpan()
        for index in runStart..<run.count { span.include(run.base[index].time) }
        for index in 0..<late.count { span.include(late.base[index].time) }
        guard span.first < span.last, ladder.hasRoomForSpill(of: &self) else {
            lateLimit = 2 &* late.count
            return
        }
        // All of the front's times, as nothing else may have a bucket for those after its events.
        span.include(last)
        ladder.addRung(over: span, for: run.count &- runStart &+ late.count, notAfter: last)
        for index in runStart..<run.count { ladder.appendToLowest(run.base[index]) }
        for index in 0..<late.count { ladder.appendToLowest(late.base[index]) }
        clearRun()
        late.count = 0
        last = span.first &- 1
    }
}

/// First and last of some times.
@usableFromInline
struct EventSpan {
    @usableFromInline var first = Int64.max
    @usableFromInline var last = Int64.min

    @inlinable
    init() {}

    @inlinable
    mutating func include(_ time: Int64) {
        first = min(first, time)
        last = max(last, time)
    }
}

/// A growing buffer that keeps its room.
@usableFromInline
struct EventBuffer<Payload: BitwiseCopyable>: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<EventEntry<Payload>>
    @usableFromInline var count = 0
    @usableFromInline var capacity = 64

    @inlinable
    init() { base = .allocate(capacity: 64) }

    @inlinable
    deinit { base.deallocate() }

    @inlinable
    mutating func append(_ entry: EventEntry<Payload>) {
        if count == capacity { grow(to: 2 &* capacity) }
        base[count] = entry
        count &+= 1
    }

    @inlinable
    mutating func reserve(_ wanted: Int) {
        if wanted > capacity { grow(to: Swift.max(wanted, 2 &* capacity)) }
    }

    @inlinable
    mutating func grow(to newCapacity: Int) {
        let larger = UnsafeMutablePointer<EventEntry<Payload>>.allocate(capacity: newCapacity)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
        capacity = newCapacity
    }
}
