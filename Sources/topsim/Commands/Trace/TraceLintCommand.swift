import ArgumentParser
import ClusterSimulation
import HostTopology
import Lint
import NodeManagers
import Primitives
import ScenarioInput
import TraceTools

struct TraceLintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Tells what is wrong with a recording, or probably not meant.",
        usage: "topsim trace lint <file> ... [--scenario <file>] [<options>]",
        discussion: """
            Each check has a code, T0001 and on, with a page under docs/reference/lint. Exit code 1 says that \
            there are errors; warnings and notes leave it 0. Of each code the first 20 places are told.
            """)

    @OptionGroup var input: TraceInputOptions

    @Option(
        help: ArgumentHelp(
            "A scenario whose nodes the pods must fit, and whose end they must meet.",
            valueName: "file"),
        completion: .file(extensions: ["yaml", "yml", "json"]))
    var scenario: String?

    @Option(
        help: ArgumentHelp("When the run ends, instead of the scenario's word.", valueName: "time"),
        transform: TraceArgument.time)
    var until: SimTime?

    @Option(help: ArgumentHelp("Only this code. May be repeated.", valueName: "code"))
    var only: [String] = []

    @Option(help: ArgumentHelp("All but this code. May be repeated.", valueName: "code"))
    var ignore: [String] = []

    @Option(name: .customLong("report"), help: "How findings are written.")
    var report = LintReportArgument.text

    func validate() throws {
        for code in only + ignore where TraceLintCodes.registry[code] == nil {
            throw ValidationError("no check is called '\(code)'; codes are T0001 to T0020")
        }
    }

    func run() throws {
        var lint = TraceLint()
        if let scenario {
            let surroundings = ScenarioSurroundings(hostMachine: { try HostMachine.read() })
            let loaded = try readScenario(path: scenario, surroundings: surroundings).scenario
            lint.nodes = try loaded.nodeGroups.map {
                try TraceLintCommand.nodes($0, loaded.resources)
            }
            if case .time(let end) = loaded.until { lint.end = end }
        }
        if let until { lint.end = until }
        let repeated = TraceLintCodes.nameRepeated.id
        lint.checksNames = !ignore.contains(repeated) && (only.isEmpty || only.contains(repeated))
        let files = try TraceFiles(paths: input.files)
        var findings = LintFindings()
        for file in files.inputs {
            var own = lint
            let found = try own.check(file, format: input.format, options: input.traceOptions)
            for finding in found.all { findings.add(finding) }
        }
        findings = findings.selecting(
            only: only.isEmpty ? nil : Set(only), ignoring: Set(ignore))
        try StandardOutput.write(
            findings.written(
                as: report.value, registry: TraceLintCodes.registry,
                tool: LintTool(name: "topsim", version: Version.topsim)))
        withExtendedLifetime(files) {}
        if findings.hasErrors { throw ExitCode(ExitCodes.answerIsNo.rawValue) }
    }

    /// What one empty node of a group has for pods.
    private static func nodes(
        _ group: NodeGroup, _ resources: ResourceTable
    ) throws -> TraceLintNodes {
        do {
            let node = try NodeModel(
                machine: group.machine, settings: group.kubelet, devices: group.devices,
                resources: resources)
            var allocatable: [String: Int64] = [:]
            for position in node.allocatable.indices {
                allocatable[resources.names[position]] = node.allocatable[position]
            }
            return TraceLintNodes(
                name: group.name, count: Int64(group.count), allocatable: allocatable)
        } catch {
            throw SimulationError.kubeletDoesNotStart(group: group.name, message: error.message)
        }
    }
}

/// `LintFormat` as an option.
enum LintReportArgument: String, CaseIterable, ExpressibleByArgument {
    case text, json, sarif

    var value: LintFormat {
        switch self {
        case .text: .text
        case .json: .json
        case .sarif: .sarif
        }
    }
}
