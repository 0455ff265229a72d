import ArgumentParser
import Foundation
import Reporting
import ResultsDatabase
import ScenarioInput

struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Runs a scenario many times, with other values and seeds.",
        usage: """
            topsim sweep <study> [--output <file>] [-j <threads>] [<options>]
            topsim sweep <scenario> --vary <path=value,…> [--seeds <n>] [<options>]
            topsim sweep <study> --emit <system> [--shards <n>] > <job>
            """,
        discussion: """
            A study (kind: Study) says which values and seeds; a scenario with --vary is a study without a file. \
            Runs that are done are not repeated: the same command goes on where a killed one stopped. \
            What comes out is the same bytes for any number of threads, shards and interruptions. With --emit nothing \
            runs here: the job printed runs the shards on a cluster and merges them into --output.
            """)

    @Argument(
        help: "A study, or a scenario with --vary.",
        completion: .file(extensions: ["yaml", "yml", "json"]))
    var study: String

    @Option(
        name: .customLong("vary"),
        help: ArgumentHelp(
            "Values of a key, each with each of the others'. May be repeated.",
            valueName: "path=value,value"))
    var variations: [String] = []

    @Option(help: "How many seeds from 1, or a range such as 11-30, with --vary.")
    var seeds = "1"

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Change a value of the study, or of the scenario with --vary. May be repeated.",
            valueName: "key=value"))
    var overrides: [String] = []

    @Option(
        name: .shortAndLong,
        help: "Where the results go; by default the study's name with .sqlite.",
        completion: .file(extensions: ["sqlite"]))
    var output: String?

    @Option(
        name: .customShort("j"),
        help: ArgumentHelp(
            "Threads; by default one a processor, or one a shard with --emit.",
            valueName: "threads"))
    var threads: Int?

    @Option(help: ArgumentHelp("Only every n-th run from the i-th on.", valueName: "i/n"))
    var shard: String?

    @Option(
        help: ArgumentHelp("Also write each run's own results into a folder.", valueName: "folder"),
        completion: .directory)
    var runs: String?

    @Option(
        name: .customLong("metric"),
        help: ArgumentHelp("A column of the summary, such as wait.p99. May be repeated."))
    var metrics: [String] = []

    @Option(help: "How progress is shown on stderr.")
    var progress = ProgressMode.auto

    @OptionGroup var emission: EmissionOptions

    func validate() throws {
        guard (1...1024).contains(threads ?? 1) else {
            throw ValidationError("-j takes a number from 1 to 1024")
        }
        if variations.isEmpty, seeds != "1" {
            throw ValidationError("--seeds goes with --vary; a study says its seeds itself")
        }
        _ = try SeedRange.parse(seeds)
        _ = try parsedShard()
        if emission.emit != nil, shard != nil {
            throw ValidationError("--emit writes every shard; --shard runs one")
        }
    }

    private func parsedShard() throws -> Shard {
        guard let shard else { return .whole }
        let parts = shard.split(separator: "/", omittingEmptySubsequences: false)
            .compactMap { Int($0) }
        guard parts.count == 2, parts[1] >= 1, parts[1] <= 1_000_000,
            (1...parts[1]).contains(parts[0])
        else { throw ValidationError("--shard takes i/n with i from 1 to n") }
        return Shard(number: parts[0], count: parts[1])
    }

    func run() throws {
        let study =
            variations.isEmpty
            ? try readStudy(path: self.study, overrides: overrides)
            : try makeStudy(
                scenario: self.study, overrides: overrides, variations: variations,
                seeds: try SeedRange.parse(seeds))
        let file = output ?? "\(study.name).sqlite"
        let threads =
            threads ?? (emission.emit == nil ? ProcessInfo.processInfo.activeProcessorCount : 1)
        let pipeline = SweepPipeline(
            runner: StudyRunner(study: study, threads: threads, runsFolder: runs), output: file,
            shard: try parsedShard(), progress: progress)
        if let target = emission.emit {
            // What is wrong in the study is better told here than by every shard.
            try pipeline.checkPoints()
            try StandardOutput.write(
                try emission.text(
                    target, study: study, file: self.study, words: shardWords, output: file,
                    threads: threads))
            return
        }
        if let runs {
            do {
                try FileManager.default.createDirectory(
                    atPath: runs, withIntermediateDirectories: true)
            } catch {
                throw RunFailure(
                    message: "cannot make the folder `\(runs)`",
                    hint: "\(error.localizedDescription)")
            }
        }
        let results = try pipeline.run()
        let report = SweepReport(
            results: results, file: shownPath(file),
            metrics: metrics.isEmpty ? SweepReport.usualMetrics : metrics)
        try StandardOutput.write(report.text)
        if results.runs.contains(where: { $0.failure != nil }) {
            throw ExitCode(ExitCodes.runFailed.rawValue)
        }
    }
}

extension SweepCommand {
    /// This command line as each shard has it.
    private var shardWords: [String] {
        var words = ["sweep", study.hasPrefix("-") ? "./" + study : study]
        for variation in variations { words += ["--vary", variation] }
        if !variations.isEmpty { words += ["--seeds", seeds] }
        for override in overrides { words += ["--set", override] }
        if let runs { words += ["--runs", runs] }
        // For the job's log.
        return words + ["--progress", (progress == .auto ? .plain : progress).rawValue]
    }
}

struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Puts the shards of a study together.",
        discussion: """
            Order does not matter, and a shard may come twice. With all of them there the file has the bytes of a \
            sweep that ran in one piece.
            """)

    @Argument(
        help: "Files of one study.", completion: .file(extensions: ["sqlite"]))
    var shards: [String]

    @Option(
        name: .shortAndLong, help: "Where the results go.",
        completion: .file(extensions: ["sqlite"]))
    var output: String

    func run() throws {
        var merged: StudyResults?
        for shard in shards {
            let part = try StudyFile.read(shard)
            guard var sum = merged else {
                merged = part
                continue
            }
            guard sum.study == part.study else {
                throw InputError([
                    Diagnostic(
                        file: shard,
                        message: "a part of another study than `\(shards[0])`",
                        hint: "`\(part.study.name)` and `\(sum.study.name)`: files that merge come "
                            + "from the same study and the same topsim")
                ])
            }
            do throws(StudyConflict) { try sum.add(part) } catch {
                throw InputError([
                    Diagnostic(
                        file: shard, message: "run \(error.run) is in an earlier file and differs",
                        hint: "input files changed between the two; run one of them again")
                ])
            }
            merged = sum
        }
        guard let merged else { return }
        try StudyFile.write(merged, to: output)
        let study = merged.study
        let missing = study.runCount - merged.runs.count
        try StandardOutput.write(
            "\(study.name) · \(HumanFormat.count(Int64(merged.runs.count))) of "
                + "\(HumanFormat.count(Int64(study.runCount))) runs"
                + (missing > 0 ? "; \(HumanFormat.count(Int64(missing))) are missing" : "")
                + "\n\(shownPath(output))\n")
        if missing > 0 { throw ExitCode(ExitCodes.answerIsNo.rawValue) }
    }
}
