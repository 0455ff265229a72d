import Primitives

extension ArrivalProcess {
    /// What makes this process impossible to run, in a user's words; nil when nothing does.
    ///
    /// Among other things, a process without a count must let time pass.
    public func problem() -> String? {
        switch self {
        case .fixed(let start, let every, let count):
            if every < .zero { return "the time between arrivals must not be negative" }
            return startProblem(start) ?? countProblem(count)
        case .renewal(let start, let gap, let count):
            if let problem = startProblem(start) ?? gap.problem() ?? countProblem(count) {
                return problem
            }
            return count != nil || gap.mean >= 1e-9
                ? nil : "arrivals without a count need gaps of at least 1 ns on average"
        case .onOff(let start, let rate, let on, let off, let count):
            if let problem = startProblem(start) ?? on.problem() ?? off.problem()
                ?? countProblem(count)
            {
                return problem
            }
            if let problem = rateProblem(rate) { return problem }
            guard rate > 0 else { return nil }
            // Else a sampler would draw phases without end before it finds an arrival.
            guard on.mean >= 1e-9 else { return "an on phase must last 1 ns or more on average" }
            return on.mean * rate >= 1e-4
                ? nil
                : "an on phase must bring 0.0001 arrivals or more on average, not "
                    + "\(on.mean * rate)"
        case .curve(let start, let period, let rates, let count):
            if let problem = startProblem(start) ?? countProblem(count) { return problem }
            if rates.isEmpty { return "a curve of arrivals needs at least one rate" }
            if period.nanoseconds < Int64(rates.count) {
                return "the period of a curve of arrivals must be at least 1 ns a rate"
            }
            return rates.lazy.compactMap(rateProblem).first
        case .list(let times):
            if let first = times.first, let problem = startProblem(first) { return problem }
            return zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }
                ? nil : "listed arrivals must ascend"
        }
    }

    private func startProblem(_ start: SimTime) -> String? {
        start >= .zero ? nil : "arrivals must not start before the scenario"
    }

    private func countProblem(_ count: Int?) -> String? {
        count.map { $0 >= 0 } ?? true ? nil : "the number of arrivals must not be negative"
    }

    private func rateProblem(_ rate: Double) -> String? {
        if !(rate >= 0) { return "a rate of arrivals must be 0 a second or more, not \(rate)" }
        return rate <= 1e9
            ? nil : "a rate of arrivals must be at most one each ns, not \(rate) a second"
    }
}
