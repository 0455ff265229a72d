import ClusterSimulation
import HardwareModel
import Primitives

extension ScenarioBuilder {
    /// Lays the nodes of a group on their hosts, once, so that what does not fit is told before the run.
    mutating func buildVirtualMachines(of group: inout NodeGroup, _ node: SourceNode) {
        guard let entry = node.present("virtualMachines"), let name = entry.present("host"),
            let host = machine(named: name)
        else { return }
        var settings = VirtualMachineSettings(
            host: host.machine, hostName: name.text ?? host.machine.name)
        settings.machinesPerHost = entry.integer("perHost") ?? 1
        settings.cpuPlacement =
            entry.choice("vcpus", as: VirtualMachineSettings.CPUPlacement.self) ?? .pinned
        settings.memoryPlacement =
            entry.choice("memory", as: VirtualMachineSettings.MemoryPlacement.self) ?? .bound
        settings.deviceAttachment =
            entry.choice("devices", as: VirtualMachineSettings.DeviceAttachment.self)
            ?? .passthrough
        if let size = entry.present("hugepages") { settings.backingPageSize = bytes(size) }
        if let list = entry.cpuList("hostReservedCPUs") {
            settings.hostReservedCPUs = Array(list)
        }
        if let pinning = entry.present("pinning") {
            if let lists = pinning.elements {
                settings.pinning = .list(
                    lists.map { list in
                        (list.elements ?? []).compactMap {
                            $0.text.flatMap(ScalarValues.integer).map(Int.init)
                        }
                    })
            } else if pinning.text == "sequential" {
                settings.pinning = .sequential
            }
        }
        buildDevicePlaces(&settings, entry, devices: group.devices)
        do throws(GuestMappingError) {
            group.virtualMachines = try VirtualMachineLayout(settings, guest: group.machine)
        } catch {
            for mistake in error.mistakes {
                diagnostics.error(at: entry, "node group `\(group.name)`: \(mistake)")
            }
        }
    }

    private mutating func buildDevicePlaces(
        _ settings: inout VirtualMachineSettings, _ entry: SourceNode, devices: [DeviceResource]
    ) {
        for place in entry.map("deviceNUMANodes") {
            guard let resource = devices.first(where: { $0.name == place.key }) else {
                diagnostics.error(
                    at: place, "the nodes have no devices of resource `\(place.key)`",
                    hint: suggestion(
                        for: place.key, among: devices.map(\.name), called: "their resources"))
                continue
            }
            let nodes = (place.value.elements ?? []).compactMap {
                $0.text.flatMap(ScalarValues.integer).map(Int.init)
            }
            guard nodes.count == 1 || nodes.count == resource.devices.count else {
                diagnostics.error(
                    at: place.value,
                    "\(nodes.count) host NUMA nodes for \(resource.devices.count) devices",
                    hint: "one for all, or one for each")
                continue
            }
            if let unknown = nodes.first(where: {
                settings.host.numaNode(withOSIndex: $0) == nil
            }) {
                diagnostics.error(
                    at: place.value,
                    "the host `\(settings.hostName)` has no NUMA node \(unknown)",
                    hint: "its NUMA nodes are "
                        + settings.host.numaNodes.map { "\($0.osIndex)" }.joined(separator: ", "))
                continue
            }
            settings.deviceNUMANodes.append(.init(resource: place.key, numaNodes: nodes))
        }
    }
}
