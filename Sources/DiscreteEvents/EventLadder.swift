/// Events after the front, unsorted, in buckets of equal spans of time.
///
/// The highest rung covers all times. When a bucket's turn comes and it holds more than a few events, it is spread
/// over a finer rung below; a bucket of few becomes the sorted front.
///
/// Front and rungs leave no gap: the front has all times up to its last, and the first rung, from the lowest, whose
/// last time is not before a later time has a bucket for it.
@usableFromInline
struct EventLadder<Payload: BitwiseCopyable>: ~Copyable {
    /// A bucket of at most so many events is sorted, a larger one is spread over a new rung.
    @inlinable
    static var mostSorted: Int { 32 }
    @inlinable
    static var fewestBuckets: Int { 16 }
    @inlinable
    static var mostBuckets: Int { 1024 }
    /// A bucket that is spread over a rung is at least 16 times as wide as that rung's, so that 64 bits of time are
    /// used up after 16 rungs. A front that spills can be wider than the bucket that it came from, when its events
    /// were pushed long before the others in it; it does so only while 16 more rungs fit below.
    @inlinable
    static var mostRungs: Int { 36 }
    @inlinable
    static var lastSpillRung: Int { 18 }

    @usableFromInline let rungs: UnsafeMutablePointer<EventRung<Payload>>
    /// The lowest rung: the one whose buckets are narrowest and earliest.
    @usableFromInline var lowest = 0
    @usableFromInline var pool = EventChunkPool<Payload>()

    @inlinable
    init(start: Int64) {
        rungs = .allocate(capacity: EventLadder.mostRungs)
        rungs.initialize(repeating: EventRung(), count: EventLadder.mostRungs)
        rungs[0].reset(start: start, last: .max, shift: 63, bucketCount: 2)
    }

    @inlinable
    deinit {
        for index in 0..<EventLadder.mostRungs { rungs[index].deallocate() }
        rungs.deallocate()
    }

    /// Adds an event that is later than the front.
    @inlinable
    mutating func append(_ entry: EventEntry<Payload>) {
        var level = lowest
        while entry.time > rungs[level].last { level &-= 1 }
        rungs[level].append(entry, pool: &pool)
    }

    @inlinable
    mutating func appendToLowest(_ entry: EventEntry<Payload>) {
        rungs[lowest].append(entry, pool: &pool)
    }

    /// Adds a rung for some events whose buckets reach over `span` and further, but not after `limit`.
    @inlinable
    mutating func addRung(over span: EventSpan, for count: Int, notAfter limit: Int64) {
        let wanted = Swift.min(
            Swift.max(count &>> 2, EventLadder.fewestBuckets), EventLadder.mostBuckets)
        let bucketBits = Int.bitWidth &- (wanted &- 1).leadingZeroBitCount
        let width = UInt64(bitPattern: span.last &- span.first)
        let shift = Swift.max(0, UInt64.bitWidth &- width.leadingZeroBitCount &- bucketBits)
        let bits = UInt64(bucketBits &+ shift)
        let reach = Swift.min(
            bits < 64 ? (1 &<< bits) &- 1 : .max, UInt64(bitPattern: limit &- span.first))
        lowest &+= 1
        precondition(lowest < EventLadder.mostRungs, "rungs narrow until they tell instants apart")
        rungs[lowest].reset(
            start: span.first, last: span.first &+ Int64(bitPattern: reach), shift: UInt64(shift),
            bucketCount: 1 &<< bucketBits)
    }

    /// Whether a front may become a rung. Forgets empty rungs to make room; their times are the front's then.
    @inlinable
    mutating func hasRoomForSpill(of front: inout EventFront<Payload>) -> Bool {
        while lowest > 0, rungs[lowest].isEmpty {
            front.last = rungs[lowest].last
            lowest &-= 1
        }
        return lowest < EventLadder.lastSpillRung
    }

    /// Fills an empty front with the next events; false when there are none.
    @inlinable
    mutating func refill(_ front: inout EventFront<Payload>) -> Bool {
        while true {
            guard let index = rungs[lowest].nextBucket() else {
                if lowest == 0 { return false }
                lowest &-= 1
                continue
            }
            let last = rungs[lowest].lastTime(ofBucket: index)
            let bucket = rungs[lowest].takeBucket(index)
            if bucket.count <= EventLadder.mostSorted {
                front.clearRun()
                bucket.forEachChunk { chunk, count in
                    for position in 0..<count { front.insertIntoRun(chunk.entries[position]) }
                    pool.free(chunk)
                }
                // The highest rung's bucket has no end of its own.
                front.last = lowest > 0 ? last : front.run.base[front.run.count &- 1].time
                return true
            }
            var span = EventSpan()
            bucket.forEachChunk { chunk, count in
                for position in 0..<count { span.include(chunk.entries[position].time) }
            }
            if span.first == span.last {
                front.clearRun()
                front.run.reserve(bucket.count)
                bucket.forEachChunk { chunk, count in
                    for position in 0..<count { front.run.append(chunk.entries[position]) }
                    pool.free(chunk)
                }
                front.sortRun()
                front.last = last
                return true
            }
            addRung(over: span, for: bucket.count, notAfter: last)
            bucket.forEachChunk { chunk, count in
                for position in 0..<count { appendToLowest(chunk.entries[position]) }
                pool.free(chunk)
            }
        }
    }
}
