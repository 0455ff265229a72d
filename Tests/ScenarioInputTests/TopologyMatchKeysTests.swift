import ClusterScheduler
import ClusterSimulation
import Primitives
import ScenarioInput
import Testing

/// How a scenario asks for NodeResourceTopologyMatch.
@Suite struct TopologyMatchKeysTests {
    private func settings(
        _ plugin: String?, exporter: String = "{}"
    ) throws -> TopologyMatchSettings? {
        try scheduler(plugin, exporter: exporter).topologyMatch
    }

    private func scheduler(
        _ plugin: String?, exporter: String = "{}"
    ) throws -> SchedulerSettings {
        let plugins = plugin.map { "[\($0)]" } ?? "[]"
        let text = """
            apiVersion: topsim/v1
            kind: Scenario
            nodes: {worker: {machine: 2s1n4c2t}}
            scheduler: {profiles: [{pluginConfig: \(plugins)}]}
            topologyExporter: \(exporter)
            workload:
              w: {template: {spec: {containers: [{name: c, image: i}]}}}
            """
        return try readScenario(
            text: text, file: "numa.yaml", folder: "/", overrides: [],
            surroundings: ScenarioSurroundings(environment: [:])
        ).scenario.scheduler
    }

    @Test func `the plugin takes part when it is configured`() throws {
        #expect(try settings(nil) == nil)
        let plain = try #require(try settings("{name: NodeResourceTopologyMatch}"))
        #expect(plain.cache.kind == .passthrough)
        #expect(plain.strategy == .leastAllocated)
        #expect(plain.publishing.period == .seconds(60))
    }

    @Test func `a profile that configures the plugin has it as filter and score, with its weight`()
        throws
    {
        let profile = try scheduler("{name: NodeResourceTopologyMatch, weight: 3}").profiles[0]
        #expect(profile.addedFilters == ["NodeResourceTopologyMatch"])
        #expect(profile.addedScores == ["NodeResourceTopologyMatch"])
        #expect(profile.weights == ["NodeResourceTopologyMatch": 3])
    }

    @Test func `arguments arrive in the plugin's own words`() throws {
        let settings = try #require(
            try settings(
                """
                {name: NodeResourceTopologyMatch, weight: 3, args: {
                  cacheResyncPeriodSeconds: 5,
                  cache: {foreignPodsDetect: None, resyncMethod: All, informerMode: Shared, resyncScope: OnlyResources},
                  scoringStrategy: {type: LeastNUMANodes, resources: [{name: cpu, weight: 4}]}}}
                """,
                exporter: "{period: 10s, latency: 1s, jitter: 2s, fingerprint: all}"))
        #expect(settings.cache.kind == .overReserve)
        #expect(settings.resyncPeriod == .seconds(5))
        #expect(settings.cache.foreignPods == .none)
        #expect(settings.cache.resyncMethod == .all)
        #expect(settings.cache.informerMode == .shared)
        #expect(settings.cache.resyncScope == .onlyResources)
        #expect(settings.strategy == .leastNUMANodes)
        #expect(settings.publishing.period == .seconds(10))
        #expect(settings.publishing.jitter == .seconds(2))
        #expect(settings.publishing.fingerprint == .all)
    }

    @Test func `discarding goes before resyncing`() throws {
        let settings = try #require(
            try settings(
                "{name: NodeResourceTopologyMatch, args: {cacheResyncPeriodSeconds: 5, discardReservedNodes: true}}"
            ))
        #expect(settings.cache.kind == .discardReserved)
    }

    @Test func `an exporter that overtakes itself is refused`() throws {
        #expect(throws: (any Error).self) {
            try settings("{name: NodeResourceTopologyMatch}", exporter: "{period: 1s, latency: 1s}")
        }
    }
}
