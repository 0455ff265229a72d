import ArgumentParser
import NodeManagers
import Primitives
import Reporting
import ScenarioInput

struct CheckpointCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Shows a kubelet's checkpoint files, and checks their checksums.",
        usage: "topsim checkpoint <file> ...",
        discussion: """
            A kubelet keeps cpu_manager_state, memory_manager_state and \
            device-plugins/kubelet_internal_checkpoint under /var/lib/kubelet; which one a file is is told by \
            its content. A file that a kubelet would find corrupt is bad input.
            """)

    @Argument(help: "Checkpoint files; - is standard input.", completion: .file())
    var files: [String]

    func run() throws {
        var mistakes: [Diagnostic] = []
        var sections: [String] = []
        for path in files {
            do throws(InputError) {
                sections.append(CheckpointText.text(try CheckpointFile(path: path), called: path))
            } catch {
                mistakes += error.diagnostics
            }
        }
        try StandardOutput.write(sections.joined(separator: "\n"))
        if !mistakes.isEmpty { throw InputError(mistakes) }
    }
}

/// Checkpoint files as tables.
private enum CheckpointText {
    static func text(_ file: CheckpointFile, called path: String) -> String {
        switch file {
        case .cpu(let cpu):
            var tables = [table(ofContainers: cpu)]
            if let shares = cpu.podEntries {
                var pods = PlainTable(["POD", "CPUS AS A WHOLE"])
                for share in inOrder(shares) { pods.add([share.key, "\(share.value)"]) }
                tables.append(pods)
            }
            let pool = cpu.defaultCPUSet.isEmpty ? "" : "shared pool \(cpu.defaultCPUSet)\n"
            return heading(path, "CPU Manager, policy \(cpu.policyName)", file) + pool
                + joined(tables)
        case .memory(let memory):
            return heading(path, "Memory Manager, policy \(memory.policyName)", file)
                + joined([table(ofNodes: memory), table(ofContainers: memory)])
        case .devices(let devices):
            return heading(path, "Device Manager", file)
                + joined([table(ofResources: devices), table(ofContainers: devices)])
        }
    }

    private static func heading(_ path: String, _ what: String, _ file: CheckpointFile) -> String {
        "\(path): \(what), checksum \(file.checksum)\n"
    }

    private static func joined(_ tables: [PlainTable]) -> String {
        tables.filter { !$0.isEmpty }.map { "\n" + $0.text }.joined()
    }

    private static func inOrder<Value>(_ map: [String: Value]) -> [(key: String, value: Value)] {
        map.sorted { $0.key < $1.key }
    }

    private static func table(ofContainers cpu: CPUManagerCheckpoint) -> PlainTable {
        var table = PlainTable(["POD", "CONTAINER", "EXCLUSIVE CPUS"])
        for pod in inOrder(cpu.entries) {
            for container in inOrder(pod.value) {
                table.add([pod.key, container.key, container.value])
            }
        }
        return table
    }

    private static func table(ofNodes memory: MemoryManagerCheckpoint) -> PlainTable {
        var table = PlainTable([
            "NUMA NODE#", "TYPE", "TOTAL#", "SYSTEM RESERVED#", "ALLOCATABLE#", "RESERVED#",
            "FREE#", "BLOCKS#", "GROUP",
        ])
        for node in memory.machineState.sorted(by: { $0.key < $1.key }) {
            for type in inOrder(node.value.memoryMap) {
                table.add([
                    "\(node.key)", type.key, "\(type.value.total)",
                    "\(type.value.systemReserved)", "\(type.value.allocatable)",
                    "\(type.value.reserved)", "\(type.value.free)",
                    "\(node.value.numberOfAssignments)", list(node.value.cells),
                ])
            }
        }
        return table
    }

    private static func table(ofContainers memory: MemoryManagerCheckpoint) -> PlainTable {
        var table = PlainTable(["POD", "CONTAINER", "TYPE", "BYTES#", "NUMA NODES"])
        func add(_ pod: String, _ container: String, _ blocks: [MemoryManagerCheckpoint.Block]) {
            if blocks.isEmpty { table.add([pod, container, "none", "0", ""]) }
            for block in blocks {
                table.add([
                    pod, container, block.type, "\(block.size)", list(block.numaAffinity),
                ])
            }
        }
        for pod in inOrder(memory.entries) {
            for container in inOrder(pod.value) { add(pod.key, container.key, container.value) }
        }
        for pod in inOrder(memory.podEntries ?? [:]) { add(pod.key, "as a whole", pod.value) }
        return table
    }

    private static func table(ofResources devices: DeviceManagerCheckpoint) -> PlainTable {
        var table = PlainTable(["RESOURCE", "HEALTHY DEVICES"])
        for resource in inOrder(devices.registeredDevices) {
            table.add([resource.key, resource.value.joined(separator: " ")])
        }
        return table
    }

    private static func table(ofContainers devices: DeviceManagerCheckpoint) -> PlainTable {
        var table = PlainTable(["POD", "CONTAINER", "RESOURCE", "NUMA NODE#", "DEVICES"])
        for entry in devices.podDeviceEntries ?? [] {
            for group in entry.deviceIDs.sorted(by: { $0.key < $1.key }) {
                table.add([
                    entry.podUID, entry.containerName, entry.resourceName,
                    group.key == -1 ? "none" : "\(group.key)",
                    group.value.joined(separator: " "),
                ])
            }
        }
        return table
    }

    private static func list(_ numbers: [Int]) -> String {
        numbers.map { "\($0)" }.joined(separator: ",")
    }
}
