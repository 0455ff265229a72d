import HardwareModel

extension Schema {
    /// Node groups that are virtual machines, and what their pods got as the host sees it.
    static let virtualMachineTables: [TableDefinition] = [
        TableDefinition(
            "virtual_machine", "how a node group's virtual machines lie on their hosts",
            key: ["node_group"],
            [
                .row(of: "node_group", "node_group", "the group; its machine is the guest"),
                .row(of: "machine", "machine", "the host"),
                .integer("machines_per_host", "virtual machines of the group on one host"),
                .word(
                    "cpu_placement", VirtualMachineSettings.CPUPlacement.self,
                    "where a virtual CPU may run"),
                .word(
                    "memory_placement", VirtualMachineSettings.MemoryPlacement.self,
                    "where a guest NUMA node's memory lies"),
                .integer(
                    "backing_page_bytes",
                    "the host's huge pages that back the memory; none for base pages"
                ).optional,
                .word(
                    "device_attachment", VirtualMachineSettings.DeviceAttachment.self,
                    "how devices reach the guest"),
            ]),
        TableDefinition(
            "virtual_cpu", "a virtual CPU on its host",
            key: ["node_group", "slot", "cpu"],
            [
                .row(of: "node_group", "node_group", "the group"),
                .integer("slot", "which of a host's virtual machines, from 0"),
                .integer("cpu", "the guest's CPU, by OS index"),
                .integer("host_cpu", "its host CPU, by OS index; none when it floats").optional,
                .text("host_numa_nodes", "host NUMA nodes that it may run on"),
            ]),
        TableDefinition(
            "host_placement",
            "a container with something to align in a virtual machine, as the host sees it",
            key: ["pod", "position"],
            foreignKeys: [ForeignKey(["pod", "position"], "container", ["pod", "position"])],
            [
                .row(of: "pod", "pod", "the pod"),
                .integer("position", "`container.position`"),
                .text("host_cpus", "host CPUs of its exclusive CPUs; none when they float")
                    .optional,
                .text("cpu_numa_nodes", "host NUMA nodes of its exclusive CPUs").optional,
                .text("memory_numa_nodes", "host NUMA nodes of its memory blocks").optional,
                .text("device_numa_nodes", "host NUMA nodes of its devices").optional,
                .flag("aligned_in_guest", "`container.aligned_numa`"),
                .flag(
                    "aligned_on_host",
                    "whether all of it lies in the fewest possible host NUMA nodes"),
                .flag(
                    "aligned_core_on_host",
                    "whether no host core is shared with another virtual CPU; none when they float"
                ).optional,
                .integer(
                    "distance_thousandths",
                    "mean distance from its CPUs to its memory; 1000 is local, by the host's SLIT"
                ).optional,
                .flag(
                    "unbacked_hugepages",
                    "whether it holds huge pages that the host does not back with its own"),
            ]),
    ]

    /// Views on virtual machines.
    static let virtualMachineViews = [
        ViewDefinition(
            "false_alignment",
            "Which containers does the guest call aligned, and the host split?",
            example: "SELECT node_group, containers, aligned_in_guest, aligned_on_host,\n"
                + "    falsely_aligned, mean_distance FROM false_alignment",
            """
            SELECT node_group.name AS node_group,
                workload.name AS workload,
                count(*) AS containers,
                sum(aligned_in_guest) AS aligned_in_guest,
                sum(aligned_on_host) AS aligned_on_host,
                sum(aligned_in_guest AND NOT aligned_on_host) AS falsely_aligned,
                round(100.0 * sum(aligned_in_guest AND NOT aligned_on_host)
                    / max(1, sum(aligned_in_guest)), 1) AS falsely_aligned_percent,
                round(avg(distance_thousandths) / 1000, 3) AS mean_distance,
                sum(unbacked_hugepages) AS unbacked_hugepages
            FROM host_placement
            JOIN pod ON pod.id = host_placement.pod
            JOIN workload ON workload.id = pod.workload
            JOIN node ON node.id = pod.node
            JOIN node_group ON node_group.id = node.node_group
            GROUP BY node_group.id, workload.id
            ORDER BY node_group.id, workload.id
            """),
        ViewDefinition(
            "host_placements", "Where does each container of a virtual machine lie on the host?",
            example: "SELECT name, guest_cpus, host_cpus, host_cpu_numa_nodes,\n"
                + "    host_memory_numa_nodes, host_device_numa_nodes, distance\n"
                + "FROM host_placements WHERE aligned_in_guest AND NOT aligned_on_host LIMIT 5",
            """
            SELECT pods.id AS pod,
                pods.name,
                pods.node,
                container.cpus AS guest_cpus,
                container.cpu_numa_nodes AS guest_cpu_numa_nodes,
                host_placement.host_cpus,
                host_placement.cpu_numa_nodes AS host_cpu_numa_nodes,
                host_placement.memory_numa_nodes AS host_memory_numa_nodes,
                host_placement.device_numa_nodes AS host_device_numa_nodes,
                host_placement.aligned_in_guest,
                host_placement.aligned_on_host,
                host_placement.aligned_core_on_host,
                host_placement.distance_thousandths / 1000.0 AS distance,
                host_placement.unbacked_hugepages
            FROM host_placement
            JOIN container ON container.pod = host_placement.pod
                AND container.position = host_placement.position
            JOIN pods ON pods.id = host_placement.pod
            ORDER BY host_placement.pod, host_placement.position
            """),
    ]
}
