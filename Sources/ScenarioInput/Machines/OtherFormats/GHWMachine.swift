import HardwareModel

extension MachineFormat {
    static let ghw = MachineFormat(
        name: "ghw JSON",
        making: "`ghwc topology -f json` writes the machine that it runs on",
        recognises: { file in
            file.outermostKeys.contains("topology") && !file.outermostKeys.contains("num_cores")
                && !file.outermostKeys.contains("memory_capacity")
        }
    ) { file throws(InputError) in [try readGHWMachine(bytes: file.bytes, file: file.name)] }
}

/// Reads a machine from ghw's JSON: its topology, and as far as they are there its processors and devices.
///
/// Source: ghw pkg/topology, pkg/cpu, pkg/memory, pkg/pci, pkg/net, pkg/gpu.
///
/// - Throws: Every mistake with its line.
public func readGHWMachine(bytes: [UInt8], file: String) throws(InputError) -> ImportedMachine {
    var reader = GHWReader(root: try readJSONSource(bytes, file: file), file: file)
    let name = MachineFile(name: file, bytes: []).machineName(without: [".json"])
    let description = reader.describe(name: name)
    return try reader.fields.imported(description)
}

private struct GHWReader {
    let root: SourceNode
    var fields: MachineFields
    private var names: [String: [(name: String, kind: OSDeviceKind)]] = [:]
    private var places: [String: Int] = [:]
    /// CPUs whose L3 cache is known.
    private var cachedCPUs: Set<Int> = []

    init(root: SourceNode, file: String) {
        self.root = root
        fields = MachineFields(file: file)
    }

    mutating func describe(name: String) -> MachineDescription {
        var description = MachineDescription(name: name)
        let topology = fields.mapping(root["topology"], "topology")
        let nodes = fields.list(
            topology?["nodes"], "topology.nodes", limit: HwlocMachine.numaNodeLimit)
        if nodes.isEmpty, !fields.diagnostics.hasErrors {
            fields.diagnostics.error(
                at: topology ?? root, "`topology.nodes` has no NUMA node, so there is no CPU")
        }
        for (position, node) in nodes.enumerated() { read(node, position, into: &description) }
        // Listed in no order that the hardware has.
        description.cores.sort { ($0.cpus.first ?? 0) < ($1.cpus.first ?? 0) }
        readDistances(nodes, into: &description)
        readProcessors(into: &description)
        readDevices(into: &description)
        fields.taken(
            "machine", "\(description.numaNodes.count) NUMA nodes, \(description.cores.count) cores"
        )
        return description
    }

    private mutating func read(
        _ node: SourceNode, _ position: Int, into description: inout MachineDescription
    ) {
        guard fields.mapping(node, "topology.nodes") != nil else { return }
        let id = fields.integer(node["id"], "id", in: 0...65_535) ?? position
        var cpus: [Int] = []
        for core in fields.list(node["cores"], "cores") {
            let members = fields.cpus(core["logical_processors"], "logical_processors").sorted()
            let number = fields.integer(core["id"], "id")
            description.cores.append(.init(osIndex: number, cpus: members))
            cpus += members
        }
        let memory = fields.mapping(node["memory"], "memory")
        let bytes = fields.integer(memory?["total_physical_bytes"], "total_physical_bytes")
        if bytes == nil {
            fields.guessed(
                "NUMA node \(id)", "no memory is told, so it has \(guessedMemory >> 30) GiB",
                at: node)
        }
        if memory?["total_usable_bytes"] != nil {
            fields.dropped(
                "NUMA node \(id)", "`total_usable_bytes`: memory is all that is built in", at: node)
        }
        description.numaNodes.append(
            .init(
                osIndex: id, memory: bytes.map { Int64($0) } ?? guessedMemory,
                hugePages: pools(memory, id), cpus: cpus))
        readCaches(node, into: &description)
    }

    /// Newer versions tell how many pages of each size there are, older ones only the sizes.
    private mutating func pools(_ memory: SourceNode?, _ id: Int) -> [HugePagePool] {
        guard
            let amounts = fields.mapping(
                memory?["huge_page_amounts_by_size"], "huge_page_amounts_by_size")
        else {
            let sizes = fields.list(memory?["supported_page_sizes"], "supported_page_sizes")
            if !sizes.isEmpty {
                fields.guessed(
                    "NUMA node \(id)",
                    "only the sizes of huge pages are told, so there are none of them")
            }
            return sizes.compactMap { fields.integer($0, "supported_page_sizes", in: 1...Int.max) }
                .sorted().map { HugePagePool(pageSize: Int64($0), count: 0) }
        }
        return (amounts.entries ?? []).compactMap { entry in
            guard let size = Int64(entry.key) else {
                fields.diagnostics.error(at: entry.value, "`\(entry.key)` is no page size in bytes")
                return nil
            }
            let count = fields.integer(entry.value["total"], "total") ?? 0
            return HugePagePool(pageSize: size, count: Int64(count))
        }
    }

