import HardwareModel
import NodeManagers
import Primitives

/// A list of hints as it is compared: masks by OS index, and whether each is preferred.
private func describe(_ hints: [TopologyHint]?, _ layout: NUMALayout) -> String {
    guard let hints else { return "null" }
    let items = hints.map { hint in
        "[\(hint.affinity.map { "\(layout.osSet($0).mask)" } ?? "null"),\(hint.isPreferred ? 1 : 0)]"
    }
    return "[\(items.joined(separator: ","))]"
}

/// The CPU Manager's hints for one container.
enum CPUHintVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        let topology = try machines.machine(of: json).topology
        let layout = NUMALayout(osIndices: topology.numaNodes.map(\.id))
        let request = try within(
            0..<65537, try required(json["request"]?.integer, "request"), "request")
        let available = try cpuSet(json["available"]?.text ?? "").intersection(topology.all)
        let reusable = try cpuSet(json["reusable"]?.text ?? "").intersection(topology.all)
        let rule = CPUHintRule(
            topology: topology, layout: layout,
            alignsBySocket: json["align_by_socket"]?.boolean ?? false)
        let trace = HintTrace()
        var hints = HintCollector(layout: layout, question: .preferred, trace: trace)
        rule.add(
            request, available: available, reusable: reusable.isEmpty ? nil : reusable, to: &hints)
        try requireEqual(
            "expect.hints", expected: "\(json["expect"]?["hints"] ?? .null)",
            got: describe(trace.lists.first?.hints, layout))
    }
}

/// The Device Manager's hints for one resource of one container.
enum DeviceHintVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        let nodes = (json["numa"]?.elements.compactMap(\.integer) ?? []).sorted()
        guard !nodes.isEmpty, Set(nodes).count == nodes.count,
            nodes.allSatisfy({ $0 >= 0 && $0 < 64 })
        else { throw .malformed("`numa`: expected NUMA nodes from 0 to 63, each once") }
        let layout = NUMALayout(osIndices: nodes)
        let request = try within(
            0..<65537, try required(json["request"]?.integer, "request"), "request")
        func names(_ key: String) -> Set<String> {
            Set(json[key]?.elements.compactMap(\.text) ?? [])
        }
        let (available, reusable) = (names("available"), names("reusable"))
        var resources = ResourceTable()
        _ = resources.intern("example.com/device")
        let devices = try (json["devices"]?.elements ?? []).map(VectorSettings.device)
        let catalog = DeviceCatalog(
            [DeviceResource(name: "example.com/device", devices: devices)], layout: layout,
            resources: resources)
        let manager = DeviceManager(catalog: catalog, layout: layout)
        let kind = catalog.kinds[0]
        var state = DeviceManagerState(catalog)
        for (index, id) in kind.ids.enumerated() {
            let bit = UInt64(1) << UInt64(index % 64)
            if !available.contains(id) { state.allocated[index / 64] |= bit }
            if reusable.contains(id) {
                state.reusable[index / 64] |= bit
                state.hasReusable = true
            }
        }
        let trace = HintTrace()
        var hints = HintCollector(layout: layout, question: .preferred, trace: trace)
        let demand = DeviceDemand(
            kind: 0, count: request, minimumNodes: kind.minimumNodes(for: request, layout: layout))
        manager.addHints(
            demand, kind, holders: ContainerRange(first: 0, count: 0), pod: false, in: state,
            into: &hints)
        try requireEqual(
            "expect.hints", expected: "\(json["expect"]?["hints"] ?? .null)",
            got: describe(trace.lists.first?.hints, layout))
    }
}

/// The Memory Manager's hints for one container.
enum MemoryHintVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        let nodes = try required(json["machineState"], "machineState").members
            .map { (id: Int($0.name) ?? -1, table: $0.value) }.sorted { $0.id < $1.id }
        guard let first = nodes.first, nodes.allSatisfy({ $0.id >= 0 && $0.id < 64 }) else {
            throw .malformed("`machineState` names NUMA nodes by number")
        }
        let layout = NUMALayout(osIndices: nodes.map(\.id))
        let names = (first.table["memory"]?.members.map(\.name) ?? []).sorted {
            ($0 == "memory" ? 0 : 1, $0) < ($1 == "memory" ? 0 : 1, $1)
        }
        var resources = ResourceTable()
        for name in names { _ = resources.intern(name) }
        let types = MemoryTypes(
            resources: names.compactMap(resources.index), resourceCount: resources.count)
        var totals: [MemoryTotals] = []
        for node in nodes {
            for name in names {
                let row = node.table["memory"]?[name]?.elements.compactMap(\.integer) ?? []
                guard row.count == 5, row.allSatisfy({ $0 >= 0 && $0 <= 1 << 55 }) else {
                    throw .malformed("a memory table has five numbers of bytes up to 2⁵⁵")
                }
                var entry = MemoryTotals()
                (entry.total, entry.systemReserved) = (Int64(row[0]), Int64(row[1]))
                entry.allocatable = Int64(row[2])
                totals.append(entry)
            }
        }
        let policy = StaticMemoryPolicy(layout: layout, types: types, totals: totals)
        var state = MemoryManagerState(
            totals: totals, nodeCount: nodes.count, typeCount: names.count)
        for (position, node) in nodes.enumerated() {
            for (type, name) in names.enumerated() {
                let row = node.table["memory"]?[name]?.elements.compactMap(\.integer) ?? []
                state.tables[position * names.count + type].reserved = Int64(row[3])
                state.tables[position * names.count + type].free = Int64(row[4])
            }
            let cells = node.table["cells"]?.elements.compactMap(\.integer) ?? []
            guard cells.allSatisfy({ $0 >= 0 && $0 < 64 }),
                let assignments = Int32(exactly: node.table["assignments"]?.integer ?? 0)
            else {
                throw .malformed("`cells` are NUMA nodes from 0 to 63, `assignments` their number")
            }
            state.nodes[position].assignments = assignments
            state.nodes[position].cells = layout.mask(NUMANodeSet(cells))
        }
        for group in json["reusable"]?.members ?? [] {
            guard let bits = UInt64(group.name) else {
                throw .malformed("`reusable` has a mask as a key, found `\(group.name)`")
            }
            let mask = layout.mask(NUMANodeSet(mask: bits))
            for item in group.value.members {
                guard let type = names.firstIndex(of: item.name) else { continue }
                let bytes = try required(item.value.integer, "reusable")
                state.allowReuse(
                    of: Int64(try within(0..<1 << 55, bytes, "reusable")), type: type, on: mask)
            }
        }
        var demand = MemoryDemand()
        demand.isManaged = true
        for item in json["request"]?.members ?? [] {
            guard let type = names.firstIndex(of: item.name) else {
                throw .unsupported("a memory type that the machine lacks")
            }
            let bytes = try required(item.value.integer, "request")
            demand.amounts.append(
                MemoryAmount(type: type, bytes: Int64(try within(0..<1 << 55, bytes, "request"))))
        }
        demand.amounts.sort { $0.type < $1.type }
        demand.minimumNodes = policy.minimumNodes(for: demand.amounts)
        let trace = HintTrace()
        var hints = HintCollector(layout: layout, question: .preferred, trace: trace)
        policy.hints(for: demand, holder: nil, in: state, into: &hints)
        let expected = json["expect"]?["hints"]?.members ?? []
        try requireEqual(
            "expect.hints",
            expected: expected.map { "\($0.name) \($0.value)" }.sorted(),
            got: trace.lists.map {
                "\(resources[$0.resource]) \(describe($0.hints, layout))"
            }.sorted())
    }
}
