import Primitives

extension VirtualMachineSettings {
    /// One mapping for each virtual machine of a host, in order.
    ///
    /// - Throws: Every way in which the host is too small for its guests, or the settings do not fit the guest.
    public func makeMappings(guest: Machine) throws(GuestMappingError) -> [GuestMapping] {
        var layout = HostLayout(self, guest: guest)
        let mappings = (0..<machinesPerHost).map { layout.place(machine: $0) }
        layout.checkMemory(mappings)
        guard layout.mistakes.isEmpty else { throw GuestMappingError(mistakes: layout.mistakes) }
        return mappings
    }
}

/// A host while virtual machines are laid on it.
private struct HostLayout {
    let settings: VirtualMachineSettings
    let guest: Machine
    let host: Machine
    /// Positions of the host's NUMA nodes that have CPUs for guests.
    let hostNodes: [Int]
    /// Host CPUs that no virtual CPU is pinned to yet, by position of the NUMA node, siblings side by side.
    private var free: [[CPU]]
    /// The same by OS index, for the sequential order.
    private var ascending: [CPU]
    var mistakes: [String] = []

    init(_ settings: VirtualMachineSettings, guest: Machine) {
        self.settings = settings
        self.guest = guest
        host = settings.host
        let offered = settings.host.cpus.filter { !settings.hostReservedCPUs.contains($0.osIndex) }
        free = settings.host.numaNodes.indices.map { node in
            offered.filter { $0.numaNode == node }
                .sorted { ($0.core, $0.osIndex) < ($1.core, $1.osIndex) }
        }
        hostNodes = free.indices.filter { [free] in !free[$0].isEmpty }
        ascending = offered.sorted { $0.osIndex < $1.osIndex }
        for cpu in settings.hostReservedCPUs
        where settings.host.cpu(withOSIndex: cpu) == nil {
            mistakes.append("the host `\(settings.hostName)` has no CPU \(cpu) to reserve")
        }
        if hostNodes.isEmpty {
            mistakes.append("the host `\(settings.hostName)` has no CPU for guests")
        }
    }

    /// Guest NUMA nodes with CPUs, by position.
    private var guestNodes: [Int] {
        guest.numaNodes.indices.filter { node in guest.cpus.contains { $0.numaNode == node } }
    }

    mutating func place(machine: Int) -> GuestMapping {
        let highest = guest.cpus.map(\.osIndex).max() ?? 0
        var mapping = GuestMapping(
            cpus: Array(repeating: nil, count: highest + 1),
            memoryShares: Array(
                repeating: [], count: (guest.numaNodes.map(\.osIndex).max() ?? 0) + 1),
            serviceNUMANodes: NUMANodeSet(hostNodes.map { host.numaNodes[$0].osIndex }))
        guard !hostNodes.isEmpty else { return mapping }
        switch settings.cpuPlacement {
        case .pinned: pin(machine, &mapping)
        case .numaNode: assignNodes(machine, &mapping)
        case .floating:
            for cpu in guest.cpus {
                mapping.cpus[cpu.osIndex] = .init(
                    hostCPU: nil, numaNodes: mapping.serviceNUMANodes)
            }
        }
        placeMemory(&mapping)
        return mapping
    }

    /// The host NUMA node of a guest NUMA node, both by place in their lists: in turn over all machines of the host.
    private func hostNode(ofGuestNode place: Int, machine: Int) -> Int {
        hostNodes[(machine * guestNodes.count + place) % hostNodes.count]
    }

    private mutating func assignNodes(_ machine: Int, _ mapping: inout GuestMapping) {
        for (place, node) in guestNodes.enumerated() {
            let hostNode = hostNode(ofGuestNode: place, machine: machine)
            let nodes = NUMANodeSet([host.numaNodes[hostNode].osIndex])
            for cpu in guest.cpus where cpu.numaNode == node {
                mapping.cpus[cpu.osIndex] = .init(hostCPU: nil, numaNodes: nodes)
            }
        }
    }

    private mutating func pin(_ machine: Int, _ mapping: inout GuestMapping) {
        switch settings.pinning {
        case .byNUMANode:
            for (place, node) in guestNodes.enumerated() {
                pin(
                    guest.cpus.filter { $0.numaNode == node }
                        .sorted { ($0.core, $0.osIndex) < ($1.core, $1.osIndex) },
                    toNode: hostNode(ofGuestNode: place, machine: machine), machine, &mapping)
            }
        case .sequential:
            let wanted = guest.cpus.sorted { $0.osIndex < $1.osIndex }
            guard ascending.count >= wanted.count else {
                mistakes.append(
                    "machine \(machine) of a host needs \(wanted.count) CPUs of `\(settings.hostName)`; "
                        + "\(ascending.count) are left")
                return
            }
            for (cpu, hostCPU) in zip(wanted, ascending) { pin(cpu, to: hostCPU, &mapping) }
            ascending.removeFirst(wanted.count)
        case .list(let lists): pin(machine, by: lists, &mapping)
        }
    }

