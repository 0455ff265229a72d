import DiscreteEvents
import Primitives
import Testing

@Suite struct EventQueueTests {
    @Test func `events of equal time and phase leave in the order of pushing`() {
        var queue = EventQueue<Int>()
        for number in 0..<1000 { queue.push(number, at: .zero, phase: .arrival) }
        for number in 0..<1000 { #expect(queue.pop()?.payload == number) }
        let last = queue.pop()
        #expect(last == nil)
    }

    @Test func `lower phases leave first`() {
        var queue = EventQueue<Int>()
        for phase in EventPhase.allCases.reversed() {
            queue.push(Int(phase.rawValue), at: SimTime(nanoseconds: 5), phase: phase)
        }
        for phase in EventPhase.allCases {
            let event = queue.pop()
            #expect(event?.phase == phase)
            #expect(event?.payload == Int(phase.rawValue))
        }
    }

    @Test(arguments: [100, 10_000])
    func `a crowd at one instant leaves by phase, then in the order of pushing`(_ count: Int) {
        var queue = EventQueue<Int>()
        let phases = EventPhase.allCases
        for number in 0..<count {
            queue.push(
                number, at: SimTime(nanoseconds: 9), phase: phases[number * 5 % phases.count])
        }
        var left: [(EventPhase, Int)] = []
        while let event = queue.pop() { left.append((event.phase, event.payload)) }
        #expect(left.count == count)
        #expect(zip(left, left.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func `a handle cancels once, and never what has left`() {
        var queue = EventQueue<Int>()
        let handles = (0..<100).map {
            queue.push($0, at: SimTime(nanoseconds: Int64($0 / 10)), phase: .arrival)
        }
        for number in 0..<15 {
            let payload = queue.pop()?.payload
            #expect(payload == number)
        }
        for (number, handle) in handles.enumerated() {
            let first = queue.cancel(handle)
            #expect(first == (number >= 15))
            let second = queue.cancel(handle)
            #expect(!second)
        }
        let (count, next, event) = (queue.count, queue.nextTime, queue.pop())
        #expect(count == 0)
        #expect(next == nil)
        #expect(event == nil)
    }

    @Test func `a cancelled event that was looked past stays cancelled`() {
        var queue = EventQueue<Int>()
        let cancelled = queue.push(1, at: SimTime(nanoseconds: 10), phase: .arrival)
        queue.cancel(cancelled)
        let next = queue.nextTime
        #expect(next == nil)
        // Before the time of the one that was dropped.
        let early = queue.push(2, at: SimTime(nanoseconds: 5), phase: .arrival)
        let (again, first) = (queue.cancel(cancelled), queue.cancel(early))
        #expect(!again)
        #expect(first)
    }

    @Test func `the past is closed`() async {
        await #expect(processExitsWith: .failure) {
            var queue = EventQueue<Int>()
            queue.push(1, at: SimTime(nanoseconds: 10), phase: .arrival)
            _ = queue.pop()
            queue.push(2, at: SimTime(nanoseconds: 9), phase: .arrival)
        }
    }
}
