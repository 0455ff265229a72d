/// Buckets by the highest bit in which a time differs from the last that left (Ahuja, Mehlhorn, Orlin and Tarjan,
/// 1990). Moves keep the order in a bucket, so equal times leave in FIFO order; it knows no phases.
struct RadixHeap: Loser {
    static var name: String { "radix heap" }
    private var buckets: [[HoldEntry]] = Array(repeating: [], count: 65)
    private var last: Int64 = 0
    /// How many of bucket 0 have left.
    private var left = 0

    mutating func push(_ entry: HoldEntry) {
        let bucket = UInt64.bitWidth - UInt64(bitPattern: entry.time ^ last).leadingZeroBitCount
        buckets[bucket].append(entry)
    }

    mutating func pop() -> HoldEntry {
        if left == buckets[0].count { refill() }
        left += 1
        return buckets[0][left - 1]
    }

    private mutating func refill() {
        buckets[0].removeAll(keepingCapacity: true)
        left = 0
        guard let index = buckets.firstIndex(where: { !$0.isEmpty }) else { return }
        var moving: [HoldEntry] = []
        swap(&moving, &buckets[index])
        last = moving[0].time
        for entry in moving { last = min(last, entry.time) }
        for entry in moving { push(entry) }
        moving.removeAll(keepingCapacity: true)
        swap(&moving, &buckets[index])
    }
}
