public import Records

extension RunSummary {
    /// The summary as named numbers, in the catalogue's order. What was not measured is left out.
    public var metrics: [Metric] {
        podMetrics + rejectionMetrics + controlPlaneMetrics + latencyMetrics + lifecycle.metrics
            + resourceMetrics
    }

    private var podMetrics: [Metric] {
        let counts: [(MetricDefinition, Int64)] = [
            (.podsArrived, pods.arrived), (.podsRecreated, pods.recreated),
            (.podsStarted, pods.started), (.podsSucceeded, pods.succeeded),
            (.podsFailed, pods.failed), (.podsDeleted, pods.deleted),
            (.podsRunning, pods.running), (.podsPending, pods.pending),
            (.schedulingAttempts, pods.schedulingAttempts),
            (.admissionAttempts, admissionAttempts), (.wastedCycles, wastedCycles),
        ]
        return counts.map { definition, count in definition.metric(Double(count)) }
    }

    private var rejectionMetrics: [Metric] {
        func subject(_ rejection: RejectionCount) -> String {
            "\(rejection.stage.rawValue).\(rejection.reason)"
        }
        var metrics = rejections.map {
            MetricDefinition.rejections.metric(Double($0.count), for: subject($0))
        }
        for rejection in rejections {
            let attempts = attempts(at: rejection.stage)
            guard attempts > 0 else { continue }
            metrics.append(
                MetricDefinition.rejectionRate.metric(
                    1_000 * Double(rejection.count) / Double(attempts), for: subject(rejection)))
        }
        if pods.scheduled > 0 {
            let retries = pods.schedulingAttempts - pods.scheduled
            metrics.append(
                MetricDefinition.schedulingRetries.metric(Double(retries) / Double(pods.scheduled)))
        }
        if pods.admitted > 0 {
            let refusals = rejectionCount(at: .admission)
            metrics.append(
                MetricDefinition.admissionRetries.metric(Double(refusals) / Double(pods.admitted)))
        }
        return metrics
    }

    private var controlPlaneMetrics: [Metric] {
        guard let load = controlPlane else { return [] }
        var metrics = [MetricDefinition.apiWritesTotal.metric(Double(load.writes.total))]
        metrics += load.writes.named.compactMap { name, count in
            count > 0 ? MetricDefinition.apiWrites.metric(Double(count), for: name) : nil
        }
        metrics.append(
            MetricDefinition.podObjects.metric(Double(load.peakPodObjects), for: "peak"))
        metrics.append(MetricDefinition.podObjects.metric(Double(load.podObjects), for: "end"))
        metrics.append(MetricDefinition.collectedPods.metric(Double(load.collectedPods)))
        return metrics
    }

    private func attempts(at stage: RejectionStage) -> Int64 {
        switch stage {
        case .scheduler: pods.schedulingAttempts
        case .admission: admissionAttempts
        // How often a restart asked is not counted: a share would have no base.
        case .readmission: 0
        }
    }

    private var latencyMetrics: [Metric] {
        let distributions: [(MetricDefinition, LatencyDistribution?, divisor: Double)] = [
            (.wait, wait, 1), (.timeToReady, timeToReady, 1), (.schedulingWait, schedulingWait, 1),
            (.turnaround, turnaround, 1),
            (.boundedSlowdown, boundedSlowdown, 1_000),
        ]
        return distributions.flatMap { definition, distribution, divisor -> [Metric] in
            guard let distribution else { return [] }
            return [
                definition.metric(distribution.mean / divisor, for: "mean"),
                definition.metric(Double(distribution.p50) / divisor, for: "p50"),
                definition.metric(Double(distribution.p90) / divisor, for: "p90"),
                definition.metric(Double(distribution.p99) / divisor, for: "p99"),
                definition.metric(Double(distribution.max) / divisor, for: "max"),
            ]
        }
    }

    private var resourceMetrics: [Metric] {
        var metrics = resources.map { MetricDefinition.use.metric($0.use, for: $0.name) }
        if let balance { metrics.append(MetricDefinition.balance.metric(balance)) }
        let boundaries = alignment.boundaries
        for (boundary, count) in boundaries where count.eligible > 0 {
            let share = Double(count.aligned) / Double(count.eligible)
            metrics.append(MetricDefinition.alignment.metric(share, for: boundary))
        }
        for (boundary, count) in boundaries {
            metrics.append(
                MetricDefinition.alignmentEligible.metric(Double(count.eligible), for: boundary))
        }
        metrics += hostMetrics
        for resource in resources {
            if let stranded = resource.stranded {
                metrics.append(MetricDefinition.stranded.metric(stranded, for: resource.name))
            }
        }
        for resource in resources {
            if let share = resource.fragmentation {
                metrics.append(MetricDefinition.fragmentation.metric(share, for: resource.name))
            }
        }
        if let policyTax { metrics.append(MetricDefinition.policyTax.metric(policyTax)) }
        metrics += upstreamBugs.map {
            MetricDefinition.upstreamBugs.metric(Double($0.count), for: $0.name)
        }
        return metrics
    }

    private var hostMetrics: [Metric] {
        guard let host = hostAlignment, host.containers > 0 else { return [] }
        func share(_ part: Int64, of whole: Int64) -> Double { Double(part) / Double(whole) }
        var metrics = [
            MetricDefinition.hostAlignment.metric(
                share(host.alignedOnHost, of: host.containers), for: "numa")
        ]
        if host.pinned > 0 {
            metrics.append(
                MetricDefinition.hostAlignment.metric(
                    share(host.coreAlignedOnHost, of: host.pinned), for: "core"))
        }
        metrics.append(
            MetricDefinition.falseAlignment.metric(
                share(host.falselyAligned, of: max(1, host.alignedInGuest))))
        if host.measuredDistances > 0 {
            metrics.append(
                MetricDefinition.hostDistance.metric(
                    Double(host.distanceThousandths) / 1_000 / Double(host.measuredDistances)))
        }
        metrics.append(
            MetricDefinition.unbackedHugePages.metric(Double(host.unbackedHugePages)))
        return metrics
    }

    /// The distributions by the name of their metric, unit and buckets, for storing and merging.
    public var distributions: [NamedDistribution] {
        let all: [(String, String, LatencyDistribution?)] = [
            ("wait", "ns", wait), ("time_to_ready", "ns", timeToReady),
            ("scheduling_wait", "ns", schedulingWait),
            ("turnaround", "ns", turnaround), ("bounded_slowdown", "thousandths", boundedSlowdown),
        ]
        return all.compactMap { name, unit, distribution in
            distribution.map { NamedDistribution(name: name, unit: unit, distribution: $0) }
        }
    }
}

/// A distribution under its metric's name.
public struct NamedDistribution: Sendable, Hashable {
    public var name: String
    /// `ns` or `thousandths`.
    public var unit: String
    public var distribution: LatencyDistribution

    public init(name: String, unit: String, distribution: LatencyDistribution) {
        self.name = name
        self.unit = unit
        self.distribution = distribution
    }
}

extension AlignmentTotals {
    /// Each boundary by its name, from the smallest.
    public var boundaries: [(name: String, count: AlignmentCount)] {
        [("core", core), ("uncore", uncore), ("numa", numa), ("socket", socket)]
    }
}
