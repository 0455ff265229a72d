/// Every kind of case. The first one whose marks a case has is its kind, so narrower ones come first.
public enum VectorKindRegistry {
    public static let all: [VectorKind] = kubelet + api + scheduler + nodeResourceTopology + cluster

    private static let kubelet = [
        VectorKind(
            "node-admission", .kubelet, "a node's pods admitted and removed, kubelets restarted",
            marks: ["settings", "ops", "start"],
            members: [.string("topology"), .object("settings"), .list("ops"), .object("start")],
            runner: NodeAdmissionVectors.run),
        VectorKind(
            "hint-merge", .kubelet, "one merge of hints by a Topology Manager policy",
            marks: ["policy", "providers"],
            members: [
                .string("policy"), .list("numa"), .list("providers"), .object("expect"),
            ],
            runner: HintMergeVectors.run),
        VectorKind(
            "cpu-assignment", .kubelet, "one call of the CPU accumulator",
            marks: [VectorMark("fn", "packed", "distributed", "policy")],
            members: [
                .string("topology"), .string("available"), .integer("count"), .object("expect"),
            ],
            runner: CPUAssignmentVectors.run),
        VectorKind(
            "cpu-hints", .kubelet, "the CPU Manager's hints for one container",
            marks: [VectorMark("fn", "hints")],
            members: [
                .string("topology"), .integer("request"), .string("available"), .object("expect"),
            ],
            runner: CPUHintVectors.run),
        VectorKind(
            "device-hints", .kubelet, "the Device Manager's hints for one resource",
            marks: [VectorMark("fn", "devicehints")],
            members: [
                .list("numa"), .list("devices"), .list("available"), .integer("request"),
                .object("expect"),
            ],
            runner: DeviceHintVectors.run),
        VectorKind(
            "memory-hints", .kubelet, "the Memory Manager's hints for one container",
            marks: [VectorMark("fn", "memoryhints")],
            members: [.object("machineState"), .object("request"), .object("expect")],
            runner: MemoryHintVectors.run),
    ]

    private static let api = [
        VectorKind(
            "quantity", .api, "a quantity read, printed and rounded",
            marks: [VectorMark("kind", "quantity")], members: [.string("s"), .object("expect")],
            runner: QuantityVectors.run),
        VectorKind(
            "cpuset", .api, "a list of CPUs read and printed",
            marks: [VectorMark("kind", "cpuset")], members: [.string("s"), .object("expect")],
            runner: CPUListVectors.run),
        VectorKind(
            "pod", .api, "a pod defaulted, validated and summed up",
            marks: [VectorMark("kind", "pod")], members: [.object("pod"), .object("expect")],
            runner: PodVectors.run),
        VectorKind(
            "kubelet-configuration", .api, "a KubeletConfiguration defaulted and validated",
            marks: [VectorMark("kind", "kubelet")],
            members: [.object("config"), .object("expect")],
            runner: KubeletConfigurationVectors.run),
        VectorKind(
            "feature-gate", .api, "stage and default of a feature gate",
            marks: ["gate", "stage"],
            members: [.string("gate"), .string("stage"), .boolean("default"), .boolean("locked")],
            runner: FeatureGateVectors.run),
        VectorKind(
            "cron", .api, "the next times of a CronJob's schedule",
            marks: [VectorMark("kind", "cron")],
            members: [.string("schedule"), .string("from"), .object("expect")],
            runner: CronVectors.run),
    ]

    private static let scheduler = [
        VectorKind(
            "scheduler-preemption", .scheduler, "whom a pod would evict",
            marks: ["cluster", "pod", "expect.unschedulableNodes"],
            members: [.object("cluster"), .object("pod"), .object("expect")],
            runner: SchedulerPreemptionVectors.run),
        VectorKind(
            "scheduler-scores", .scheduler, "filters and scores of one pod on a cluster",
            marks: ["cluster", "pod", "expect.order"],
            members: [.object("cluster"), .object("pod"), .object("expect")],
            runner: SchedulerScoreVectors.run),
        VectorKind(
            "scheduler-sequence", .scheduler, "pods scheduled one after another",
            marks: ["cluster", "shapes", "ops"],
            members: [.object("cluster"), .list("shapes"), .list("ops"), .list("expect")],
            runner: SchedulerSequenceVectors.run),
        VectorKind(
            "scheduler-queue", .scheduler, "the scheduling queue under a fake clock",
            marks: ["nodes", "ops.tMs"],
            members: [.list("nodes"), .list("ops")], runner: SchedulerQueueVectors.run),
        VectorKind(
            "scheduler-adaptive", .scheduler, "how many nodes a cycle looks at",
            marks: [VectorMark("kind", "want", "rotation"), "percentage"],
            members: [.integer("nodes"), .integer("percentage"), .integer("want")],
            runner: SchedulerAdaptiveVectors.run),
    ]

    private static let nodeResourceTopology = [
        VectorKind(
            "nrt-score", .noderesourcetopology, "scores of NodeResourceTopologyMatch",
            marks: ["nrt", "pod", "expect.strategy"],
            runner: TopologyScoreVectors.run),
        VectorKind(
            "nrt-filter", .noderesourcetopology, "the filter of NodeResourceTopologyMatch",
            marks: ["nrt", "pod", "expect.podQOS"],
            runner: TopologyFilterVectors.run),
        VectorKind(
            "nrt-cache", .noderesourcetopology, "the plugin's cache, step by step",
            marks: ["config.cache", "steps"],
            runner: TopologyCacheVectors.run),
        VectorKind(
            "nrt-fingerprint", .noderesourcetopology, "the fingerprint of a set of pods",
            marks: ["pods", "fingerprint"],
            runner: TopologyFingerprintVectors.run),
    ]

    private static let cluster = [
        VectorKind(
            "cluster", .cluster, "a whole cluster: scheduler and kubelets together",
            marks: ["groups", "shapes", "ops"],
            members: [
                .list("groups"), .list("nodes"), .list("shapes"), .list("ops"), .list("expect"),
            ],
            runner: ClusterVectors.run)
    ]

    /// The kind of a case, by its place in `all`.
    static func kind(of json: JSONValue) -> Int? { all.firstIndex { $0.recognizes(json) } }
}
