public import HardwareModel
import WorkloadModel

extension MachineFormat {
    static let nodeTopology = MachineFormat(
        name: "NodeResourceTopology objects",
        making: "`kubectl get noderesourcetopologies -o yaml` writes those of a cluster",
        recognises: { $0.head.contains("topology.node.k8s.io/v1") }
    ) { file throws(InputError) in
        try readNodeTopologies(bytes: file.bytes, file: file.name).map {
            ImportedMachine(machine: $0.machine, report: $0.report)
        }
    }
}

/// A node as its NodeResourceTopology object tells of it.
public struct ImportedNodeTopology: Sendable {
    public var machine: Machine
    /// Extended resources with as many devices in each NUMA node as the zones have capacity.
    public var deviceResources: [DeviceResource]
    /// The kubelet's policy and scope as it spells them, such as `single-numa-node` and `pod`; nil when not told.
    public var topologyManagerPolicy: String?
    public var topologyManagerScope: String?
    public var report: ImportReport
}

/// Reads NodeResourceTopology objects, v1alpha1 or v1alpha2, from documents of YAML or JSON and from lists.
///
/// A zone of type `Node` is a NUMA node. Its `capacity` is what the machine has; `allocatable` and `available` tell
/// what is reserved and taken and are no part of it. CPUs are numbered through, since the format only counts them.
///
/// Source: noderesourcetopology-api pkg/apis/topology.
///
/// - Throws: Every mistake with its line.
public func readNodeTopologies(
    bytes: [UInt8], file: String
) throws(InputError) -> [ImportedNodeTopology] {
    var objects: [SourceNode] = []
    var others: [SourceNode] = []
    for document in try readSourceDocuments(bytes, file: file) where !document.isNull {
        let items = document["items"]?.elements ?? [document]
        for item in items {
            if item["kind"]?.text == "NodeResourceTopology" {
                objects.append(item)
            } else {
                others.append(item)
            }
        }
    }
    guard !objects.isEmpty else {
        throw InputError([
            Diagnostic(
                file: file, message: "no object of the kind NodeResourceTopology is in the file")
        ])
    }
    var read: [ImportedNodeTopology] = []
    var mistakes: [Diagnostic] = []
    for object in objects {
        var reader = NodeTopologyReader(file: file)
        for other in others where read.isEmpty {
            let kind = other["kind"]?.text ?? "an unknown kind"
            reader.fields.dropped(kind, "it describes no machine", at: other)
        }
        do throws(InputError) { read.append(try reader.read(object)) } catch {
            mistakes += error.diagnostics
        }
    }
    if !mistakes.isEmpty { throw InputError(mistakes) }
    return read
}

private struct NodeTopologyReader {
    var fields: MachineFields
    private var zones: [Zone] = []
    private var parents: [String: (type: String, parent: String?)] = [:]

    private struct Zone {
        var source: SourceNode
        var name: String
        var parent: String?
        var number: Int
        var cpuCount = 0
        var memory: Int64?
        var hugePages: [HugePagePool] = []
        var devices: [(name: String, count: Int)] = []
    }

    /// Most devices of all resources together.
    private static let deviceLimit = 65_536

    init(file: String) { fields = MachineFields(file: file) }

    mutating func read(_ object: SourceNode) throws(InputError) -> ImportedNodeTopology {
        let name = fields.text(object["metadata"]?["name"], "metadata.name") ?? "node"
        let version = fields.text(object["apiVersion"], "apiVersion") ?? ""
        if !["v1alpha1", "v1alpha2"].contains(version.split(separator: "/").last ?? "") {
            fields.diagnostics.error(
                at: object["apiVersion"] ?? object,
                "`apiVersion` is `\(version)`, and v1alpha1 and v1alpha2 can be read")
        }
        for zone in fields.list(object["zones"], "zones", limit: HwlocMachine.numaNodeLimit) {
            read(zone: zone)
        }
        if zones.isEmpty, !fields.diagnostics.hasErrors {
            fields.diagnostics.error(
                at: object, "`zones` has no zone of type `Node`, so the machine has no NUMA node")
        }
        checkSizes(object)
        try fields.diagnostics.throwIfErrors()
        let description = describe(name: name)
        let (policy, scope) = readAlignment(object)
        let devices = deviceResources()
        let imported = try fields.imported(description)
        return ImportedNodeTopology(
            machine: imported.machine, deviceResources: devices, topologyManagerPolicy: policy,
            topologyManagerScope: scope, report: imported.report)
    }

