import HardwareModel

extension Schema {
    /// What there was: machines and the nodes made of them.
    static let machineTables = [
        TableDefinition(
            "machine", "the hardware of equal nodes", key: ["id"],
            [
                .integer("id", "from 0, in order of the scenario"),
                .text("name", "the machine's name in the scenario"),
                .text("product", "what it is: a product name, a file's name or a shape"),
                .integer("socket_count", "sockets"),
                .integer("numa_node_count", "NUMA nodes, those without CPUs included"),
                .integer("uncore_cache_count", "groups of CPUs that share an L3 cache"),
                .integer("core_count", "cores"),
                .integer("cpu_count", "online CPUs"),
                .integer("memory_bytes", "memory of all NUMA nodes, huge pages included"),
            ]),
        TableDefinition(
            "numa_node", "a NUMA node of a machine", key: ["machine", "os_index"],
            [
                .row(of: "machine", "machine", "the machine"),
                .integer("os_index", "the kernel's number"),
                .word("kind", NUMANode.Kind.self, "the kind of memory"),
                .integer("socket", "the socket that it lies in, by logical index").optional,
                .text("cpus", "its CPUs by OS index, as in `0-3,8`; empty when it has none"),
                .integer("cpu_count", "how many CPUs"),
                .integer("memory_bytes", "memory, huge pages included"),
            ]),
        TableDefinition(
            "numa_distance", "the SLIT value between two NUMA nodes of a machine; 10 is local",
            key: ["machine", "numa_node", "to_numa_node"],
            foreignKeys: [
                ForeignKey(["machine", "numa_node"], "numa_node", ["machine", "os_index"]),
                ForeignKey(["machine", "to_numa_node"], "numa_node", ["machine", "os_index"]),
            ],
            [
                .row(of: "machine", "machine", "the machine"),
                .integer("numa_node", "from this NUMA node, by OS index"),
                .integer("to_numa_node", "to this NUMA node, by OS index"),
                .integer("distance", "the SLIT value"),
            ]),
        TableDefinition(
            "huge_page_pool", "the huge pages of one size on a NUMA node",
            key: ["machine", "numa_node", "page_bytes"],
            foreignKeys: [
                ForeignKey(["machine", "numa_node"], "numa_node", ["machine", "os_index"])
            ],
            [
                .row(of: "machine", "machine", "the machine"),
                .integer("numa_node", "OS index"),
                .integer("page_bytes", "size of one page"),
                .integer("page_count", "how many pages"),
            ]),
        TableDefinition(
            "cpu", "a CPU of a machine", key: ["machine", "os_index"],
            [
                .row(of: "machine", "machine", "the machine"),
                .integer("os_index", "the kernel's number, as in `container.cpus`"),
                .integer("core", "its core, by logical index on the machine"),
                .integer("uncore_cache", "its L3 cache, by logical index").optional,
                .integer("numa_node", "the NUMA node whose memory is local, by OS index").optional,
                .integer("die", "its die, by logical index").optional,
                .integer("socket", "its socket, by logical index"),
            ]),
        TableDefinition(
            "node_group", "equal nodes: one machine and one kubelet configuration", key: ["id"],
            [
                .integer("id", "from 0, in order of the scenario"),
                .text("name", "the group's name in the scenario"),
                .row(of: "machine", "machine", "what each of its nodes is"),
                .integer("node_count", "how many nodes"),
                .text("cpu_manager_policy", "as in KubeletConfiguration"),
                .text("memory_manager_policy", "as in KubeletConfiguration"),
                .text("topology_manager_policy", "as in KubeletConfiguration"),
                .text("topology_manager_scope", "as in KubeletConfiguration"),
                .text("reserved_cpus", "the CPUs that are never exclusive, by OS index"),
                .text("kubelet", "the KubeletConfiguration as canonical JSON, defaults explicit")
                    .checked("json_valid(kubelet)").notUnderDigest,
            ]),
        TableDefinition(
            "node_group_resource", "what each node of a group offers of a resource",
            key: ["node_group", "resource"],
            [
                .row(of: "node_group", "node_group", "the group"),
                .row(of: "resource", "resource", "the resource"),
                .integer("capacity", "what the node has, in the resource's unit"),
                .integer("allocatable", "what pods may ask for, in the resource's unit"),
            ]),
        TableDefinition(
            "node", "a Kubernetes node", key: ["id"],
            [
                .integer(
                    "id",
                    "from 0, in order of the scenario's groups; nodes that come later follow"),
                .text("name", "the node's name"),
                .row(of: "node_group", "node_group", "the group that it belongs to"),
            ]),
    ]
}
