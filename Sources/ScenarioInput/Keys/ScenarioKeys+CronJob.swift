import WorkloadModel

extension ScenarioKeys {
    static let cronArrivals = KeyTable(
        name: "a CronJob's arrivals",
        summary: "Jobs by a CronJob's schedule, in virtual time from `epoch` on",
        details: """
            With `controller: Job`. The CronJob exists from the start; `epoch` says which time of day that is. Clocks of a
            time zone follow the rules of 2026 in every year. A Job starts 100 ms after its time, as in a cluster. The
            run needs an end: `until: 24h`.
            """,
        keys: [
            Key("process", .choice(["cron"]), "The process", isRequired: true),
            Key(
                "schedule", .text,
                "Five fields such as `*/10 8-18 * * 1-5`, `@hourly`, `@every 90m`",
                isRequired: true),
            Key("timeZone", .text, "A name such as `Europe/Berlin`", default: "Etc/UTC"),
            Key(
                "startingDeadlineSeconds", .integer(0...1_000_000_000),
                "How late a Job may still start; no limit when absent"),
            Key(
                "concurrencyPolicy", .choice(CronJobRules.Concurrency.allCases.map(\.rawValue)),
                "What a time means while a Job runs: another one, none, or one in its place",
                default: "Allow"),
            Key("suspend", .boolean, "`true`: no Job is started", default: "false"),
            Key(
                "successfulJobsHistoryLimit", .integer(0...1_000_000),
                "Jobs that succeeded and are kept with their pods", default: "3"),
            Key(
                "failedJobsHistoryLimit", .integer(0...1_000_000),
                "Jobs that failed and are kept with their pods", default: "1"),
        ])
}
