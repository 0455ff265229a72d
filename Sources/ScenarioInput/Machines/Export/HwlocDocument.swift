import HardwareModel

/// Writes a machine as hwloc XML of version 2.0, which every hwloc from 2.0 on reads.
///
/// What the format has no word for goes into `info` elements, which hwloc keeps and this project reads again:
/// `MemoryOnly` on a NUMA node that has no CPUs of its own, and on a PCI device `LocalNUMANodes` where nothing in the
/// tree has just those, `PhysicalFunction` and `Driver`.
struct HwlocDocument {
    private let machine: Machine
    private let tree: MachineTree
    /// By part: OS indices of the NUMA nodes near it, ascending.
    private let near: [[Int]]
    /// By part: the devices that are written in it, by position.
    private var devices: [[Int]]
    /// Devices whose place no part has just.
    private var isElsewhere: [Bool]
    private var lines: [String] = []
    private var lastIndex = 0

    init(_ machine: Machine) {
        self.machine = machine
        tree = MachineTree(machine)
        near = HwlocDocument.near(tree)
        devices = [[Int]](repeating: [], count: tree.nodes.count)
        isElsewhere = [Bool](repeating: false, count: machine.devices.count)
        placeDevices()
    }

    /// The whole document, ending in a newline.
    mutating func text() -> String {
        lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">",
            "<topology version=\"2.0\">",
        ]
        write(part: 0, indent: 1)
        writeDistances()
        return lines.joined(separator: "\n") + "\n</topology>\n"
    }

    /// NUMA nodes attached to a part, to what is inside it and to what is around it.
    private static func near(_ tree: MachineTree) -> [[Int]] {
        var inside = tree.nodes.map { Set($0.memory) }
        for (index, node) in tree.nodes.enumerated().reversed() {
            if let parent = node.parent { inside[parent].formUnion(inside[index]) }
        }
        var around = tree.nodes.map { Set($0.memory) }
        for (index, node) in tree.nodes.enumerated() {
            if let parent = node.parent { around[index].formUnion(around[parent]) }
        }
        return tree.nodes.indices.map { part in
            inside[part].union(around[part]).map { tree.machine.numaNodes[$0].osIndex }.sorted()
        }
    }

    private mutating func placeDevices() {
        for (position, device) in machine.devices.enumerated() {
            let wanted = Set(device.numaNodes).sorted()
            if wanted.isEmpty || wanted.count == machine.numaNodes.count {
                devices[0].append(position)
            } else if let part = near.firstIndex(of: wanted) {
                devices[part].append(position)
            } else {
                isElsewhere[position] = true
                // The smallest part that has them all, and a few more.
                let parts = near.indices.filter {
                    tree.nodes[$0].part != .cpu && Set(near[$0]).isSuperset(of: wanted)
                }
                let part = parts.min { (near[$0].count, $0) < (near[$1].count, $1) }
                devices[part ?? 0].append(position)
            }
        }
    }
}

// MARK: Elements

extension HwlocDocument {
    private mutating func line(_ indent: Int, _ text: String) {
        lines.append(String(repeating: "  ", count: indent) + text)
    }

    private mutating func nextIndex() -> Int {
        lastIndex += 1
        return lastIndex
    }

    private mutating func write(part index: Int, indent: Int) {
        let node = tree.nodes[index]
        let cpus = hexWords(node.cpus.map { machine.cpus[$0].osIndex })
        let nodes = hexWords(near[index])
        var attributes = [("type", type(of: node))]
        if let number = osIndex(of: node) { attributes.append(("os_index", String(number))) }
        attributes += [("cpuset", cpus), ("complete_cpuset", cpus)]
        if index == 0 { attributes.append(("allowed_cpuset", cpus)) }
        attributes += [("nodeset", nodes), ("complete_nodeset", nodes)]
        if index == 0 { attributes.append(("allowed_nodeset", nodes)) }
        attributes.append(("gp_index", String(nextIndex())))
        switch node.part {
        case .uncoreCache:
            attributes += [
                ("cache_size", String(machine.uncoreCaches[node.position].size)), ("depth", "3"),
                ("cache_linesize", "64"), ("cache_associativity", "0"), ("cache_type", "0"),
            ]
        case .group: attributes += [("kind", "0"), ("subkind", "0")]
        default: break
        }
        if node.part == .cpu {
            line(indent, element("object", attributes) + "/>")
            return
        }
        line(indent, element("object", attributes) + ">")
        if node.part == .socket, !machine.sockets[node.position].model.isEmpty {
            info(indent + 1, "CPUModel", machine.sockets[node.position].model)
        }
        for position in node.memory { write(numaNode: position, cpus: cpus, indent: indent + 1) }
        for child in node.children { write(part: child, indent: indent + 1) }
        writeDevices(of: index, indent: indent + 1)
        line(indent, "</object>")
    }

