public import Primitives

/// How far a study is, on one line: `412 of 1,000 runs  41 %  3.2 runs/s  3 min left`.
public struct StudyProgress: Sendable, Hashable {
    public var total: Int
    /// Run this time.
    public var done = 0
    /// Run before and not repeated.
    public var known = 0
    /// Since the study began or went on, on the wall clock.
    public var elapsed = SimDuration.zero

    public init(total: Int) { self.total = total }

    public var text: String {
        let over = done + known
        var parts = [
            "\(HumanFormat.count(Int64(over))) of \(HumanFormat.count(Int64(total))) runs",
            HumanFormat.percent(Double(over) / Double(max(1, total))),
        ]
        if done > 0, elapsed > .zero {
            let perSecond = Double(done) * 1e9 / Double(elapsed.nanoseconds)
            parts.append(
                perSecond >= 10
                    ? "\(HumanFormat.roundedCount(perSecond)) runs/s"
                    : "\(HumanFormat.factor(perSecond)) runs/s")
            let left = Double(total - over) / perSecond
            if left < 1e9 {
                parts.append("\(HumanFormat.duration(.seconds(Int64(left) + 1))) left")
            }
        }
        return parts.joined(separator: "  ")
    }
}
