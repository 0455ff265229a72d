import Analysis
import ArgumentParser
import Foundation
import Reporting
import ResultsDatabase
import ScenarioInput

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Says which variant is better, by how much, and how sure that is.",
        usage: """
            topsim compare <results> <results> ... [<options>]
            topsim compare <study> [--by <label>] [<options>]
            topsim compare <scenario> --vary <path=value,…> [--seeds <n>] [<options>]
            """,
        discussion: """
            The first variant is the reference. Runs with equal seeds, and equal values of the parameters that are \
            not compared, are pairs. Below nine pairs there are numbers and no verdict. \
            docs/reference/compare.md explains every column.
            """)

    @Argument(
        help: "Files of runs or of studies, or one scenario with --vary.",
        completion: .file(extensions: ["sqlite", "yaml", "yml", "json"]))
    var inputs: [String]

    @Option(
        help: ArgumentHelp(
            "The parameter of one study whose values are the variants.", valueName: "label"))
    var by: String?

    @Option(
        name: .customLong("vary"),
        help: ArgumentHelp(
            "Run a scenario with these values of a key and compare them. May be repeated.",
            valueName: "path=value,value"))
    var variations: [String] = []

    @Option(help: "How many seeds from 1, or a range such as 11-30, with --vary.")
    var seeds = "20"

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Change a value of all runs, with --vary.", valueName: "key=value"))
    var overrides: [String] = []

    @Option(name: .customShort("j"), help: ArgumentHelp("Threads.", valueName: "threads"))
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(
        name: .shortAndLong, help: "Keep the runs of --vary in this file; it can be gone on with.",
        completion: .file(extensions: ["sqlite"]))
    var output: String?

    @Option(
        name: .customLong("metric"),
        help: ArgumentHelp(
            "Only this metric, such as wait.p99; * stands for any part. May be repeated."))
    var metrics: [String] = []

    @Flag(help: "All metrics. The correction then covers all of them.")
    var all = false

    @Option(help: "Differences up to this are noise: 1% of the reference, or a number.")
    var noise = "0"

    @Option(help: "The least difference that gets a verdict: 5% of the reference, or a number.")
    var minEffect = "0"

    @Option(help: "How the comparison is written.")
    var format = ComparisonFormat.text

    @Option(help: "How progress is shown on stderr.")
    var progress = ProgressMode.auto

    func validate() throws {
        guard (1...1024).contains(threads) else {
            throw ValidationError("-j takes a number from 1 to 1024")
        }
        if all, !metrics.isEmpty {
            throw ValidationError("Options '--all' and '--metric' exclude each other")
        }
        if variations.isEmpty {
            if !overrides.isEmpty || output != nil {
                throw ValidationError("--set and --output go with --vary")
            }
        } else if inputs.count != 1 {
            throw ValidationError("--vary takes one scenario")
        }
        _ = try SeedRange.parse(seeds)
        _ = try threshold("--noise", noise)
        _ = try threshold("--min-effect", minEffect)
    }

    private func threshold(
        _ option: String, _ text: String
    ) throws -> ComparisonSettings.Threshold {
        let isShare = text.hasSuffix("%")
        guard let number = Double(isShare ? text.dropLast() : text[...]), number.isFinite,
            number >= 0
        else { throw ValidationError("\(option) takes a share such as 1%, or a number") }
        return isShare ? .relative(number / 100) : .absolute(number)
    }

    func run() throws {
        var settings = ComparisonSettings()
        settings.noise = try threshold("--noise", noise)
        settings.minimumEffect = try threshold("--min-effect", minEffect)
        let input = try readInput()
        let patterns: [String]? =
            all ? nil : metrics.isEmpty ? ComparisonInput.usualMetrics : metrics
        let report = try input.report(metrics: patterns, settings: settings)
        try StandardOutput.write(report.text(as: format.format))
    }

    private func readInput() throws -> ComparisonInput {
        guard !variations.isEmpty else {
            if let scenario = inputs.first(where: { readKind(path: $0) == "Scenario" }) {
                throw ComparisonReading.refusal(
                    scenario, "a scenario, which has no results yet",
                    hint: "say what to compare: `--vary 'nodes.*.kubelet.topologyManagerPolicy="
                        + "best-effort,restricted'`")
            }
            return try ComparisonReading.read(inputs, by: by)
        }
        let study = try makeStudy(
            scenario: inputs[0], overrides: overrides, variations: variations,
            seeds: try SeedRange.parse(seeds))
        // A sweep keeps a journal, so it needs a place even when nobody wants the file.
        let temporary = FileManager.default.temporaryDirectory
            .appending(path: "topsim-compare-\(UUID().uuidString).sqlite").path
        defer {
            for suffix in ["", ".journal", ".journal-wal", ".journal-shm"] {
                unlink(temporary + suffix)
            }
        }
        let file = output ?? temporary
        let results = try SweepPipeline(
            runner: StudyRunner(study: study, threads: threads), output: file, shard: .whole,
            progress: progress
        ).run()
        return try ComparisonReading.points(of: results, file: inputs[0], by: by)
    }
}

/// `ComparisonReport.Format` as an option.
enum ComparisonFormat: String, CaseIterable, ExpressibleByArgument {
    case text, markdown, json, csv, latex

    var format: ComparisonReport.Format {
        switch self {
        case .text: .text
        case .markdown: .markdown
        case .json: .json
        case .csv: .csv
        case .latex: .latex
        }
    }
}
