import ArgumentParser
import ScenarioInput

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs a scenario and writes what happened to an SQLite file.",
        usage: "topsim run <scenario> [--output <file>] [--set <key=value> ...] [<options>]",
        discussion: """
            The summary goes to stdout; the last word of hexadecimal digits there is the digest of the \
            results, equal for equal results. Progress goes to stderr.
            """)

    @OptionGroup var input: ScenarioOptions

    @Option(
        name: .shortAndLong,
        help: "Where the results go; by default the scenario's name with .sqlite.",
        completion: .file(extensions: ["sqlite"]))
    var output: String?

    @Option(help: "How much is recorded, instead of what the scenario says.")
    var record: RecordArgument?

    @Option(help: "How progress is shown on stderr.")
    var progress = ProgressMode.auto

    @Flag(help: "Print the summary as JSON.")
    var json = false

    @OptionGroup var explanation: ExplainOptions

    func validate() throws {
        if json, explanation.explainFormat == .text {
            throw ValidationError("Options '--json' and '--explain-format text' exclude each other")
        }
    }

    func run() throws {
        let recording = record.map { ["record.level=\($0.rawValue)"] } ?? []
        let loaded = try input.load(also: recording)
        let pipeline = RunPipeline(
            loaded: loaded, output: output, progress: progress, printsJSON: json,
            explanation: explanation)
        try pipeline.run()
    }
}

/// `record.level` of a scenario as an option.
enum RecordArgument: String, CaseIterable, ExpressibleByArgument {
    case summary, pods, full
}
