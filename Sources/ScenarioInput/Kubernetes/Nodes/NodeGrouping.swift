public import ClusterSimulation
public import HardwareModel
public import NodeManagers
import Primitives
public import WorkloadModel

/// Equal Nodes of a cluster as one group of a scenario.
public struct ImportedNodeGroup: Hashable, Sendable {
    /// Made of the nodes' role, with a number when groups of one role differ.
    public var name: String
    /// In the order in which they were met.
    public var nodeNames: [String]
    public var machine: Machine
    /// Whether the machine follows from nothing but the Node.
    public var isMachineGuessed: Bool
    /// What is reserved, so that allocatable comes out as the Nodes say; policies are not in a Node.
    public var kubelet: KubeletSettings
    public var labels: [Label]
    public var taints: [Taint]
    public var devices: [DeviceResource]

    /// The group as a scenario has it.
    public func makeNodeGroup() -> NodeGroup {
        var group = NodeGroup(name: name, count: nodeNames.count, machine: machine)
        group.nodeNames = nodeNames
        group.kubelet = kubelet
        group.labels = labels
        group.taints = taints
        group.devices = devices
        return group
    }
}

/// What is known of nodes besides their Node objects, by node name.
public struct NodeKnowledge: Sendable {
    public var machines: [String: Machine] = [:]
    public var zones: [String: NodeZones] = [:]
    /// Labels besides those of the Node; the Node's own go before.
    public var labels: [String: [Label]] = [:]

    public init() {}
}

/// Groups Nodes: equal ones share a group, in the order in which they come.
///
/// Nodes are equal when capacity, allocatable, labels (but for the host name), taints and machine are.
/// - Throws: Two Nodes of one name, and Nodes that no machine can be guessed for.
public func groupNodes(
    _ nodes: [NodeObject], knowing knowledge: NodeKnowledge = NodeKnowledge(),
    report: inout ImportReport
) throws(InputError) -> [ImportedNodeGroup] {
    var grouping = NodeGrouping(knowledge: knowledge)
    try grouping.charge(nodes)
    for node in nodes { grouping.add(node) }
    report.append(grouping.report)
    if !grouping.mistakes.isEmpty { throw InputError(grouping.mistakes) }
    return grouping.groups
}

private struct NodeGrouping {
    struct Key: Hashable {
        var capacity: NodeAmounts
        var allocatable: NodeAmounts
        var labels: [Label]
        var taints: [Taint]
        var info: String
        var reservedCPUs: CPUSet
        var zones: NodeZones?
        var machine: Machine?
    }

    let knowledge: NodeKnowledge
    var groups: [ImportedNodeGroup] = []
    var report = ImportReport()
    var mistakes: [Diagnostic] = []
    private var positions: [Key: Int] = [:]
    private var names: Set<String> = []
    private var groupNames: Set<String> = []
    /// By base: the number that the last group of it had.
    private var lastNumbers: [String: Int] = [:]
    /// CPUs and devices of all guessed machines.
    private var guessedParts = 0
    private static let guessedPartsLimit = 1_000_000

    init(knowledge: NodeKnowledge) { self.knowledge = knowledge }

    mutating func add(_ node: NodeObject) {
        guard names.insert(node.name).inserted else {
            mistakes.append(
                Diagnostic(
                    file: node.file, line: node.line,
                    message: "a second Node is called `\(node.name)`",
                    hint: "each node of a cluster is given once"))
            return
        }
        let key = key(of: node)
        if let position = positions[key] {
            groups[position].nodeNames.append(node.name)
            return
        }
        do throws(InputError) {
            let group = try makeGroup(of: node, key)
            positions[key] = groups.count
            groups.append(group)
        } catch {
            mistakes += error.diagnostics
        }
    }

    private func key(of node: NodeObject) -> Key {
        var zones = knowledge.zones[node.name]
        zones?.name = ""
        // What is free at the moment makes no node another kind.
        for index in zones?.zones.indices ?? 0..<0 { zones?.zones[index].available = NodeAmounts() }
        var machine = knowledge.machines[node.name]
        machine?.name = ""
        return Key(
            capacity: node.capacity, allocatable: node.allocatable, labels: labels(of: node),
            taints: node.effectiveTaints, info: node.info.architecture,
            reservedCPUs: housekeepingCPUs(of: node) ?? CPUSet(), zones: zones, machine: machine)
    }

