import ClusterScheduler
import ClusterSimulation
import WorkloadModel

extension ScenarioBuilder {
    mutating func buildScheduler() {
        guard let node = root["scheduler"] else { return }
        scenario.scheduler.percentageOfNodesToScore = node.integer("percentageOfNodesToScore") ?? 0
        scenario.scheduler.tieRule =
            node.choice("ties", as: SchedulerSettings.TieRule.self) ?? .heap
        scenario.scheduler.queueDiscipline =
            node.choice("queueDiscipline", as: QueueDiscipline.self) ?? .priority
        buildBackoff(node)
        var profiles: [SchedulerProfile] = []
        for entry in node.list("profiles") {
            let profile = profile(entry)
            if profiles.contains(where: { $0.schedulerName == profile.schedulerName }) {
                diagnostics.error(
                    at: entry.present("schedulerName") ?? entry,
                    "two profiles are called `\(profile.schedulerName)`",
                    hint: "a pod finds its profile by the name")
            }
            profiles.append(profile)
        }
        if profiles.isEmpty, let list = node["profiles"] {
            diagnostics.error(
                at: list, "a scheduler without a profile", hint: "leave `profiles` out")
            return
        }
        if !profiles.isEmpty { scenario.scheduler.profiles = profiles }
    }

    private mutating func buildBackoff(_ node: SourceNode) {
        let initial = node.integer("podInitialBackoffSeconds") ?? 1
        let maximum = node.integer("podMaxBackoffSeconds") ?? 10
        if initial > maximum, let place = node.present("podMaxBackoffSeconds") {
            diagnostics.error(
                at: place,
                "the longest backoff, \(maximum) s, is shorter than the first, \(initial) s")
            return
        }
        scenario.scheduler.backoff.initial = Int64(initial) * 1_000_000_000
        scenario.scheduler.backoff.maximum = Int64(maximum) * 1_000_000_000
    }

    private mutating func profile(_ node: SourceNode) -> SchedulerProfile {
        var profile = SchedulerProfile()
        profile.schedulerName = node.string("schedulerName") ?? "default-scheduler"
        profile.percentageOfNodesToScore = node.integer("percentageOfNodesToScore")
        if let plugins = node.present("plugins") { selectPlugins(plugins, &profile) }
        for entry in node.list("pluginConfig") {
            if entry.string("name") == "NodeResourceTopologyMatch" {
                buildTopologyMatch(entry, &profile)
            }
            guard let arguments = entry.present("args") else { continue }
            switch entry.string("name") {
            case "NodeResourcesFit": fit(arguments, &profile)
            case "NodeResourcesBalancedAllocation":
                profile.balancedResources = weights(arguments.list("resources"))
            case "InterPodAffinity":
                profile.interPodAffinity.hardPodAffinityWeight = Int64(
                    arguments.integer("hardPodAffinityWeight") ?? 1)
                profile.interPodAffinity.ignorePreferredTermsOfExistingPods =
                    arguments.boolean("ignorePreferredTermsOfExistingPods") ?? false
            case "NodeAffinity": addedAffinity(arguments, &profile)
            case "PodTopologySpread": spreadDefaults(arguments, &profile)
            default: break
            }
        }
        return profile
    }

    // MARK: Which plugins

    private mutating func selectPlugins(_ node: SourceNode, _ profile: inout SchedulerProfile) {
        let filters = (FilterPluginRegistry.all + FilterPluginRegistry.optional).map { $0.name }
        let scores = (ScorePluginRegistry.all + ScorePluginRegistry.optional).map { $0.name }
        selectPreemption(node, &profile)
        for point in ["multiPoint", "filter", "score"] {
            guard let set = node.present(point) else { continue }
            let names = (point == "score" ? [] : filters) + (point == "filter" ? [] : scores)
            for entry in set.list("disabled") {
                guard let name = known(entry, among: names, orAll: true) else { continue }
                for name in name == "*" ? names : [name] {
                    if point != "score" {
                        profile.disabledFilters.insert(name)
                        profile.addedFilters.removeAll { $0 == name }
                    }
                    if point != "filter" {
                        profile.disabledScores.insert(name)
                        profile.addedScores.removeAll { $0 == name }
                    }
                }
            }
            for entry in set.list("enabled") {
                guard let name = known(entry, among: names, orAll: false) else { continue }
                if point != "score" {
                    profile.disabledFilters.remove(name)
                    if FilterPluginRegistry.optional.contains(where: { $0.name == name }) {
                        profile.addedFilters.append(name)
                    }
                }
                if point != "filter" {
                    profile.disabledScores.remove(name)
                    // A weight of zero is one to kube-scheduler.
                    profile.weights[name] = Int64(max(1, entry.integer("weight") ?? 1))
                    if ScorePluginRegistry.optional.contains(where: { $0.name == name }) {
                        profile.addedScores.append(name)
                    }
                }
            }
        }
    }

