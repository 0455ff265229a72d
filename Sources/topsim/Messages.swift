import ArgumentParser
import ClusterSimulation
import Foundation
import ResultsDatabase
import ScenarioInput

/// The run could not go on, for a reason outside of the input.
struct RunFailure: Error {
    /// A sentence without a full stop.
    var message: String
    var hint: String?
}

/// A signal ended the run, and its results are in order.
struct Interruption: Error {
    var signal: Int32
}

/// Turns errors into words and exit codes; nothing else in the tool does either.
enum Messages {
    /// Says what went wrong on stderr, or shows help on stdout, and returns the exit code.
    static func tell(_ error: any Error) -> ExitCodes {
        switch error {
        case let error as InputError:
            write(error.rendered(colour: Terminal.usesColour(STDERR_FILENO)))
            return .badInput
        case let error as SimulationError:
            return tell(error)
        case let error as ResultsDatabaseError:
            tell(error.description, hint: error.hint)
            return error.isBadInput ? .badInput : .runFailed
        case let error as RunFailure:
            tell(error.message, hint: error.hint)
            return .runFailed
        case let error as ExplainError:
            tell(error.message, hint: error.hint)
            return error.isBeforeRun ? .badInput : .answerIsNo
        case let error as MissingBaseline:
            tell(
                "there is no baseline `\(error.path)`",
                hint: "make one with `topsim run SCENARIO --output \(error.path)`")
            return .baselineMissing
        case let error as Interruption:
            return error.signal == SIGTERM ? .terminated : .interrupted
        default:
            return tellParserError(error)
        }
    }

    private static func tell(_ error: SimulationError) -> ExitCodes {
        switch error {
        case .kubeletDoesNotStart(let group, let message):
            tell("the kubelets of node group `\(group)` do not start: \(message)", hint: nil)
            return .badInput
        case .unknownWorkload(let name):
            tell("a change is about workload `\(name)`, which there is not", hint: nil)
            return .badInput
        case .trace(_, let underlying as InputError):
            return tell(underlying)
        case .trace(let workload, let underlying):
            tell("the trace of workload `\(workload)` cannot be read: \(underlying)", hint: nil)
            return .runFailed
        }
    }

    /// ArgumentParser's own errors, help and version. Its exit code for wrong usage, 64, is 2 here.
    private static func tellParserError(_ error: any Error) -> ExitCodes {
        let text = Topsim.fullMessage(for: error, columns: 80)
        switch Topsim.exitCode(for: error) {
        case .success:
            do {
                try StandardOutput.write(text + "\n")
                return .done
            } catch {
                return tell(error)
            }
        case .validationFailure:
            write(restyled(text) + "\n")
            return .badInput
        case let code:
            if let known = ExitCodes(rawValue: code.rawValue), error is ExitCode { return known }
            tell("\(error)", hint: nil)
            return .runFailed
        }
    }

    /// `Error: Unknown option '--x'` as this tool says it: error: unknown option `--x`.
    private static func restyled(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let first = lines.first, first.hasPrefix("Error: ") else { return text }
        let message = first.dropFirst("Error: ".count)
        lines[0] =
            "error: " + message.prefix(1).lowercased()
            + message.dropFirst().replacing(/'([^']*)'/) { "`\($0.output.1)`" }
        return lines.joined(separator: "\n")
    }

    /// Something that the user should know and that stops nothing.
    static func note(_ diagnostics: [Diagnostic]) {
        guard !diagnostics.isEmpty else { return }
        write(render(diagnostics, colour: Terminal.usesColour(STDERR_FILENO)))
    }

    /// What was done, for commands whose output goes to a file.
    static func tellDone(_ text: String) { write(text + "\n") }

    static func warn(_ message: String, hint: String?) {
        tell(message, hint: hint, as: "warning", colour: "1;33")
    }

    private static func tell(
        _ message: String, hint: String?, as severity: String = "error", colour: String = "1;31"
    ) {
        let usesColour = Terminal.usesColour(STDERR_FILENO)
        func painted(_ text: String, _ code: String) -> String {
            usesColour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
        }
        var text = painted("\(severity):", colour) + " \(message)\n"
        if let hint { text += painted("hint:", "36") + " \(hint)\n" }
        write(text)
    }

    private static func write(_ text: String) {
        // Whoever closed stderr does not want to hear of it.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
