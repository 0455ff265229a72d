import Records

extension Schema {
    /// What became of the pods, from the level `pods` on.
    static let podTables = [
        TableDefinition(
            "pod", "a pod object; one that replaces another is a row of its own", key: ["id"],
            [
                .integer("id", "from 0, in order of creation"),
                .integer(
                    "uid",
                    "63 bits derived from workload, owner, replica and incarnation; `pods.uid` prints it"
                ),
                .row(of: "workload", "workload", "the workload"),
                .row(of: "pod_shape", "pod_shape", "what it asks for"),
                .integer("owner", "which owner of the workload, from 0 in order of arrival"),
                .integer("replica", "which replica of the owner, from 0"),
                .integer("incarnation", "0 for the first pod object of a replica, then 1, 2, …"),
                .row(of: "pod", "replaces", "the pod that it replaces").optional,
                .text("trace_name", "its name in the trace; `pods.name` makes one of all others")
                    .optional,
                .row(of: "node", "node", "the node that it was bound to last").optional,
                .integer("arrival_ns", "when it was created"),
                .integer("scheduled_ns", "when the scheduler bound it").optional,
                .integer("started_ns", "when the kubelet had admitted it").optional,
                .integer("finished_ns", "when it ended").optional,
                .word("outcome", PodOutcome.self, "how it ended, or where the run's end found it"),
                .integer("attempts", "scheduling cycles that it went through"),
                .integer(
                    "admission_sequence", "its admission's place in the run's decisions, from 1"
                )
                .optional,
                .integer("release_sequence", "its release's place in the run's decisions").optional,
            ]),
        TableDefinition(
            "container", "what a kubelet gave to one container, as of admission",
            key: ["pod", "position"],
            [
                .row(of: "pod", "pod", "the pod"),
                .integer("position", "`container_shape.position`"),
                .text(
                    "cpus", "its exclusive CPUs by OS index, as in `0-3,8`; none in the shared pool"
                )
                .optional,
                .integer("cpu_count", "how many exclusive CPUs"),
                .text("cpu_numa_nodes", "the NUMA nodes of those CPUs, as in `0-1`").optional,
                .text("affinity", "the Topology Manager's affinity; none is \"no affinity\"")
                    .optional,
                .flag("affinity_preferred", "whether the affinity was preferred"),
                .flag("aligned_core", "whether no core is shared with another container").optional,
                .flag("aligned_uncore", "whether its CPUs lie in the fewest possible L3 caches")
                    .optional,
                .flag(
                    "aligned_numa",
                    "whether CPUs, memory and devices lie in the fewest possible NUMA nodes"
                ).optional,
                .flag("aligned_socket", "whether its CPUs lie in one socket").optional,
            ]),
        TableDefinition(
            "memory_block", "memory or huge pages that the Memory Manager gave to a container",
            key: ["pod", "container", "position"],
            foreignKeys: [ForeignKey(["pod", "container"], "container", ["pod", "position"])],
            [
                .row(of: "pod", "pod", "the pod"),
                .integer("container", "`container.position`"),
                .integer("position", "from 0"),
                .row(of: "resource", "resource", "`memory` or `hugepages-<size>`"),
                .text("numa_nodes", "the NUMA nodes that it may come from, as in `0-1`"),
                .integer("size_bytes", "how much"),
            ]),
        TableDefinition(
            "device_allocation", "a device that a container got",
            key: ["pod", "container", "position"],
            foreignKeys: [ForeignKey(["pod", "container"], "container", ["pod", "position"])],
            [
                .row(of: "pod", "pod", "the pod"),
                .integer("container", "`container.position`"),
                .integer("position", "from 0"),
                .row(of: "resource", "resource", "the extended resource"),
                .text("device", "the device's ID at its plugin"),
                .text("numa_nodes", "the device's NUMA nodes; none when it tells of none")
                    .optional,
            ]),
        TableDefinition(
            "rejection", "a refusal: the scheduler found no node, or a kubelet did not admit",
            key: ["id"],
            [
                .integer("id", "from 1, in the order of the run"),
                .integer("time_ns", "when"),
                .row(of: "pod", "pod", "the pod"),
                .row(of: "node", "node", "the node that refused; none for the scheduler").optional,
                .word("stage", RejectionStage.self, "who refused"),
                .text("reason", "Kubernetes' own word, such as `TopologyAffinityError`"),
                .text("message", "Kubernetes' own sentence"),
            ]),
        TableDefinition(
            "node_event", "something that happened to a node's kubelet or device plugins",
            key: ["id"],
            [
                .integer("id", "from 1, in the order of the run"),
                .integer("time_ns", "when"),
                .row(of: "node", "node", "the node"),
                .word("kind", NodeEventRecord.Kind.self, "what happened"),
                .text("message", "what the kubelet says, or what changed"),
            ]),
        TableDefinition(
            "action", "an action on nodes: of the scenario, or of a desired-state loop",
            key: ["id"],
            [
                .integer("id", "from 0, in order of beginning"),
                .text("kind", "as under `do`, or `scale-up` and `scale-down` of a loop"),
                .text("target", "the nodes that it is about"),
                .integer("began_ns", "when it began"),
                .integer("ended_ns", "when it was over, or the run was"),
                .word("outcome", ActionRecord.Outcome.self, "how it ended"),
                .text("message", "on how many nodes it was done, and what went wrong where"),
            ]),
        TableDefinition(
            "eviction", "an answer of the eviction API, or a deletion because of the pod's node",
            key: ["id"],
            [
                .integer("id", "from 1, in the order of the run"),
                .integer("time_ns", "when"),
                .integer("action", "`action.id` on whose behalf; none for controllers").optional,
                .row(of: "pod", "pod", "the pod"),
                .row(of: "node", "node", "its node"),
                .word("verdict", EvictionRecord.Verdict.self, "what became of the request"),
                .text("message", "what the API server says"),
            ]),
        TableDefinition(
            "rollout", "a step of an owner that is scaled, updated or deleted while the run is on",
            key: ["id"],
            [
                .integer("id", "from 1, in the order of the run"),
                .integer("time_ns", "when its controller saw it"),
                .row(of: "workload", "workload", "the workload"),
                .integer("owner", "which owner of the workload"),
                .word("step", RolloutRecord.Step.self, "what happened"),
                .integer("wanted", "pods that it wants"),
                .integer("existing", "pods that exist and are not terminating"),
                .integer("updated", "of these, pods of the newest template"),
                .integer("available", "of these, pods that are available"),
                .text("message", "what changed"),
            ]),
    ]
}
