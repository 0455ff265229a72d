import ClusterScheduler
import ClusterSimulation
import Foundation
import Primitives
import WorkloadModel

extension ScenarioBuilder {
    mutating func buildWorkloads() {
        guard let node = root["workload"], let entries = node.entries else { return }
        if entries.isEmpty {
            diagnostics.error(
                at: node, "a scenario without a pod", hint: "`workload` has workloads by name")
        }
        for entry in entries where !diagnostics.isFull {
            guard let source = source(of: entry.value) else { continue }
            var workload = Workload(
                name: entry.key, namespace: namespace(of: entry.value),
                controller: entry.value.choice("controller", as: ControllerKind.self) ?? .none,
                replicas: entry.value.integer("replicas") ?? 1, source: source,
                backoffLimit: entry.value.integer("backoffLimit") ?? 6)
            introduceToScheduler(&workload, entry.value)
            scenario.workloads.append(workload)
        }
    }

    /// Namespace and controller of a workload's pods, and the selector by which the scheduler finds them.
    ///
    /// The selector is the template's labels; the owners of one workload share it, as they share the pods' shape.
    private mutating func introduceToScheduler(_ workload: inout Workload, _ node: SourceNode) {
        let namespace = workload.namespace
        if !scenario.scheduler.objects.namespaces.contains(where: { $0.name == namespace }) {
            scenario.scheduler.objects.namespaces.append(
                NamespaceObject(
                    name: namespace,
                    labels: [Label(key: "kubernetes.io/metadata.name", value: namespace)]))
        }
        guard case .generated(var shape, let arrivals, let lifetime) = workload.source else {
            return
        }
        shape.namespace = namespace
        let kind: SelectorObject.Kind? =
            switch workload.controller {
            case .replicaSet, .deployment: .replicaSet
            case .statefulSet: .statefulSet
            case .none, .daemonSet, .job: nil
            }
        if let kind, !shape.labels.isEmpty {
            var placement = shape.placement ?? PlacementRules()
            placement.controller = ControllerReference(
                kind: kind == .statefulSet ? .statefulSet : .replicaSet, name: workload.name)
            shape.placement = placement
            scenario.scheduler.objects.controllers.append(
                SelectorObject(
                    kind: kind, namespace: namespace, name: workload.name,
                    selector: LabelSelector(matchLabels: shape.labels)))
        }
        let names = scenario.scheduler.profiles.map(\.schedulerName)
        if !names.contains(shape.schedulerName), shape.schedulerName != "default-scheduler" {
            diagnostics.note(
                at: node,
                "no profile is called `\(shape.schedulerName)`: these pods are never scheduled",
                hint: "profiles are \(names.map { "`\($0)`" }.joined(separator: ", "))")
        }
        workload.source = .generated(shape: shape, arrivals: arrivals, lifetime: lifetime)
    }

    private mutating func namespace(of node: SourceNode) -> String {
        guard let name = node.present("namespace") else { return "default" }
        if let text = name.text, !isObjectName(text) || text.utf8.count > 63 {
            diagnostics.error(at: name, "`\(text)` cannot name a namespace")
        }
        return name.text ?? "default"
    }

    private mutating func source(of node: SourceNode) -> Workload.Source? {
        if let trace = node.present("trace") {
            return trace.entries == nil ? nil : recordedPods(trace, of: node)
        }
        guard let template = node.present("template"), template.entries != nil else { return nil }
        let shape = readPodTemplate(
            template, classes: priorityClasses, resources: &scenario.resources,
            diagnostics: &diagnostics)
        let process = node.present("arrivals").flatMap { possibleArrivals($0) }
        var lifetime: Distribution?
        if let given = node.present("lifetime"), given.text != "forever" {
            guard let distribution = distribution(given) else { return nil }
            if let problem = distribution.problem() { diagnostics.error(at: given, problem) }
            lifetime = distribution
        }
        guard let shape, let process else { return nil }
        return .generated(shape: shape, arrivals: process, lifetime: lifetime)
    }
}

// MARK: Arrivals and durations

extension ScenarioBuilder {
    /// Arrivals that a simulation can draw; nil after a mistake was told.
    private mutating func possibleArrivals(_ node: SourceNode) -> ArrivalProcess? {
        guard let process = arrivals(node) else { return nil }
        guard let problem = process.problem() else { return process }
        diagnostics.error(at: node, problem)
        return nil
    }

