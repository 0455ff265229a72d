public import Metrics
import Primitives
import Records

/// The end of `topsim run`: what was simulated, what came of it and where the results are.
///
/// The same run gives the same bytes: nothing here depends on the clock. The digest is the last word of lowercase
/// hexadecimal digits, in text and in JSON.
public struct RunReport: Sendable {
    let heading: RunHeading
    let summary: RunSummary
    let result: RunResult

    public init(heading: RunHeading, summary: RunSummary, result: RunResult) {
        self.heading = heading
        self.summary = summary
        self.result = result
    }

    /// At most 80 columns, ending with a newline.
    public var text: String {
        var lines = RunReport.headingLines(
            heading, length: HumanFormat.duration(summary.end - .zero))
        lines.append("")
        var table = LabelledLines()
        addPods(to: &table)
        addScheduling(to: &table)
        addAdmission(to: &table)
        addControlPlane(to: &table)
        addWaits(to: &table)
        addUse(to: &table)
        addAlignment(to: &table)
        addHostAlignment(to: &table)
        addMix(to: &table)
        addLifecycle(to: &table)
        addNodeEvents(to: &table)
        addUpstreamBugs(to: &table)
        lines += table.lines
        lines.append("")
        lines += closing
        return lines.joined(separator: "\n") + "\n"
    }

    /// The first lines of a run: scenario, seed, cluster and policies.
    static func headingLines(_ heading: RunHeading, length: String) -> [String] {
        let facts = [
            heading.scenario, "seed \(heading.seed)",
            amount(heading.nodes, "node") + ", " + amount(heading.cpus, "CPU") + ", "
                + amount(heading.numaNodes, "NUMA node"),
            length,
        ]
        var lines = wrapped(facts, separator: " · ", indentation: 2)
        for kubelet in heading.kubelets.prefix(3) {
            lines += wrapped(
                "kubelet: \(kubelet)".split(separator: " ").map(String.init), separator: " ",
                indentation: 2)
        }
        if heading.kubelets.count > 3 {
            lines.append("and \(heading.kubelets.count - 3) more kubelet configurations")
        }
        lines.append("scheduler: \(heading.scheduler)")
        return lines
    }

    private func addPods(to table: inout LabelledLines) {
        let pods = summary.pods
        // A re-created pod takes another's place: it is not wanted once more.
        let wanted = pods.arrived - pods.recreated
        table.add(
            "pods",
            [
                "\(HumanFormat.count(wanted)) wanted",
                "\(HumanFormat.count(pods.started)) ran",
                "\(HumanFormat.count(pods.running)) running at the end",
                "\(HumanFormat.count(max(0, wanted - pods.started))) never placed",
            ])
        if pods.recreated > 0 {
            table.add(
                "",
                [
                    "\(HumanFormat.count(pods.recreated)) more were made in place of "
                        + (summary.lifecycle.isEmpty ? "refused ones" : "refused or evicted ones")
                ])
        }
    }

    private func addScheduling(to table: inout LabelledLines) {
        // A pod's refusal is recorded once; its later cycles are counted by its attempts.
        let refused = summary.pods.schedulingAttempts - summary.pods.scheduled
        guard refused > 0 else { return }
        table.add(
            "scheduling",
            [
                "\(RunReport.amount(summary.pods.schedulingAttempts, "cycle")), "
                    + "\(HumanFormat.count(refused)) found no node "
                    + "(\(HumanFormat.percent(refused, of: summary.pods.schedulingAttempts)))"
            ])
    }

    private func addAdmission(to table: inout LabelledLines) {
        let attempts = summary.admissionAttempts
        let refused = summary.rejectionCount(at: .admission)
        table.add(
            "admission",
            [
                "\(RunReport.amount(attempts, "attempt")), \(HumanFormat.count(refused)) refused"
                    + (attempts > 0 ? " (\(HumanFormat.percent(refused, of: attempts)))" : "")
            ])
        addReasons(at: .admission, to: &table)
        let refusedAgain = summary.rejectionCount(at: .readmission)
        guard refusedAgain > 0 else { return }
        table.add(
            "restarts",
            ["\(RunReport.amount(refusedAgain, "pod")) not taken back by a restarted kubelet"])
        addReasons(at: .readmission, to: &table)
    }

    /// What refusals cost the control plane; without a re-created pod there is nothing to tell.
    private func addControlPlane(to table: inout LabelledLines) {
        guard summary.pods.recreated > 0, let load = summary.controlPlane else { return }
        table.add(
            "api server",
            [
                "\(RunReport.amount(load.writes.total, "write"))",
                "\(RunReport.amount(load.peakPodObjects, "pod object")) at most",
                "\(RunReport.amount(summary.wastedCycles, "cycle")) wasted",
            ])
    }

