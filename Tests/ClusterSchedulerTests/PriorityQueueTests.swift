import ClusterScheduler
import Primitives
import Testing

@Suite struct PriorityQueueTests {
    /// Some answer for every question, always the same.
    private static func answer(
        _ shape: Int32, _ plugins: PluginSet, _ pending: PluginSet, _ event: ClusterEvent
    ) -> QueueingStrategy {
        guard case .assignedPodDelete(let other) = event else { return .afterBackoff }
        let mix = UInt32(bitPattern: shape) &* 7 &+ plugins.bits &* 13 &+ pending.bits &* 29
        switch (mix &+ UInt32(bitPattern: other) &* 17) % 5 {
        case 0, 1, 2: return .skip
        case 3: return .afterBackoff
        default: return .immediately
        }
    }

    @Test(arguments: 0..<40)
    func `groups and heaps do what lists of single pods do`(_ seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "queue")
        var queue = PriorityQueue()
        var model = PlainQueue()
        var inFlight: [(QueuedPod, PlainQueue.Pod)] = []
        var next: UInt32 = 0
        var time: Int64 = 0
        for step in 0..<600 {
            time += Int64(random.below(random.below(10) == 0 ? 9_000_000_000 : 400_000_000)) + 1
            let place = "seed \(seed), step \(step)"
            switch random.below(12) {
            case 0...2:
                let shape = Int(random.below(4))
                queue.add(
                    QueuedPod(
                        pod: next, shape: PodShapeIndex(shape), priority: Int32(shape % 3),
                        timestamp: time))
                model.add(next, shape: Int32(shape), priority: Int32(shape % 3), at: time)
                next += 1
            case 3...5:
                let pod = queue.pop()
                let other = model.pop()
                #expect(pod?.pod == other?.pod, "\(place)")
                #expect(pod?.attempts == other?.attempts, "\(place)")
                if let pod, let other { inFlight.append((pod, other)) }
            case 6...8:
                guard !inFlight.isEmpty else { continue }
                let (pod, other) = inFlight.remove(at: Int(random.below(UInt64(inFlight.count))))
                if random.below(6) == 0 {
                    queue.done(pod)
                    model.done(other)
                    continue
                }
                let plugins = PluginSet(bits: UInt32(random.below(4)))
                let pending = PluginSet(bits: random.below(5) == 0 ? 8 : 0)
                queue.failed(pod, unschedulable: plugins, pending: pending, at: time) {
                    shape, plugins, pending, event, _ in
                    Self.answer(shape, plugins, pending, event)
                }
                model.failed(other, plugins, pending, at: time, Self.answer)
            case 9, 10:
                let event = ClusterEvent.assignedPodDelete(shape: Int32(random.below(3)))
                queue.note(event, at: time) { shape, plugins, pending, event, _ in
                    Self.answer(shape, plugins, pending, event)
                }
                model.note(event, at: time, Self.answer)
            default:
                queue.flushBackoff(at: time)
                model.flushBackoff(at: time)
                if random.below(2) == 0 {
                    queue.flushLeftover(at: time)
                    model.flushLeftover(at: time)
                }
            }
            #expect(queue.activePods.map(\.pod) == model.active.sorted().map(\.pod), "\(place)")
            #expect(
                queue.unschedulablePods.map(\.pod.pod).sorted()
                    == model.unschedulable.map(\.pod).sorted(), "\(place)")
            #expect(
                Set(queue.backoffPods.map(\.pod.pod) + queue.errorBackoffPods.map(\.pod.pod))
                    == Set(model.backoff.map(\.pod)), "\(place)")
        }
        #expect(next > 50)
    }

    @Test func `an event asks once for a thousand pods, and the next such event not at all`() {
        var queue = PriorityQueue()
        for pod: UInt32 in 0..<1000 {
            queue.add(
                QueuedPod(pod: pod, shape: PodShapeIndex(0), priority: 0, timestamp: 0))
            guard let popped = queue.pop() else {
                Issue.record("the queue lost a pod")
                return
            }
            queue.failed(popped, unschedulable: PluginSet(filter: 4), pending: PluginSet(), at: 0) {
                _, _, _, _, _ in .skip
            }
        }
        var questions = 0
        for _ in 0..<2 {
            queue.note(.assignedPodDelete(shape: 1), at: 1) { _, _, _, _, _ in
                questions += 1
                return .skip
            }
        }
        #expect(questions == 1)
        let waiting = queue.unschedulableCount
        #expect(waiting == 1000)
    }

    @Test func `a pod that waits for its first cycle takes 40 bytes`() {
        #expect(MemoryLayout<QueuedPod>.stride == 40)
    }

    @Test func `backoff doubles from 1 to 10 seconds and ends in a whole one`() {
        var queue = PriorityQueue()
        queue.add(QueuedPod(pod: 0, shape: PodShapeIndex(0), priority: 0, timestamp: 0))
        var expiries: [Int64] = []
        for turn in 1...7 {
            guard let pod = queue.pop() else { break }
            let time = Int64(turn) * 100_000_000_000 + 700_000_000
            queue.failed(pod, unschedulable: PluginSet(filter: 4), pending: PluginSet(), at: time) {
                _, _, _, _, _ in .skip
            }
            expiries += queue.unschedulablePods.map {
                ($0.expiry ?? 0) - Int64(turn) * 100_000_000_000
            }
            queue.note(.assignedPodDelete(shape: 0), at: time) { _, _, _, _, _ in .immediately }
        }
        #expect(expiries == [1, 2, 4, 8, 10, 10, 10].map { $0 * 1_000_000_000 })
    }
}

