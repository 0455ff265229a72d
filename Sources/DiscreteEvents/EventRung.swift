/// Buckets of one width over one span of time. Memory is kept from use to use.
@usableFromInline
struct EventRung<Payload: BitwiseCopyable> {
    @usableFromInline var start: Int64 = 0
    /// The last time that this rung takes.
    @usableFromInline var last: Int64 = 0
    /// A bucket spans 2^shift nanoseconds.
    @usableFromInline var shift: UInt64 = 0
    @usableFromInline var buckets: UnsafeMutablePointer<EventBucket<Payload>>?
    /// One bit a bucket that holds something.
    @usableFromInline var occupied: UnsafeMutablePointer<UInt64>?
    @usableFromInline var wordCount = 0
    @usableFromInline var currentWord = 0
    @usableFromInline var capacity = 0

    @inlinable
    init() {}

    @inlinable
    func deallocate() {
        buckets?.deallocate()
        occupied?.deallocate()
    }

    /// Begins anew, empty.
    @inlinable
    mutating func reset(start: Int64, last: Int64, shift: UInt64, bucketCount: Int) {
        self.start = start
        self.last = last
        self.shift = shift
        wordCount = (bucketCount &+ 63) &>> 6
        currentWord = 0
        if bucketCount > capacity {
            deallocate()
            capacity = wordCount &* 64
            buckets = .allocate(capacity: capacity)
            buckets?.initialize(repeating: EventBucket(), count: capacity)
            occupied = .allocate(capacity: wordCount)
            occupied?.initialize(repeating: 0, count: wordCount)
        }
    }

    /// - Precondition: the entry's time is in `start...last`.
    @inlinable
    func append(_ entry: EventEntry<Payload>, pool: inout EventChunkPool<Payload>) {
        assert(start <= entry.time && entry.time <= last, "a rung has a bucket for the event")
        let index = Int(
            truncatingIfNeeded: UInt64(bitPattern: entry.time &- start) &>> shift)
        let bucket = buckets.unsafelyUnwrapped + index
        let position = bucket.pointee.count & (EventChunk<Payload>.capacity &- 1)
        if position == 0 {
            let chunk = pool.take()
            if bucket.pointee.count == 0 {
                bucket.pointee.head = chunk
                occupied.unsafelyUnwrapped[index &>> 6] |= 1 &<< UInt64(index & 63)
            } else {
                bucket.pointee.tail.unsafelyUnwrapped.setNext(chunk)
            }
            bucket.pointee.tail = chunk
        }
        bucket.pointee.tail.unsafelyUnwrapped.entries[position] = entry
        bucket.pointee.count &+= 1
    }

    /// Whether no bucket holds anything; unlike `nextBucket()` it leaves room for events before the next one.
    @inlinable
    var isEmpty: Bool {
        for word in currentWord..<wordCount where occupied.unsafelyUnwrapped[word] != 0 {
            return false
        }
        return true
    }

    /// The earliest bucket that holds something. Events must not be added before it any more.
    @inlinable
    mutating func nextBucket() -> Int? {
        // The last word is looked at again next time: the highest rung may be filled anew.
        while true {
            let word = occupied.unsafelyUnwrapped[currentWord]
            if word != 0 { return currentWord &* 64 &+ word.trailingZeroBitCount }
            if currentWord &+ 1 == wordCount { return nil }
            currentWord &+= 1
        }
    }

    @inlinable
    func takeBucket(_ index: Int) -> EventBucket<Payload> {
        let bucket = buckets.unsafelyUnwrapped[index]
        buckets.unsafelyUnwrapped[index].count = 0
        occupied.unsafelyUnwrapped[index &>> 6] &= ~(1 &<< UInt64(index & 63))
        return bucket
    }

    @inlinable
    func lastTime(ofBucket index: Int) -> Int64 {
        let end = (UInt64(truncatingIfNeeded: index &+ 1) &<< shift) &- 1
        return start &+ Int64(bitPattern: Swift.min(end, UInt64(bitPattern: last &- start)))
    }
}

/// Some events in the order in which they came, in a chain of chunks of which all but the last are full.
@usableFromInline
struct EventBucket<Payload: BitwiseCopyable>: BitwiseCopyable {
    @usableFromInline var head: EventChunk<Payload>?
    @usableFromInline var tail: EventChunk<Payload>?
    @usableFromInline var count = 0

    @inlinable
    init() {}

    /// Calls `body` with each chunk and how many entries are in it; `body` may free the chunk.
    @inlinable
    func forEachChunk(_ body: (EventChunk<Payload>, Int) -> Void) {
        var left = count
        var chunk = head
        while left > 0, let current = chunk {
            chunk = current.next
            body(current, Swift.min(left, EventChunk<Payload>.capacity))
            left &-= EventChunk<Payload>.capacity
        }
    }
}
