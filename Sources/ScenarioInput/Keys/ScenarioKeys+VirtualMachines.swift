import HardwareModel

extension ScenarioKeys {
    static let virtualMachines = KeyTable(
        name: "virtual machines",
        summary: "How a hypervisor lays the virtual machines of a node group on physical hosts",
        details: """
            The group's `machine` is the guest: what its kernel and kubelet see, virtual NUMA nodes included or not.
            Nothing here changes a decision. It is recorded where CPUs, memory and devices of each container lie on
            the host, so that "aligned in the guest, split on the host" can be told (`false_alignment`,
            `host_aligned_falsely`). KubeVirt's `guestMappingPassthrough` is a guest of as many NUMA nodes as the
            host, with `vcpus: pinned`, `pinning: by-numa-node` and `memory: bound`.
            """,
        keys: [
            Key(
                "host", .text, "The physical machine: a name under `machines`, or a shape",
                isRequired: true),
            Key(
                "perHost", .integer(1...1_000),
                "Virtual machines of the group on one host; the first ones share the first host",
                default: "1"),
            Key(
                "vcpus", .choice(VirtualMachineSettings.CPUPlacement.allCases.map(\.rawValue)),
                "Each virtual CPU is one host CPU for good, floats in the host NUMA node that its guest NUMA node was given, or floats on the whole host",
                default: "pinned"),
            Key(
                "pinning",
                .either([
                    .choice(["by-numa-node", "sequential"]), .list(.list(.integer(0...1_023))),
                ]),
                "Which host CPUs: each guest NUMA node on one host NUMA node, siblings on siblings; host CPUs in ascending order; or for each machine of a host the host CPUs in order of the guest's",
                default: "by-numa-node"),
            Key(
                "memory", .choice(VirtualMachineSettings.MemoryPlacement.allCases.map(\.rawValue)),
                "A guest NUMA node's memory lies on the host NUMA nodes of its virtual CPUs, or evenly on all",
                default: "bound"),
            Key(
                "hugepages", .bytes,
                "Size of the host's huge pages that back the guest's memory; base pages when absent"
            ),
            Key(
                "devices",
                .choice(VirtualMachineSettings.DeviceAttachment.allCases.map(\.rawValue)),
                "The guest drives the hardware itself, or a thread of the hypervisor does",
                default: "passthrough"),
            Key(
                "deviceNUMANodes",
                .map(.list(.integer(0...63)), names: .free(what: "resource")),
                "Host NUMA nodes of a resource's devices: one for all, or one for each; when absent, those of the memory of the guest NUMA node",
                default: "{}"),
            Key(
                "hostReservedCPUs", .cpuList, "Host CPUs kept for the hypervisor",
                default: "\"\""),
        ])
}