    private mutating func pin(
        _ wanted: [CPU], toNode node: Int, _ machine: Int, _ mapping: inout GuestMapping
    ) {
        guard free[node].count >= wanted.count else {
            mistakes.append(
                "machine \(machine) of a host needs \(wanted.count) CPUs of NUMA node "
                    + "\(host.numaNodes[node].osIndex) of `\(settings.hostName)`; "
                    + "\(free[node].count) are left")
            return
        }
        for (cpu, hostCPU) in zip(wanted, free[node]) { pin(cpu, to: hostCPU, &mapping) }
        free[node].removeFirst(wanted.count)
    }

    private mutating func pin(
        _ machine: Int, by lists: [[Int]], _ mapping: inout GuestMapping
    ) {
        let wanted = guest.cpus.sorted { $0.osIndex < $1.osIndex }
        guard machine < lists.count else {
            mistakes.append(
                "\(settings.machinesPerHost) machines on a host, and \(lists.count) lists of host CPUs"
            )
            return
        }
        guard lists[machine].count == wanted.count else {
            mistakes.append(
                "list \(machine) has \(lists[machine].count) host CPUs for \(wanted.count) virtual CPUs"
            )
            return
        }
        for (cpu, osIndex) in zip(wanted, lists[machine]) {
            guard let place = ascending.firstIndex(where: { $0.osIndex == osIndex }) else {
                mistakes.append(
                    "host CPU \(osIndex) of `\(settings.hostName)` is not there, reserved or pinned twice"
                )
                continue
            }
            pin(cpu, to: ascending.remove(at: place), &mapping)
        }
    }

    private func pin(_ cpu: CPU, to hostCPU: CPU, _ mapping: inout GuestMapping) {
        let nodes = hostCPU.numaNode.map { NUMANodeSet([host.numaNodes[$0].osIndex]) }
        mapping.cpus[cpu.osIndex] = .init(
            hostCPU: hostCPU.osIndex, numaNodes: nodes ?? NUMANodeSet())
    }
}

// MARK: Memory

extension HostLayout {
    private func placeMemory(_ mapping: inout GuestMapping) {
        for (position, node) in guest.numaNodes.enumerated() {
            var weights = Array(repeating: 0.0, count: host.numaNodes.count)
            if settings.memoryPlacement == .bound {
                for cpu in guest.cpus where cpu.numaNode == position {
                    addPlaces(of: mapping.cpus[cpu.osIndex], to: &weights)
                }
            }
            // Spread, or memory without CPUs of its own.
            if weights.allSatisfy({ $0 == 0 }) {
                for hostNode in hostNodes { weights[hostNode] = 1 }
            }
            let total = weights.reduce(0, +)
            mapping.memoryShares[node.osIndex] = weights.map { $0 / total }
        }
    }

    private func addPlaces(of cpu: GuestMapping.VirtualCPU?, to weights: inout [Double]) {
        guard let cpu, !cpu.numaNodes.isEmpty else { return }
        let part = 1 / Double(cpu.numaNodes.count)
        for (position, node) in host.numaNodes.enumerated()
        where cpu.numaNodes.contains(node.osIndex) { weights[position] += part }
    }

    /// Whether all guests' memory together fits the host, huge pages by themselves.
    mutating func checkMemory(_ mappings: [GuestMapping]) {
        guard mistakes.isEmpty else { return }
        var wanted = Array(repeating: 0.0, count: host.numaNodes.count)
        for mapping in mappings {
            for node in guest.numaNodes {
                for (position, share) in mapping.memoryShares[node.osIndex].enumerated() {
                    wanted[position] += share * Double(node.memory)
                }
            }
        }
        for (position, node) in host.numaNodes.enumerated() where wanted[position] > 0 {
            let room: Int64
            if let size = settings.backingPageSize {
                room = node.hugePages.reduce(0) {
                    $0 + ($1.pageSize == size ? $1.pageSize * $1.count : 0)
                }
            } else {
                room = node.conventionalMemory
            }
            // A share of a guest's memory need not be whole bytes.
            guard wanted[position] > Double(room) + 1 else { continue }
            let what = settings.backingPageSize == nil ? "" : " in huge pages"
            mistakes.append(
                "the guests of a host need \(mebibytes(wanted[position])) MiB\(what) on NUMA node "
                    + "\(node.osIndex) of `\(settings.hostName)`, which has \(mebibytes(Double(room))) MiB"
            )
        }
    }

    private func mebibytes(_ bytes: Double) -> Int64 { Int64((bytes / 1_048_576).rounded(.up)) }
}
