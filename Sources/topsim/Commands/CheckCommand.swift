import Analysis
import ArgumentParser
import Foundation
import Reporting
import ScenarioInput

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tells whether placement became worse than in a baseline, for CI.",
        usage: "topsim check <baseline> [<candidate>] [--tolerance <metric=size> ...] [<options>]",
        discussion: """
            Both are files that `topsim run` wrote. Without a candidate the baseline's scenario is run again with \
            this topsim. Any change is shown, with the first decision that differs; only one past its metric's \
            tolerance in the bad direction fails, and a threshold of the scenario that is broken.

            Exit codes: 0 fine; 1 worse; 2 bad input or usage; 3 the run failed; 4 only better, with \
            --exit-on-improvement; 5 no baseline.
            """)

    @Argument(
        help: "The results to hold others against.", completion: .file(extensions: ["sqlite"]))
    var baseline: String

    @Argument(help: "The results to judge.", completion: .file(extensions: ["sqlite"]))
    var candidate: String?

    @Option(
        name: .customLong("tolerance"),
        help: ArgumentHelp(
            "How far a metric may get worse: wait.p99=1% or pods.failed=3; * stands for any part. May be repeated.",
            valueName: "metric=size"))
    var tolerances: [String] = []

    @Option(
        help: "A file of tolerances, one a line; # begins a comment.", completion: .file())
    var toleranceFile: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Change a value of the scenario that is run again. May be repeated.",
            valueName: "key=value"))
    var overrides: [String] = []

    @Option(
        help: "Where relative paths of the scenario start, if not at its file.",
        completion: .directory)
    var folder: String?

    @Option(help: "How the findings are written.")
    var format = CheckFormat.text

    @Flag(help: "Exit with 4 when something became better and nothing worse.")
    var exitOnImprovement = false

    @Option(help: "How progress is shown on stderr.")
    var progress = ProgressMode.auto

    func validate() throws {
        if candidate != nil, !overrides.isEmpty || folder != nil {
            throw ValidationError("--set and --folder go with a run of the baseline's scenario")
        }
        for text in tolerances where MetricTolerance(text) == nil {
            throw ValidationError("'\(text)' is no tolerance such as wait.p99=1% or pods.failed=3")
        }
    }

    func run() throws {
        guard FileManager.default.fileExists(atPath: baseline) else {
            throw MissingBaseline(path: baseline)
        }
        let pipeline = CheckPipeline(
            baseline: baseline, candidate: candidate, tolerances: try allTolerances(),
            overrides: overrides, folder: folder, progress: progress)
        let report = try pipeline.report()
        try StandardOutput.write(report.text(as: format.format))
        writeJobSummary(report)
        if report.fails { throw ExitCode(ExitCodes.answerIsNo.rawValue) }
        if exitOnImprovement, report.onlyImproves {
            throw ExitCode(ExitCodes.improvementOnly.rawValue)
        }
    }

    /// The file's, then the command line's, which hold over them.
    private func allTolerances() throws -> [MetricTolerance] {
        var lines: [(number: Int, text: String)] = []
        if let toleranceFile {
            guard let data = FileManager.default.contents(atPath: toleranceFile),
                data.count <= 1 << 20
            else {
                throw ComparisonReading.refusal(
                    toleranceFile, "no file of tolerances that can be read")
            }
            let text = String(decoding: data, as: UTF8.self)
            for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
                .enumerated()
            {
                let content = line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
                if !content.isEmpty { lines.append((index + 1, content)) }
            }
        }
        var mistakes: [Diagnostic] = []
        var result: [MetricTolerance] = []
        for (number, text) in lines {
            if let tolerance = MetricTolerance(text) {
                result.append(tolerance)
            } else {
                mistakes.append(
                    Diagnostic(
                        file: toleranceFile ?? "", line: number,
                        message: "`\(text)` is no tolerance",
                        hint: "for example `wait.p99 = 1%` or `pods.failed = 3`"))
            }
        }
        if !mistakes.isEmpty { throw InputError(mistakes) }
        return result + tolerances.compactMap { MetricTolerance($0) }
    }

    /// GitHub shows what is appended to this file on the job's page.
    private func writeJobSummary(_ report: CheckReport) {
        guard let path = ProcessInfo.processInfo.environment["GITHUB_STEP_SUMMARY"],
            !path.isEmpty, format != .markdown
        else { return }
        guard let handle = FileHandle(forWritingAtPath: path) else { return }
        defer { try? handle.close() }
        _ = try? handle.seekToEnd()
        // A page that cannot be written takes nothing from the check.
        try? handle.write(contentsOf: Data(report.text(as: .markdown).utf8))
    }
}

/// There is nothing to hold a run against.
struct MissingBaseline: Error {
    var path: String
}

/// `CheckReport.Format` as an option.
enum CheckFormat: String, CaseIterable, ExpressibleByArgument {
    case text, markdown, json, junit, sarif
    case smallerIsBetter = "github-smaller-is-better"
    case biggerIsBetter = "github-bigger-is-better"

    var format: CheckReport.Format {
        switch self {
        case .text: .text
        case .markdown: .markdown
        case .json: .json
        case .junit: .junit
        case .sarif: .sarif
        case .smallerIsBetter: .smallerIsBetter
        case .biggerIsBetter: .biggerIsBetter
        }
    }
}
