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
}
