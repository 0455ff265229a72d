import HardwareModel

extension MachineFormat {
    static let ncclTopology = MachineFormat(
        name: "NCCL topology XML",
        making: "NCCL writes the host that it runs on to the file in NCCL_TOPO_DUMP_FILE",
        recognises: { $0.rootElement == "system" }
    ) { file throws(InputError) in
        [try readNCCLTopology(bytes: file.bytes, file: file.name)]
    }
}

/// Reads a machine from NCCL's topology XML: CPUs of each NUMA node, and GPUs and network cards below it.
///
/// The format knows neither memory nor sockets, cores or distances; those are guessed, and the report says so.
///
/// Source: NCCL src/graph/xml.cc.
///
/// - Throws: One error with its line.
public func readNCCLTopology(bytes: [UInt8], file: String) throws(InputError) -> ImportedMachine {
    guard bytes.count <= hwlocXMLSizeLimit else {
        throw InputError([
            Diagnostic(
                file: file,
                message: "the file has \(bytes.count) bytes, and the limit is \(hwlocXMLSizeLimit)")
        ])
    }
    var reader = NCCLReader(bytes, file: file)
    do throws(XMLError) { try reader.read() } catch {
        throw InputError([diagnostic(of: error, in: bytes, file)])
    }
    let name = MachineFile(name: file, bytes: []).machineName(without: [".xml"])
    let description = reader.describe(name: name)
    return try reader.fields.imported(description)
}

private struct NCCLReader {
    var scanner: XMLScanner
    var fields: MachineFields
    private var nodes: [Node] = []
    /// `numaNodes` are positions in `nodes` until the end.
    private var devices: [Device] = []
    /// By depth of open elements: the device that the element is.
    private var open: [Int?] = []
    private var depthOfCPU: Int?
    private var switchCount = 0
    private var linkCount = 0

    private struct Node {
        var id: Int?
        var cpus: [Int]
        var model: String
    }

    init(_ bytes: [UInt8], file: String) {
        scanner = XMLScanner(bytes, writer: .nccl)
        fields = MachineFields(file: file)
    }

    mutating func read() throws(XMLError) {
        while true {
            switch try scanner.next() {
            case .opened: try opened()
            case .closed:
                open.removeLast()
                if depthOfCPU == open.count { depthOfCPU = nil }
            case .text: break
            case .ended:
                guard !nodes.isEmpty else {
                    throw XMLError(position: 0, message: "no `<cpu>`, so the machine has no CPU")
                }
                return
            }
        }
    }

    private mutating func opened() throws(XMLError) {
        var device: Int?
        if open.isEmpty {
            guard scanner.isNamed("system") else {
                throw XMLError(
                    position: scanner.place,
                    message: "the outermost element is "
                        + "`<\(scanner.string(scanner.name.prefix(40)))>`, and NCCL's topology has "
                        + "`<system>`")
            }
        } else if scanner.isNamed("cpu") {
            try readCPU()
        } else if scanner.isNamed("pci") {
            device = try readPCI()
        } else if scanner.isNamed("gpu") {
            try addName("dev", prefix: "gpu", .gpu)
        } else if scanner.isNamed("net") {
            try addName("name", prefix: "", .network)
        } else if !scanner.isNamed("nic") {
            linkCount += 1
        }
        open.append(device)
    }

    private mutating func readCPU() throws(XMLError) {
        guard depthOfCPU == nil else {
            throw XMLError(position: scanner.place, message: "a `<cpu>` inside another")
        }
        guard nodes.count < HwlocMachine.numaNodeLimit else {
            throw XMLError(
                position: scanner.place,
                message: "more than \(HwlocMachine.numaNodeLimit) elements `<cpu>`")
        }
        depthOfCPU = open.count
        guard let range = scanner.raw("affinity") else {
            throw XMLError(position: scanner.place, message: "a `<cpu>` without an `affinity`")
        }
        guard let set = HwlocBitmap(scanner.string(range)),
            let cpus = set.members(limit: HwlocMachine.partLimit)
        else {
            throw XMLError(
                position: range.lowerBound,
                message:
                    "`affinity` is not a set of CPUs in hex words such as `000000ff,ffff0000`")
        }
        // -1 where the host has no NUMA.
        let written = try scanner.text("numaid", limit: 20) ?? "-1"
        guard let id = Int(written), (-1...65_535).contains(id) else {
            throw XMLError(
                position: scanner.place, message: "`numaid` is `\(written)`, and no NUMA node")
        }
        let words = [try scanner.text("vendor") ?? "", try scanner.text("arch") ?? ""]
        nodes.append(
            Node(
                id: id < 0 ? nil : id, cpus: cpus,
                model: words.filter { !$0.isEmpty }.joined(separator: " ")))
    }

