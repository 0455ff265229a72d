import ArgumentParser
import Conformance
import Foundation
import Reporting
import ScenarioInput

struct ConformanceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance",
        abstract: "Compares what topsim decides with what Kubernetes' own code answered.",
        usage: "topsim conformance <path> [--only <name>] [--format <format>] [<options>]",
        discussion: """
            The path is a file of vectors, or a folder: every *.jsonl in it and below it is run. What a case asks \
            is told by its members, and machines stand in a file *.json beside it: see docs/reference/vectors.md.

            Exit codes: 0 no case failed; 1 a case failed; 2 a file or a line is not as it should be.
            """)

    @Argument(
        help: "A file of vectors, or a folder of them.", completion: .file(extensions: ["jsonl"]))
    var path: String

    @Option(help: "Run only this kind, this file, or the case with this id.")
    var only: String?

    @Option(help: "How the report is written.")
    var format = ConformanceFormat.text

    @Option(help: "How many failures of a file are shown; junit shows all.")
    var failures = 5

    @Option(help: "How many threads run cases; 0 is one a CPU. The report does not depend on it.")
    var threads = 0

    @Option(help: "How progress is shown on stderr.")
    var progress = ProgressMode.auto

    func validate() throws {
        guard failures >= 0 else {
            throw ValidationError("--failures: expected a number from 0, found \(failures)")
        }
        guard (0...1024).contains(threads) else {
            throw ValidationError("--threads: expected a number from 0 to 1024, found \(threads)")
        }
    }

    func run() throws {
        let threads = threads == 0 ? ProcessInfo.processInfo.activeProcessorCount : threads
        let watch = Stopwatch()
        var line = ProgressLine(progress)
        let suite = try VectorSuite(path: path, only: only, threads: threads)
        var fileWatch = Stopwatch()
        let files = try suite.run(threads: threads) { report in
            line.close("\(report.name): \(HumanFormat.duration(fileWatch.elapsed))")
            fileWatch = Stopwatch()
        }
        line.close("all: \(HumanFormat.duration(watch.elapsed))")
        let report = ConformanceReport(files: files, shownFailures: failures)
        let text =
            switch format {
            case .text: report.text
            case .json: report.json
            case .junit: report.junit
            }
        try StandardOutput.write(text)
        if report.failed > 0 { throw ExitCode(ExitCodes.answerIsNo.rawValue) }
    }
}

/// How a report on vectors is written.
enum ConformanceFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json, junit
}
