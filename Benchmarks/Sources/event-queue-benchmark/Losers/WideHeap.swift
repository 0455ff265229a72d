/// A heap in which each parent has four children, so that it is half as deep as a binary one.
struct QuaternaryHeap: Loser {
    static var name: String { "4-ary heap" }
    private var entries: [HoldEntry] = []

    mutating func push(_ entry: HoldEntry) {
        entries.append(entry)
        var hole = entries.count &- 1
        entries.withUnsafeMutableBufferPointer { entries in
            while hole > 0 {
                let parent = (hole &- 1) &>> 2
                guard entry.precedes(entries[parent]) else { break }
                entries[hole] = entries[parent]
                hole = parent
            }
            entries[hole] = entry
        }
    }

    mutating func pop() -> HoldEntry {
        let last = entries.removeLast()
        guard !entries.isEmpty else { return last }
        return entries.withUnsafeMutableBufferPointer { entries in
            let first = entries[0]
            var hole = 0
            while true {
                let firstChild = 4 &* hole &+ 1
                guard firstChild < entries.count else { break }
                var least = firstChild
                for child in firstChild
                    &+ 1..<max(firstChild &+ 1, min(firstChild &+ 4, entries.count))
                where entries[child].precedes(entries[least]) {
                    least = child
                }
                guard entries[least].precedes(last) else { break }
                entries[hole] = entries[least]
                hole = least
            }
            entries[hole] = last
            return first
        }
    }
}

/// Eight children, keys apart from payloads: the keys of all children lie in two cache lines.
struct OctonaryKeyHeap: Loser {
    static var name: String { "8-ary keys" }

    private struct Key {
        var time: Int64
        var rank: UInt64

        func precedes(_ other: Key) -> Bool {
            time < other.time || (time == other.time && rank < other.rank)
        }
    }

    private var keys: [Key] = []
    private var payloads: [SixteenBytes] = []

    mutating func push(_ entry: HoldEntry) {
        let key = Key(time: entry.time, rank: entry.rank)
        keys.append(key)
        payloads.append(entry.payload)
        var hole = keys.count &- 1
        keys.withUnsafeMutableBufferPointer { keys in
            payloads.withUnsafeMutableBufferPointer { payloads in
                while hole > 0 {
                    let parent = (hole &- 1) &>> 3
                    guard key.precedes(keys[parent]) else { break }
                    keys[hole] = keys[parent]
                    payloads[hole] = payloads[parent]
                    hole = parent
                }
                keys[hole] = key
                payloads[hole] = entry.payload
            }
        }
    }

    mutating func pop() -> HoldEntry {
        var first = HoldEntry(time: keys[0].time, sequence: keys[0].rank)
        first.payload = payloads[0]
        let (key, payload) = (keys.removeLast(), payloads.removeLast())
        guard !keys.isEmpty else { return first }
        keys.withUnsafeMutableBufferPointer { keys in
            payloads.withUnsafeMutableBufferPointer { payloads in
                var hole = 0
                while true {
                    let firstChild = 8 &* hole &+ 1
                    guard firstChild < keys.count else { break }
                    var least = firstChild
                    var child = firstChild &+ 1
                    let end = min(firstChild &+ 8, keys.count)
                    while child < end {
                        if keys[child].precedes(keys[least]) { least = child }
                        child &+= 1
                    }
                    guard keys[least].precedes(key) else { break }
                    keys[hole] = keys[least]
                    payloads[hole] = payloads[least]
                    hole = least
                }
                keys[hole] = key
                payloads[hole] = payload
            }
        }
        return first
    }
}
