public import HardwareModel
import Primitives

/// Every difference between two descriptions of one machine, aspect by aspect, each with its subject.
///
/// A device that is local to every NUMA node and one that is local to none in particular are the same. At most
/// `limit` differences of an aspect are listed.
public func machineDifferences(
    between first: Machine, and second: Machine,
    in aspects: Set<MachineAspect> = Set(MachineAspect.allCases), limit: Int = 100
) -> [MachineDifference] {
    let (first, second) = (MachineAspects(first), MachineAspects(second))
    return MachineAspect.allCases.filter { aspects.contains($0) }.flatMap { aspect in
        differences(aspect, first.statements(of: aspect), second.statements(of: aspect)).prefix(
            limit)
    }
}

/// The subjects of both in the first's order, then those that only the second knows.
private func differences(
    _ aspect: MachineAspect, _ first: [MachineAspects.Statement],
    _ second: [MachineAspects.Statement]
) -> [MachineDifference] {
    let known = Dictionary(second.map { ($0.subject, $0.value) }) { earlier, _ in earlier }
    let told = Set(first.map(\.subject))
    return first.compactMap { statement in
        let other = known[statement.subject]
        return other == statement.value
            ? nil
            : MachineDifference(
                aspect: aspect, subject: statement.subject, first: statement.value, second: other)
    }
        + second.filter { !told.contains($0.subject) }.map {
            MachineDifference(aspect: aspect, subject: $0.subject, first: nil, second: $0.value)
        }
}

/// What a machine states, as words that can be compared.
struct MachineAspects {
    /// That something has some value; subjects of one aspect are unlike.
    struct Statement: Hashable {
        var subject: String
        var value: String
    }

    let machine: Machine
    private let cpusOfSocket: [[Int]]
    private let cpusOfDie: [[Int]]
    private let cpusOfNUMANode: [[Int]]
    private let cpusOfCache: [[Int]]
    private let cpusOfCore: [[Int]]

    init(_ machine: Machine) {
        self.machine = machine
        func groups(_ count: Int, _ position: (CPU) -> Int?) -> [[Int]] {
            var groups = [[Int]](repeating: [], count: count)
            for cpu in machine.cpus {
                if let group = position(cpu), groups.indices.contains(group) {
                    groups[group].append(cpu.osIndex)
                }
            }
            return groups.map { $0.sorted() }
        }
        cpusOfSocket = groups(machine.sockets.count) { $0.socket }
        cpusOfDie = groups(machine.dies.count) { $0.die }
        cpusOfNUMANode = groups(machine.numaNodes.count) { $0.numaNode }
        cpusOfCache = groups(machine.uncoreCaches.count) { $0.uncoreCache }
        cpusOfCore = groups(machine.cores.count) { $0.core }
    }

    /// In the machine's order; a subject that stands for two things gets a number.
    func statements(of aspect: MachineAspect) -> [Statement] {
        var seen: [String: Int] = [:]
        return pairs(of: aspect).map { subject, value in
            seen[subject, default: 0] += 1
            let count = seen[subject] ?? 1
            return Statement(subject: count == 1 ? subject : "\(subject) (\(count))", value: value)
        }
    }

