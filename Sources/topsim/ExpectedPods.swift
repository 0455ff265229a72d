import ClusterSimulation
import Primitives
import WorkloadModel

/// How many pods a scenario will bring, as far as that can be told before it runs.
struct ExpectedPods {
    /// Exactly, when every workload says how many.
    var exact: Int64? = 0
    /// The shape and average number of pods of each workload that is not a trace.
    var byShape: [(shape: PodShape, count: Double)] = []

    init(_ scenario: Scenario) {
        let end: Double? =
            if case .time(let time) = scenario.until { Double(time.nanoseconds) / 1e9 } else { nil }
        for workload in scenario.workloads {
            guard case .generated(let shape, let arrivals, _) = workload.source else {
                exact = nil
                continue
            }
            let count = Double(workload.replicas) * arrivals.expectedCount(until: end)
            byShape.append((shape, count))
            if let owners = arrivals.exactCount(until: end), let sum = exact {
                exact = sum + owners * Int64(workload.replicas)
            } else {
                exact = nil
            }
        }
    }
}

extension ArrivalProcess {
    /// Owners that arrive before `end` (seconds; nil is never), when chance has no part in it.
    fileprivate func exactCount(until end: Double?) -> Int64? {
        switch self {
        case .fixed(let start, let every, let count):
            guard let end else { return Int64(count) }
            let left = end - seconds(start)
            guard left >= 0 else { return 0 }
            guard every > .zero else { return Int64(count) }
            return min(Int64(count), Int64(left * 1e9) / every.nanoseconds + 1)
        case .renewal(_, _, let count), .onOff(_, _, _, _, let count), .curve(_, _, _, let count):
            return end == nil ? count.map { Int64($0) } : nil
        case .list(let times):
            guard let end else { return Int64(times.count) }
            return Int64(times.count { seconds($0) <= end })
        }
    }

    /// Owners that arrive before `end`, on average.
    fileprivate func expectedCount(until end: Double?) -> Double {
        if let exact = exactCount(until: end) { return Double(exact) }
        guard let end else { return .infinity }
        let (start, rate, limit): (SimTime, Double, Int?) =
            switch self {
            case .fixed(let start, _, let count): (start, 0, count)
            case .renewal(let start, let gap, let count): (start, 1 / gap.mean, count)
            case .onOff(let start, let rate, let on, let off, let count):
                (start, rate * on.mean / (on.mean + off.mean), count)
            case .curve(let start, _, let rates, let count):
                (start, rates.reduce(0, +) / Double(max(1, rates.count)), count)
            case .list(let times): (.zero, 0, times.count)
            }
        let expected = max(0, end - seconds(start)) * rate
        return limit.map { min(expected, Double($0)) } ?? expected
    }

    private func seconds(_ time: SimTime) -> Double { Double(time.nanoseconds) / 1e9 }
}
