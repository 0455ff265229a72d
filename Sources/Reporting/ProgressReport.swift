public import Primitives

/// How far a run is, on one line.
///
/// `1,840,000 of 10,000,000 pods  18 %  412,000 pods/s  simulated 4 h 20 min  18 s left`
public struct ProgressReport: Sendable, Hashable {
    /// Pods that arrived so far.
    public var pods: Int64
    /// All pods that will arrive, when that is known.
    public var totalPods: Int64?
    public var simulated: SimTime
    /// When the run ends, when that is known.
    public var end: SimTime?
    /// Since the run began, on the wall clock.
    public var elapsed: SimDuration

    public init(
        pods: Int64, totalPods: Int64? = nil, simulated: SimTime, end: SimTime? = nil,
        elapsed: SimDuration
    ) {
        self.pods = pods
        self.totalPods = totalPods
        self.simulated = simulated
        self.end = end
        self.elapsed = elapsed
    }

    /// The share that is done, by pods where their number is known, else by simulated time.
    public var share: Double? {
        if let totalPods, totalPods > 0 { return min(1, Double(pods) / Double(totalPods)) }
        guard let end, end > .zero else { return nil }
        return min(1, Double(simulated.nanoseconds) / Double(end.nanoseconds))
    }

    /// At the pace so far; nil before it can be told.
    public var left: SimDuration? {
        guard let share, share > 0.001 else { return nil }
        let nanoseconds = Double(elapsed.nanoseconds) * (1 - share) / share
        return nanoseconds < 0x1p62 ? SimDuration(nanoseconds: Int64(nanoseconds)) : nil
    }

    public var text: String {
        var parts: [String] = []
        let count = HumanFormat.count(pods)
        parts.append(
            totalPods.map { "\(count) of \(HumanFormat.count($0)) pods" } ?? "\(count) pods")
        if let share { parts.append(HumanFormat.percent(share)) }
        if elapsed > .zero {
            let rate = Double(pods) * 1e9 / Double(elapsed.nanoseconds)
            parts.append("\(HumanFormat.roundedCount(rate)) pods/s")
        }
        parts.append("simulated \(HumanFormat.duration(simulated - .zero))")
        if let left { parts.append("\(HumanFormat.duration(wholeSeconds(left))) left") }
        return parts.joined(separator: "  ")
    }

    /// Rounded up, so that the last second counts down to 1 and not to 0.
    private func wholeSeconds(_ duration: SimDuration) -> SimDuration {
        .seconds(duration.nanoseconds / 1_000_000_000 + 1)
    }
}