    private mutating func readCaches(
        _ node: SourceNode, into description: inout MachineDescription
    ) {
        for cache in fields.list(node["caches"], "caches") {
            guard fields.integer(cache["level"], "level") == 3,
                cache["type"]?.text?.lowercased() != "instruction"
            else { continue }
            let cpus = fields.cpus(cache["logical_processors"], "logical_processors")
            // One that is shared by two NUMA nodes is told in both.
            guard let first = cpus.first, !cachedCPUs.contains(first) else { continue }
            cachedCPUs.formUnion(cpus)
            let size = fields.integer(cache["size_bytes"], "size_bytes") ?? 0
            description.uncoreCaches.append(.init(size: Int64(size), cpus: cpus))
        }
    }

    private mutating func readDistances(
        _ nodes: [SourceNode], into description: inout MachineDescription
    ) {
        let rows = nodes.map { node in
            fields.list(node["distances"], "distances").compactMap {
                fields.integer($0, "distances", in: 1...1_000_000)
            }
        }
        if rows.allSatisfy({ $0.count == nodes.count }) {
            description.distances = rows
        } else if rows.contains(where: { !$0.isEmpty }), !fields.diagnostics.hasErrors {
            fields.diagnostics.error(
                at: nodes[0]["distances"] ?? nodes[0],
                "`distances` must have one value for each of the \(nodes.count) NUMA nodes")
        }
    }

    /// Sockets; without `cpu` every NUMA node is in one of its own.
    private mutating func readProcessors(into description: inout MachineDescription) {
        let processors = fields.list(
            fields.mapping(root["cpu"], "cpu")?["processors"], "cpu.processors")
        for (position, processor) in processors.enumerated() {
            let cpus = fields.list(processor["cores"], "cores").flatMap {
                fields.cpus($0["logical_processors"], "logical_processors")
            }
            description.sockets.append(
                .init(
                    osIndex: fields.integer(processor["id"], "id", in: 0...65_535) ?? position,
                    model: fields.text(processor["model"], "model") ?? "", cpus: cpus))
        }
        guard processors.isEmpty else { return }
        fields.guessed(
            "sockets", "`cpu.processors` is not there: every NUMA node is in a socket of its own")
        description.sockets = description.numaNodes.filter { !$0.cpus.isEmpty }.map {
            .init(osIndex: $0.osIndex, cpus: $0.cpus)
        }
    }
}

// MARK: Devices

extension GHWReader {
    private mutating func readDevices(into description: inout MachineDescription) {
        readNames()
        let pci = fields.mapping(root["pci"], "pci")
        let listed = fields.list(
            pci?["devices"] ?? pci?["Devices"], "pci.devices", limit: HwlocTopology.objectLimit)
        let nodes = Set(description.numaNodes.map(\.osIndex))
        var seen: Set<String> = []
        for device in listed {
            // Bridges only pass on.
            guard let address = fields.text(device["address"], "address"),
                let base = fields.hexadecimal(device["class"]?["id"]), base <= 0xFF, base != 0x06,
                seen.insert(address).inserted
            else { continue }
            let subclass = fields.hexadecimal(device["subclass"]?["id"]) ?? 0
            let place = fields.integer(device["node"]?["id"], "node.id") ?? places[address]
            let known = names[address] ?? []
            description.devices.append(
                Device(
                    name: known.first?.name ?? address, pciBusID: address,
                    pciClass: base << 8 | subclass & 0xFF,
                    vendorID: fields.hexadecimal(device["vendor"]?["id"]),
                    deviceID: fields.hexadecimal(device["product"]?["id"]),
                    numaNodes: place.flatMap { nodes.contains($0) ? [$0] : nil } ?? [],
                    osNames: known.map(\.name), osKinds: known.map(\.kind),
                    driver: fields.text(device["driver"], "driver") ?? ""))
        }
        if listed.isEmpty {
            fields.guessed("devices", "`pci.devices` is not there: there are none")
        }
    }

    /// Names and places that are told apart from the PCI devices themselves.
    private mutating func readNames() {
        let network = fields.mapping(root["network"], "network")
        for nic in fields.list(network?["nics"], "network.nics") {
            guard let address = nic["pci_address"]?.text, let name = nic["name"]?.text else {
                continue
            }
            names[address, default: []].append((name, .network))
        }
        let gpu = fields.mapping(root["gpu"], "gpu")
        for card in fields.list(gpu?["cards"], "gpu.cards") {
            guard let address = card["address"]?.text else { continue }
            let node = card["node"] ?? card["pci"]?["node"]
            if let place = fields.integer(node?["id"], "node.id") { places[address] = place }
        }
    }
}
