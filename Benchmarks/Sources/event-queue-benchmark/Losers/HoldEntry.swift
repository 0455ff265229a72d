/// An event of the queues that were tried and not chosen.
struct HoldEntry: BitwiseCopyable {
    var time: Int64
    var rank: UInt64
    var payload: SixteenBytes

    init(time: Int64, sequence: UInt64) {
        self.time = time
        rank = sequence
        payload = SixteenBytes(first: sequence, second: sequence)
    }

    func precedes(_ other: HoldEntry) -> Bool {
        time < other.time || (time == other.time && rank < other.rank)
    }
}

/// A queue that was tried: what it must be able to do to be measured.
protocol Loser {
    static var name: String { get }
    init()
    mutating func push(_ entry: HoldEntry)
    /// - Precondition: not empty.
    mutating func pop() -> HoldEntry
}

final class LosingContestant<Queue: Loser>: Contestant {
    static var name: String { Queue.name }
    private var queue = Queue()
    private var sequence: UInt64 = 0

    func push(_ time: Int64) {
        queue.push(HoldEntry(time: time, sequence: sequence))
        sequence &+= 1
    }

    func hold(_ delays: UnsafeBufferPointer<Int64>, from first: UInt64, count: UInt64) -> UInt64 {
        var local = Queue()
        swap(&local, &queue)
        defer { swap(&local, &queue) }
        let mask = UInt64(delays.count - 1)
        var sum: UInt64 = 0
        for index in first..<first + count {
            let entry = local.pop()
            sum = sum &* 31 &+ UInt64(bitPattern: entry.time)
            local.push(
                HoldEntry(time: entry.time &+ delays[Int(index & mask)], sequence: sequence))
            sequence &+= 1
        }
        return sum
    }
}
