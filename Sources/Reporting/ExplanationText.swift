public import Primitives
public import Records

/// Explanations for people: one pod after another, at most 100 columns.
public struct ExplanationText {
    static let width = 100

    private let format: ExplanationFormat
    private var lines: [String] = []

    /// The text of `explanations`, ending with a newline; empty for none.
    public static func text(
        _ explanations: [PodExplanation], resources: ResourceTable
    ) -> String {
        explanations.map { explanation in
            var text = ExplanationText(format: ExplanationFormat(resources: resources))
            text.add(explanation)
            return text.lines.joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }

    private init(format: ExplanationFormat) { self.format = format }

    // MARK: Lines

    /// A label in a column of its own, then items, wrapped.
    private mutating func row(_ label: String, _ items: [String], separator: String = "  ") {
        let start = "  " + RunReport.padded(label, right: 9) + " "
        let blank = String(repeating: " ", count: start.count)
        let rows = wrapped(
            items.flatMap(pieces), separator: separator,
            width: ExplanationText.width - start.count)
        for (index, line) in rows.enumerated() { lines.append((index == 0 ? start : blank) + line) }
    }

    private mutating func sentence(_ label: String, _ text: String) {
        row(label, text.split(separator: " ").map(String.init), separator: " ")
    }

    /// An item that would not fit a line, cut at commas.
    private func pieces(_ item: String) -> [String] {
        let width = ExplanationText.width - 14
        guard item.count > width else { return [item] }
        var pieces: [String] = []
        for part in item.split(separator: ",", omittingEmptySubsequences: false) {
            if let last = pieces.last, last.count + part.count + 1 <= width {
                pieces[pieces.count - 1] = last + "," + part
            } else {
                pieces.append(String(part))
            }
        }
        return pieces
    }

    // MARK: A pod

    private mutating func add(_ pod: PodExplanation) {
        lines.append(
            "\(pod.name) · \(pod.namespace) · \(pod.qos) · arrived \(at(pod.arrival))")
        for attempt in pod.attempts { add(attempt) }
        if pod.attempts.isEmpty { row("scheduler", ["not tried before the run ended"]) }
        guard let admission = pod.admission, let node = pod.node, let decided = pod.decided else {
            row("kubelet", [pod.attempts.last?.node == nil ? "never asked" : "not asked yet"])
            return
        }
        let verdict = admission.refusal == nil ? "admitted" : "refused"
        row("kubelet", ["\(at(decided))", "\(node): \(verdict)"])
        if let refusal = admission.refusal {
            sentence("", "\(refusal.reason): \(refusal.message)")
        }
        if !pod.agreesWithRun {
            sentence(
                "", "This explanation came to another answer than the run: a defect of topsim.")
        }
        add(admission.settings)
        add(admission.free)
        for (index, step) in admission.steps.enumerated() {
            lines.append("")
            switch step {
            case .merge(let merge): add(merge, number: index + 1, admission.settings)
            case .allocation(let allocation): add(allocation, number: index + 1)
            }
        }
        guard !admission.predicates.isEmpty else { return }
        lines.append("")
        lines.append("\(admission.steps.count + 1) the node's totals (general predicates)")
        for comparison in admission.predicates { add(comparison) }
    }

    private func at(_ time: SimTime) -> String {
        HumanFormat.duration(SimDuration(nanoseconds: time.nanoseconds))
    }

    private mutating func add(_ attempt: SchedulingAttempt) {
        let nodes = "of \(attempt.nodes)"
        if let node = attempt.node {
            let others = attempt.feasible == 1 ? "1 node" : "\(attempt.feasible) nodes"
            row("scheduler", [at(attempt.time), "\(node), one of \(others) that pass, \(nodes)"])
        } else {
            row("scheduler", [at(attempt.time), "no node passes, \(nodes)"])
            if let message = attempt.message { sentence("", message) }
        }
    }

    private mutating func add(_ settings: KubeletPolicies) {
        var topology = "topology \(settings.topologyManagerPolicy)"
        if settings.topologyManagerPolicy != "none" {
            topology += " by \(settings.topologyManagerScope)"
        }
        row(
            "policies",
            [
                topology, "cpu \(settings.cpuManagerPolicy)",
                "memory \(settings.memoryManagerPolicy)",
            ] + settings.options)
    }

    private mutating func add(_ free: [FreeOnNUMANode]) {
        for (index, node) in free.enumerated() {
            var items = ["NUMA node \(node.numaNode):", "cpu \(node.cpus.count)"]
            if !node.cpus.isEmpty { items[1] += " (\(node.cpus))" }
            items += node.amounts.map(format.text)
            if node.group.count > 1 { items.append("in group \(format.nodes(node.group))") }
            row(index == 0 ? "free" : "", items)
        }
    }

    // MARK: A merge

    private mutating func add(
        _ merge: MergeExplanation, number: Int, _ settings: KubeletPolicies
    ) {
        let whom = merge.container.map { "container \($0)" } ?? "the pod"
        heading("\(number) hints for \(whom):", merge.requests)
        guard merge.isListed else {
            sentence("hints", "not listed on a machine with so many NUMA nodes")
            add(verdict: merge, settings)
            return
        }
        if merge.lists.isEmpty { sentence("hints", "no manager has anything to say") }
        for list in merge.lists { add(list) }
        if merge.lists.contains(where: { $0.preferredCount > 0 }) { row("", ["* preferred"]) }
        addPermutations(of: merge, settings)
        if let merged = merge.merged, let rule = merge.rule {
            let reason =
                merge.permutationCount == 0
                ? "a resource has no hint left, so all NUMA nodes"
                : rule.reason(needed: merge.neededNUMANodes)
            sentence("merged", "\(format.text(merged)): \(reason)")
        }
        add(verdict: merge, settings)
    }

    private mutating func heading(_ start: String, _ amounts: [ResourceAmount]) {
        let items = amounts.isEmpty ? ["nothing exclusive"] : amounts.map(format.text)
        let rows = wrapped(
            [start] + items, separator: "  ", indentation: 4, width: ExplanationText.width)
        lines += rows
    }

    private mutating func add(_ list: MergeExplanation.HintList) {
        let name = format.resources[list.resource]
        var items = [name == list.provider.rawValue ? "" : name].filter { !$0.isEmpty }
        switch list.answer {
        case .noPreference: items.append("no preference")
        case .impossible: items.append("impossible: there is not enough anywhere")
        case .hints where list.hints.isEmpty:
            items.append("\(HumanFormat.count(Int64(list.count))) hints,")
            items.append("\(HumanFormat.count(Int64(list.preferredCount))) preferred,")
            if let narrowest = list.narrowest {
                items.append("narrowest \(format.text(narrowest))")
            }
        case .hints:
            if list.count > 15 {
                items.append("\(list.count) hints, \(list.preferredCount) preferred:")
            }
            items += list.hints.map(format.text)
        }
        row(list.provider.rawValue, items)
    }

    private mutating func addPermutations(
        of merge: MergeExplanation, _ settings: KubeletPolicies
    ) {
        guard !merge.lists.isEmpty else { return }
        let dropped = merge.lists.contains { $0.keptCount < $0.count }
        var text = ""
        if dropped {
            text =
                "\(settings.topologyManagerPolicy) looks only at preferred hints of one NUMA node: "
        }
        guard let count = merge.permutationCount else {
            return sentence("merge", text + "more than 2^63 permutations")
        }
        let factors = merge.lists.map { "\($0.count == 0 ? 1 : $0.keptCount)" }
        let product = factors.count > 1 ? "\(factors.joined(separator: " × ")) = " : ""
        text += product + HumanFormat.count(Int64(count))
        text += count == 1 ? " permutation" : " permutations"
        if merge.permutations.isEmpty, count > 0 { text += ", not told one by one" }
        sentence("merge", text)
        // Many combinations are told without those that lead nowhere.
        let isShort = merge.permutations.count <= 6
        let told = merge.permutations.filter { isShort || $0.effect != .nothingInCommon }
        for permutation in told {
            let effect =
                switch permutation.effect {
                case .taken: "\(format.text(permutation.result)), the best so far"
                case .notBetter: "\(format.text(permutation.result)), no better"
                case .nothingInCommon: "nothing in common"
                }
            let hints = permutation.hints.map(format.text).joined(separator: " ")
            row("", ["  " + hints + " → " + effect])
        }
        let silent = merge.permutations.count - told.count
        if silent > 0 { row("", ["  the other \(silent) have no NUMA node in common"]) }
    }

    private mutating func add(verdict merge: MergeExplanation, _ settings: KubeletPolicies) {
        let policy = settings.topologyManagerPolicy
        if merge.isAdmitted {
            let affinity =
                merge.affinity.numaNodes.map { "affinity \(format.nodes($0))" } ?? "no affinity"
            let why =
                merge.affinity.isPreferred
                ? "the merged hint is preferred" : "\(policy) admits whatever the merged hint is"
            return sentence("verdict", "go on with \(affinity): \(why)")
        }
        var reason =
            policy == "single-numa-node"
            ? "single-numa-node wants one NUMA node that every resource prefers"
            : "\(policy) wants a preferred hint"
        reason += "; " + blame(merge)
        sentence("verdict", "refuse: \(reason)")
    }

    /// Which resources stand in the way, as far as their lists tell.
    private func blame(_ merge: MergeExplanation) -> String {
        func names(_ lists: [MergeExplanation.HintList]) -> String {
            lists.map { format.resources[$0.resource] }.joined(separator: ", ")
        }
        let impossible = merge.lists.filter { $0.answer == .impossible }
        if !impossible.isEmpty { return "there is not enough \(names(impossible)) anywhere" }
        let without = merge.lists.filter { $0.answer == .hints && $0.preferredCount == 0 }
        if !without.isEmpty {
            let sets = without.compactMap(\.narrowest?.numaNodes).map(format.nodes)
            return "nothing is preferred for \(names(without)), which fits on"
                + " \(sets.joined(separator: ", ")) at the narrowest"
        }
        let dropped = merge.lists.filter { $0.answer == .hints && $0.keptCount == 0 }
        if !dropped.isEmpty { return "\(names(dropped)) needs more than one" }
        let listed = merge.lists.filter { !$0.hints.isEmpty }
        guard !listed.isEmpty else { return "the resources prefer different NUMA nodes" }
        let parts = listed.map { list in
            let sets = list.hints.filter(\.isPreferred).compactMap(\.numaNodes).map(format.nodes)
            return "\(format.resources[list.resource]) \(sets.joined(separator: " "))"
        }
        return "preferred are " + parts.joined(separator: ", ")
    }

    // MARK: An allocation

    private mutating func add(_ allocation: AllocationExplanation, number: Int) {
        let whom =
            allocation.container.map { "container \($0) (\(allocation.kind ?? "app"))" }
            ?? "the pod, as one share"
        let affinity =
            allocation.affinity.numaNodes.map { "affinity \(format.nodes($0))" } ?? "no affinity"
        lines.append("\(number) allocation for \(whom), \(affinity)")
        let before = lines.count
        for devices in allocation.devices { add(devices) }
        if let cpus = allocation.cpus { add(cpus) }
        if let memory = allocation.memory { add(memory) }
        if let manager = allocation.refusedBy {
            sentence(manager.rawValue, "refused, and what was allocated is given back")
        }
        if lines.count == before { sentence("", "nothing exclusive: it runs in the shared pool") }
    }

    private mutating func add(_ devices: AllocationExplanation.Devices) {
        var items = ["\(format.resources[devices.resource]) \(devices.requested):"]
        func add(_ what: String, _ ids: [String]) {
            if !ids.isEmpty { items.append("\(what) \(ids.joined(separator: " "))") }
        }
        add("reused", devices.reused)
        add("aligned", devices.aligned)
        add("unaligned", devices.unaligned)
        add("without affinity", devices.withoutAffinity)
        if devices.preferredAllocation != "none" {
            items.append("(the plugin prefers the \(devices.preferredAllocation) ids)")
        }
        row("device", items)
    }

    private mutating func add(_ cpus: AllocationExplanation.CPUs) {
        let from =
            cpus.aligned.map { "\($0.count) of the affinity, \(cpus.available.count) in all" }
            ?? "\(cpus.available.count)"
        var items = ["\(cpus.requested) from \(from) that may be taken"]
        if !cpus.reusable.isEmpty { items.append("init containers left \(cpus.reusable)") }
        if !cpus.taken.isEmpty { items.append("takes \(cpus.taken)") }
        row("cpu", items, separator: "; ")
        var index = cpus.steps.startIndex
        while index < cpus.steps.endIndex {
            let first = cpus.steps[index]
            let run = cpus.steps[index...].prefix { $0.unit == first.unit && $0.part == first.part }
            index = run.endIndex
            let rest = first.part == .rest ? "outside the affinity, " : ""
            let label = "\(rest)\(first.unit.words) in this order:"
            row("", ["  " + label] + run.map { text($0) })
        }
    }

    private func text(_ step: AllocationExplanation.CPUs.Step) -> String {
        switch step.unit {
        case .core, .cpu: "\(step.cpus)"
        default: "\(step.id) (\(step.cpus))"
        }
    }

    private mutating func add(_ memory: AllocationExplanation.Memory) {
        guard let origin = memory.origin, let block = memory.blocks.first else {
            row("memory", memory.requested.map(format.text))
            return
        }
        let nodes = format.nodes(block.numaNodes)
        let why =
            switch origin {
            case .affinity: "the affinity \(nodes)"
            case .extendedAffinity: "\(nodes), as the affinity alone has too little"
            case .ownGroup: "\(nodes), the narrowest with enough, as there is no affinity"
            }
        row(
            "memory",
            memory.blocks.map {
                "\(format.resources[$0.resource]) \(format.value($0.bytes, of: $0.resource))"
            } + ["on \(why)"])
        for charge in memory.charges {
            let name = format.resources[charge.resource]
            row(
                "",
                [
                    "  NUMA node \(charge.numaNode) gives \(name)"
                        + " \(format.value(charge.bytes, of: charge.resource)),"
                        + " \(format.value(charge.freeAfter, of: charge.resource)) stay free"
                ])
        }
    }

    private mutating func add(_ comparison: PredicateComparison) {
        func value(_ amount: Int64) -> String {
            comparison.resource.map { format.value(amount, of: $0) } ?? "\(amount)"
        }
        let name = comparison.resource.map { format.resources[$0] } ?? "pods"
        row(
            comparison.fits ? "fits" : "too much",
            [
                "\(name) \(value(comparison.requested)): \(value(comparison.used)) of"
                    + " \(value(comparison.capacity)) used by others"
            ])
    }
}

extension AllocationExplanation.CPUs.Step.Unit {
    fileprivate var words: String {
        switch self {
        case .numaNode: "whole NUMA nodes"
        case .socket: "whole sockets"
        case .uncore: "whole uncore caches"
        case .partOfUncore: "part of uncore caches"
        case .core: "whole cores"
        case .cpu: "single CPUs"
        case .share: "shares of NUMA nodes"
        }
    }
}
