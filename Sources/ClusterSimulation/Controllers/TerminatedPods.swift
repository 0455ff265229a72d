package import Primitives

/// Pod objects that have ended and are kept until pod GC deletes them.
///
/// Passes come 20 s after the one before ended. A pass looks once, and deletes what is above the threshold: 30 at once,
/// then 20 a second. Nothing depends on which pods go, so they are only counted, and nothing ticks: the state at any
/// time follows from the state at the last change. Source: k/k pkg/controller/podgc `gc`; the shared folder's spec/controllers.md section 6.
///
/// With a threshold of 12,500 and 10 pods a second that fail, passes are 37 s apart and delete about 370 pods each.
package struct TerminatedPods {
    private static let period: Int64 = 20_000_000_000
    private static let interval: Int64 = 50_000_000
    private static let burst: Int64 = 30

    /// 0 switches pod GC off.
    private let threshold: Int64
    package private(set) var count: Int64 = 0
    package private(set) var collected: Int64 = 0
    /// When the current pass began, or the next one begins.
    private var pass: Int64 = 0
    /// Pods that the current pass deletes, and how many of them it has.
    private var excess: Int64 = 0
    private var deleted: Int64 = 0

    package init(threshold: Int64) { self.threshold = threshold }

    package mutating func add(at time: SimTime) {
        settle(at: time)
        count += 1
    }

    /// A controller deletes one.
    package mutating func remove(at time: SimTime) {
        settle(at: time)
        if count > 0 { count -= 1 }
    }

    /// Brings the count up to `time`.
    package mutating func settle(at time: SimTime) {
        guard threshold > 0, time.nanoseconds >= pass else { return }
        while time.nanoseconds >= pass {
            if excess == 0 {
                excess = max(0, count - threshold)
                deleted = 0
                if excess == 0 {
                    // Nothing to do until the count changes: the last pass up to now was as empty as this one.
                    pass +=
                        ((time.nanoseconds - pass) / TerminatedPods.period + 1)
                        * TerminatedPods.period
                    return
                }
            }
            let waited = (time.nanoseconds - pass) / TerminatedPods.interval
            let due = min(excess, TerminatedPods.burst + waited)
            let now = min(due - deleted, count)
            count -= now
            collected += now
            deleted = due
            guard deleted == excess else { return }
            pass +=
                max(0, excess - TerminatedPods.burst) * TerminatedPods.interval
                + TerminatedPods.period
            excess = 0
        }
    }
}
