public import WorkloadModel

/// What a resource's name says about its devices; nobody registers such names, so this is a guess by words.
enum DeviceWords {
    private static let network = [
        "sriov", "dpdk", "vfio", "netdev", "afxdp", "fronthaul", "midhaul", "backhaul", "x710",
        "e810", "rdma", "_vf", "vf_", "-vf", "vf-", "/vf",
    ]
    private static let accelerator = ["fec", "acc100", "acc200", "vrb", "qat", "fpga", "gpu"]
    private static let userSpace = ["dpdk", "vfio", "uio"]

    static func isNetwork(_ resource: String) -> Bool {
        let name = resource.lowercased()
        return network.contains { name.contains($0) }
            && !accelerator.contains { name.contains($0) }
    }

    static func isUserSpace(_ resource: String) -> Bool {
        isNetwork(resource) && userSpace.contains { resource.lowercased().contains($0) }
    }
}

/// Labels by which node feature discovery tells CPU instructions.
let instructionLabelPrefix = "feature.node.kubernetes.io/cpu-"

/// Labels of node feature discovery.
let featureLabelPrefix = "feature.node.kubernetes.io/"

extension PodFacts {
    /// Keys of node labels that the pod insists on.
    var wantedLabelKeys: [String] { nodeSelector.map(\.key) + affinityKeys }

    /// Virtual functions and other network devices, asked for directly or through a network's resource.
    func networkDevices(in facts: LintFacts) -> [String] {
        let named = Set(facts.networks.compactMap(\.resourceName))
        let pools = facts.pools.map(\.resource)
        var found = devices.filter { device in
            named.contains(device) || DeviceWords.isNetwork(device)
                || pools.contains { device == $0 || device.hasSuffix("/" + $0) }
        }
        for choice in networks {
            if let resource = facts.network(choice)?.resourceName, !found.contains(resource) {
                found.append(resource)
            }
        }
        return found.sorted()
    }

    /// The class by what the pod asks for; nil when it asks for nothing that RA2's classes are about.
    ///
    /// Huge pages or devices for DPDK make it 4, with CPU instructions 5. Otherwise it must ask for a whole CPU:
    /// a device makes it 3, instructions 2, and exclusive CPUs alone 1.
    public func inferredClass(in facts: LintFacts) -> WorkloadClass? {
        let asksInstructions = wantedLabelKeys.contains { $0.hasPrefix(instructionLabelPrefix) }
        if !hugePages.isEmpty
            || networkDevices(in: facts).contains(where: DeviceWords.isUserSpace)
        {
            return asksInstructions ? .c5 : .c4
        }
        guard lasting.contains(where: { $0.resources.request("cpu") >= 1000 }) else { return nil }
        if !devices.isEmpty { return .c3 }
        if asksInstructions { return .c2 }
        return isGuaranteed && lasting.contains(where: \.asksWholeCPUs) ? .c1 : nil
    }
}

extension ContainerFacts {
    var asksWholeCPUs: Bool {
        let cpu = resources.request("cpu")
        return cpu > 0 && cpu % 1000 == 0
    }
}

extension LintFacts {
    func network(_ choice: NetworkChoice) -> NetworkFacts? {
        networks.first { $0.name == choice.name && $0.namespace == choice.namespace }
    }
}

/// The class that a pod is judged by, and who says so.
struct JudgedClass {
    var workloadClass: WorkloadClass
    /// Said in the pod or on the command line; otherwise inferred, and nothing may be found lacking.
    var isStated: Bool

    /// `class c4`, or `class c4 (inferred)`.
    var shown: String { "class \(workloadClass.rawValue)" + (isStated ? "" : " (inferred)") }
}
