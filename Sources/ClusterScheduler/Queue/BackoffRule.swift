/// How long a pod that failed is kept from the next try.
///
/// Source: k/k pkg/scheduler/backend/queue/backoff_queue.go: 1 s, doubled with each failure up to 10 s, and cut to whole
/// seconds, so that pods of one second compare by priority.
public struct BackoffRule: Hashable, Sendable {
    /// `podInitialBackoffSeconds` and `podMaxBackoffSeconds`, in nanoseconds.
    public var initial: Int64 = 1_000_000_000
    public var maximum: Int64 = 10_000_000_000
    /// A pod that waited longer among the unschedulable ones is tried again.
    public var longestUnschedulable: Int64 = 300_000_000_000

    public init() {}

    static let window: Int64 = 1_000_000_000
    /// Nanoseconds between two looks for pods that waited too long.
    package static let leftoverPeriod: Int64 = 30_000_000_000

    func duration(failures: UInt32) -> Int64 {
        guard failures > 0 else { return 0 }
        var duration = initial
        for _ in 1..<failures {
            guard duration < maximum else { break }
            duration *= 2
        }
        return min(duration, maximum)
    }

    /// The second in which the backoff ends.
    func expiry(timestamp: Int64, failures: UInt32) -> Int64 {
        BackoffRule.second(timestamp + duration(failures: failures))
    }

    static func second(_ time: Int64) -> Int64 { time - time % window }

    func isBackingOff(expiry: Int64, at time: Int64) -> Bool {
        expiry >= BackoffRule.second(time)
    }
}