    /// Every node has the label of its host name by itself.
    private func labels(of node: NodeObject) -> [Label] {
        let own = node.labels.filter {
            !($0.key == "kubernetes.io/hostname" && $0.value == node.name)
        }
        let others = (knowledge.labels[node.name] ?? []).filter { node.label($0.key) == nil }
        return others.isEmpty ? own : (own + others).sorted { $0.key < $1.key }
    }

    private mutating func makeGroup(
        of node: NodeObject, _ key: Key
    ) throws(InputError) -> ImportedNodeGroup {
        let name = groupName(of: node)
        var isGuessed = false
        var machine: Machine
        if let known = knowledge.machines[node.name] {
            machine = known
            fit(&machine, to: node)
        } else {
            var guess = NodeMachineGuess(node, zones: knowledge.zones[node.name])
            machine = try guess.makeMachine()
            report.append(guess.report)
            machine.name = name
            isGuessed = true
        }
        return ImportedNodeGroup(
            name: name, nodeNames: [node.name], machine: machine, isMachineGuessed: isGuessed,
            kubelet: settings(of: node), labels: key.labels, taints: key.taints,
            devices: devices(of: node))
    }

    /// Refuses what would fill the memory before anything is built.
    mutating func charge(_ nodes: [NodeObject]) throws(InputError) {
        var keys: Set<Key> = []
        for node in nodes where keys.insert(key(of: node)).inserted { try charge(node) }
    }

    private mutating func charge(_ node: NodeObject) throws(InputError) {
        for entry in node.capacity.entries {
            if entry.name == "cpu" { guessedParts += Int(min(entry.amount / 1000, 1 << 20)) }
            if ResourceNames.isExtended(entry.name), entry.amount <= NodeGrouping.deviceLimit {
                guessedParts += Int(entry.amount)
            }
        }
        guard guessedParts <= NodeGrouping.guessedPartsLimit else {
            throw InputError([
                Diagnostic(
                    file: node.file, line: node.line,
                    message: "the Nodes up to `\(node.name)` have more than "
                        + "\(grouped(NodeGrouping.guessedPartsLimit)) CPUs and devices of different kinds"
                )
            ])
        }
    }

    private mutating func guessed(_ node: NodeObject, _ reason: String) {
        report.guessed("Node \(node.name)", reason, file: node.file, line: node.line)
    }

    private mutating func dropped(_ node: NodeObject, _ reason: String) {
        report.dropped("Node \(node.name)", reason, file: node.file, line: node.line)
    }

    /// The machine is right about hardware; what the Node says otherwise is told.
    ///
    /// The memory that a kernel finds differs by some pages from boot to boot: so little is made to fit the Node.
    private mutating func fit(_ machine: inout Machine, to node: NodeObject) {
        let cpus = (node.capacity["cpu"] ?? 0) / 1000
        if cpus != Int64(machine.cpus.count) {
            guessed(
                node,
                "its machine `\(machine.name)` has \(machine.cpus.count) CPUs and the Node \(cpus); "
                    + "the machine is taken")
        }
        let memory = node.capacity["memory"] ?? 0
        let difference = memory - machine.totalMemory
        if difference == 0 { return }
        let largest = machine.numaNodes.indices.max {
            machine.numaNodes[$0].conventionalMemory < machine.numaNodes[$1].conventionalMemory
        }
        guard let largest, difference.magnitude <= memory.magnitude / 64,
            machine.numaNodes[largest].conventionalMemory + difference >= 0
        else {
            guessed(
                node,
                "its machine `\(machine.name)` has \(machine.totalMemory) bytes and the Node "
                    + "\(memory); the machine is taken")
            return
        }
        machine.numaNodes[largest].memory += difference
        guessed(
            node,
            "its machine `\(machine.name)` has \(machine.totalMemory - difference) bytes and the Node "
                + "\(memory); NUMA node \(machine.numaNodes[largest].osIndex) is made to fit")
    }

    // MARK: What a kubelet sets aside

    private mutating func settings(of node: NodeObject) -> KubeletSettings {
        var settings = KubeletSettings()
        let reserved = node.reserved
        let milliCPU = reserved["cpu"] ?? 0
        if let cpus = housekeepingCPUs(of: node) {
            settings.reservedSystemCPUs = cpus
            guessed(
                node,
                "`reservedSystemCPUs` is \(cpus), from `systemd.cpu_affinity` of the kernel's "
                    + "command line")
        } else if milliCPU > 0 {
            settings.kubeReserved["cpu"] = milliCPU
        }
        let memory = reserved["memory"] ?? 0
        // The kubelet's own threshold, where there is room for it.
        let eviction = min(memory, 100 << 20)
        settings.evictionHardMemory = .bytes(eviction)
        if memory > eviction { settings.kubeReserved["memory"] = memory - eviction }
        if let pods = node.allocatable["pods"] { settings.maxPods = pods }
        guessed(
            node,
            "its reservation is capacity − allocatable: \(milliCPU) milli-CPU and \(memory) bytes; "
                + "policies are not in a Node, the kubelet's defaults are taken")
        return settings
    }

