import DiscreteEvents
import Primitives
import WorkloadModel

/// One CronJob: what its controller remembers of it.
struct CronJobState {
    let rules: CronJobRules
    /// Unix seconds of the time that the newest Job was made for; of the CronJob's creation before there is one.
    var lastSchedule: Int64
    /// Jobs asked for that are not there yet.
    var creating: Int = 0
    /// Jobs that run, oldest first, with the minute that is in their names.
    var active: [(job: OwnerHandle, minute: Int64)] = []
    /// Jobs that have ended and are kept, oldest first.
    var kept: [EndedJob] = []
    /// The minute of each Job that is not there yet.
    var minutesComing: [Int64] = []
    var syncPlannedAt = SimTime.distantFuture

    struct EndedJob {
        var minute: Int64
        /// Pod objects that stay with it.
        var pods: Int64
        var hasFailed: Bool
    }

    init(_ rules: CronJobRules, createdAt second: Int64) {
        self.rules = rules
        lastSchedule = second
    }

    /// A Job of this name is there: the name ends in the minute of its time.
    func hasJob(ofMinute minute: Int64) -> Bool {
        active.contains { $0.minute == minute } || kept.contains { $0.minute == minute }
            || minutesComing.contains(minute)
    }
}

/// CronJobs: a Job at each time of a schedule, 100 ms late.
///
/// A time that comes while a Job runs is passed over under `Forbid`; when that Job ends, the newest time that was passed
/// over is made up for at once, unless that is beyond `startingDeadlineSeconds`. A Job is named after the minute of its
/// time, so that `@every 10s` starts one a minute. The controller's own requests are not limited here: they are few.
/// Source: k/k pkg/controller/cronjob/cronjob_controllerv2.go syncCronJob; spec/controllers.md section 5.
enum CronJobController {
    private static let delay = SimDuration.milliseconds(100)

    /// The CronJob exists from the start of the run.
    static func begin(_ simulation: inout Simulation, _ index: WorkloadIndex) {
        guard let state = simulation.cronJobs[index.position], !state.rules.isSuspended else {
            return
        }
        planNext(&simulation, index, after: state.lastSchedule)
    }