    private func type(of node: MachineTree.Node) -> String {
        switch node.part {
        case .machine: "Machine"
        case .socket: "Package"
        case .die: "Die"
        case .group: "Group"
        case .uncoreCache: "L3Cache"
        case .core: "Core"
        case .cpu: "PU"
        }
    }

    private func osIndex(of node: MachineTree.Node) -> Int? {
        switch node.part {
        case .machine: 0
        case .socket: machine.sockets[node.position].osIndex
        case .die: machine.dies[node.position].osIndex
        case .group, .uncoreCache: nil
        case .core: machine.cores[node.position].osIndex
        case .cpu: machine.cpus[node.position].osIndex
        }
    }

    private mutating func write(numaNode position: Int, cpus: String, indent: Int) {
        let node = machine.numaNodes[position]
        let own = hexWords([node.osIndex])
        var attributes = [("type", "NUMANode")]
        if let subtype = node.kind.hwlocSubtype { attributes.append(("subtype", subtype)) }
        attributes += [
            ("os_index", String(node.osIndex)), ("cpuset", cpus), ("complete_cpuset", cpus),
            ("nodeset", own), ("complete_nodeset", own), ("gp_index", String(nextIndex())),
            ("local_memory", String(node.memory)),
        ]
        line(indent, element("object", attributes) + ">")
        if !machine.cpus.contains(where: { $0.numaNode == position }) {
            info(indent + 1, "MemoryOnly", "1")
        }
        // The smallest page is the base page, so that no pool is taken for it.
        let basePages = max(0, node.conventionalMemory) / 4096
        let pages = [HugePagePool(pageSize: 4096, count: basePages)] + node.hugePages
        for pool in pages {
            let attributes = [("size", String(pool.pageSize)), ("count", String(pool.count))]
            line(indent + 1, element("page_type", attributes) + "/>")
        }
        line(indent, "</object>")
    }

    /// Rows of at most ten values, as hwloc cuts them.
    private mutating func writeDistances() {
        guard let distances = machine.distances, distances.count > 0 else { return }
        line(
            1,
            element(
                "distances2",
                [
                    ("type", "NUMANode"), ("nbobjs", String(distances.count)), ("kind", "5"),
                    ("name", "NUMALatency"), ("indexing", "os"),
                ]) + ">")
        let indexes = machine.numaNodes.map(\.osIndex)
        for (name, values) in [("indexes", indexes), ("u64values", distances.values)] {
            for start in stride(from: 0, to: values.count, by: 10) {
                let text = values[start..<min(start + 10, values.count)].map { "\($0) " }.joined()
                line(2, "<\(name) length=\"\(text.utf8.count)\">\(text)</\(name)>")
            }
        }
        line(1, "</distances2>")
    }

    private mutating func info(_ indent: Int, _ name: String, _ value: String) {
        line(indent, element("info", [("name", name), ("value", value)]) + "/>")
    }
}

// MARK: Devices

extension HwlocDocument {
    /// One host bridge for each PCI domain, and what is not on PCI beside it.
    private mutating func writeDevices(of part: Int, indent: Int) {
        var domains: [(name: String, devices: [Int])] = []
        for position in devices[part] {
            guard let address = machine.devices[position].pciBusID else {
                write(osDevicesOf: position, indent: indent)
                continue
            }
            let domain = String(address.prefix { $0 != ":" })
            if let known = domains.firstIndex(where: { $0.name == domain }) {
                domains[known].devices.append(position)
            } else {
                domains.append((domain, [position]))
            }
        }
        for (domain, positions) in domains {
            let buses = positions.compactMap { bus(of: machine.devices[$0]) }
            let range = [buses.min() ?? 0, buses.max() ?? 0].map { hex($0, digits: 2) }
            line(
                indent,
                element(
                    "object",
                    [
                        ("type", "Bridge"), ("gp_index", String(nextIndex())),
                        ("bridge_type", "0-1"), ("depth", "0"),
                        ("bridge_pci", "\(domain):[\(range[0])-\(range[1])]"),
                    ]) + ">")
            for position in positions { write(pciDevice: position, indent: indent + 1) }
            line(indent, "</object>")
        }
    }

