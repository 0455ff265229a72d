import ClusterSimulation
import WorkloadModel

/// A PriorityClass, as far as it decides who goes first.
package struct PriorityClass: Hashable, Sendable {
    package var value: Int32
    package var mayPreempt: Bool

    package init(value: Int32, mayPreempt: Bool = true) {
        self.value = value
        self.mayPreempt = mayPreempt
    }
}

/// Every PriorityClass of a scenario; Kubernetes' own two are always there. (k/k pkg/apis/scheduling/types.go)
package struct PriorityClasses: Sendable {
    package var byName: [String: PriorityClass] = [
        "system-node-critical": PriorityClass(value: 2_000_001_000),
        "system-cluster-critical": PriorityClass(value: 2_000_000_000),
    ]
    /// For pods that name none.
    package var globalDefault: PriorityClass?

    package init() {}
}

extension ScenarioBuilder {
    /// Before the workloads, whose pods name them.
    mutating func buildPriorityClasses() {
        var defaultName: String?
        for entry in root.map("priorityClasses") {
            guard let value = entry.value.integer("value") else { continue }
            if priorityClasses.byName[entry.key] != nil {
                diagnostics.error(
                    at: entry, "`\(entry.key)` is a priority class of Kubernetes' own",
                    hint: "pods may name it without more")
                continue
            }
            let built = PriorityClass(
                value: Int32(clamping: value),
                mayPreempt: entry.value.string("preemptionPolicy") != "Never")
            priorityClasses.byName[entry.key] = built
            guard entry.value.boolean("globalDefault") == true else { continue }
            if let defaultName {
                diagnostics.error(
                    at: entry, "a second global default beside `\(defaultName)`",
                    hint: "one class at most holds for pods that name none")
            }
            defaultName = entry.key
            priorityClasses.globalDefault = built
        }
    }

    mutating func buildDisruptionBudgets() {
        for entry in root.map("podDisruptionBudgets") {
            guard let limit = disruptionLimit(entry.value) else { continue }
            var reader = ManifestReader(Diagnostics(), unknownFields: .refused)
            let selector = reader.fields(
                of: entry.value, at: "podDisruptionBudgets.\(entry.key)",
                known: ["namespace", "selector", "minAvailable", "maxUnavailable"]
            ).flatMap { reader.selector("selector", of: $0) }
            for diagnostic in reader.diagnostics.all { diagnostics.add(diagnostic) }
            if let selector, selector.isEmpty, let node = entry.value.present("selector") {
                diagnostics.note(
                    at: node, "a budget whose selector is empty protects nobody from preemption")
            }
            scenario.disruptionBudgets.append(
                PodDisruptionBudget(
                    name: entry.key, namespace: entry.value.string("namespace") ?? "default",
                    selector: selector ?? LabelSelector(), limit: limit))
        }
    }

    private mutating func disruptionLimit(_ node: SourceNode) -> PodDisruptionBudget.Limit? {
        if let place = node.present("minAvailable") {
            return podAmount(place).map { .minAvailable($0) }
        }
        if let place = node.present("maxUnavailable") {
            return podAmount(place).map { .maxUnavailable($0) }
        }
        return nil
    }

    private mutating func podAmount(_ node: SourceNode) -> PodDisruptionBudget.Amount? {
        let text = node.text ?? ""
        if let count = Int32(text), count >= 0 { return .count(Int64(count)) }
        if text.hasSuffix("%"), let share = Int32(text.dropLast()), (0...100).contains(share) {
            return .percent(Int64(share))
        }
        diagnostics.error(
            at: node, "`\(text)` is no number of pods", hint: "for example `2`, or `50%`")
        return nil
    }
}
