extension Schema {
    /// The cluster and, from the level `pods` on, its nodes over time.
    static let sampleTables = [
        TableDefinition(
            "node_sample",
            "a resource on a NUMA node at a time; nodes that did not change since their last are left out",
            key: ["id"],
            [
                .integer("id", "from 1, in the order of the run"),
                .integer("time_ns", "when"),
                .row(of: "node", "node", "the node"),
                .integer("numa_node", "OS index; none for what has no NUMA node").optional,
                .row(of: "resource", "resource", "the resource, whose unit the amounts are in"),
                .integer("capacity", "what there is"),
                .integer("reserved", "what pods may not have"),
                .integer("used", "exclusive CPUs, memory blocks or devices in use"),
                .integer("free", "what is left"),
                .integer("shared", "the shared pool without the reserved CPUs; for cpu only")
                    .optional,
            ]),
        TableDefinition(
            "cluster_sample", "the pods of the whole cluster at a time", key: ["id"],
            [
                .integer("id", "from 1, in the order of the run"),
                .integer("time_ns", "when"),
                .integer("arrived", "pod objects created so far: the sum of those that follow"),
                .integer("pending", "not yet on a node"),
                .integer("running", "on a node"),
                .integer("succeeded", "ended well"),
                .integer("failed", "refused by a kubelet"),
                .integer("deleted", "removed by their owner"),
            ]),
        TableDefinition(
            "cluster_resource_sample", "a resource over all nodes at a time",
            key: ["cluster_sample", "resource"],
            [
                .row(of: "cluster_sample", "cluster_sample", "the sample"),
                .row(of: "resource", "resource", "the resource, whose unit the amounts are in"),
                .integer("allocatable", "what pods may ask for"),
                .integer("requested", "the requests of the pods that run"),
                .integer("free", "allocatable minus requested"),
                .integer(
                    "stranded", "of free, what lies where no pod of the target mix is admitted"),
            ]),
        TableDefinition(
            "mix_sample", "how many more pods of one member of the target mix there is room for",
            key: ["cluster_sample", "member"],
            foreignKeys: [ForeignKey(["member"], "target_mix", ["member"])],
            [
                .row(of: "cluster_sample", "cluster_sample", "the sample"),
                .integer("member", "`target_mix.member`"),
                .integer("admitted", "how many the nodes would admit, one after another"),
                .integer("fitting", "how many fit by the nodes' totals alone"),
            ]),
    ]
}
