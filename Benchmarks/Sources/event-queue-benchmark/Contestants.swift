import CxxPriorityQueue
import DiscreteEvents
import HeapModule
import Primitives

/// One queue under test: the same events go into each, and the times that leave must agree.
protocol Contestant: AnyObject {
    static var name: String { get }
    init()
    func push(_ time: Int64)
    /// Pops and pushes `count` times, each new event `delays[i & mask]` after the one that left; a sum over the
    /// times that left.
    func hold(_ delays: UnsafeBufferPointer<Int64>, from first: UInt64, count: UInt64) -> UInt64
}

struct SixteenBytes: BitwiseCopyable {
    var first: UInt64
    var second: UInt64
}

final class TopsimQueue: Contestant {
    static var name: String { "topsim" }
    private var queue = EventQueue<SixteenBytes>()
    private var sequence: UInt64 = 0

    func push(_ time: Int64) {
        queue.push(
            SixteenBytes(first: sequence, second: sequence), at: SimTime(nanoseconds: time),
            phase: .arrival)
        sequence &+= 1
    }

    func hold(_ delays: UnsafeBufferPointer<Int64>, from first: UInt64, count: UInt64) -> UInt64 {
        // In a local variable, as a stored property of a class has its exclusive use checked at each call.
        var local = EventQueue<SixteenBytes>()
        swap(&local, &queue)
        defer { swap(&local, &queue) }
        let mask = UInt64(delays.count - 1)
        var sum: UInt64 = 0
        for index in first..<first + count {
            guard let event = local.pop() else { break }
            sum = sum &* 31 &+ UInt64(bitPattern: event.time.nanoseconds)
            local.push(
                SixteenBytes(first: sequence, second: sequence),
                at: SimTime(nanoseconds: event.time.nanoseconds &+ delays[Int(index & mask)]),
                phase: .arrival)
            sequence &+= 1
        }
        return sum
    }
}

final class CollectionsHeap: Contestant {
    static var name: String { "Heap" }

    private struct Entry: Comparable {
        var time: Int64
        var rank: UInt64
        var payload: SixteenBytes

        static func < (lhs: Entry, rhs: Entry) -> Bool {
            lhs.time < rhs.time || (lhs.time == rhs.time && lhs.rank < rhs.rank)
        }
        static func == (lhs: Entry, rhs: Entry) -> Bool { lhs.rank == rhs.rank }
    }

    private var heap = Heap<Entry>()
    private var sequence: UInt64 = 0

    func push(_ time: Int64) {
        heap.insert(
            Entry(
                time: time, rank: sequence,
                payload: SixteenBytes(first: sequence, second: sequence)))
        sequence &+= 1
    }

    func hold(_ delays: UnsafeBufferPointer<Int64>, from first: UInt64, count: UInt64) -> UInt64 {
        var local = Heap<Entry>()
        swap(&local, &heap)
        defer { swap(&local, &heap) }
        let mask = UInt64(delays.count - 1)
        var sum: UInt64 = 0
        for index in first..<first + count {
            guard let entry = local.popMin() else { break }
            sum = sum &* 31 &+ UInt64(bitPattern: entry.time)
            local.insert(
                Entry(
                    time: entry.time &+ delays[Int(index & mask)], rank: sequence,
                    payload: SixteenBytes(first: sequence, second: sequence)))
            sequence &+= 1
        }
        return sum
    }
}

class CxxContestant {
    private let queue: OpaquePointer

    init(total: Bool) { queue = cxx_queue_create(total ? 1 : 0) }
    deinit { cxx_queue_destroy(queue) }

    func push(_ time: Int64) { cxx_queue_push(queue, time) }

    func hold(_ delays: UnsafeBufferPointer<Int64>, from first: UInt64, count: UInt64) -> UInt64 {
        cxx_queue_hold(queue, delays.baseAddress, UInt64(delays.count - 1), first, count)
    }
}

/// std::priority_queue with topsim's total order.
final class CxxTotalOrder: CxxContestant, Contestant {
    static var name: String { "C++" }
    init() { super.init(total: true) }
}

/// std::priority_queue ordered by time alone: no phase, no FIFO, 24-byte entries.
final class CxxTimeOnly: CxxContestant, Contestant {
    static var name: String { "C++ by time" }
    init() { super.init(total: false) }
}
