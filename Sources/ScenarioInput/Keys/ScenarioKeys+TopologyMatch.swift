import ClusterScheduler

// MARK: NodeResourceTopologyMatch and the exporters that feed it

extension ScenarioKeys {
    private static func words<Word: RawRepresentable<String> & CaseIterable>(
        _ type: Word.Type
    ) -> ValueType {
        .choice(type.allCases.map(\.rawValue))
    }

    static let topologyMatchConfig = KeyTable(
        name: "NodeResourceTopologyMatch",
        summary:
            "A plugin's configuration: filter and score by what nodes publish of their NUMA nodes",
        details: """
            The plugin of kubernetes-sigs/scheduler-plugins. It takes part when it is configured here; what it sees is what
            `topologyExporter` publishes. docs/concepts/numa-aware-scheduling.md says what is exact.
            """,
        keys: [
            Key("name", .choice(["NodeResourceTopologyMatch"]), "The plugin", isRequired: true),
            Key("weight", .integer(1...100), "The weight of its score", default: "1"),
            Key(
                "args", .table(topologyMatchArguments), "NodeResourceTopologyMatchArgs",
                default: "{}"),
        ])

    static let topologyMatchArguments = KeyTable(
        name: "NodeResourceTopologyMatchArgs", summary: "What NodeResourceTopologyMatch is told",
        keys: [
            Key(
                "apiVersion", .choice(["kubescheduler.config.k8s.io/v1"]),
                "Kubernetes' version of it"),
            Key(
                "kind", .choice(["NodeResourceTopologyMatchArgs"]), "What a pasted file says it is"),
            Key(
                "cacheResyncPeriodSeconds", .integer(0...86_400),
                "Between two turns of the resync loop; 0 reads the object for every call",
                default: "0"),
            Key(
                "discardReservedNodes", .boolean,
                "Use no node between a reservation and the end of its binding; goes before the resync period",
                default: "false"),
            Key(
                "cache", .table(topologyCache), "How reservations are kept until a resync",
                default: "{}"),
            Key(
                "scoringStrategy", .table(topologyScoring), "How nodes that fit are ranked",
                default: "{}"),
        ])

    static let topologyCache = KeyTable(
        name: "a topology cache", summary: "How NodeResourceTopologyMatch keeps what nodes publish",
        keys: [
            Key(
                "foreignPodsDetect", words(TopologyCacheSettings.ForeignPodsDetection.self),
                "Which pods of other schedulers make a node unusable until a resync; a run has none yet",
                default: "All"),
            Key(
                "resyncMethod", words(TopologyCacheSettings.ResyncMethod.self),
                "Which pods the fingerprint is expected to cover", default: "Autodetect"),
            Key(
                "informerMode", words(TopologyCacheSettings.InformerMode.self),
                "Whether pods count from running on, or all that are past pending",
                default: "Dedicated"),
            Key(
                "resyncScope", words(TopologyCacheSettings.ResyncScope.self),
                "Whether changed attributes make a node be read again", default: "All"),
        ])

    static let topologyScoring = KeyTable(
        name: "a topology scoring strategy",
        summary: "How NodeResourceTopologyMatch ranks nodes for Guaranteed pods",
        keys: [
            Key(
                "type", words(TopologyScoringStrategy.self), "The strategy",
                default: "LeastAllocated"),
            Key(
                "resources", .list(.table(scoredResource)),
                "Weights for LeastAllocated and MostAllocated; what is not named weighs 1",
                default: "[]"),
        ])

    static let topologyExporter = KeyTable(
        name: "the topology exporter",
        summary:
            "When nodes publish NodeResourceTopology objects, and what their fingerprints cover",
        keys: [
            Key("period", .duration, "Between two looks of one node's exporter", default: "1m"),
            Key(
                "latency", .duration, "From a look until the scheduler's watch shows it",
                default: "100ms"),
            Key("jitter", .duration, "What is added to the latency at most", default: "0s"),
            Key(
                "fingerprint", words(TopologyPublishingSettings.Fingerprint.self),
                "All pods, or those that hold something with a NUMA node",
                default: "with-exclusive-resources"),
        ])
}
