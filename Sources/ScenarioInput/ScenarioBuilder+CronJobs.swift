import ClusterSimulation
import WorkloadModel

extension ScenarioBuilder {
    /// `process: cron`; nil after a mistake was told.
    mutating func cronArrivals(_ node: SourceNode) -> ArrivalProcess? {
        guard let place = node.present("schedule"), let text = place.text else { return nil }
        do throws(CronError) {
            if text.hasPrefix("TZ=") || text.hasPrefix("CRON_TZ=") {
                diagnostics.error(
                    at: place, "a time zone in a schedule", hint: "name it under `timeZone`")
                return nil
            }
            var rules = CronJobRules(
                schedule: try CronSchedule(text, timeZone: node.string("timeZone") ?? "Etc/UTC"))
            rules.startingDeadlineSeconds = node.integer("startingDeadlineSeconds").map(Int64.init)
            rules.concurrency =
                node.choice("concurrencyPolicy", as: CronJobRules.Concurrency.self) ?? .allow
            rules.isSuspended = node.boolean("suspend") ?? false
            rules.successfulJobsHistoryLimit = node.integer("successfulJobsHistoryLimit") ?? 3
            rules.failedJobsHistoryLimit = node.integer("failedJobsHistoryLimit") ?? 1
            return .cron(rules)
        } catch {
            let isZone = if case .unknownZone = error { true } else { false }
            diagnostics.error(
                at: isZone ? node.present("timeZone") ?? place : place, "\(error)",
                hint: isZone
                    ? "a name of the IANA database such as `Europe/Berlin`"
                    : "minute, hour, day of the month, month, day of the week: `30 4 * * 1-5`")
            return nil
        }
    }

    /// A CronJob makes Jobs, and goes on for ever.
    mutating func checkCronJob(_ workload: Workload, at node: SourceNode) {
        guard case .generated(_, .cron(let rules), _) = workload.source else { return }
        let place = node.present("arrivals") ?? node
        if workload.controller != .job {
            diagnostics.error(
                at: place,
                "arrivals by `cron` make Jobs, and these are `\(workload.controller.rawValue)`s",
                hint: "write `controller: Job`")
        }
        guard !rules.isSuspended, scenario.until == .workloadFinished else { return }
        diagnostics.error(
            at: place, "a CronJob goes on for ever, and the run has no end",
            hint: "for example `until: 24h`")
    }
}