    private func addReasons(at stage: RejectionStage, to table: inout LabelledLines) {
        let reasons = summary.rejections.filter { $0.stage == stage }
        let counts = reasons.map { HumanFormat.count($0.count) }
        let countWidth = counts.map(\.count).max() ?? 0
        let reasonWidth = reasons.map(\.reason.count).max() ?? 0
        for (count, rejection) in zip(counts, reasons) {
            var line = RunReport.padded(count, left: countWidth) + "  "
            if let meaning = RunReport.meaning(of: rejection.reason) {
                line += RunReport.padded(rejection.reason, right: reasonWidth) + "   " + meaning
            } else {
                line += rejection.reason
            }
            table.add("", [line])
        }
    }

    private func addWaits(to table: inout LabelledLines) {
        guard let wait = summary.wait else { return }
        let quantiles = [
            ("p50", wait.p50), ("p90", wait.p90), ("p99", wait.p99), ("max", wait.max),
        ]
        table.add(
            "wait",
            quantiles.map { name, value in
                "\(name) \(HumanFormat.duration(SimDuration(nanoseconds: value)))"
            })
        guard summary.pods.recreated > 0, let ready = summary.timeToReady else { return }
        func text(_ value: Int64) -> String {
            HumanFormat.duration(SimDuration(nanoseconds: value))
        }
        table.add(
            "to ready",
            [
                "p50 \(text(ready.p50))", "p90 \(text(ready.p90))", "p99 \(text(ready.p99))",
                "max \(text(ready.max))",
            ])
    }

    private func addUse(to table: inout LabelledLines) {
        let used = summary.resources.filter { $0.use > 0 }
        guard !used.isEmpty else { return }
        table.add(
            "use",
            used.map { "\(RunReport.readable($0.name)) \(HumanFormat.percent($0.use))" })
    }

    private func addAlignment(to table: inout LabelledLines) {
        let alignment = summary.alignment
        guard alignment.numa.eligible > 0 else { return }
        table.add(
            "aligned",
            [
                "\(HumanFormat.count(Int64(alignment.numa.aligned))) of "
                    + "\(RunReport.amount(alignment.numa.eligible, "container")) "
                    + "in the fewest NUMA nodes"
            ])
        let others = [
            ("cores", alignment.core), ("L3 caches", alignment.uncore),
            ("sockets", alignment.socket),
        ]
        let shares = others.compactMap { name, count in
            count.eligible > 0
                ? "\(name) \(HumanFormat.percent(Int64(count.aligned), of: Int64(count.eligible)))"
                : nil
        }
        if !shares.isEmpty { table.add("", shares) }
    }

    /// What the hosts of virtual machines say to it.
    private func addHostAlignment(to table: inout LabelledLines) {
        guard let host = summary.hostAlignment else { return }
        table.add(
            "on the host",
            [
                "\(HumanFormat.count(host.falselyAligned)) of "
                    + "\(RunReport.amount(host.alignedInGuest, "container")) aligned in the guest "
                    + "\(host.falselyAligned == 1 ? "is" : "are") split on the host"
            ])
        var facts: [String] = []
        if host.measuredDistances > 0 {
            let mean = Double(host.distanceThousandths) / 1_000 / Double(host.measuredDistances)
            facts.append("memory at \(HumanFormat.factor(mean)) times the local distance")
        }
        if host.unbackedHugePages > 0 {
            facts.append(
                "\(HumanFormat.count(host.unbackedHugePages)) with huge pages of the guest only")
        }
        if !facts.isEmpty { table.add("", facts) }
    }

    private func addMix(to table: inout LabelledLines) {
        if let stranded = summary.resources.first(where: { $0.name == "cpu" })?.stranded {
            table.add(
                "stranded",
                [
                    "\(HumanFormat.percent(stranded)) of CPUs free on nodes that take no pod of the mix"
                ])
        }
        if let tax = summary.policyTax {
            table.add(
                "policy tax",
                ["\(HumanFormat.percent(tax)) of the mix pods that fit by totals are refused"])
        }
    }