    // MARK: Devices

    /// More than a plugin would list one by one.
    private static let deviceLimit: Int64 = 10_000

    private mutating func devices(of node: NodeObject) -> [DeviceResource] {
        var resources: [DeviceResource] = []
        for entry in node.capacity.entries where entry.amount > 0 {
            guard ResourceNames.isExtended(entry.name) else {
                let isKnown =
                    ["cpu", "memory", "pods"].contains(entry.name)
                    || ResourceNames.isHugePages(entry.name)
                if !isKnown { dropped(node, "`\(entry.name)` is not simulated") }
                continue
            }
            guard entry.amount <= NodeGrouping.deviceLimit else {
                dropped(
                    node,
                    "\(entry.amount) of `\(entry.name)`: more than devices that can be listed one "
                        + "by one")
                continue
            }
            let healthy = Int(node.allocatable[entry.name] ?? entry.amount)
            let base = entry.name.split(separator: "/").last.map { String($0) } ?? entry.name
            let places = places(of: entry.name, count: Int(entry.amount), node)
            let devices = (0..<Int(entry.amount)).map { number in
                PluginDevice(
                    id: "\(base)-\(number)", numaNodes: places[number].map { [$0] },
                    isHealthy: number < healthy)
            }
            resources.append(DeviceResource(name: entry.name, devices: devices))
        }
        return resources
    }

    /// The NUMA node of each device, as the zones say; none where they do not.
    private mutating func places(of name: String, count: Int, _ node: NodeObject) -> [Int?] {
        let zones = knowledge.zones[node.name]?.zones ?? []
        let said = zones.map { $0.capacity[name] ?? 0 }
        if !zones.isEmpty, said.reduce(0, +) == Int64(count) {
            return zip(zones, said).flatMap { zone, count in
                [Int?](repeating: zone.osIndex, count: Int(count))
            }
        }
        guessed(
            node, "nothing says where the \(count) devices of `\(name)` are; they have no place")
        return [Int?](repeating: nil, count: count)
    }

    // MARK: Names

    private mutating func groupName(of node: NodeObject) -> String {
        let roles = node.roles
        let isControl = roles.contains("control-plane") || roles.contains("master")
        let role =
            isControl
            ? "control-plane"
            : roles.last { $0 != "worker" } ?? roles.first ?? "node"
        let base = dnsLabel(role)
        var number = lastNumbers[base] ?? 0
        var name = ""
        repeat {
            number += 1
            name = number == 1 ? base : "\(base)-\(number)"
        } while !groupNames.insert(name).inserted
        lastNumbers[base] = number
        return name
    }
}

/// The CPUs that systemd may use, of an isolated node whose reservation they are; nil for another.
///
/// The Node Tuning Operator leaves the kernel's command line in an annotation.
private func housekeepingCPUs(of node: NodeObject) -> CPUSet? {
    guard
        let line = node.annotations.first(where: { $0.key == "tuned.openshift.io/bootcmdline" }),
        let word = line.value.split(whereSeparator: \.isWhitespace)
            .last(where: { $0.hasPrefix("systemd.cpu_affinity=") }),
        let cpus = try? CPUSet(parsing: word.dropFirst("systemd.cpu_affinity=".count)),
        !cpus.isEmpty, Int64(cpus.count) * 1000 == node.reserved["cpu"]
    else { return nil }
    return cpus
}

/// A word as a DNS label of at most 40 letters: what does not belong there becomes a hyphen.
func dnsLabel(_ word: String) -> String {
    let bytes = word.lowercased().utf8.prefix(40).map { byte -> UInt8 in
        let isAllowed =
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        return isAllowed ? byte : UInt8(ascii: "-")
    }
    let hyphen = UInt8(ascii: "-")
    let front = bytes.drop { $0 == hyphen }
    let end = front.lastIndex { $0 != hyphen }.map { $0 + 1 } ?? front.startIndex
    let label = String(decoding: front[front.startIndex..<end], as: UTF8.self)
    return label.isEmpty ? "node" : label
}
