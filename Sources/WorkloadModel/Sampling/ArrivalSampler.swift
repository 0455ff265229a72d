public import Primitives

/// Draws the arrivals of one process, one at a time, in order.
///
/// ```swift
/// var arrivals = ArrivalSampler(process, random: RandomStream(seed: seed, name: "upf/arrivals"))
/// while let time = arrivals.next() { … }
/// ```
public struct ArrivalSampler: Sendable {
    private var source: Source
    private var random: RandomStream
    /// Arrivals that may still come; nil is without end.
    private var left: Int?
    private var last: SimTime

    private enum Source: Sendable {
        case fixed(next: SimTime, every: SimDuration)
        case renewal(gap: Distribution)
        case onOff(OnOffClock)
        case curve(RateCurve)
        case list([SimTime], next: Int)
        case never
    }

    /// - Precondition: `process` has no `problem()`.
    public init(_ process: ArrivalProcess, random: RandomStream) {
        precondition(process.problem() == nil, "arrivals are drawn from a valid process only")
        self.random = random
        switch process {
        case .fixed(let start, let every, let count):
            (source, left, last) = (.fixed(next: start, every: every), count, start)
        case .renewal(let start, let gap, let count):
            (source, left, last) = (.renewal(gap: gap), count, start)
        case .onOff(let start, let rate, let on, let off, let count):
            (left, last) = (count, start)
            source =
                rate > 0
                ? .onOff(
                    OnOffClock(start: start, rate: rate, on: on, off: off, random: &self.random))
                : .never
        case .curve(let start, let period, let rates, let count):
            (left, last) = (count, start)
            source =
                rates.contains { $0 > 0 }
                ? .curve(RateCurve(start: start, period: period, ratesPerSecond: rates)) : .never
        case .list(let times):
            (source, left, last) = (.list(times, next: 0), times.count, .zero)
        }
    }

    /// The time of the next arrival, never before the one returned last; nil when no more come, or none before the
    /// end of time.
    public mutating func next() -> SimTime? {
        if let left {
            guard left > 0 else { return nil }
            self.left = left - 1
        }
        let time = draw()
        guard time < .distantFuture else {
            left = 0
            return nil
        }
        last = time
        return time
    }

    private mutating func draw() -> SimTime {
        switch source {
        case .fixed(let next, let every):
            source = .fixed(next: next + every, every: every)
            return next
        case .renewal(let gap):
            return last + gap.sample(using: &random)
        case .onOff(var clock):
            let time = clock.advance(by: random.exponentialDeviate(), random: &random)
            source = .onOff(clock)
            return max(last, time)
        case .curve(var curve):
            let time = curve.advance(by: random.exponentialDeviate())
            source = .curve(curve)
            return max(last, time)
        case .list(let times, let next):
            source = .list(times, next: next + 1)
            return times[next]
        case .never:
            return .distantFuture
        }
    }
}

/// Poisson arrivals that an on-off switch interrupts.
///
/// On time is counted by itself: there arrivals are an ordinary Poisson process, and each off phase that is passed
/// puts its length in between. No gap that a phase's end cuts short is drawn again.
private struct OnOffClock: Sendable {
    /// An arrival so many phases ahead never comes. In a valid process a phase brings a ten-thousandth of an arrival on
    /// average, so that only phases that are almost always empty get here, which would otherwise hang.
    private static let mostPhases = 10_000_000

    private let secondsPerArrival: Double
    private let on: Distribution
    private let off: Distribution
    /// Where we are, always in an on phase, and how much of it is left.
    private var time: SimTime
    private var leftOn: SimDuration

    init(
        start: SimTime, rate: Double, on: Distribution, off: Distribution,
        random: inout RandomStream
    ) {
        secondsPerArrival = 1 / rate
        self.on = on
        self.off = off
        time = start
        leftOn = on.sample(using: &random)
    }

    mutating func advance(by exponential: Double, random: inout RandomStream) -> SimTime {
        var wanted = SimDuration(roundingSeconds: exponential * secondsPerArrival)
        var phases = 0
        while wanted > leftOn {
            wanted.nanoseconds -= leftOn.nanoseconds
            time = time + leftOn + off.sample(using: &random)
            leftOn = on.sample(using: &random)
            phases += 1
            if time == .distantFuture || phases == OnOffClock.mostPhases { return .distantFuture }
        }
        leftOn.nanoseconds -= wanted.nanoseconds
        time = time + wanted
        return time
    }
}

/// Poisson arrivals whose rate is a step function that repeats, by inversion of its integral: no draw is rejected.
private struct RateCurve: Sendable {
    private let start: SimTime
    private let period: SimDuration
    private let ratesPerSecond: [Double]
    /// Arrivals expected from the period's beginning to the end of each part.
    private let expected: [Double]
    /// Seconds in one part.
    private let part: Double
    private var periodsPassed: Double = 0
    /// Arrivals expected from the period's beginning to the arrival drawn last.
    private var position: Double = 0

    init(start: SimTime, period: SimDuration, ratesPerSecond: [Double]) {
        self.start = start
        self.period = period
        self.ratesPerSecond = ratesPerSecond
        part = Double(period.nanoseconds) * 1e-9 / Double(ratesPerSecond.count)
        var expected: [Double] = []
        for rate in ratesPerSecond { expected.append((expected.last ?? 0) + rate * part) }
        self.expected = expected
    }

    mutating func advance(by exponential: Double) -> SimTime {
        let perPeriod = expected[expected.count - 1]
        position += exponential
        if position >= perPeriod {
            // Whole periods, also many at once when arrivals are rare.
            let periods = position / perPeriod
            guard periodsPassed + periods < 0x1p53 else { return .distantFuture }
            let whole = Double(Int64(periods))
            periodsPassed += whole
            position = max(0, position - whole * perPeriod)
        }
        let index = firstIndex(in: expected, above: position)
        let before = index == 0 ? 0 : expected[index - 1]
        let within = ratesPerSecond[index] > 0 ? (position - before) / ratesPerSecond[index] : part
        let (passed, overflow) = Int64(periodsPassed)
            .multipliedReportingOverflow(by: period.nanoseconds)
        if overflow { return .distantFuture }
        return start + SimDuration(nanoseconds: passed)
            + SimDuration(roundingSeconds: Double(index) * part + min(max(0, within), part))
    }
}