    private func addLifecycle(to table: inout LabelledLines) {
        let life = summary.lifecycle
        guard !life.isEmpty else { return }
        var facts: [String] = []
        if life.actions > 0 {
            facts.append(RunReport.amount(life.actions, "action"))
            if life.failedActions > 0 {
                facts.append("\(HumanFormat.count(life.failedActions)) failed")
            }
            if life.unfinishedActions > 0 {
                facts.append("\(HumanFormat.count(life.unfinishedActions)) unfinished")
            }
        }
        if life.evictions + life.refusedEvictions > 0 {
            facts.append(
                "\(RunReport.amount(life.evictions, "eviction")), "
                    + "\(HumanFormat.count(life.refusedEvictions)) refused")
        }
        if life.taintedPods > 0 {
            facts.append("\(RunReport.amount(life.taintedPods, "pod")) off silent nodes")
        }
        if life.orphanedPods > 0 {
            facts.append("\(RunReport.amount(life.orphanedPods, "pod")) lost with nodes")
        }
        if life.rolloutsCompleted > 0 {
            facts.append("\(RunReport.amount(life.rolloutsCompleted, "rollout")) complete")
        }
        if life.deadlinesExceeded > 0 {
            facts.append("\(HumanFormat.count(life.deadlinesExceeded)) past the deadline")
        }
        let missing = HumanFormat.duration(SimDuration(nanoseconds: life.unavailableNanoseconds))
        facts.append("unavailable replicas × time \(missing)")
        table.add("lifecycle", facts)
    }

    private func addNodeEvents(to table: inout LabelledLines) {
        guard !summary.nodeEvents.isEmpty else { return }
        table.add(
            "kubelets",
            summary.nodeEvents.map { event in
                let words =
                    switch event.kind {
                    case .kubeletRestarted: ("restart", "restarts")
                    case .kubeletFailed: ("did not start again", "did not start again")
                    case .kubeletStalled: ("hangs for ever", "hang for ever")
                    case .pluginRegistered: ("plugin registered", "plugins registered")
                    case .pluginLost: ("plugin lost", "plugins lost")
                    case .devicesChanged: ("change of device health", "changes of device health")
                    case .registered: ("node registered", "nodes registered")
                    case .ready: ("node became ready", "nodes became ready")
                    case .cordoned: ("cordon", "cordons")
                    case .uncordoned: ("uncordon", "uncordons")
                    case .drained: ("node drained", "nodes drained")
                    case .stopped: ("node stopped", "nodes stopped")
                    case .silent: ("node fell silent", "nodes fell silent")
                    case .unreachable: ("node unreachable", "nodes unreachable")
                    case .removed: ("node removed", "nodes removed")
                    }
                return "\(HumanFormat.count(event.count)) "
                    + (event.count == 1 ? words.0 : words.1)
            })
    }

    private func addUpstreamBugs(to table: inout LabelledLines) {
        let seen = summary.upstreamBugs.filter { $0.count > 0 }
        guard !seen.isEmpty else { return }
        table.add(
            "upstream",
            ["the kubelet's own bugs:"]
                + seen.map { "\(HumanFormat.count($0.count)) × \($0.name)" })
    }

    private var closing: [String] {
        var lines: [String] = []
        if result.isInterrupted {
            lines.append("interrupted at \(HumanFormat.duration(summary.end - .zero))")
        }
        lines.append("\(result.file)   \(HumanFormat.bytes(result.bytes))")
        if let digest = result.digest { lines.append("digest \(digest)") }
        lines.append("next: sqlite3 -box \(RunReport.quoted(result.file)) '\(result.query)'")
        return lines
    }
}

// MARK: Words

extension RunReport {
    /// What a kubelet's reason means to a planner; nil for one that speaks for itself or is not known.
    static func meaning(of reason: String) -> String? {
        switch reason {
        case "TopologyAffinityError": "fits the node, not its NUMA nodes"
        case "SMTAlignmentError": "not whole cores, under full-pcpus-only"
        case "UnexpectedAdmissionError": "a manager could not allocate"
        case "OutOfcpu": "the node has too little CPU left"
        case "OutOfmemory": "the node has too little memory left"
        case "OutOfpods": "the node runs all the pods it may"
        default: nil
        }
    }

    /// `CPUs`, `1Gi pages` or the resource's own name.
    static func readable(_ resource: String) -> String {
        if resource == "cpu" { return "CPUs" }
        let pages = "hugepages-"
        return resource.hasPrefix(pages) ? "\(resource.dropFirst(pages.count)) pages" : resource
    }

    /// `1 node`, `8 nodes`.
    static func amount(_ count: some BinaryInteger, _ noun: String) -> String {
        "\(HumanFormat.count(Int64(count))) \(noun)\(count == 1 ? "" : "s")"
    }

    static func padded(_ text: String, left width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    static func padded(_ text: String, right width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// A file's name as a shell takes it.
    static func quoted(_ file: String) -> String {
        let plain = file.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || "/._-+,".unicodeScalars.contains($0)
        }
        return plain && !file.isEmpty
            ? file
            : "'\(file.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
    }
}
