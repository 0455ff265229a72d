import HardwareModel
import Primitives

extension ScenarioBuilder {
    /// What device plugins offer on `machine`, one value a resource; nil after a mistake was told.
    ///
    /// Entries of one resource are devices of one plugin, numbered through.
    mutating func buildDevices(
        _ nodes: [SourceNode], on machine: Machine, besides known: [DeviceResource] = []
    ) -> [DeviceResource]? {
        var resources = known
        var isComplete = true
        var lists: [(position: Int, list: SourceNode)] = []
        for node in nodes {
            guard let name = node.string("resource"), isExtendedResource(name, node) else {
                isComplete = false
                continue
            }
            guard let places = places(of: node, on: machine) else {
                isComplete = false
                continue
            }
            let wishes = node.present("preferredAllocation")
            let preferred =
                wishes?.elements == nil
                ? node.choice("preferredAllocation", as: DeviceResource.PreferredAllocation.self)
                    ?? .none
                : .list
            let position =
                resources.firstIndex { $0.name == name }
                ?? {
                    resources.append(DeviceResource(name: name, devices: []))
                    return resources.count - 1
                }()
            if preferred != .none { resources[position].preferredAllocation = preferred }
            if let list = wishes?.elements {
                resources[position].preferredIDs = list.compactMap(\.text)
            }
            if let list = wishes, preferred == .list { lists.append((position, list)) }
            let tellsPlaces = node.boolean("excludeTopology") != true
            let base = name.split(separator: "/").last.map(String.init) ?? name
            let ids = node.present("ids")?.elements?.compactMap(\.text)
            for (number, numaNodes) in places.enumerated() {
                let id = ids?[number] ?? "\(base)-\(resources[position].devices.count)"
                if resources[position].devices.contains(where: { $0.id == id }), ids != nil {
                    diagnostics.error(at: node, "the device `\(id)` of `\(name)` is here twice")
                    isComplete = false
                }
                resources[position].devices.append(
                    PluginDevice(id: id, numaNodes: tellsPlaces ? numaNodes : nil))
            }
        }
        // Entries that follow may name more devices of the resource.
        for (position, list) in lists {
            for id in list.elements ?? []
            where !resources[position].devices.contains(where: { $0.id == id.text }) {
                tellUnknownDevice(id, of: resources[position])
                isComplete = false
            }
        }
        return isComplete ? resources : nil
    }

    mutating func tellUnknownDevice(_ id: SourceNode, of resource: DeviceResource) {
        diagnostics.error(
            at: id, "`\(resource.name)` has no device \(id.said)",
            hint: suggestion(
                for: id.text ?? "", among: resource.devices.map(\.id), called: "its devices"))
    }

    /// The NUMA nodes of each device of an entry; nil after a mistake was told.
    private mutating func places(of node: SourceNode, on machine: Machine) -> [[Int]?]? {
        let count = node.present("ids")?.elements?.count ?? node.integer("count") ?? 0
        let ways = ["numaNode", "numaNodes", "perNUMANode"].filter { node.present($0) != nil }
        guard ways.count <= 1 else {
            diagnostics.error(at: node, "`\(ways[0])` and `\(ways[1])` exclude each other")
            return nil
        }
        if node.boolean("perNUMANode") == true {
            guard node.present("ids") == nil else {
                diagnostics.error(at: node, "`perNUMANode` goes with `count`, not with `ids`")
                return nil
            }
            let withCPUs = Set(machine.cpus.compactMap(\.numaNode)).sorted()
            guard count * withCPUs.count <= 100_000 else {
                diagnostics.error(at: node, "more than 100,000 devices of one resource")
                return nil
            }
            return withCPUs.flatMap { position in
                Array(repeating: [machine.numaNodes[position].osIndex], count: count)
            }
        }
        var numaNodes = node.integer("numaNode").map { [$0] }
        if let list = node.present("numaNodes")?.elements {
            numaNodes = list.compactMap { $0.text.flatMap(ScalarValues.integer).map { Int($0) } }
            if list.isEmpty, let place = node.present("numaNodes") {
                diagnostics.error(
                    at: place, "an empty list of NUMA nodes",
                    hint: "leave the key out for devices without a place")
                return nil
            }
        }
        let known = machine.numaNodes.map(\.osIndex)
        for osIndex in numaNodes ?? [] where !known.contains(osIndex) {
            diagnostics.error(
                at: node.present("numaNode") ?? node.present("numaNodes") ?? node,
                "machine `\(machine.name)` has no NUMA node \(osIndex)",
                hint: "its NUMA nodes are \(known.map(String.init).joined(separator: ", "))")
            return nil
        }
        return Array(repeating: numaNodes, count: count)
    }

    /// Whether `name` can be an extended resource, as the API server judges. (k/k IsExtendedResourceName)
    private mutating func isExtendedResource(_ name: String, _ node: SourceNode) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isNamed =
            parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard isNamed, parts[0] != "kubernetes.io", !parts[0].hasSuffix(".kubernetes.io"),
            !name.hasPrefix("requests.")
        else {
            diagnostics.error(
                at: node.present("resource") ?? node, "`\(name)` is no extended resource",
                hint: "a device plugin's resource is `domain/name`, such as `intel.com/sriov_vfs`")
            return false
        }
        return true
    }
}
