import WorkloadModel

// R0014 to R0017: networks beside the cluster's own.

extension LintRun {
    mutating func checkNetworks(_ pod: PodFacts, _ judged: JudgedClass?) {
        if pod.networks.isEmpty, let judged, judged.isStated, judged.workloadClass.isDataplane {
            add(
                RA2Codes.singleInterface, pod.subject, at: pod.place,
                "\(judged.shown) needs several interfaces, and the pod has the cluster network alone",
                hint: "name networks in the annotation `k8s.v1.cni.cncf.io/networks`")
        }
        if !facts.networks.isEmpty {
            for choice in pod.networks where facts.network(choice) == nil {
                let others = facts.networks.filter { $0.name == choice.name }.map(\.namespace)
                add(
                    RA2Codes.unknownNetwork, pod.subject, at: choice.place,
                    "it attaches the network `\(choice.name)`, which namespace `\(choice.namespace)` does not define",
                    hint: others.first.map {
                        "namespace `\($0)` does: write `\($0)/\(choice.name)`"
                    })
            }
        }
        guard pod.nodeName == nil, pod.wantedLabelKeys.isEmpty else { return }
        for choice in pod.networks {
            guard let network = facts.network(choice), network.resourceName == nil,
                let parent = network.parent
            else { continue }
            add(
                RA2Codes.parentInterfaceAnywhere, pod.subject, at: choice.place,
                "the \(network.plugin) network `\(network.name)` needs the node's interface `\(parent)`, and the pod "
                    + "selects no nodes",
                hint: "label the nodes that have it, and select the label")
        }
    }

    /// R0016.
    mutating func check(_ network: NetworkFacts) {
        guard network.lacksResource else { return }
        add(
            RA2Codes.networkWithoutResource, "network \(network.namespace)/\(network.name)",
            at: network.place,
            "its plugin `\(network.plugin)` hands out virtual functions, and no resource is named that counts them",
            hint: "add the annotation `k8s.v1.cni.cncf.io/resourceName`")
    }
}

extension NetworkFacts {
    /// Whether its pods take devices that nobody counts.
    var lacksResource: Bool {
        resourceName == nil && ["sriov", "ib-sriov", "vfioveth", "ovs-sriov"].contains(plugin)
    }
}
