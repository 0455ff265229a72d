import Foundation

/// What the tool's exit codes mean, the same for every command.
enum ExitCodes: Int32 {
    case done = 0
    /// The answer is no: a regression, it does not fit, findings, vectors that fail.
    case answerIsNo = 1
    /// The input or the way the command was called is wrong.
    case badInput = 2
    /// The run itself failed: the disk is full, a file went away.
    case runFailed = 3
    /// Only improvements, with `check`.
    case improvementOnly = 4
    /// There is nothing to compare with, with `check`.
    case baselineMissing = 5
    /// 128 + SIGINT.
    case interrupted = 130
    /// 128 + SIGTERM.
    case terminated = 143

    func leave() -> Never { exit(rawValue) }
}
