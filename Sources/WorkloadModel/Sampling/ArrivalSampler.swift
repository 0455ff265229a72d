public import Primitives

/// Draws the arrivals of one process, one at a time, never going back in time.
///
/// ```swift
/// var arrivals = ArrivalSampler(process, stream: RandomStream(seed: 42, name: "workload/upf/arrival"))
/// while let time = arrivals.next() { … }
/// ```
public struct ArrivalSampler: Sendable {
    private let process: ArrivalProcess
    private var random: RandomStream
    /// Arrivals drawn so far.
    private var drawn = 0
    /// The last arrival, or the start.
    private var time: SimTime
    /// On-off: when the current phase of arrivals ends; nil before the first.
    private var onUntil: SimTime?

    public init(_ process: ArrivalProcess, stream: RandomStream) {
        self.process = process
        random = stream
        switch process {
        case .fixed(let start, _, _), .renewal(let start, _, _), .onOff(let start, _, _, _, _),
            .curve(let start, _, _, _):
            time = start
        }
    }

    /// The next arrival, or nil when the process is over.
    public mutating func next() -> SimTime? {
        guard let arrival = draw(), arrival < .distantFuture else { return nil }
        drawn += 1
        time = arrival
        return arrival
    }

    private mutating func draw() -> SimTime? {
        switch process {
        case .fixed(let start, let every, let count):
            guard drawn < count else { return nil }
            let (offset, overflow) = every.nanoseconds.multipliedReportingOverflow(by: Int64(drawn))
            return overflow ? nil : start + SimDuration(nanoseconds: offset)
        case .renewal(_, let gap, let count):
            guard drawn < count ?? .max else { return nil }
            return time + gap.sample(using: &random)
        case .onOff(_, let rate, let on, let off, let count):
            guard drawn < count ?? .max, rate > 0 else { return nil }
            return nextWhileOn(rate, on, off)
        case .curve(let start, let period, let rates, let count):
            guard drawn < count ?? .max else { return nil }
            return nextOnCurve(start, period, rates)
        }
    }

    /// Phases without an arrival that are tried before the process counts as over.
    private static let emptyPhaseLimit = 1_000_000

    /// Arrivals have no memory: what reaches beyond a phase's end is drawn anew from the next one's start.
    private mutating func nextWhileOn(
        _ rate: Double, _ on: Distribution, _ off: Distribution
    ) -> SimTime? {
        var from = time
        for _ in 0..<ArrivalSampler.emptyPhaseLimit {
            let end = onUntil ?? from + on.sample(using: &random)
            onUntil = end
            let gap = nanoseconds(standardExponential(&random) / rate)
            let arrival = from + SimDuration(nanoseconds: gap)
            if arrival < end { return arrival }
            from = end + off.sample(using: &random)
            onUntil = nil
            if from == .distantFuture { return nil }
        }
        return nil
    }

    /// Spends a standard exponential amount of ∫ rate dt, part after part: exact for rates that are constant in each.
    private mutating func nextOnCurve(
        _ start: SimTime, _ period: SimDuration, _ rates: [Double]
    ) -> SimTime? {
        guard period.nanoseconds > 0, rates.contains(where: { $0 > 0 }) else { return nil }
        var left = standardExponential(&random)
        var offset = (time - start).nanoseconds % period.nanoseconds
        var base = time.nanoseconds - offset
        while true {
            let part = self.part(of: offset, period, rates.count)
            let end = partEnd(part, period, rates.count)
            let available = rates[part] * Double(end - offset) / 1e9
            if left < available {
                let within = min(nanoseconds(left / rates[part]), end - offset)
                return SimTime(nanoseconds: base) + SimDuration(nanoseconds: offset + within)
            }
            left -= available
            offset = end
            if offset >= period.nanoseconds {
                offset = 0
                let (next, overflow) = base.addingReportingOverflow(period.nanoseconds)
                if overflow { return nil }
                base = next
            }
        }
    }

    /// Which of `count` equal parts of the period holds an offset.
    private func part(of offset: Int64, _ period: SimDuration, _ count: Int) -> Int {
        var part = Int(Int128(offset) * Int128(count) / Int128(period.nanoseconds))
        while part + 1 < count, partEnd(part, period, count) <= offset { part += 1 }
        return part
    }

    private func partEnd(_ part: Int, _ period: SimDuration, _ count: Int) -> Int64 {
        Int64(Int128(period.nanoseconds) * Int128(part + 1) / Int128(count))
    }
}
