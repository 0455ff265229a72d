import WorkloadModel

// R0013, R0018, R0019, R0022, R0023: devices.

extension LintRun {
    mutating func checkDevices(_ pod: PodFacts, _ judged: JudgedClass?) {
        let network = pod.networkDevices(in: facts)
        checkVirtualFunctions(pod, judged, network)
        checkOffers(pod)
        guard let judged else { return }
        if judged.workloadClass == .c3, judged.isStated, pod.devices.isEmpty {
            add(
                RA2Codes.acceleratorMissing, pod.subject, at: pod.place,
                "\(judged.shown) needs an accelerator, and no container asks for a device",
                hint: "add the resource of its device plugin to the limits")
        }
        if judged.workloadClass.isDataplane { checkHiddenTopology(pod, judged, network) }
    }

    private mutating func checkVirtualFunctions(
        _ pod: PodFacts, _ judged: JudgedClass?, _ network: [String]
    ) {
        if pod.traffic == .signalling {
            if let device = network.first {
                add(
                    RA2Codes.signallingWithVirtualFunction, pod.subject, at: pod.place,
                    "it carries signalling and takes `\(device)`",
                    hint: "attach a macvlan or ipvlan network instead")
            }
            return
        }
        guard network.isEmpty, !facts.namesNetworkWithoutResource(pod) else { return }
        let isDataplane = judged.map { $0.isStated && $0.workloadClass.isDataplane } ?? false
        guard isDataplane || pod.traffic == .userPlane else { return }
        add(
            RA2Codes.virtualFunctionMissing, pod.subject, at: pod.place,
            "\(isDataplane ? judged?.shown ?? "" : "user plane traffic") needs a network device, and the pod asks for "
                + "none",
            hint:
                "add a virtual function to the limits, or attach a network that names its resource")
    }

    private mutating func checkHiddenTopology(
        _ pod: PodFacts, _ judged: JudgedClass, _ network: [String]
    ) {
        for device in Set(pod.devices).union(network).sorted() {
            let pool = facts.pools.first {
                $0.excludesTopology
                    && (device == $0.resource || device.hasSuffix("/" + $0.resource))
            }
            let node =
                eligible
                .first { $0.devicesWithoutTopology.contains(device) }
            guard let source = pool?.subject ?? node?.subject else { continue }
            add(
                RA2Codes.topologyExcluded, pod.subject, at: pod.place,
                "\(judged.shown) needs `\(device)` beside its CPUs, and \(source) hides the device's NUMA node",
                hint: "remove `excludeTopology: true` there")
        }
    }

    /// R0023, where every node tells what its plugins offer.
    private mutating func checkOffers(_ pod: PodFacts) {
        let nodes = eligible.filter(\.isNode)
        guard !nodes.isEmpty, nodes.allSatisfy(\.namesDevices) else { return }
        for device in pod.devices
        where !nodes.contains(where: { ($0.resources?[device] ?? 0) > 0 }) {
            add(
                RA2Codes.deviceNotOffered, pod.subject, at: pod.place,
                "it asks for `\(device)`, which no node that it may land on offers",
                hint: "correct the name, or deploy the device plugin")
        }
    }
}

extension LintFacts {
    /// Whether R0016 already tells why the pod has no network device.
    fileprivate func namesNetworkWithoutResource(_ pod: PodFacts) -> Bool {
        pod.networks.contains { network($0)?.lacksResource ?? false }
    }
}