    private mutating func read(zone: SourceNode) {
        guard fields.mapping(zone, "a zone") != nil else { return }
        guard let name = fields.text(zone["name"], "name"),
            let type = fields.text(zone["type"], "type")
        else {
            fields.diagnostics.error(at: zone, "a zone without a `name` or a `type`")
            return
        }
        let parent = fields.text(zone["parent"], "parent")
        parents[name] = (type, parent)
        guard type == "Node" else {
            if !["socket", "package"].contains(type.lowercased()) {
                fields.dropped(
                    "zone \(name)", "zones of type `\(type)` have no effect here", at: zone)
            }
            return
        }
        let digits = String(name.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
        var number = Int(digits) ?? -1
        if !(0...65_535).contains(number) || zones.contains(where: { $0.number == number }) {
            number = (zones.map(\.number).max() ?? -1) + 1
            fields.guessed(
                "zone \(name)", "its name ends in no free number: it is NUMA node \(number)",
                at: zone)
        }
        var read = Zone(source: zone, name: name, parent: parent, number: number)
        for resource in fields.list(zone["resources"], "resources", limit: 1024) {
            readResource(resource, into: &read)
        }
        zones.append(read)
    }

    private mutating func readResource(_ node: SourceNode, into zone: inout Zone) {
        guard let name = fields.text(node["name"], "name"), let capacity = node["capacity"],
            let quantity = readQuantity(capacity, diagnostics: &fields.diagnostics)
        else {
            if !fields.diagnostics.hasErrors {
                fields.diagnostics.error(at: node, "a resource without `name` or `capacity`")
            }
            return
        }
        guard quantity.sign >= 0, let amount = quantity.units(exponent: 0) else {
            fields.diagnostics.error(
                at: capacity, "`capacity` is `\(quantity)`, and an amount from 0 was expected")
            return
        }
        if name == "cpu" {
            zone.cpuCount = Int(amount)
            if quantity.exactUnits(exponent: 0) == nil {
                fields.guessed(
                    "zone \(zone.name)", "`\(quantity)` CPUs are taken as \(amount)", at: capacity)
            }
        } else if name == "memory" {
            zone.memory = amount
        } else if name.hasPrefix("hugepages-") {
            let size = try? Quantity(name.dropFirst("hugepages-".count))
            guard let page = size?.units(exponent: 0), page > 0 else {
                fields.diagnostics.error(at: node, "`\(name)` has no size of huge pages")
                return
            }
            zone.hugePages.append(HugePagePool(pageSize: page, count: amount / page))
        } else if name.contains("/") {
            zone.devices.append((name, Int(amount)))
        } else {
            fields.dropped("zone \(zone.name)", "`\(name)` is no part of a machine", at: node)
        }
    }

    /// Counts before anything is built by them.
    private mutating func checkSizes(_ object: SourceNode) {
        let cpus = zones.reduce(0) { min($0 + min($1.cpuCount, 1 << 40), 1 << 40) }
        if cpus > HwlocMachine.partLimit {
            fields.diagnostics.error(
                at: object,
                "the zones have \(cpus) CPUs, and no machine has more than "
                    + "\(HwlocMachine.partLimit)")
        } else if cpus == 0, !fields.diagnostics.hasErrors {
            fields.diagnostics.error(at: object, "no zone has `cpu`, so the machine has no CPU")
        }
        let devices = zones.flatMap(\.devices).reduce(0) {
            min($0 + min($1.count, 1 << 40), 1 << 40)
        }
        if devices > Self.deviceLimit {
            fields.diagnostics.error(
                at: object,
                "the zones have \(devices) devices, and at most \(Self.deviceLimit) are read")
        }
    }
}

// MARK: The machine

extension NodeTopologyReader {
    private mutating func describe(name: String) -> MachineDescription {
        var description = MachineDescription(name: name)
        zones.sort { $0.number < $1.number }
        var cpu = 0
        var socketOfName: [String: Int] = [:]
        for zone in zones {
            let cpus = Array(cpu..<cpu + zone.cpuCount)
            cpu += zone.cpuCount
            if zone.memory == nil {
                fields.guessed(
                    "zone \(zone.name)",
                    "no memory is told, so it has \(guessedMemory >> 30) GiB", at: zone.source)
            }
            description.numaNodes.append(
                .init(
                    osIndex: zone.number, memory: zone.memory ?? guessedMemory,
                    hugePages: zone.hugePages, cpus: cpus))
            guard !cpus.isEmpty else { continue }
            let around = socketName(around: zone)
            if let known = around.flatMap({ socketOfName[$0] }) {
                description.sockets[known].cpus += cpus
            } else {
                if let around { socketOfName[around] = description.sockets.count }
                description.sockets.append(
                    .init(osIndex: description.sockets.count, cpus: cpus))
            }
        }
        if socketOfName.isEmpty {
            fields.guessed("sockets", "no zone is one: every NUMA node is in one of its own")
        }
        description.distances = distances()
        fields.taken("machine \(name)", "\(zones.count) NUMA nodes with \(cpu) CPUs")
        fields.guessed("CPUs", "the format only counts them: they are numbered through")
        fields.guessed("cores", "the format does not tell them: every CPU is one")
        fields.dropped(
            "allocatable and available", "what is reserved and taken is no part of a machine")
        return description
    }

