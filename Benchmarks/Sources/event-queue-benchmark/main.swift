// ns per pop and push in the HOLD model: N events wait; the first leaves and one new event comes, again and again.
//
//   swift run -c release event-queue-benchmark
//   swift run -c release event-queue-benchmark --delays bimodal --pending 1000,100000 --rounds 3
//   swift run -c release event-queue-benchmark --delays all --losers
//   valgrind --tool=callgrind .build/release/event-queue-benchmark --only topsim --pending 1000 --operations 1000000
//
// Contestants take turns and the least time of each counts, as other work may share the machine.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

let contestants: [any Contestant.Type] = [
    TopsimQueue.self, CxxTotalOrder.self, CollectionsHeap.self, CxxTimeOnly.self,
]

/// What else was tried (docs/decisions/0001-event-queue.md).
let losers: [any Contestant.Type] = [
    LosingContestant<QuaternaryHeap>.self, LosingContestant<OctonaryKeyHeap>.self,
    LosingContestant<RadixHeap>.self, LosingContestant<CalendarQueue>.self,
]

struct Options {
    var delays: [Delays] = [.exponential]
    var pending = [1_000, 100_000, 1_000_000]
    var rounds = 5
    var operations: UInt64?
    var only: String?
    var withLosers = false
}

func options(from arguments: [String]) -> Options? {
    var options = Options()
    var rest = arguments[...]
    while let name = rest.popFirst() {
        if name == "--losers" {
            options.withLosers = true
            continue
        }
        guard let value = rest.popFirst() else { return nil }
        switch name {
        case "--delays" where value == "all": options.delays = Delays.allCases
        case "--delays":
            guard let delays = Delays(rawValue: value) else { return nil }
            options.delays = [delays]
        case "--pending":
            let counts = value.split(separator: ",").compactMap { Int($0) }
            guard !counts.isEmpty, counts.allSatisfy({ $0 > 0 }) else { return nil }
            options.pending = counts
        case "--rounds":
            guard let rounds = Int(value), rounds > 0 else { return nil }
            options.rounds = rounds
        case "--operations":
            guard let operations = UInt64(value), operations > 0 else { return nil }
            options.operations = operations
        case "--only": options.only = value
        default: return nil
        }
    }
    return options
}

/// CPU time of this process in nanoseconds.
func cpuTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
}

func fixed(_ value: Double, digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { product, _ in product * 10 }
    let whole = Int((value * scale).rounded())
    guard digits > 0 else { return "\(whole)" }
    let fraction = String(whole % Int(scale))
    return "\(whole / Int(scale))." + String(repeating: "0", count: digits - fraction.count)
        + fraction
}

/// Fills a queue and lets its content change twice; false when that takes more than `mostPerEvent` ns an event.
func warmUp(
    _ queue: any Contestant, pending: Int, delays: UnsafeBufferPointer<Int64>, mostPerEvent: Double
) -> Bool {
    let limit = cpuTime() + mostPerEvent * Double(max(pending, 50_000))
    for index in 0..<pending {
        queue.push(delays[index & (delays.count - 1)])
        if index & 1023 == 0, cpuTime() > limit { return false }
    }
    // The others must then have the same content, so the count does not depend on the clock.
    for step in 0..<UInt64(2 * pending / 100) {
        _ = queue.hold(delays, from: step * 100, count: 100)
        if cpuTime() > limit { return false }
    }
    return true
}

/// Least ns per pop and push of each contestant, in their order; infinite for one that never gets warm.
func measure(
    _ types: [any Contestant.Type], pending: Int, delays: [Int64], rounds: Int, operations: UInt64
) -> [Double] {
    let queues = types.map { $0.init() }
    return delays.withUnsafeBufferPointer { delays in
        // Under valgrind everything is slow, and nobody hopeless is asked.
        let mostPerEvent = queues.count == 1 ? Double.infinity : 2_000
        let warm = queues.map {
            warmUp($0, pending: pending, delays: delays, mostPerEvent: mostPerEvent)
        }
        var least = Array(repeating: Double.infinity, count: queues.count)
        var first = UInt64(2 * pending)
        for _ in 0..<rounds {
            var sums: Set<UInt64> = []
            for (index, queue) in queues.enumerated() where warm[index] {
                let begin = cpuTime()
                sums.insert(queue.hold(delays, from: first, count: operations))
                least[index] = min(least[index], (cpuTime() - begin) / Double(operations))
            }
            precondition(sums.count <= 1, "the contestants disagree about what leaves when")
            first += operations
        }
        return least
    }
}

guard let options = options(from: Array(CommandLine.arguments.dropFirst())) else {
    print(
        """
        usage: event-queue-benchmark [--delays \(Delays.allCases.map(\.rawValue).joined(separator: "|"))|all]
          [--pending N,N,…] [--rounds N] [--operations N] [--only topsim|C++|Heap] [--losers]
        """)
    exit(2)
}

let entered = (contestants + (options.withLosers ? losers : [])).filter {
    options.only == nil || $0.name == options.only
}
print("ns per pop and push, 16-byte payload, least of \(options.rounds) rounds\n")
print(
    padded("delays", 12), padded("pending", 9),
    entered.map { padded($0.name, 12) }.joined(), padded("ratio", 8))
for delays in options.delays {
    // Every round is longer than the time in which the queue's whole content changes, so that none leaves out
    // what a structure does only now and then.
    let table = delays.table(count: 1 << 16)
    for pending in options.pending {
        let nanoseconds = measure(
            entered, pending: pending, delays: table, rounds: options.rounds,
            operations: options.operations ?? UInt64(max(2_000_000, 16 * pending)))
        let others = zip(entered, nanoseconds).filter {
            $0.0.name == CxxTotalOrder.name || $0.0.name == CollectionsHeap.name
        }.map(\.1)
        let ratio = others.min().map { fixed(nanoseconds[0] / $0, digits: 2) } ?? ""
        print(
            padded(delays.rawValue, 12), padded("\(pending)", 9),
            nanoseconds.map { padded($0.isFinite ? fixed($0, digits: 1) : "> 2000", 12) }
                .joined(), padded(ratio, 8))
        fflush(nil)
    }
}
print("\nratio: topsim to the faster of C++ and Heap, which have the same total order")
