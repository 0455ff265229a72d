import WorkloadModel

// What of a cluster's network decides placement. (Anuket RA2 chapter 3, Container Networking Services)

extension ScenarioKeys {
    static let network = KeyTable(
        name: "the network", summary: "What the cluster network costs a pod and a node",
        details: """
            Packets are not simulated. What a network plugin costs is: CPU and memory that each pod's sandbox takes on its
            node, addresses of which a node has so many, and nodes that lack a link. Pods on the host's network
            (`hostNetwork: true`) pay none of it, and neither do pods of a trace.
            """,
        keys: [
            Key(
                "category", .choice(NetworkCategory.allCases.map(\.rawValue)),
                "How the plugin connects pods, by RA2's words; for the reader, it changes nothing"),
            Key(
                "solution", .choice(["default-cni", "multus", "tungsten-fabric"]),
                "What attaches second networks; with `default-cni` alone, pods that name some are noted"
            ),
            Key(
                "podOverhead", .table(podOverhead),
                "Added to every pod's overhead, as RuntimeClass does it", default: "{}"),
            Key(
                "addressesPerNode", .integer(1...65_536),
                "Addresses of a node's range: the resource `topsim/pod-addresses`, one for each pod; no limit when "
                    + "absent"),
            Key(
                "nodeLabels", .map(.text, names: .free(what: "label")),
                "Labels of nodes with the links that the network needs, such as a VLAN's; every pod selects them",
                default: "{}"),
        ])

    static let podOverhead = KeyTable(
        name: "a pod's overhead", summary: "What each pod takes on its node beside its containers",
        keys: [
            Key("cpu", .text, "CPU, as Kubernetes writes it: `50m`", default: "\"0\""),
            Key("memory", .bytes, "Memory", default: "\"0\""),
        ])
}