    private func pairs(of aspect: MachineAspect) -> [(String, String)] {
        switch aspect {
        case .name: [("the machine", machine.name)]
        case .cpus: [("the machine", listFormat(of: machine.cpus.map(\.osIndex).sorted()))]
        case .cpuOrder:
            [("the machine", machine.cpus.map { String($0.osIndex) }.joined(separator: " "))]
        case .cpuCounts, .numaNodes, .numaNodeKinds, .numaNodeSockets, .memory, .hugePages:
            numaNodes(aspect)
        case .sockets:
            zip(machine.sockets, cpusOfSocket).filter { !$1.isEmpty }
                .map { (name($0), listFormat(of: $1)) }
        case .socketModels: machine.sockets.map { (name($0), $0.model) }
        case .dies:
            zip(machine.dies, cpusOfDie).map { die, cpus in
                ("die \(die.osIndex) of \(name(machine.sockets[die.socket]))", listFormat(of: cpus))
            }
        case .distances: distances
        case .uncoreCaches:
            cpusOfCache.map { ("the uncore cache of CPUs \(listFormat(of: $0))", "there") }
        case .uncoreCacheSizes:
            zip(machine.uncoreCaches, cpusOfCache).map {
                ("the uncore cache of CPUs \(listFormat(of: $1))", String($0.size))
            }
        case .cores: cpusOfCore.map { ("the core of CPUs \(listFormat(of: $0))", "there") }
        case .coreNumbers:
            zip(machine.cores, cpusOfCore).map {
                ("the core of CPUs \(listFormat(of: $1))", String($0.osIndex))
            }
        case .devices, .deviceNames, .deviceKinds, .physicalFunctions, .drivers, .linkSpeeds:
            machine.devices.map { (name($0), value(of: $0, aspect)) }
        }
    }

    private func numaNodes(_ aspect: MachineAspect) -> [(String, String)] {
        zip(machine.numaNodes, cpusOfNUMANode).map { node, cpus in
            let value =
                switch aspect {
                case .cpuCounts: String(cpus.count)
                case .numaNodes: listFormat(of: cpus)
                case .numaNodeKinds: node.kind.rawValue
                case .numaNodeSockets: socket(of: node)
                case .memory: String(node.memory)
                default:
                    node.hugePages.map { "\($0.count) × \($0.pageSize)" }.joined(separator: ", ")
                }
            return ("NUMA node \(node.osIndex)", value)
        }
    }

    /// On a machine with one socket everything is in it.
    private func socket(of node: NUMANode) -> String {
        let socket = machine.sockets.count == 1 ? 0 : node.socket
        return socket.map { name(machine.sockets[$0]) } ?? "none"
    }

    private var distances: [(String, String)] {
        guard let distances = machine.distances else { return [] }
        let nodes = machine.numaNodes
        return nodes.indices.flatMap { from in
            nodes.indices.map { to in
                (
                    "NUMA node \(nodes[from].osIndex) to \(nodes[to].osIndex)",
                    String(distances[from, to])
                )
            }
        }
    }

    private func name(_ socket: Socket) -> String { "socket \(socket.osIndex)" }

    private func name(_ device: Device) -> String { "device \(device.pciBusID ?? device.name)" }

    private func value(of device: Device, _ aspect: MachineAspect) -> String {
        switch aspect {
        case .devices:
            let ids = [device.pciClass, device.vendorID, device.deviceID].map {
                $0.map { String($0, radix: 16) } ?? "-"
            }
            return ids.joined(separator: ":") + " at NUMA nodes " + place(of: device)
        case .deviceNames: return device.osNames.joined(separator: ", ")
        case .deviceKinds:
            return device.osNames.indices.map {
                $0 < device.osKinds.count ? device.osKinds[$0].rawValue : "unknown"
            }.joined(separator: ", ")
        case .physicalFunctions: return device.physicalFunction ?? ""
        case .drivers: return device.driver
        default: return device.linkSpeed == 0 ? "" : "\(device.linkSpeed) kB/s"
        }
    }

    private func place(of device: Device) -> String {
        let nodes = Set(device.numaNodes).sorted()
        let isEverywhere = nodes.isEmpty || nodes.count == machine.numaNodes.count
        return isEverywhere ? "all" : listFormat(of: nodes)
    }
}

extension MachineAspects {
    /// Whether a machine states anything of an aspect that is not what every machine has.
    func hasSomething(of aspect: MachineAspect) -> Bool {
        switch aspect {
        case .numaNodeKinds: machine.numaNodes.contains { $0.kind != .dram }
        case .numaNodeSockets: machine.sockets.count > 1
        case .uncoreCacheSizes: machine.uncoreCaches.contains { $0.size != 0 }
        default: statements(of: aspect).contains { !$0.value.isEmpty }
        }
    }
}