/// The same rules with a list for each part and a walk over every pod.
private struct PlainQueue {
    struct Pod: Comparable {
        var pod: UInt32
        var shape: Int32
        var priority: Int32
        var timestamp: Int64
        var order: Int
        var attempts: UInt32 = 0
        var failures = 0
        var errors = 0
        var plugins = PluginSet()
        var pending = PluginSet()
        var expiry: Int64 = 0
        var seen = 0

        static func < (a: Pod, b: Pod) -> Bool {
            if a.priority != b.priority { return a.priority > b.priority }
            return (a.timestamp, a.order) < (b.timestamp, b.order)
        }
    }

    typealias Answer = (Int32, PluginSet, PluginSet, ClusterEvent) -> QueueingStrategy

    var active: [Pod] = []
    var backoff: [Pod] = []
    var unschedulable: [Pod] = []
    private var events: [ClusterEvent] = []
    private var order = 0

    mutating func add(_ pod: UInt32, shape: Int32, priority: Int32, at time: Int64) {
        active.append(
            Pod(pod: pod, shape: shape, priority: priority, timestamp: time, order: order))
        order += 1
    }

    private static func isError(_ pod: Pod) -> Bool { pod.plugins.union(pod.pending).isEmpty }

    mutating func pop() -> Pod? {
        var pod: Pod
        if let first = active.min() {
            active.removeAll { $0.pod == first.pod }
            pod = first
        } else {
            let candidates = backoff.filter { !PlainQueue.isError($0) }
            guard
                let first = candidates.min(by: {
                    $0.expiry != $1.expiry ? $0.expiry < $1.expiry : $0 < $1
                })
            else { return nil }
            backoff.removeAll { $0.pod == first.pod }
            pod = first
        }
        pod.attempts += 1
        pod.seen = events.count
        return pod
    }

    mutating func done(_ pod: Pod) {}

    mutating func failed(
        _ failed: Pod, _ plugins: PluginSet, _ pending: PluginSet, at time: Int64,
        _ answer: Answer
    ) {
        var pod = failed
        pod.timestamp = time
        pod.order = order
        order += 1
        pod.plugins = plugins
        pod.pending = pending
        var strategy = QueueingStrategy.afterBackoff
        if PlainQueue.isError(pod) {
            pod.errors += 1
        } else {
            pod.errors = 0
            pod.failures += 1
            let answers = events[pod.seen...].map { event -> QueueingStrategy in
                event == .unschedulableTimeout
                    ? .afterBackoff : answer(pod.shape, plugins, pending, event)
            }
            strategy =
                answers.contains(.immediately)
                ? .immediately : answers.contains(.afterBackoff) ? .afterBackoff : .skip
        }
        let count = pod.errors > 0 ? pod.errors : pod.failures
        let seconds: Int64 = min(10, 1 << Int64(min(count - 1, 10)))
        pod.expiry = (time + seconds * 1_000_000_000) / 1_000_000_000
        put(pod, strategy, at: time)
    }

    private mutating func put(_ pod: Pod, _ strategy: QueueingStrategy, at time: Int64) {
        switch strategy {
        case .skip: unschedulable.append(pod)
        case .afterBackoff where pod.expiry >= time / 1_000_000_000: backoff.append(pod)
        case .afterBackoff, .immediately: active.append(pod)
        }
    }

    mutating func note(_ event: ClusterEvent, at time: Int64, _ answer: Answer) {
        let waiting = unschedulable
        unschedulable = []
        for pod in waiting {
            put(pod, answer(pod.shape, pod.plugins, pod.pending, event), at: time)
        }
        events.append(event)
    }

    mutating func flushBackoff(at time: Int64) {
        active += backoff.filter { $0.expiry < time / 1_000_000_000 }
        backoff.removeAll { $0.expiry < time / 1_000_000_000 }
    }

    mutating func flushLeftover(at time: Int64) {
        let late = unschedulable.filter { time - $0.timestamp > 300_000_000_000 }
        unschedulable.removeAll { time - $0.timestamp > 300_000_000_000 }
        for pod in late { put(pod, .afterBackoff, at: time) }
        if !late.isEmpty { events.append(.unschedulableTimeout) }
    }
}
