import DiscreteEvents
import Primitives
import Testing

/// The queue that is obviously right: an array kept in order.
private struct SortedArrayQueue {
    private struct Entry {
        var time: Int64
        var phase: EventPhase
        var sequence: Int
        var payload: Int32
    }

    private var entries: [Entry] = []
    private var pushed = 0

    var count: Int { entries.count }
    var nextTime: Int64? { entries.first?.time }

    /// The sequence number of the new event.
    mutating func push(_ payload: Int32, at time: Int64, phase: EventPhase) -> Int {
        let place =
            entries.partitioningIndex { (time, phase.rawValue) < ($0.time, $0.phase.rawValue) }
        entries.insert(
            Entry(time: time, phase: phase, sequence: pushed, payload: payload), at: place)
        pushed += 1
        return pushed - 1
    }

    mutating func pop() -> (time: Int64, phase: EventPhase, payload: Int32)? {
        guard !entries.isEmpty else { return nil }
        let first = entries.removeFirst()
        return (first.time, first.phase, first.payload)
    }

    mutating func cancel(_ sequence: Int) -> Bool {
        guard let place = entries.firstIndex(where: { $0.sequence == sequence }) else {
            return false
        }
        entries.remove(at: place)
        return true
    }
}

extension Array {
    /// The first position whose element satisfies `belongsAfter`; once one does, all later ones do.
    fileprivate func partitioningIndex(where belongsAfter: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongsAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// How far ahead of now an event is pushed.
private enum Delays: CaseIterable {
    case none, few, uniform, exponential, bimodal, heavyTailed, wild, descending, beforeNext

    /// - Parameter gap: from now to the next event.
    func draw(_ random: inout RandomStream, step: Int, gap: Int64) -> Int64 {
        switch self {
        case .none: 0
        case .few: Int64(random.below(4))
        case .uniform: Int64(random.below(1_000_000))
        case .exponential: Int64(random.below(1 << random.below(20)))
        case .bimodal: Int64(random.below(100)) + (random.below(10) == 0 ? 1 << 40 : 0)
        case .heavyTailed: Int64(random.next() >> (1 + random.below(63)))
        case .wild:
            switch random.below(4) {
            case 0: 0
            case 1: .max
            case 2: Int64(random.next() >> 1)
            default: Int64(random.below(3))
            }
        case .descending: max(0, 1_000_000 - 10 * Int64(step))
        case .beforeNext: gap > 0 ? Int64(random.below(UInt64(gap))) : 1 << random.below(62)
        }
    }
}

@Suite struct EventQueueLawTests {
    @Test(arguments: 0..<400 as Range<UInt64>)
    func `leaves exactly as a sorted array would, through pushes, pops and cancellations`(
        _ seed: UInt64
    ) {
        var random = RandomStream(seed: seed, name: "event-queue-laws")
        // Swarm: each seed has its own kinds of delay, phases, weights and size.
        let delays = (0...random.below(2)).map { _ in
            Delays.allCases[Int(random.below(UInt64(Delays.allCases.count)))]
        }
        let phaseCount = 1 + random.below(UInt64(EventPhase.allCases.count))
        let pushWeight = 1 + random.below(9)
        let popWeight = 1 + random.below(9)
        let cancelWeight = random.below(3) == 0 ? 0 : random.below(6)
        let most = 1 << random.below(13)
        let start: Int64 = [0, 0, .min + 1, -1_000_000, 1 << 62][Int(random.below(5))]

        var queue = EventQueue<Int32>(startingAt: SimTime(nanoseconds: start))
        var model = SortedArrayQueue()
        var handles: [(EventHandle, Int)] = []
        var now = start
        var failures = 0

        for step in 0..<6_000 where failures == 0 {
            var choice = random.below(pushWeight + popWeight + cancelWeight)
            if model.count >= most { choice = pushWeight }
            if choice < pushWeight {
                let (gap, tooFar) = (model.nextTime ?? now).subtractingReportingOverflow(now)
                let delay = delays[Int(random.below(UInt64(delays.count)))]
                    .draw(&random, step: step, gap: tooFar ? .max : gap)
                let (sum, overflow) = now.addingReportingOverflow(delay)
                let time = overflow ? .max : sum
                let phase = EventPhase(rawValue: UInt8(random.below(phaseCount)))!
                let payload = Int32(truncatingIfNeeded: step)
                let handle = queue.push(payload, at: SimTime(nanoseconds: time), phase: phase)
                handles.append((handle, model.push(payload, at: time, phase: phase)))
            } else if choice < pushWeight + popWeight {
                let (got, want) = (queue.pop(), model.pop())
                if let want { now = want.time }
                if got?.time.nanoseconds != want?.time || got?.phase != want?.phase
                    || got?.payload != want?.payload || queue.now.nanoseconds != now
                {
                    failures += 1
                }
            } else if !handles.isEmpty {
                let (handle, sequence) = handles[Int(random.below(UInt64(handles.count)))]
                if queue.cancel(handle) != model.cancel(sequence) { failures += 1 }
            }
            if random.below(8) == 0, queue.nextTime?.nanoseconds != model.nextTime {
                failures += 1
            }
            if queue.count != model.count || queue.isEmpty != (model.count == 0) { failures += 1 }
            if failures > 0 { Issue.record("seed \(seed) differs at step \(step)") }
        }
        while failures == 0, let want = model.pop() {
            let got = queue.pop()
            if got?.time.nanoseconds != want.time || got?.payload != want.payload { failures += 1 }
        }
        #expect(failures == 0, "seed \(seed)")
        let rest = queue.pop()
        #expect(failures > 0 || rest == nil, "seed \(seed)")
    }

    @Test(arguments: [40, 70, 200], [3, 1_000] as [Int64])
    func `a next event that turns out not to be next costs order nothing, however often`(
        _ crowd: Int, _ width: Int64
    ) {
        // Each crowd lies in a narrow span, is looked at, and is then overtaken by a nearer one.
        var queue = EventQueue<Int64>()
        var pushed: [Int64] = []
        var gap: Int64 = 1 << 61
        var random = RandomStream(seed: 1, name: "overtaken")
        while gap > 1_000 {
            for _ in 0..<crowd {
                let time = gap + Int64(random.below(UInt64(width + 1)))
                queue.push(time, at: SimTime(nanoseconds: time), phase: .arrival)
                pushed.append(time)
            }
            _ = queue.nextTime
            gap -= gap / 3
        }
        for time in pushed.sorted() {
            let event = queue.pop()
            guard event?.payload == time, event?.time.nanoseconds == time else {
                Issue.record("left at the wrong time, wanted \(time)")
                return
            }
        }
        let rest = queue.count
        #expect(rest == 0)
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `times between crowds have their place, whichever crowd came first`(
        _ seed: UInt64
    ) {
        var random = RandomStream(seed: seed, name: "gap")
        var queue = EventQueue<Int64>()
        var pushed: [Int64] = []
        func push(_ count: Int, from first: Int64, width: UInt64) {
            for _ in 0..<count {
                let time = first + Int64(random.below(width))
                queue.push(time, at: SimTime(nanoseconds: time), phase: .arrival)
                pushed.append(time)
            }
        }
        push(200, from: 1_000_000_000, width: 1 << random.below(30))
        _ = queue.nextTime
        // Each crowd before the last one, and then events anywhere.
        for _ in 0..<8 {
            let before = UInt64(max(1, pushed.min() ?? 1))
            push(
                65, from: Int64(random.below(before)),
                width: 1 + random.below(1 << random.below(20)))
            if random.below(3) == 0 { push(3, from: 0, width: 2_000_000_000) }
        }
        push(100, from: 0, width: 2_000_000_000)
        for time in pushed.sorted() {
            let event = queue.pop()
            guard event?.payload == time else {
                Issue.record("seed \(seed): left at the wrong time, wanted \(time)")
                return
            }
        }
    }
}
