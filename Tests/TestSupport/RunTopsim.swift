public import Foundation

/// The built `topsim`, run as a user's shell would run it.
public enum RunTopsim {
    /// Beside the test bundle, or what `TOPSIM_EXECUTABLE` names: debug suites may judge a release build.
    public static let executable: URL = {
        if let path = ProcessInfo.processInfo.environment["TOPSIM_EXECUTABLE"] {
            return URL(filePath: path).absoluteURL
        }
        return URL(filePath: CommandLine.arguments[0]).absoluteURL
            .deletingLastPathComponent().appending(path: "topsim")
    }()

    /// Starts a line of shell, in which `topsim` is the built one.
    public static func start(shell line: String, in folder: ScratchFolder) throws -> RunningCommand
    {
        try RunningCommand(line: line, folder: folder)
    }

    /// Runs a line of shell to its end.
    public static func run(shell line: String, in folder: ScratchFolder) throws -> FinishedCommand {
        try start(shell: line, in: folder).wait()
    }
}

/// A folder of its own for one test, removed with it. `scenarios` in it are the project's.
public final class ScratchFolder {
    public let url: URL

    public init() throws {
        url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appending(path: "topsim-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            at: url.appending(path: "scenarios"),
            withDestinationURL: Checkout.url.appending(path: "scenarios"))
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    public func file(_ name: String) -> URL { url.appending(path: name) }

    public func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: file(name))
    }
}

/// How a command ended and what it cost.
public struct FinishedCommand: Sendable {
    /// 128 + the signal for a process that a signal ended, as a shell says it.
    public var exitCode: Int32
    public var standardOutput: String
    public var standardError: String
    /// User and system time of the command and what it started, in seconds.
    public var cpuSeconds: Double
    public var peakMemoryBytes: Int64
}

/// A command that runs, with its output going to files in the folder.
public final class RunningCommand {
    /// The process; it is `topsim` itself when the line of shell ends in `exec topsim …`.
    public let processID: pid_t
    private let folder: ScratchFolder
    private let outputs: (standard: URL, error: URL)
    private var ending: FinishedCommand?

    init(line: String, folder: ScratchFolder) throws {
        self.folder = folder
        let id = UUID().uuidString
        outputs = (folder.file(".out-\(id)"), folder.file(".err-\(id)"))
        let tools = RunTopsim.executable.deletingLastPathComponent().path
        let script = """
            cd '\(folder.url.path)' || exit 99
            PATH='\(tools)':"$PATH"
            \(line)
            """
        processID = try RunningCommand.spawn(
            script, output: outputs.standard.path, error: outputs.error.path)
    }

    deinit {
        guard ending == nil else { return }
        kill(processID, SIGKILL)
        var status: Int32 = 0
        waitpid(processID, &status, 0)
    }

    public func send(_ signal: Int32) { kill(processID, signal) }

    /// No test waits longer than this for a command.
    private static let patience = Duration.seconds(120)

    /// Waits for its end.
    ///
    /// - Throws: `POSIXError.ETIMEDOUT` when it does not come; the command ends with this value.
    public func wait() throws -> FinishedCommand {
        if let ending { return ending }
        var status: Int32 = 0
        var usage = rusage()
        let deadline = ContinuousClock.now + RunningCommand.patience
        while true {
            let ended = wait4(processID, &status, WNOHANG, &usage)
            if ended == processID { break }
            guard ended == 0 || errno == EINTR else {
                throw POSIXError(.init(rawValue: errno) ?? .ECHILD)
            }
            guard ContinuousClock.now < deadline else { throw POSIXError(.ETIMEDOUT) }
            // `wait4` takes no deadline, so the end is looked for every 2 ms.
            usleep(2_000)
        }
        let signal = status & 0x7f
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        let ending = FinishedCommand(
            exitCode: signal == 0 ? (status >> 8) & 0xff : 128 + signal,
            standardOutput: try text(of: outputs.standard),
            standardError: try text(of: outputs.error),
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            peakMemoryBytes: Int64(usage.ru_maxrss) * 1024)
        self.ending = ending
        return ending
    }

    private func text(of file: URL) throws -> String {
        String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }

    /// `sh -c script` with an empty standard input.
    private static func spawn(_ script: String, output: String, error: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, flags, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, error, flags, 0o600)
        // A thread of a test may block signals, and a child inherits that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments: [UnsafeMutablePointer<CChar>?] =
            (["sh", "-c", script] as [String]).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var environment = ProcessInfo.processInfo.environment
        environment["LC_ALL"] = "C.UTF-8"
        var variables: [UnsafeMutablePointer<CChar>?] =
            environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for variable in variables { free(variable) } }
        var processID: pid_t = 0
        let code = posix_spawn(&processID, "/bin/sh", &actions, &attributes, &arguments, &variables)
        guard code == 0 else { throw POSIXError(.init(rawValue: code) ?? .ENOENT) }
        return processID
    }
}