    private mutating func arrivals(_ node: SourceNode) -> ArrivalProcess? {
        let start = SimTime.zero + (node.duration("start") ?? .zero)
        let count = node.integer("count")
        switch node.string("process") {
        case "fixed":
            return .fixed(start: start, every: node.duration("every") ?? .zero, count: count ?? 1)
        case "poisson":
            guard let rate = positiveRate(node) else { return nil }
            return .renewal(start: start, gap: .exponential(mean: 1 / rate), count: count)
        case "weibull":
            guard let shape = node.number("shape"), let scale = positive(node, "scale") else {
                return nil
            }
            return .renewal(start: start, gap: .weibull(shape: shape, scale: scale), count: count)
        case "renewal":
            guard let gap = node.present("gap").flatMap({ distribution($0) }) else { return nil }
            return .renewal(start: start, gap: gap, count: count)
        case "on-off":
            guard let rate = positiveRate(node),
                let on = node.present("burst").flatMap({ distribution($0) }),
                let off = node.present("pause").flatMap({ distribution($0) })
            else { return nil }
            return .onOff(start: start, ratePerSecond: rate, on: on, off: off, count: count)
        case "curve":
            return curve(node, start: start, count: count)
        case "list":
            return listedArrivals(node, start: start, count: count)
        default:
            return nil
        }
    }

    private mutating func curve(
        _ node: SourceNode, start: SimTime, count: Int?
    ) -> ArrivalProcess? {
        let nodes = node.list("rates")
        let rates = nodes.compactMap { $0.text.flatMap(ScalarValues.ratePerSecond) }
        guard rates.count == nodes.count, let period = node.duration("period") else { return nil }
        guard period > .zero, rates.contains(where: { $0 > 0 }) else {
            diagnostics.error(
                at: node, "a curve on which nothing arrives",
                hint: "a period above 0 and at least one rate above 0")
            return nil
        }
        return .curve(start: start, period: period, ratesPerSecond: rates, count: count)
    }

    private mutating func positiveRate(_ node: SourceNode) -> Double? {
        guard let rate = node.ratePerSecond("rate") else { return nil }
        if rate <= 0, let place = node.present("rate") {
            diagnostics.error(at: place, "a rate at which nothing arrives")
            return nil
        }
        return rate
    }

    /// A duration above 0 in seconds.
    private mutating func positive(_ node: SourceNode, _ key: String) -> Double? {
        guard let place = node.present(key), let duration = place.duration else { return nil }
        if duration == .zero {
            diagnostics.error(at: place, "`\(key)` must be above 0")
            return nil
        }
        return duration.seconds
    }

    /// A distribution, or a duration that is always the same; nil after a mistake was told.
    private mutating func distribution(_ node: SourceNode) -> Distribution? {
        if node.text != nil { return node.duration.map { .fixed($0.seconds) } }
        switch node.string("distribution") {
        case "fixed":
            return node.duration("value").map { .fixed($0.seconds) }
        case "exponential":
            return positive(node, "mean").map { .exponential(mean: $0) }
        case "lognormal":
            guard let sigma = node.number("sigma"), let median = positive(node, "median") else {
                return nil
            }
            return .lognormal(median: median, sigma: sigma)
        case "weibull":
            guard let shape = node.number("shape"), let scale = positive(node, "scale") else {
                return nil
            }
            return .weibull(shape: shape, scale: scale)
        case "uniform":
            guard let low = node.duration("low"), let high = node.duration("high") else {
                return nil
            }
            return .uniform(low: low.seconds, high: high.seconds)
        case "empirical":
            return empirical(node)
        default:
            return nil
        }
    }

    private mutating func empirical(_ node: SourceNode) -> Distribution? {
        let values = node.list("values").compactMap { $0.duration?.seconds }
        guard values.count == node.list("values").count else { return nil }
        let given = node.present("weights").map { _ in
            node.list("weights").compactMap { $0.text.flatMap(ScalarValues.number) }
        }
        let weights = given ?? values.map { _ in 1 }
        guard !values.isEmpty, weights.count == values.count else {
            diagnostics.error(
                at: node, "\(weights.count) weights for \(values.count) durations",
                hint: "at least one duration, and one weight for each")
            return nil
        }
        let pairs = zip(values, weights).enumerated().sorted { left, right in
            (left.element.0, left.offset) < (right.element.0, right.offset)
        }
        var sum = 0.0
        let cumulative = pairs.map { pair in
            sum += pair.element.1
            return sum
        }
        return .empirical(values: pairs.map(\.element.0), cumulativeWeights: cumulative)
    }
}
