public import HardwareModel
public import WorkloadModel

/// The labels that Node Feature Discovery gives a node of this machine, as far as a machine is known here.
///
/// Sources `cpu` (hardware threads, vendor; no CPUID flags, which a topology does not tell), `memory`, `pci` with the
/// default classes and label fields, and `network` with SR-IOV; `kernel` where the Node says its version. A card is
/// capable of SR-IOV when virtual functions of it are there.
/// (kubernetes-sigs/node-feature-discovery source/{cpu,memory,pci,network,kernel})
/// - Returns: Ascending by key.
public func nodeFeatureLabels(
    of machine: Machine, info: NodeObject.Info = NodeObject.Info()
) -> [Label] {
    var values: [String: String] = [:]
    values["cpu-hardware_multithreading"] = machine.isSMT ? "true" : "false"
    if let vendor = vendor(of: machine) { values["cpu-model.vendor_id"] = vendor }
    if machine.numaNodes.count > 1 { values["memory-numa"] = "true" }
    if machine.numaNodes.contains(where: { $0.kind == .persistent }) {
        values["memory-nv.present"] = "true"
    }
    let withFunctions = Set(machine.devices.compactMap(\.physicalFunction))
    for device in machine.devices {
        guard let pciClass = device.pciClass, let vendor = device.vendorID else { continue }
        let isCapable = device.pciBusID.map { withFunctions.contains($0) } ?? false
        // Displays, processing accelerators and co-processors.
        if pciClass >> 8 == 0x03 || pciClass >> 8 == 0x12 || pciClass == 0x0b40 {
            let name = "pci-\(fourDigits(pciClass))_\(fourDigits(vendor))"
            values["\(name).present"] = "true"
            if isCapable { values["\(name).sriov.capable"] = "true" }
        }
        if pciClass >> 8 == 0x02, isCapable {
            values["network-sriov.capable"] = "true"
            values["network-sriov.configured"] = "true"
        }
    }
    if !info.kernelVersion.isEmpty {
        values["kernel-version.full"] = info.kernelVersion
        let numbers = info.kernelVersion.split { !$0.isNumber }
        let names = ["kernel-version.major", "kernel-version.minor", "kernel-version.revision"]
        for (name, number) in zip(names, numbers) { values[name] = String(number) }
    }
    return values.map { Label(key: "feature.node.kubernetes.io/\($0.key)", value: $0.value) }
        .filter { ObjectNames.isLabelValue($0.value) && ObjectNames.isQualified($0.key) }
        .sorted { $0.key < $1.key }
}

/// As NFD writes it.
private func vendor(of machine: Machine) -> String? {
    let model = machine.sockets.lazy.map(\.model).first { !$0.isEmpty } ?? ""
    for vendor in ["Intel", "AMD"] where model.contains(vendor) { return vendor }
    return nil
}

private func fourDigits(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
