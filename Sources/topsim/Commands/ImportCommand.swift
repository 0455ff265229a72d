import ArgumentParser
import Foundation
import HostTopology
import ScenarioInput

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Makes a scenario of machines, clusters, manifests and recordings.",
        usage: """
            topsim import <kind> <file> ... --output <folder> [--machine <machine>] [--nodes <count>] \
            [--force] [--format text|json]
            topsim import <kind> <file> <file> ... --check
            """,
        discussion: """
            Kinds, and what they take:

              machine    hwloc XML, /sys dumps, MachineInfo, lscpu, NCCL, ghw, VM groups, \
            NodeResourceTopology
              cluster    Nodes with kubelet configurations, PerformanceProfiles, SR-IOV policies, \
            pods and machines
              manifests  objects that ask for room, as kubectl and helm template print them
              trace      recordings of pods, and lists of nodes beside them
              auto       all of these; each file is told by its contents

            The folder holds scenario.yaml, what it names, and report.md with what was taken, guessed \
            and dropped, and why. A file is a machine of the node that is called like it; - is \
            standard input:

              helm template core ./chart | topsim import auto nodes.json worker1.tgz - -o core

            Exit codes: 0 written, or sources agree; 1 sources contradict each other; 2 bad input.
            """)

    @Argument(help: "machine, cluster, manifests, trace or auto.")
    var kind: ImportKindArgument

    @Argument(help: "Files and folders; - is standard input.", completion: .file())
    var files: [String]

    @Option(name: .shortAndLong, help: "The folder to make.", completion: .directory)
    var output: String?

    @Option(
        name: .customLong("machine"),
        help: ArgumentHelp(
            "Whose machine a file is, as in worker1=dump.tgz; or a file or shape for nodes that nothing "
                + "else describes. May be repeated.", valueName: "machine"))
    var machines: [String] = []

    @Option(help: "How many nodes a machine stands for, where no Node says it.")
    var nodes: Int?

    @Option(
        name: .customLong("trace-format"),
        help: ArgumentHelp(
            "The format of recordings, where it cannot be told.", valueName: "name"))
    var traceFormat: String?

    @Option(
        name: .customLong("option"),
        help: ArgumentHelp(
            "How recordings are read, as in columns.arrival=time. May be repeated.",
            valueName: "key=value"))
    var options: [String] = []

    @Flag(help: "Take Jinja marks out of manifests, every branch taken.")
    var templates = false

    @Flag(help: "Replace an earlier import in the folder.")
    var force = false

    @Flag(help: "Compare the sources of one machine, and make nothing.")
    var check = false

    @Option(help: "What is printed: text, or the report as json.")
    var format = ImportOutput.text

    func validate() throws {
        if check {
            guard output == nil else { throw ValidationError("--check makes no --output") }
        } else if output == nil {
            throw ValidationError("say where the scenario goes: --output <folder>")
        }
        if let nodes, !(1...1_000_000).contains(nodes) {
            throw ValidationError("--nodes is 1 to 1000000, not \(nodes)")
        }
        if let traceFormat, TraceFormats.named(traceFormat) == nil {
            let names = TraceFormats.all.map(\.name).joined(separator: ", ")
            throw ValidationError("no format '\(traceFormat)': formats are \(names)")
        }
        if let wrong = options.first(where: { $0.split(separator: "=").count < 2 }) {
            throw ValidationError("--option takes key=value, not '\(wrong)'")
        }
    }

    func run() throws {
        guard let output else { return try compare() }
        try ImportedScenario.checkPlace(output, replacing: force)
        var request = ScenarioImport()
        request.kind = kind.value
        request.paths = files
        request.machines = machines
        request.nodeCount = nodes
        request.traceFormat = traceFormat
        request.traceOptions = traceOptions
        request.templates = templates ? .tolerated : .refused
        request.hostMachine = { try HostMachine.read() }
        let name = URL(filePath: output).standardizedFileURL.lastPathComponent
        let scenario = try request.make(name: name)
        try scenario.write(to: output, replacing: force)
        switch format {
        case .json: try StandardOutput.write(scenario.report.json(contents: scenario.contents))
        case .text: try StandardOutput.write(summary(of: scenario, folder: shownPath(output)))
        }
    }

    private var traceOptions: TraceOptions {
        var values: [String: String] = [:]
        for option in options {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            values[parts[0]] = parts[1]
        }
        return TraceOptions(values)
    }

    private func summary(of scenario: ImportedScenario, folder: String) -> String {
        let folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        return """
            \(folder): \(scenario.contents.joined(separator: ", "))
            \(scenario.report.summary); why is in \(folder)/report.md
            run it with: topsim run \(folder)/scenario.yaml

            """
    }

    // MARK: Sources of one machine

    private func compare() throws {
        let comparison = try compareMachineSources(files)
        let differences = comparison.differences
        switch format {
        case .json: try StandardOutput.write(comparison.json())
        case .text: try StandardOutput.write(comparison.text())
        }
        if !differences.isEmpty { throw ExitCode(ExitCodes.answerIsNo.rawValue) }
    }
}

/// What `topsim import` prints.
enum ImportOutput: String, CaseIterable, ExpressibleByArgument {
    case text, json
}

/// A kind of import, as an argument.
enum ImportKindArgument: String, CaseIterable, ExpressibleByArgument {
    case machine, cluster, manifests, trace, auto

    var value: ImportKind {
        switch self {
        case .machine: .machine
        case .cluster: .cluster
        case .manifests: .manifests
        case .trace: .trace
        case .auto: .auto
        }
    }
}
