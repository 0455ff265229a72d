import ClusterScheduler
import ClusterSimulation
import Primitives

extension ScenarioBuilder {
    /// NodeResourceTopologyMatch, as one entry of `pluginConfig` tells it: the profile has it as filter and score.
    mutating func buildTopologyMatch(_ plugin: SourceNode, _ profile: inout SchedulerProfile) {
        profile.addTopologyMatch(weight: Int64(plugin.integer("weight") ?? 1))
        var settings = TopologyMatchSettings()
        if let arguments = plugin["args"] {
            let seconds = arguments.integer("cacheResyncPeriodSeconds") ?? 0
            settings.cache.kind = seconds > 0 ? .overReserve : .passthrough
            settings.resyncPeriod = .seconds(Int64(seconds))
            if arguments.boolean("discardReservedNodes") == true {
                settings.cache.kind = .discardReserved
            }
            if let cache = arguments["cache"] { read(cache, into: &settings.cache) }
            if let strategy = arguments["scoringStrategy"] { read(strategy, into: &settings) }
        } else {
            settings.cache.kind = .passthrough
        }
        settings.publishing = topologyExporter()
        scenario.scheduler.topologyMatch = settings
    }

    private func read(_ node: SourceNode, into cache: inout TopologyCacheSettings) {
        cache.foreignPods =
            node.choice("foreignPodsDetect", as: TopologyCacheSettings.ForeignPodsDetection.self)
            ?? cache.foreignPods
        cache.resyncMethod =
            node.choice("resyncMethod", as: TopologyCacheSettings.ResyncMethod.self)
            ?? cache.resyncMethod
        cache.informerMode =
            node.choice("informerMode", as: TopologyCacheSettings.InformerMode.self)
            ?? cache.informerMode
        cache.resyncScope =
            node.choice("resyncScope", as: TopologyCacheSettings.ResyncScope.self)
            ?? cache.resyncScope
    }

    private mutating func read(
        _ node: SourceNode, into settings: inout TopologyMatchSettings
    ) {
        settings.strategy =
            node.choice("type", as: TopologyScoringStrategy.self) ?? settings.strategy
        for entry in node.list("resources") {
            guard let name = entry.string("name") else { continue }
            let resource = scenario.resources.intern(name)
            settings.weights.set(Int64(entry.integer("weight") ?? 1), for: resource)
        }
    }

    private mutating func topologyExporter() -> TopologyPublishingSettings {
        var settings = TopologyPublishingSettings()
        guard let node = root["topologyExporter"] else { return settings }
        settings.period = node.duration("period") ?? settings.period
        settings.latency = node.duration("latency") ?? settings.latency
        settings.jitter = node.duration("jitter") ?? settings.jitter
        settings.fingerprint =
            node.choice("fingerprint", as: TopologyPublishingSettings.Fingerprint.self)
            ?? settings.fingerprint
        let delay = settings.latency.nanoseconds.addingReportingOverflow(
            settings.jitter.nanoseconds)
        if delay.overflow || settings.period.nanoseconds <= delay.partialValue {
            diagnostics.error(
                at: node, "an exporter that looks again before its last object was seen",
                hint: "`period` must be longer than `latency` and `jitter` together")
            return TopologyPublishingSettings()
        }
        return settings
    }
}
