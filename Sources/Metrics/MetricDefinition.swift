/// What one metric, or one family of metrics, means. `all` is the catalogue; docs/concepts/metrics.md explains it.
public struct MetricDefinition: Sendable, Hashable {
    /// As in `use.<resource>`: the part in angle brackets is what each member of the family is for.
    public let name: String
    public let unit: MetricUnit
    public let polarity: MetricPolarity
    /// One line, without a full stop.
    public let summary: String

    init(_ name: String, _ unit: MetricUnit, _ polarity: MetricPolarity, _ summary: String) {
        self.name = name
        self.unit = unit
        self.polarity = polarity
        self.summary = summary
    }

    /// The metric itself; `subject` fills the place in angle brackets.
    func metric(_ value: Double, for subject: String? = nil) -> Metric {
        var name = self.name
        if let subject, let bracket = name.firstIndex(of: "<") {
            name = name[..<bracket] + subject
        }
        return Metric(
            name: name, value: value, unit: unit, polarity: polarity, definition: summary)
    }
}

extension MetricDefinition {
    static let podsArrived = Self(
        "pods.arrived", .count, .neither, "pod objects that were created, re-created ones included")
    static let podsRecreated = Self(
        "pods.recreated", .count, .lower, "pod objects that a controller made to replace another")
    static let podsStarted = Self(
        "pods.started", .count, .higher, "pods that a kubelet admitted and started")
    static let podsSucceeded = Self(
        "pods.succeeded", .count, .higher, "pods that ran to their end")
    static let podsFailed = Self(
        "pods.failed", .count, .lower,
        "pods that ended in failure, most of them refused at admission")
    static let podsDeleted = Self(
        "pods.deleted", .count, .neither, "pods that their owner removed")
    static let podsRunning = Self(
        "pods.running", .count, .neither, "pods that ran when the run ended")
    static let podsPending = Self(
        "pods.pending", .count, .lower, "pods that still waited for a node when the run ended")

    static let schedulingAttempts = Self(
        "attempts.scheduler", .count, .neither, "scheduling cycles of all pods")
    static let admissionAttempts = Self(
        "attempts.admission", .count, .neither, "pods that a kubelet was asked to admit")
    static let wastedCycles = Self(
        "cycles.wasted", .count, .lower,
        "scheduling cycles without a node, or whose pod the kubelet refused")
    static let rejections = Self(
        "rejections.<stage>.<reason>", .count, .lower, "refusals at that stage for that reason")
    static let rejectionRate = Self(
        "rejection_rate.<stage>.<reason>", .perThousandAttempts, .lower,
        "refusals for that reason per 1,000 attempts of that stage")
    static let schedulingRetries = Self(
        "retries.scheduler", .ratio, .lower,
        "scheduling cycles without a node per pod that was bound")
    static let admissionRetries = Self(
        "retries.admission", .ratio, .lower, "refusals by a kubelet per pod that was admitted")

    static let wait = Self(
        "wait.<quantile>", .nanoseconds, .lower,
        "from arrival to start, of the pods that started")
    static let timeToReady = Self(
        "time_to_ready.<quantile>", .nanoseconds, .lower,
        "from the first wish for a replica to its start, over all pods that failed in between")
    static let schedulingWait = Self(
        "scheduling_wait.<quantile>", .nanoseconds, .lower,
        "from arrival to binding, of the pods that were bound")
    static let turnaround = Self(
        "turnaround.<quantile>", .nanoseconds, .lower,
        "from arrival to finish, of the pods that ran to their end")
    static let boundedSlowdown = Self(
        "bounded_slowdown.<quantile>", .ratio, .lower,
        "turnaround over running time, runs below 10 s counting as 10 s, never below 1")

    static let use = Self(
        "use.<resource>", .ratio, .higher,
        "requested by running pods over allocatable, both integrated over the run")
    static let balance = Self(
        "balance.cpu", .ratio, .higher,
        "Jain index of the nodes' use of CPUs: 1 when all are used alike")
    static let alignment = Self(
        "aligned.<boundary>", .ratio, .higher,
        "share of the containers with something to align that are aligned at that boundary")
    static let alignmentEligible = Self(
        "alignable.<boundary>", .count, .neither,
        "containers that were admitted with something to align at that boundary")
    static let hostAlignment = Self(
        "host_aligned.<boundary>", .ratio, .higher,
        "share of the containers in virtual machines that are aligned at that boundary of the host")
    static let falseAlignment = Self(
        "host_aligned_falsely", .ratio, .lower,
        "of the containers that their guest calls aligned on NUMA nodes, those split on the host")
    static let hostDistance = Self(
        "host_distance", .ratio, .lower,
        "mean distance from exclusive CPUs to memory on the host: 1 is local, by the host's SLIT")
    static let unbackedHugePages = Self(
        "unbacked_hugepages", .count, .lower,
        "containers with a guest's huge pages that huge pages of the host do not back")
    static let stranded = Self(
        "stranded.<resource>", .ratio, .lower,
        "share of allocatable that is free on nodes which admit no pod of the target mix")
    static let fragmentation = Self(
        "fragmentation.<resource>", .ratio, .lower,
        "share of what is free that the target mix, placed greedily by the real policies, leaves unused"
    )
    static let policyTax = Self(
        "policy_tax", .ratio, .lower,
        "share of the mix pods fitting by totals that the nodes' own admission refuses")
    static let upstreamBugs = Self(
        "upstream_bugs.<bug>", .count, .lower,
        "times that a bug of the kubelet, modelled as it is, broke a law of placement")

    static let apiWrites = Self(
        "api_writes.<verb>.<object>", .count, .lower, "writes to the API server of that kind")
    static let apiWritesTotal = Self(
        "api_writes.total", .count, .lower, "writes to the API server, all kinds together")
    static let podObjects = Self(
        "pod_objects.<when>", .count, .lower,
        "pod objects that exist, ended ones until pod GC deletes them: at most, and at the end")
    static let collectedPods = Self(
        "pods.collected", .count, .neither, "pods that ended and were deleted by pod GC")

    /// Every definition, in the order in which a summary lists them.
    public static let all: [MetricDefinition] = [
        podsArrived, podsRecreated, podsStarted, podsSucceeded, podsFailed, podsDeleted,
        podsRunning, podsPending, schedulingAttempts, admissionAttempts, wastedCycles, rejections,
        rejectionRate, schedulingRetries, admissionRetries, apiWritesTotal, apiWrites, podObjects,
        collectedPods, wait, timeToReady, schedulingWait, turnaround, boundedSlowdown,
        actions, actionsFailed, actionsUnfinished, evictions, evictionsRefused, podsTainted,
        podsOrphaned, rolloutsCompleted, deadlinesExceeded, drainDuration, unavailableReplicas,
        use, balance, alignment, alignmentEligible, hostAlignment, falseAlignment, hostDistance,
        unbackedHugePages, stranded, fragmentation, policyTax, upstreamBugs,
    ]
}
