import ArgumentParser

/// The list of commands. Errors come back here and become words and an exit code in `Messages`.
@main
struct Topsim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topsim",
        abstract:
            "Simulates what kubelets and the scheduler of a cluster decide about NUMA placement.",
        discussion: """
            A scenario file names machines, kubelet settings and pods; a run of it becomes an SQLite file.

              topsim run scenarios/quickstart.yaml

            Exit codes: 0 done; 1 the answer is no; 2 bad input or usage; 3 the run failed; \
            130 and 143 interrupted by SIGINT and SIGTERM.
            """,
        version: Version.text,
        subcommands: [
            RunCommand.self, ValidateCommand.self, MachineCommand.self, SchemaCommand.self,
            PoliciesCommand.self, ConformanceCommand.self, CheckpointCommand.self, LintCommand.self,
            ImportCommand.self, TraceCommand.self, SweepCommand.self, MergeCommand.self,
            CompareCommand.self, CheckCommand.self,
        ])

    static func main() {
        Signals.prepare()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            Messages.tell(error).leave()
        }
    }
}