    private func bus(of device: Device) -> Int? {
        let parts = (device.pciBusID ?? "").split(separator: ":")
        return parts.count == 3 ? Int(parts[1], radix: 16) : nil
    }

    private mutating func write(pciDevice position: Int, indent: Int) {
        let device = machine.devices[position]
        var attributes = [
            ("type", "PCIDev"), ("gp_index", String(nextIndex())),
            ("pci_busid", device.pciBusID ?? ""),
        ]
        if let code = device.pciClass {
            var type = hex(code, digits: 4)
            if let vendor = device.vendorID, let model = device.deviceID {
                type += " [\(hex(vendor, digits: 4)):\(hex(model, digits: 4))] [0000:0000] 00"
            }
            attributes.append(("pci_type", type))
        }
        let fraction = String(device.linkSpeed % 1_000_000)
        let digits = String(repeating: "0", count: 6 - fraction.count) + fraction
        attributes.append(("pci_link_speed", "\(device.linkSpeed / 1_000_000).\(digits)"))
        line(indent, element("object", attributes) + ">")
        if isElsewhere[position] { writeNUMANodes(of: device, indent: indent + 1) }
        if let function = device.physicalFunction { info(indent + 1, "PhysicalFunction", function) }
        if !device.driver.isEmpty { info(indent + 1, "Driver", device.driver) }
        write(osDevicesOf: position, indent: indent + 1)
        line(indent, "</object>")
    }

    private mutating func writeNUMANodes(of device: Device, indent: Int) {
        let nodes = Set(device.numaNodes).sorted().map(String.init).joined(separator: ",")
        info(indent, "LocalNUMANodes", nodes)
    }

    private mutating func write(osDevicesOf position: Int, indent: Int) {
        let device = machine.devices[position]
        let names =
            device.osNames.isEmpty && device.pciBusID == nil ? [device.name] : device.osNames
        for (index, name) in names.enumerated() {
            var attributes = [
                ("type", "OSDev"), ("gp_index", String(nextIndex())), ("name", name),
            ]
            let kind = index < device.osKinds.count ? device.osKinds[index] : .unknown
            if let type = kind.hwlocType { attributes.append(("osdev_type", String(type))) }
            guard isElsewhere[position], device.pciBusID == nil else {
                line(indent, element("object", attributes) + "/>")
                continue
            }
            line(indent, element("object", attributes) + ">")
            writeNUMANodes(of: device, indent: indent + 1)
            line(indent, "</object>")
        }
    }
}

extension NUMANode.Kind {
    /// The subtype that hwloc gives such memory; nil for ordinary memory.
    fileprivate var hwlocSubtype: String? {
        switch self {
        case .dram: nil
        case .hbm: "HBM"
        case .gpu: "GPUMemory"
        case .specificPurpose: "SPM"
        case .persistent: "NVM"
        }
    }
}

// MARK: Text

/// `<name first="…" second="…"`, not closed.
private func element(_ name: String, _ attributes: [(String, String)]) -> String {
    attributes.reduce("<\(name)") { $0 + " \($1.0)=\"\(escaped($1.1))\"" }
}

/// Text for between quotes; what XML cannot hold is left out.
private func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case "\t", "\n", "\r": result += "&#\(scalar.value);"
        case "\u{0}"..."\u{1F}": continue
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// Words of 32 bits in hex, the most significant first: `0x00000001,0x000000ff`.
private func hexWords(_ indexes: [Int]) -> String {
    var words = [UInt32](repeating: 0, count: (indexes.max() ?? 0) / 32 + 1)
    for index in indexes { words[index / 32] |= 1 << UInt32(index % 32) }
    return words.reversed().map { "0x" + hex(Int($0), digits: 8) }.joined(separator: ",")
}

private func hex(_ number: Int, digits: Int) -> String {
    let text = String(max(0, number), radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}