    private static func planNext(
        _ simulation: inout Simulation, _ index: WorkloadIndex, after second: Int64
    ) {
        guard let next = simulation.cronJobs[index.position]?.rules.schedule.next(after: second)
        else { return }
        let (nanoseconds, overflow) = (next - simulation.scenario.epoch)
            .multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return }
        plan(&simulation, index, at: SimTime(nanoseconds: nanoseconds) + delay)
    }

    /// Plans a sync; one that is planned earlier does as well, since it plans the next.
    private static func plan(
        _ simulation: inout Simulation, _ index: WorkloadIndex, at time: SimTime
    ) {
        guard let state = simulation.cronJobs[index.position], time < state.syncPlannedAt else {
            return
        }
        simulation.cronJobs[index.position]?.syncPlannedAt = time
        simulation.events.push(.cronJobSync(index), at: time, phase: .controller)
    }

    static func due(_ simulation: inout Simulation, _ index: WorkloadIndex) {
        guard simulation.cronJobs[index.position]?.syncPlannedAt == simulation.time else { return }
        simulation.cronJobs[index.position]?.syncPlannedAt = .distantFuture
        sync(&simulation, index)
    }

    private static func sync(_ simulation: inout Simulation, _ index: WorkloadIndex) {
        forgetOldJobs(&simulation, index)
        guard let state = simulation.cronJobs[index.position], !state.rules.isSuspended else {
            return
        }
        let now = simulation.scenario.epoch + simulation.time.nanoseconds / 1_000_000_000
        let wanted = state.rules.mostRecentTime(
            since: state.lastSchedule, now: now, countingDeadline: true)
        if let wanted, mayStart(state, wanted, now) {
            start(&simulation, index, for: wanted)
            return planNext(&simulation, index, after: wanted)
        }
        let newest = state.rules.mostRecentTime(
            since: state.lastSchedule, now: now, countingDeadline: false)
        // Times that were missed and not found again are given up. (nextScheduleTimeDuration)
        let first = state.rules.schedule.next(after: state.lastSchedule) ?? .max
        planNext(
            &simulation, index, after: newest ?? (first <= now ? now : state.lastSchedule))
    }

    private static func mayStart(_ state: CronJobState, _ wanted: Int64, _ now: Int64) -> Bool {
        if let deadline = state.rules.startingDeadlineSeconds, wanted + deadline < now {
            return false
        }
        if state.rules.concurrency == .forbid, state.creating > 0 || !state.active.isEmpty {
            return false
        }
        return !state.hasJob(ofMinute: wanted / 60)
    }

    private static func start(
        _ simulation: inout Simulation, _ index: WorkloadIndex, for wanted: Int64
    ) {
        if simulation.cronJobs[index.position]?.rules.concurrency == .replace {
            let running = simulation.cronJobs[index.position]?.active ?? []
            simulation.cronJobs[index.position]?.active = []
            for job in running { JobController.delete(&simulation, job.job) }
        }
        simulation.cronJobs[index.position]?.lastSchedule = wanted
        simulation.cronJobs[index.position]?.creating += 1
        simulation.cronJobs[index.position]?.minutesComing.append(wanted / 60)
        let seen = simulation.time + simulation.scenario.timings.controllerWrite
        simulation.events.push(
            .arrival(index), at: seen + simulation.scenario.timings.watch, phase: .arrival)
    }

    /// The Job controller has seen a new Job; nil when it had no pod to make.
    static func jobSeen(
        _ simulation: inout Simulation, _ index: WorkloadIndex, _ owner: UInt32?
    ) {
        guard let minute = simulation.cronJobs[index.position]?.minutesComing.first else { return }
        simulation.cronJobs[index.position]?.minutesComing.removeFirst()
        simulation.cronJobs[index.position]?.creating -= 1
        guard let owner else { return }
        let handle = simulation.owners.handle(owner)
        simulation.cronJobs[index.position]?.active.append((handle, minute))
    }

    /// A Job is over; the CronJob sees it when the Job's status was written.
    static func jobEnded(_ simulation: inout Simulation, _ owner: UInt32) {
        let state = simulation.owners[owner]
        let index = state.workload
        let handle = simulation.owners.handle(owner)
        guard
            let position = simulation.cronJobs[index.position]?.active.firstIndex(where: {
                $0.job.slot == handle.slot && $0.job.generation == handle.generation
            }), let minute = simulation.cronJobs[index.position]?.active[position].minute
        else { return }
        let succeeded =
            state.isGivenUp ? 0 : simulation.scenario.workloads[index.position].replicas
        simulation.cronJobs[index.position]?.active.remove(at: position)
        simulation.cronJobs[index.position]?.kept.append(
            CronJobState.EndedJob(
                minute: minute, pods: Int64(succeeded) + Int64(state.failures),
                hasFailed: state.isGivenUp))
        let timings = simulation.scenario.timings
        plan(
            &simulation, index, at: simulation.time + timings.controllerWrite + timings.watch)
    }

    /// Deletes ended Jobs beyond the limits, oldest first, and with them their pods. (cleanupFinishedJobs)
    private static func forgetOldJobs(_ simulation: inout Simulation, _ index: WorkloadIndex) {
        guard let state = simulation.cronJobs[index.position] else { return }
        for hasFailed in [false, true] {
            let limit =
                hasFailed
                ? state.rules.failedJobsHistoryLimit : state.rules.successfulJobsHistoryLimit
            var excess = state.kept.count { $0.hasFailed == hasFailed } - limit
            while excess > 0,
                let position = simulation.cronJobs[index.position]?.kept.firstIndex(where: {
                    $0.hasFailed == hasFailed
                }), let job = simulation.cronJobs[index.position]?.kept.remove(at: position)
            {
                for _ in 0..<job.pods { simulation.terminated.remove(at: simulation.time) }
                simulation.counters.podDeletions += job.pods
                excess -= 1
            }
        }
    }
}
