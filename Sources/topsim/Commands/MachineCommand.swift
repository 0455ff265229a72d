import ArgumentParser
import Foundation
import HardwareModel
import HostTopology
import Reporting
import ScenarioInput

struct MachineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "machine",
        abstract: "Draws a machine: sockets, NUMA nodes, caches, cores and their CPUs.",
        usage: "topsim machine <machine> [<options>]",
        discussion: """
            A machine is a file of hwloc XML (- is standard input), host for this computer, or a shape. A \
            shape counts per parent: 2s2n8c2t is 2 sockets of 2 NUMA nodes of 8 cores of 2 CPUs.
            """)

    @Argument(
        help: "A file of hwloc XML, a shape such as 2s2n8c2t, or host.",
        completion: .file(extensions: ["xml"]))
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

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let settings = try MachineSource.ShapeSettings(
            memory: memory, hugePages: hugePages, numbering: numbering.value)
        let machine = try loadMachine(
            machine, shapeSettings: settings, hostMachine: { try HostMachine.read() })
        try StandardOutput.write(
            json
                ? machineJSON(machine)
                : machineDiagram(machine, colour: Terminal.usesColour(STDOUT_FILENO)))
    }
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
