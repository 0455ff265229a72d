/// An instant of simulated time: whole nanoseconds since the scenario's `epoch`.
///
/// Sixty-four bits reach 292 years, so no scenario of a person's life overflows.
public struct SimTime: Hashable, Comparable, Sendable, BitwiseCopyable {
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static let zero = SimTime(nanoseconds: 0)
    /// Later than every event; the end of a run that has none.
    public static let distantFuture = SimTime(nanoseconds: .max)

    @inlinable
    public static func < (lhs: SimTime, rhs: SimTime) -> Bool {
        lhs.nanoseconds < rhs.nanoseconds
    }

    /// Saturates at `distantFuture`, so that "never" plus a duration is still never.
    @inlinable
    public static func + (lhs: SimTime, rhs: SimDuration) -> SimTime {
        let (sum, overflow) = lhs.nanoseconds.addingReportingOverflow(rhs.nanoseconds)
        return overflow ? .distantFuture : SimTime(nanoseconds: sum)
    }

    @inlinable
    public static func - (lhs: SimTime, rhs: SimTime) -> SimDuration {
        SimDuration(nanoseconds: lhs.nanoseconds - rhs.nanoseconds)
    }
}
