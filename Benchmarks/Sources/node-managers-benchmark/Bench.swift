import AllocationCount
import Foundation

/// CPU time and allocations of one operation.
struct Cost {
    var nanoseconds: Double
    /// A call in steady state; nil where allocations cannot be counted.
    var allocations: Double?
}

/// Measures: the least CPU time of several rounds.
struct Bench {
    var rounds: Int
    var withLiteral: Bool

    /// Least time of a round that is worth reading the clock for, in nanoseconds.
    private static let roundTime = 20e6

    func measure(_ operation: () -> Void) -> Cost {
        operation()
        var repeats = 1
        var elapsed = time(repeats, operation)
        while elapsed < Bench.roundTime {
            repeats *= elapsed < Bench.roundTime / 10 ? 8 : 2
            elapsed = time(repeats, operation)
        }
        var best = elapsed
        // What takes seconds is measured once more and no further.
        for _ in 0..<(elapsed > 1e9 ? 1 : rounds) { best = min(best, time(repeats, operation)) }
        let before = allocation_count()
        for _ in 0..<repeats { operation() }
        let allocations = allocation_count() - before
        return Cost(
            nanoseconds: best / Double(repeats),
            allocations: before < 0 ? nil : Double(allocations) / Double(repeats))
    }

    /// A literal transcription's time; nil where it is not asked for.
    func measureLiteral(_ operation: () -> Void) -> Double? {
        guard withLiteral else { return nil }
        let once = time(1, operation)
        if once > Bench.roundTime { return min(once, time(1, operation)) }
        return measure(operation).nanoseconds
    }

    private func time(_ repeats: Int, _ operation: () -> Void) -> Double {
        let start = Bench.cpuTime()
        for _ in 0..<repeats { operation() }
        return Bench.cpuTime() - start
    }

    private static func cpuTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}

/// Makes the compiler believe that `value` is needed.
@inline(never)
func keep<Value>(_ value: borrowing Value) {}

/// An answer that is not the kubelet's.
struct WrongAnswer: Error, CustomStringConvertible {
    var name: String
    var expected: String
    var got: String

    var description: String { "\(name): expected \(expected), got \(got)" }
}

func check(_ name: String, expected: String, got: String) throws {
    if expected != got { throw WrongAnswer(name: name, expected: expected, got: got) }
}