    /// DefaultPreemption, the only PostFilter plugin that is simulated.
    private mutating func selectPreemption(
        _ node: SourceNode, _ profile: inout SchedulerProfile
    ) {
        let name = "DefaultPreemption"
        for point in ["multiPoint", "postFilter"] {
            guard let set = node.present(point) else { continue }
            let disabled = set.list("disabled").compactMap { $0.string("name") }
            if disabled.contains(name) || disabled.contains("*") { profile.preempts = false }
            if set.list("enabled").contains(where: { $0.string("name") == name }) {
                profile.preempts = true
            }
            guard point == "postFilter" else { continue }
            for entry in set.list("enabled") + set.list("disabled") {
                _ = known(entry, among: [name], orAll: true)
            }
        }
    }

    /// Plugins of the default profile that decide nothing about the pods that can be simulated.
    private static let withoutEffect = [
        "SchedulingGates", "PrioritySort", "NodeName", "VolumeRestrictions", "NodeVolumeLimits",
        "VolumeBinding", "VolumeZone", "DefaultBinder",
        "NodeDeclaredFeatures", "DynamicResources", "ImageLocality",
    ]

    private mutating func known(
        _ entry: SourceNode, among names: [String], orAll: Bool
    ) -> String? {
        guard let node = entry.present("name"), let name = node.text else { return nil }
        if names.contains(name) || orAll && name == "*" { return name }
        if name == "DefaultPreemption" { return nil }
        if ScenarioBuilder.withoutEffect.contains(name) {
            diagnostics.note(at: node, "`\(name)` decides nothing that is simulated")
            return nil
        }
        diagnostics.error(
            at: node, "unknown plugin `\(name)`",
            hint: suggestion(for: name, among: names, called: "plugins"))
        return nil
    }

    // MARK: Arguments

    private mutating func fit(_ node: SourceNode, _ profile: inout SchedulerProfile) {
        profile.fit.ignoredResources = Set(node.list("ignoredResources").compactMap(\.text))
        profile.fit.ignoredResourceGroups = Set(
            node.list("ignoredResourceGroups").compactMap(\.text))
        guard let strategy = node.present("scoringStrategy") else { return }
        profile.fit.strategy = strategy.string("type") ?? "LeastAllocated"
        profile.fit.resources = weights(strategy.list("resources"))
        let points = strategy.present("requestedToCapacityRatio")?.list("shape") ?? []
        for point in points {
            guard let utilization = point.integer("utilization"),
                let score = point.integer("score")
            else { continue }
            if let last = profile.fit.shape.last, last.utilization >= Int64(utilization) {
                diagnostics.error(
                    at: point,
                    "a point of the line at \(utilization) % after one at \(last.utilization) %",
                    hint: "points ascend by `utilization`")
            }
            profile.fit.shape.append(
                FitArguments.ShapePoint(utilization: Int64(utilization), score: Int64(score)))
        }
        if profile.fit.strategy == "RequestedToCapacityRatio", points.isEmpty {
            diagnostics.error(
                at: strategy, "`RequestedToCapacityRatio` without its line",
                hint: "write points under `requestedToCapacityRatio.shape`")
        }
    }

    private func weights(_ nodes: [SourceNode]) -> [ResourceWeight] {
        nodes.compactMap { node in
            node.string("name").map { ResourceWeight($0, Int64(node.integer("weight") ?? 1)) }
        }
    }

    private mutating func addedAffinity(_ node: SourceNode, _ profile: inout SchedulerProfile) {
        guard let affinity = node.present("addedAffinity") else { return }
        var reader = ManifestReader(Diagnostics(), unknownFields: .refused)
        (profile.addedRequiredTerms, profile.addedPreferredTerms) = reader.nodeAffinity(
            affinity, at: "addedAffinity")
        for diagnostic in reader.diagnostics.all { diagnostics.add(diagnostic) }
    }

    private mutating func spreadDefaults(_ node: SourceNode, _ profile: inout SchedulerProfile) {
        let list = node.list("defaultConstraints")
        guard node.string("defaultingType") == "List" else {
            if let first = list.first {
                diagnostics.error(
                    at: first, "default constraints beside `defaultingType: System`",
                    hint: "write `defaultingType: List`")
            }
            return
        }
        var reader = ManifestReader(Diagnostics(), unknownFields: .refused)
        profile.spreadDefaults = list.enumerated().compactMap { index, node in
            reader.spreadConstraint(node, at: "defaultConstraints[\(index)]")
        }
        for diagnostic in reader.diagnostics.all { diagnostics.add(diagnostic) }
    }
}
