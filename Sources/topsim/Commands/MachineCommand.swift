import ArgumentParser
import Foundation
import HardwareModel
import HostTopology
import Reporting
import ScenarioInput

struct MachineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "machine",
        abstract: "Shows a machine, or writes it in a format of others.",
        usage: "topsim machine <machine> [<options>]",
        discussion: """
            A machine is a file that describes one (- is standard input), host for this computer, or a shape. \
            A shape counts per parent: 2s2n8c2t is 2 sockets of 2 NUMA nodes of 8 cores of 2 CPUs. A synthetic \
            string of hwloc says the same as 'Package:2 NUMANode:2 Core:8 PU:2'.

            What a format has no words for is listed on standard error.
            """)

    @Argument(
        help: "A file, a shape such as 2s2n8c2t, a synthetic string, or host.",
        completion: .file())
    var machine: String

    @Option(help: "How a shape's CPUs are numbered.")
    var numbering = NumberingArgument.adjacent

    @Option(
        name: .customLong("memory"),
        help: ArgumentHelp(
            "Memory of each of a shape's NUMA nodes, huge pages included.", valueName: "quantity"))
    var memory = "64Gi"

    @Option(
        name: .customLong("hugepages"),
        help: ArgumentHelp(
            "Huge pages of each of a shape's NUMA nodes. May be repeated.", valueName: "size=count")
    )
    var hugePages: [String] = []

    @Option(help: "What to write.")
    var format: MachineOutput?

    @Flag(help: "Print JSON; the same as --format json.")
    var json = false

    func validate() throws {
        if json, let format, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other.")
        }
    }

    func run() throws {
        let settings = try MachineSource.ShapeSettings(
            memory: memory, hugePages: hugePages, numbering: numbering.value)
        let machine = try loadMachine(
            machine, shapeSettings: settings, hostMachine: { try HostMachine.read() })
        switch format ?? (json ? .json : .text) {
        case .text:
            let colour = Terminal.usesColour(STDOUT_FILENO)
            try StandardOutput.write(machineDiagram(machine, colour: colour))
        case .json: try StandardOutput.write(machineJSON(machine))
        case .hwloc: try write(machine, as: .hwloc)
        case .machineinfo: try write(machine, as: .machineinfo)
        case .nrt: try write(machine, as: .nrt)
        case .synthetic: try write(machine, as: .synthetic)
        }
    }

    private func write(_ machine: Machine, as format: MachineExportFormat) throws {
        let export = try exportMachine(machine, as: format)
        Messages.note(
            export.unsaid.map { Diagnostic(severity: .note, file: self.machine, message: $0) })
        try StandardOutput.write(export.text)
    }
}

/// What `topsim machine` writes.
enum MachineOutput: String, CaseIterable, ExpressibleByArgument {
    case text, json, hwloc, machineinfo, nrt, synthetic
}

/// How a shape's CPUs are numbered, as an option.
enum NumberingArgument: String, CaseIterable, ExpressibleByArgument {
    case adjacent, split, alternate

    var value: CPUNumbering {
        switch self {
        case .adjacent: .adjacent
        case .split: .split
        case .alternate: .alternate
        }
    }
}