    /// A device that pods can ask for; nil for a switch, which only passes on.
    private mutating func readPCI() throws(XMLError) -> Int? {
        let code = hexadecimalNumber(try scanner.text("class", limit: 20) ?? "")
        guard let code, code >> 16 != 0x06 else {
            switchCount += 1
            return nil
        }
        guard devices.count < HwlocTopology.objectLimit else {
            throw XMLError(
                position: scanner.place, message: "more than \(HwlocTopology.objectLimit) devices")
        }
        let address = try scanner.text("busid", limit: 20)
        devices.append(
            Device(
                name: address ?? "PCI device", pciBusID: address, pciClass: code >> 8,
                vendorID: hexadecimalNumber(try scanner.text("vendor", limit: 20) ?? ""),
                deviceID: hexadecimalNumber(try scanner.text("device", limit: 20) ?? ""),
                numaNodes: nodeAround,
                linkSpeed: pciLinkSpeed(
                    try scanner.text("link_speed", limit: 40) ?? "",
                    lanes: Int(try scanner.text("link_width", limit: 8) ?? "") ?? 0)))
        return devices.count - 1
    }

    /// Position in `nodes` of the `<cpu>` around, if any.
    private var nodeAround: [Int] { depthOfCPU == nil ? [] : [nodes.count - 1] }

    private mutating func addName(
        _ attribute: StaticString, prefix: String, _ kind: OSDeviceKind
    ) throws(XMLError) {
        guard let text = try scanner.text(attribute, limit: 80), !text.isEmpty else { return }
        let name = prefix + text
        if let device = open.last(where: { $0 != nil }) ?? nil {
            guard devices[device].osNames.count < 64 else { return }
            if devices[device].osNames.isEmpty { devices[device].name = name }
            devices[device].osNames.append(name)
            devices[device].osKinds.append(kind)
        } else if kind == .network, devices.count < HwlocTopology.objectLimit {
            devices.append(
                Device(name: name, numaNodes: nodeAround, osNames: [name], osKinds: [kind]))
        }
    }
}

extension NCCLReader {
    mutating func describe(name: String) -> MachineDescription {
        var description = MachineDescription(name: name)
        let numbers = numberNodes()
        for (node, number) in zip(nodes, numbers) {
            description.numaNodes.append(
                .init(osIndex: number, memory: guessedMemory, cpus: node.cpus))
            if !node.cpus.isEmpty {
                description.sockets.append(
                    .init(osIndex: number, model: node.model, cpus: node.cpus))
            }
            description.cores += siblings(node.cpus).map { .init(cpus: $0) }
        }
        description.devices = devices.map { device in
            var device = device
            device.numaNodes = device.numaNodes.map { numbers[$0] }
            return device
        }
        tell(description)
        return description
    }

    /// The file's numbers of NUMA nodes, and free ones for those that it gives none.
    private mutating func numberNodes() -> [Int] {
        let known = Set(nodes.compactMap(\.id))
        var free = 0
        return nodes.map { node in
            if let id = node.id { return id }
            while known.contains(free) { free += 1 }
            fields.guessed("NUMA node \(free)", "the file gives it no number")
            free += 1
            return free - 1
        }
    }

    private mutating func tell(_ description: MachineDescription) {
        fields.taken(
            "machine", "\(nodes.count) NUMA nodes with their CPUs, \(devices.count) devices")
        fields.guessed(
            "memory", "the format does not tell it: \(guessedMemory >> 30) GiB a NUMA node")
        fields.guessed(
            "sockets", "the format does not tell them: every NUMA node is in one of its own")
        let hasSiblings = description.cores.contains { $0.cpus.count > 1 }
        fields.guessed(
            "cores",
            hasSiblings
                ? "the format does not tell them: a NUMA node's CPUs are two equal runs, so the "
                    + "second has the siblings of the first"
                : "the format does not tell them: every CPU is one")
        fields.guessed("huge pages and distances", "the format does not tell them: there are none")
        if switchCount > 0 {
            fields.dropped("\(switchCount) PCI switches", "what hangs below them is taken")
        }
        if linkCount > 0 {
            fields.dropped("\(linkCount) links", "links between GPUs have no effect here")
        }
    }

    /// Two runs of equal length are first CPUs and their siblings, as kernels on x86 number them.
    private func siblings(_ cpus: [Int]) -> [[Int]] {
        let gaps = cpus.indices.dropFirst().filter { cpus[$0] != cpus[$0 - 1] + 1 }
        let half = cpus.count / 2
        guard cpus.count % 2 == 0, gaps == [half] else { return cpus.map { [$0] } }
        return (0..<half).map { [cpus[$0], cpus[$0 + half]] }
    }
}

/// kB/s of a PCI link such as `16 GT/s` (also `16.0 GT/s PCIe`) on so many lanes; 0 when unknown.
///
/// Up to 5 GT/s ten bits carry a byte, from 8 GT/s on 130 carry 128.
func pciLinkSpeed(_ text: String, lanes: Int) -> Int {
    guard let rate = text.split(separator: " ").first.flatMap({ Double($0) }), rate > 0,
        rate < 1000,
        (1...64).contains(lanes)
    else { return 0 }
    let encoded = rate <= 5 ? rate * 0.8 : rate * 128 / 130
    return Int((encoded / 8 * Double(lanes) * 1_000_000).rounded())
}
