import Foundation
import HardwareModel
import NodeManagers
import Primitives
import WorkloadModel

/// Equal nodes of a recording, and the machine that they get.
struct RecordedNodes {
    /// What follows the group's name in the name of theirs.
    var suffix: String
    var machineName: String
    var built: ScenarioBuilder.BuiltMachine
    var names: [String]
    var labels: [Label]
}

extension ScenarioBuilder {
    /// Nodes that a recording names; empty after a mistake was told.
    mutating func recordedNodes(_ group: String, _ trace: SourceNode) -> [RecordedNodes] {
        do throws(InputError) {
            switch trace.string("format") {
            case "openb-nodes": return openbNodes(trace)
            case "huawei-machines": return try huaweiMachines(group, trace)
            case "swf-machines": return try swfMachines(trace)
            default: return []
            }
        } catch {
            tell(error, at: trace)
            return []
        }
    }

    private mutating func input(_ node: SourceNode) throws(InputError) -> TraceInput {
        TraceInput(name: node.text ?? "", content: .file(try locate(node)))
    }

    // MARK: Huawei

    private mutating func huaweiMachines(
        _ group: String, _ trace: SourceNode
    ) throws(InputError) -> [RecordedNodes] {
        guard let file = trace.present("file") else { return [] }
        var racks: [Int]?
        if let node = trace.present("racks") { racks = try readHuaweiRacks(try input(node)) }
        let machines = try HuaweiMachines(try input(file), racks: racks)
        for note in machines.report.notes where note.outcome != .taken {
            diagnostics.note(at: file, "\(note.subject): \(note.reason)")
        }
        let reserved = (
            cpus: trace.integer("reservedCPUs") ?? 1,
            memory: trace.present("reservedMemory").flatMap { bytes($0) } ?? 100 << 20
        )
        let resource = trace.string("numaResource") ?? HuaweiVMMapping.numaResource
        let domains = trace.integer("faultDomains") ?? 3
        var nodes: [RecordedNodes] = []
        for (shape, positions) in machines.shapes where !diagnostics.isFull {
            guard let machine = machine(shape, reserved, at: trace) else { continue }
            var labels: [Label] = []
            if let rack = shape.rack {
                labels.append(
                    Label(
                        key: trace.string("rackLabel") ?? "topology.kubernetes.io/rack",
                        value: String(rack)))
                labels.append(
                    Label(
                        key: trace.string("faultDomainLabel") ?? HuaweiVMMapping.faultDomainLabel,
                        value: String(rack % domains)))
            }
            nodes.append(
                RecordedNodes(
                    suffix: shape.label, machineName: "huawei",
                    built: BuiltMachine(
                        machine: machine,
                        devices: shape.nodes.enumerated().map { number, node in
                            DeviceResource(
                                name: "\(resource)\(number)",
                                devices: (0..<node.cpus).map {
                                    PluginDevice(id: "vm-\($0)", numaNodes: [number])
                                })
                        }), names: positions.map { "\(group)-\($0)" }, labels: labels))
        }
        return nodes
    }

    private mutating func machine(
        _ shape: HuaweiMachineShape, _ reserved: (cpus: Int, memory: Int64), at trace: SourceNode
    ) -> Machine? {
        var description = MachineDescription(name: "huawei-\(shape.nodes.count)")
        var next = 0
        for (number, node) in shape.nodes.enumerated() {
            let isFirst = number == 0
            let cpus = Array(next..<next + node.cpus + (isFirst ? reserved.cpus : 0))
            next += cpus.count
            description.sockets.append(.init(osIndex: number, cpus: cpus))
            description.numaNodes.append(
                .init(
                    osIndex: number,
                    memory: (node.gibibytes << 30) + (isFirst ? reserved.memory : 0), cpus: cpus))
        }
        do throws(MachineError) { return try description.makeMachine() } catch {
            for mistake in error.mistakes { diagnostics.error(at: trace, mistake) }
            return nil
        }
    }

    // MARK: Batch systems

    private mutating func swfMachines(_ trace: SourceNode) throws(InputError) -> [RecordedNodes] {
        guard let file = trace.present("file") else { return [] }
        var nodes: [RecordedNodes] = []
        for cluster in try readSWFMachines(try input(file)) where !diagnostics.isFull {
            let choice = trace.list("machines").first { fits($0, cluster) }
            var built: BuiltMachine?
            if let choice {
                built = choice.present("machine").flatMap { machine(named: $0) }
            } else {
                diagnostics.note(
                    at: file,
                    "cluster \(cluster.name): a machine of one socket with \(cluster.cpus) cores, a guess",
                    hint: "`machines` names another one")
                built = flatMachine(cluster, at: trace)
            }
            guard var built else { continue }
            spread(cluster.memory, over: &built.machine)
            nodes.append(
                RecordedNodes(
                    suffix: cluster.name, machineName: choice?.string("machine") ?? cluster.name,
                    built: built, names: (1...cluster.nodes).map { "\(cluster.name)\($0)" },
                    labels: [Label(key: SWFMapping.clusterLabel, value: cluster.name)]))
        }
        return nodes
    }

    private mutating func fits(_ choice: SourceNode, _ cluster: SWFCluster) -> Bool {
        if let cpus = choice.integer("cpu"), cpus != cluster.cpus { return false }
        if let gpus = choice.integer("gpu"), gpus != 0 { return false }
        if let model = choice.string("model"), !model.isEmpty { return false }
        if let memory = choice.present("memory") { return bytes(memory) == cluster.memory }
        return true
    }

    private mutating func flatMachine(
        _ cluster: SWFCluster, at trace: SourceNode
    ) -> BuiltMachine? {
        var description = MachineDescription(name: cluster.name)
        description.numaNodes = [
            .init(osIndex: 0, memory: cluster.memory, cpus: Array(0..<cluster.cpus))
        ]
        do throws(MachineError) {
            return BuiltMachine(machine: try description.makeMachine(), devices: [])
        } catch {
            for mistake in error.mistakes { diagnostics.error(at: trace, mistake) }
            return nil
        }
    }

    /// Equal parts on the NUMA nodes with CPUs; the first one takes what does not divide.
    private func spread(_ memory: Int64, over machine: inout Machine) {
        let withCPUs = Set(machine.cpus.compactMap(\.numaNode)).sorted()
        guard let first = withCPUs.first else { return }
        for position in machine.numaNodes.indices {
            machine.numaNodes[position].hugePages = []
            machine.numaNodes[position].memory = 0
        }
        let part = memory / Int64(withCPUs.count)
        for position in withCPUs { machine.numaNodes[position].memory = part }
        machine.numaNodes[first].memory += memory - part * Int64(withCPUs.count)
    }
}
