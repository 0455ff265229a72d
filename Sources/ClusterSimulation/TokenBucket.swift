import Primitives

/// A client's rate limit: `qps` writes a second, of which `burst` may come at once.
///
/// Answers when a write may leave, so nothing has to tick. (client-go util/flowcontrol; the shared folder's spec/controllers.md section 9)
struct TokenBucket {
    private let interval: Int64
    private let tolerance: Int64
    /// When the bucket would be full again, in nanoseconds.
    private var full: Int64 = .min / 2

    init(qps: Int64, burst: Int64) {
        interval = 1_000_000_000 / max(1, qps)
        tolerance = interval * (max(1, burst) - 1)
    }

    /// Takes one token at `now` or as soon as there is one; returns that time.
    mutating func take(at now: SimTime) -> SimTime {
        let allowed = max(now.nanoseconds, full - tolerance)
        full = max(full, allowed) + interval
        return SimTime(nanoseconds: allowed)
    }
}
