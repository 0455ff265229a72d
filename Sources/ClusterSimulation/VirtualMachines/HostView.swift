import HardwareModel
import Primitives
import Records
import WorkloadModel

/// What a host sees of the containers in the virtual machines of one node group.
struct HostView {
    private let settings: VirtualMachineSettings
    private let guest: Machine
    private let mappings: [GuestMapping]
    /// Host CPUs that some virtual CPU of the host is pinned to.
    private let pinned: CPUSet
    /// By OS index of the host's CPUs: those of the same core.
    private let siblings: [CPUSet]
    /// By OS index of the host's NUMA nodes: its position.
    private let positions: [Int]
    /// The most CPUs and memory on 0, 1, 2, … host NUMA nodes.
    private let mostCPUs: [Int]
    private let mostMemory: [Int64]
    /// Host NUMA nodes of single devices, by resource and id.
    private var devices: [String: [String: NUMANodeSet]] = [:]

    init(_ layout: VirtualMachineLayout, guest: Machine, devices offered: [DeviceResource]) {
        settings = layout.settings
        mappings = layout.mappings
        self.guest = guest
        let host = layout.settings.host
        pinned = CPUSet(mappings.flatMap { $0.cpus.compactMap { $0?.hostCPU } })
        var siblings = Array(
            repeating: CPUSet(), count: (host.cpus.map(\.osIndex).max() ?? 0) + 1)
        for cpu in host.cpus { siblings[cpu.osIndex] = host.cpus(ofCore: cpu.core) }
        self.siblings = siblings
        var positions = Array(
            repeating: 0, count: (host.numaNodes.map(\.osIndex).max() ?? 0) + 1)
        for (position, node) in host.numaNodes.enumerated() { positions[node.osIndex] = position }
        self.positions = positions
        let counts = host.numaNodes.indices.map { host.cpus(ofNUMANode: $0).count }
        mostCPUs = counts.sorted(by: >).reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        mostMemory = host.numaNodes.map(\.memory).sorted(by: >)
            .reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        for place in layout.settings.deviceNUMANodes {
            guard let resource = offered.first(where: { $0.name == place.resource }) else {
                continue
            }
            var byID: [String: NUMANodeSet] = [:]
            for (number, device) in resource.devices.enumerated() {
                let node = place.numaNodes[min(number, place.numaNodes.count - 1)]
                byID[device.id] = NUMANodeSet([node])
            }
            devices[place.resource] = byID
        }
    }

    /// The containers of a placement on the group's node at `position`.
    func record(
        _ placement: PlacementRecord, nodeOfGroup position: Int, resources: ResourceTable
    ) -> HostPlacementRecord {
        let mapping = mappings[position % mappings.count]
        var record = HostPlacementRecord(pod: placement.pod, node: placement.node, containers: [])
        for (place, container) in placement.containers.enumerated() {
            guard let isAligned = container.alignment?.numa else { continue }
            record.containers.append(
                look(at: container, place, isAligned: isAligned, mapping, resources))
        }
        return record
    }

    private func look(
        at container: ContainerPlacement, _ place: Int, isAligned: Bool, _ mapping: GuestMapping,
        _ resources: ResourceTable
    ) -> HostPlacement {
        var result = HostPlacement(
            position: place, isAlignedInGuest: isAligned, isAlignedOnHost: false)
        for cpu in container.cpus {
            guard cpu < mapping.cpus.count, let virtual = mapping.cpus[cpu] else { continue }
            result.cpuNUMANodes = result.cpuNUMANodes.union(virtual.numaNodes)
            if let hostCPU = virtual.hostCPU { result.cpus.insert(hostCPU) }
        }
        var bytes: Int64 = 0
        for block in container.memory {
            bytes += block.bytes
            for node in 0..<64 where block.numaNodes.contains(node) {
                result.memoryNUMANodes = result.memoryNUMANodes.union(
                    mapping.memoryNUMANodes(ofGuestNUMANode: node, host: settings.host))
            }
            if settings.backingPageSize == nil, block.resource != ResourceTable.memory {
                result.hasUnbackedHugePages = true
            }
        }
        for device in container.devices {
            result.deviceNUMANodes = result.deviceNUMANodes.union(
                hostNodes(of: device, mapping, resources))
        }
        let fewest = fewestNodes(cpus: container.cpus.count, bytes: bytes)
        let together = result.cpuNUMANodes.union(result.memoryNUMANodes)
            .union(result.deviceNUMANodes)
        result.isAlignedOnHost = together.count <= fewest
        if !result.cpus.isEmpty {
            result.isCoreAlignedOnHost = result.cpus.allSatisfy {
                siblings[$0].intersection(pinned).isSubset(of: result.cpus)
            }
        }
        if !container.cpus.isEmpty {
            result.distanceThousandths = distance(container, mapping)
        }
        return result
    }

    private func hostNodes(
        of device: DevicePlacement, _ mapping: GuestMapping, _ resources: ResourceTable
    ) -> NUMANodeSet {
        if settings.deviceAttachment == .emulated { return mapping.serviceNUMANodes }
        if let known = devices[resources.names[device.resource.position]]?[device.id] {
            return known
        }
        var nodes = NUMANodeSet()
        for node in 0..<64 where device.numaNodes.contains(node) {
            nodes = nodes.union(
                mapping.memoryNUMANodes(ofGuestNUMANode: node, host: settings.host))
        }
        return nodes
    }

    /// The fewest host NUMA nodes that could hold so much when empty; one device fits anywhere.
    private func fewestNodes(cpus: Int, bytes: Int64) -> Int {
        let forCPUs = mostCPUs.firstIndex { $0 >= cpus } ?? mostCPUs.count
        let forMemory = mostMemory.firstIndex { $0 >= bytes } ?? mostMemory.count
        return max(1, forCPUs, forMemory)
    }

    /// Mean distance over CPUs and bytes, each CPU alike; memory that no manager placed is taken to lie on the guest
    /// NUMA nodes of the CPUs, as first touch puts it.
    private func distance(_ container: ContainerPlacement, _ mapping: GuestMapping) -> Int64? {
        let host = settings.host
        guard let distances = host.distances else { return nil }
        var memory = Array(repeating: 0.0, count: host.numaNodes.count)
        func add(_ guestNode: Int, _ weight: Double) {
            guard guestNode < mapping.memoryShares.count else { return }
            for (position, share) in mapping.memoryShares[guestNode].enumerated() {
                memory[position] += share * weight
            }
        }
        if container.memory.isEmpty {
            for cpu in container.cpus {
                guard let position = guest.cpu(withOSIndex: cpu),
                    let node = guest.cpus[position].numaNode
                else { continue }
                add(guest.numaNodes[node].osIndex, 1)
            }
        } else {
            for block in container.memory {
                let part = Double(block.bytes) / Double(max(1, block.numaNodes.count))
                for node in 0..<64 where block.numaNodes.contains(node) { add(node, part) }
            }
        }
        var sum = 0.0
        var weight = 0.0
        for cpu in container.cpus {
            guard cpu < mapping.cpus.count, let virtual = mapping.cpus[cpu] else { continue }
            let part = 1 / Double(max(1, virtual.numaNodes.count))
            for node in 0..<positions.count where virtual.numaNodes.contains(node) {
                for (to, bytes) in memory.enumerated() where bytes > 0 {
                    sum += part * bytes * Double(distances[positions[node], to])
                    weight += part * bytes
                }
            }
        }
        return weight > 0 ? Int64((sum / weight * 100).rounded()) : nil
    }
}
