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

    @Option(
        name: .customShort("j"),
        help: ArgumentHelp(
            "Threads for a study of many runs; the results are the same for any number.",
            valueName: "threads"))
    var threads = 1

    @OptionGroup var explanation: ExplainOptions

    func validate() throws {
        guard (1...1024).contains(threads) else {
            throw ValidationError("-j takes a number from 1 to 1024")
        }
        if json, explanation.explainFormat == .text {
            throw ValidationError("Options '--json' and '--explain-format text' exclude each other")
        }
    }

    func run() throws {
        if readKind(path: input.scenario) == "GPUShareStudy" { return try runStudy() }
        let recording = record.map { ["record.level=\($0.rawValue)"] } ?? []
        let loaded = try input.load(also: recording)
        let pipeline = RunPipeline(
            loaded: loaded, output: output, progress: progress, printsJSON: json,
            explanation: explanation)
        try pipeline.run()
    }

    private func runStudy() throws {
        var overrides = input.overrides
        if let seed = input.seed { overrides += ["seeds.from=\(seed)", "seeds.to=\(seed)"] }
        let study = GPUShareStudyPipeline(
            loaded: try readGPUShareStudy(path: input.scenario, overrides: overrides),
            output: output, recordsPods: record == .pods || record == .full, threads: threads,
            printsJSON: json)
        try study.run()
    }
}

/// `record.level` of a scenario as an option.
enum RecordArgument: String, CaseIterable, ExpressibleByArgument {
    case summary, pods, full
}
