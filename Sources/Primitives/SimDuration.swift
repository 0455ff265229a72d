/// A span of simulated time in whole nanoseconds; never negative in a valid scenario.
public struct SimDuration: Hashable, Comparable, Sendable, BitwiseCopyable {
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static let zero = SimDuration(nanoseconds: 0)

    @inlinable
    public static func milliseconds(_ count: Int64) -> SimDuration {
        SimDuration(nanoseconds: count * 1_000_000)
    }

    @inlinable
    public static func seconds(_ count: Int64) -> SimDuration {
        SimDuration(nanoseconds: count * 1_000_000_000)
    }

    @inlinable
    public static func < (lhs: SimDuration, rhs: SimDuration) -> Bool {
        lhs.nanoseconds < rhs.nanoseconds
    }

    @inlinable
    public static func + (lhs: SimDuration, rhs: SimDuration) -> SimDuration {
        SimDuration(nanoseconds: lhs.nanoseconds + rhs.nanoseconds)
    }

    @inlinable
    public static func * (lhs: SimDuration, rhs: Int64) -> SimDuration {
        SimDuration(nanoseconds: lhs.nanoseconds * rhs)
    }
}