    /// The zone around that is a socket; parents that go round in a circle end nowhere.
    private func socketName(around zone: Zone) -> String? {
        var name = zone.parent
        for _ in 0..<8 {
            guard let current = name, let found = parents[current] else { return nil }
            if ["socket", "package"].contains(found.type.lowercased()) { return current }
            name = found.parent
        }
        return nil
    }

    /// Rows by zone; nil unless every zone tells all of its costs.
    private mutating func distances() -> [[Int]]? {
        let positions = Dictionary(
            zones.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        var rows = [[Int?]](
            repeating: [Int?](repeating: nil, count: zones.count), count: zones.count)
        var isTold = false
        for (from, zone) in zones.enumerated() {
            for cost in fields.list(zone.source["costs"], "costs", limit: 1024) {
                guard let name = fields.text(cost["name"], "name"), let to = positions[name] else {
                    continue
                }
                isTold = true
                rows[from][to] = fields.integer(cost["value"], "value", in: 1...1_000_000)
            }
        }
        let known = rows.map { $0.compactMap(\.self) }
        if known.allSatisfy({ $0.count == zones.count }) { return known }
        if isTold { fields.dropped("costs", "not every zone tells its costs to all others") }
        return nil
    }

    private mutating func deviceResources() -> [DeviceResource] {
        var resources: [DeviceResource] = []
        for zone in zones {
            for (name, count) in zone.devices {
                let devices = (0..<count).map {
                    PluginDevice(id: "\(zone.name)-\($0)", numaNodes: [zone.number])
                }
                if let known = resources.firstIndex(where: { $0.name == name }) {
                    resources[known].devices += devices
                } else {
                    resources.append(DeviceResource(name: name, devices: devices))
                }
            }
        }
        for resource in resources {
            fields.taken(
                resource.name, "\(resource.devices.count) devices with their NUMA nodes")
        }
        return resources
    }
}

// MARK: How its kubelet aligns

extension NodeTopologyReader {
    /// The deprecated list first, of which one entry counts; attributes then override it.
    private mutating func readAlignment(_ object: SourceNode) -> (policy: String?, scope: String?) {
        var policy: String?
        var scope: String?
        if let text = fields.list(object["topologyPolicies"], "topologyPolicies").first?.text {
            let names = [
                ("SingleNUMANode", "single-numa-node"), ("Restricted", "restricted"),
                ("BestEffort", "best-effort"), ("None", "none"),
            ]
            let found = names.first { text.hasPrefix($0.0) }
            let level = text.dropFirst(found?.0.count ?? 0)
            if let found, ["", "ContainerLevel", "PodLevel"].contains(level) {
                policy = found.1
                scope = level == "PodLevel" ? "pod" : "container"
                if level.isEmpty {
                    fields.guessed(
                        "scope", "`\(text)` names none, so it is `container`", at: object)
                }
            } else {
                fields.dropped("topologyPolicies", "`\(text)` is not a policy that is known")
            }
        }
        for attribute in fields.list(object["attributes"], "attributes", limit: 1024) {
            let value = attribute["value"]?.text
            switch attribute["name"]?.text ?? "" {
            case "topologyManagerPolicy": policy = value ?? policy
            case "topologyManagerScope": scope = value ?? scope
            case let other:
                fields.dropped("attribute \(other)", "it has no effect here", at: attribute)
            }
        }
        return (policy, scope)
    }
}
