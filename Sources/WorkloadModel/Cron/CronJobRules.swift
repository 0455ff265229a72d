/// When a CronJob starts Jobs, and what it makes of those that are late or still run.
/// (batch/v1 CronJobSpec; k/k pkg/controller/cronjob)
public struct CronJobRules: Hashable, Sendable {
    public enum Concurrency: String, Sendable, CaseIterable {
        case allow = "Allow"
        /// A time is passed over while a Job runs; the last one passed over is made up for when it ends.
        case forbid = "Forbid"
        /// The Job that runs is deleted.
        case replace = "Replace"
    }

    public var schedule: CronSchedule
    /// A Job that could not start for longer is not started any more; nil is without end.
    public var startingDeadlineSeconds: Int64?
    public var concurrency = Concurrency.allow
    public var isSuspended = false
    /// Jobs that have ended and are kept, with their pods.
    public var successfulJobsHistoryLimit = 3
    public var failedJobsHistoryLimit = 1

    public init(schedule: CronSchedule) { self.schedule = schedule }

    /// The newest time of the schedule that has come since `last` and was not used, in Unix seconds.
    ///
    /// - Parameter countingDeadline: leaves out what is older than `startingDeadlineSeconds`.
    /// (k/k pkg/controller/cronjob/utils.go mostRecentScheduleTime: times between two are taken for equally far apart
    /// at first, so that a schedule that was missed a thousand times costs a few steps)
    public func mostRecentTime(
        since last: Int64, now: Int64, countingDeadline: Bool
    ) -> Int64? {
        var earliest = last
        if countingDeadline, let deadline = startingDeadlineSeconds {
            earliest = max(earliest, now - min(deadline, 1 << 40))
        }
        guard let first = schedule.next(after: earliest), first <= now else { return nil }
        guard let second = schedule.next(after: first), second <= now else { return first }
        let missed = (now - first) / (second - first) + 1
        var time = schedule.next(after: first + (missed - 2) * (second - first))
        var newest: Int64?
        while let next = time, next <= now {
            newest = next
            time = schedule.next(after: next)
        }
        return newest
    }
}

extension CronSchedule {
    /// Jobs a second on average: at most one a minute, whose number is in a Job's name.
    public var ratePerSecond: Double {
        if case .every(let seconds) = rule { return 1 / Double(max(60, seconds)) }
        let start: Int64 = 1_767_225_600
        var (time, count) = (start, 0)
        while count < 200, let next = next(after: time) { (time, count) = (next, count + 1) }
        return count == 0 ? 0 : Double(count) / Double(time - start)
    }
}
