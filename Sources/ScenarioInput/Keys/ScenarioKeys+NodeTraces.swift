// Nodes that a recording names, by format.

extension ScenarioKeys {
    static let nodeTraces: [KeyTable] = [openbNodes, huaweiMachines, swfMachines]

    static let huaweiMachines = KeyTable(
        name: "Huawei machines", summary: "Machines by what is free on each of their NUMA nodes",
        details: """
            A line becomes a node whose machine is what was free when it was recorded: `CPU1` CPUs and `RAM1` GiB on
            NUMA node 0, `CPU2` and `RAM2` on NUMA node 1, each CPU a core of its own; that is a guess, as the trace
            says neither the machines' sizes nor their threads. A NUMA node without free CPUs or memory is left out.
            Each NUMA node offers devices of the resource `<numaResource>0` or `<numaResource>1`, as many as it has
            CPUs, by which VMs are held to it. What a kubelet keeps back is added on NUMA node 0.

            The line n is the host n of `racks`, as the authors do not say which is which; its rack's label is
            `topology.kubernetes.io/rack`, and the rack's number modulo `faultDomains` is its fault domain.
            """,
        keys: [
            Key(
                "format", .choice(["huawei-machines"]), "Columns CPU1, RAM1, CPU2, RAM2",
                isRequired: true),
            Key("file", .path, "The file, plain or packed by gzip", isRequired: true),
            Key("racks", .path, "A CSV file with columns host_id, rack_id"),
            Key(
                "rackLabel", .text, "The node label that names the rack",
                default: "topology.kubernetes.io/rack"),
            Key(
                "faultDomains", .integer(1...1000), "How many fault domains the racks are dealt to",
                default: "3"),
            Key(
                "faultDomainLabel", .text, "The node label that numbers the fault domain, from 0",
                default: "topsim.dev/fault-domain"),
            Key(
                "numaResource", .text, "The extended resource of a NUMA node, before its number",
                default: "topsim.dev/numa-"),
            Key(
                "reservedCPUs", .integer(0...64),
                "CPUs added to NUMA node 0, as many as the kubelet keeps back; they are the first ones",
                default: "1"),
            Key(
                "reservedMemory", .bytes,
                "Memory added to NUMA node 0, as much as the kubelet keeps back", default: "100Mi"),
        ])

    static let swfMachines = KeyTable(
        name: "machines of a batch trace", summary: "Clusters of a `.machines` file",
        details: """
            A line has a number, a name, how many nodes, CPUs of each, a speed and KB of memory of each, separated by
            tabs or blanks. Nodes are called `<name>1`, `<name>2`, … and have the label `topsim.dev/cluster`. Without
            `machines` a node's machine is one socket with that many cores of one thread on one NUMA node, a guess.
            """,
        keys: [
            Key("format", .choice(["swf-machines"]), "A `.machines` file", isRequired: true),
            Key("file", .path, "The file, plain or packed by gzip", isRequired: true),
            Key(
                "machines", .list(.table(nodeShape)),
                "The machine of each cluster's nodes; the first entry that fits is taken",
                default: "[]"),
        ])
}
