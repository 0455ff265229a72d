import ArgumentParser
import Foundation
import Primitives
import ScenarioInput
import TraceTools

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Shows, cuts, scales, shuffles, anonymises and checks recordings of pods.",
        discussion: """
            A trace is a recording of pods in any format that topsim reads, plain or packed by gzip; - is \
            standard input. What is written is topsim's own format, one pod a line \
            (docs/reference/trace-format.md). Several files are merged by arrival.
            """,
        subcommands: [
            TraceShowCommand.self, TraceSliceCommand.self, TraceScaleCommand.self,
            TraceShuffleCommand.self, TraceAnonymiseCommand.self, TraceLintCommand.self,
            TraceConvertCommand.self,
        ])
}

/// The recordings that a command reads.
struct TraceInputOptions: ParsableArguments {
    @Argument(help: "Recordings; - is standard input.", completion: .file())
    var files: [String]

    @Option(
        help: ArgumentHelp(
            "Their format, where it cannot be told from how they begin.", valueName: "name"))
    var format: String?

    @Option(
        name: .customLong("option"),
        help: ArgumentHelp(
            "How the format is read, as in gpuShare=ignore. May be repeated.",
            valueName: "key=value"))
    var options: [String] = []

    func validate() throws {
        if let wrong = options.first(where: { $0.split(separator: "=").count < 2 }) {
            throw ValidationError("--option takes key=value, not '\(wrong)'")
        }
    }

    var traceOptions: TraceOptions {
        var values: [String: String] = [:]
        for option in options {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            values[parts[0]] = parts[1]
        }
        return TraceOptions(values)
    }

    func open(_ files: TraceFiles) throws(InputError) -> TraceSource {
        try TraceSource(files.inputs, format: format, options: traceOptions)
    }

    /// What a new trace says of where it comes from.
    func origin(_ command: String) -> [String] {
        ["made by topsim trace \(command) of \(files.joined(separator: " "))"]
    }
}

/// Where a new trace goes.
struct TraceOutputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "Where the trace goes, packed when the name ends in .gz; standard output by default.",
        completion: .file())
    var output: String?

    /// Writes a trace, and says on stderr what became of it.
    func write(
        _ input: TraceInputOptions, _ body: (inout TraceSource, TraceOutput) throws -> Int
    ) throws {
        let files = try TraceFiles(paths: input.files)
        var source = try input.open(files)
        do {
            let output = try TraceOutput(path: output)
            let count = try body(&source, output)
            try output.finish()
            tellWhatWasLost(in: source.report)
            if self.output != nil { Messages.tellDone("\(count) records written") }
        } catch let error as TraceOutputError {
            throw RunFailure(message: error.message, hint: nil)
        } catch let error as TraceChangeError {
            throw InputError([Diagnostic(file: input.files[0], message: error.message)])
        } catch let error as StreamTraceProblem {
            throw InputError([Diagnostic(file: input.files[0], message: error.message)])
        }
        withExtendedLifetime(files) {}
    }

    private func tellWhatWasLost(in report: ImportReport) {
        let told = report.notes.filter { $0.outcome != .taken }
        Messages.note(
            told.prefix(20).map {
                Diagnostic(
                    severity: .note, file: $0.file, line: $0.line, column: $0.line > 0 ? 1 : 0,
                    message: "\($0.outcome.rawValue): \($0.subject): \($0.reason)")
            })
    }
}

/// Values of options as a user writes them.
enum TraceArgument {
    static func time(_ text: String) throws -> SimTime {
        SimTime.zero + (try duration(text))
    }

    static func duration(_ text: String) throws -> SimDuration {
        guard let duration = writtenDuration(text) else {
            throw ValidationError("'\(text)' is no duration such as 1h30m or 500ms")
        }
        return duration
    }

    static func ratio(_ text: String) throws -> Ratio {
        guard let ratio = Ratio(text) else {
            throw ValidationError("'\(text)' is no factor such as 2, 0.5 or 1/3")
        }
        return ratio
    }
}
