import ArgumentParser
import Primitives
import TraceTools

struct TraceSliceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slice",
        abstract: "Keeps the pods of a recording that arrive within a time, or are of a kind.",
        usage: "topsim trace slice <file> ... [--from <time>] [--to <time>] [<options>]",
        discussion: """
            Conditions of one kind are alternatives, those of several kinds must all hold. Pods that arrived \
            before --from are left out even if they would still run.
            """)

    @OptionGroup var input: TraceInputOptions
    @OptionGroup var output: TraceOutputOptions

    @Option(
        help: ArgumentHelp("Pods that arrive at or after it.", valueName: "time"),
        transform: TraceArgument.time)
    var from = SimTime.zero

    @Option(
        help: ArgumentHelp("Pods that arrive before it.", valueName: "time"),
        transform: TraceArgument.time)
    var to: SimTime?

    @Option(help: ArgumentHelp("At most so many pods.", valueName: "count"))
    var first: Int64?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "shape=<identifier> or namespace=<name>. May be repeated.", valueName: "condition"))
    var conditions: [String] = []

    @Flag(help: "Make --from time 0 of the new trace.")
    var rebase = false

    func validate() throws {
        if let first, first < 1 { throw ValidationError("--first takes a number from 1") }
        for condition in conditions
        where !condition.hasPrefix("shape=") && !condition.hasPrefix("namespace=") {
            throw ValidationError(
                "--where takes shape=<identifier> or namespace=<name>, not '\(condition)'")
        }
    }

    func run() throws {
        var slice = TraceSlice()
        slice.from = from
        slice.to = to
        slice.first = first
        slice.rebases = rebase
        for condition in conditions {
            let value = String(condition.drop { $0 != "=" }.dropFirst())
            if condition.hasPrefix("shape=") {
                slice.shapes.insert(value)
            } else {
                slice.namespaces.insert(value)
            }
        }
        try output.write(input) { source, output in
            try transform(
                &source, by: &slice, comments: input.origin("slice"), to: output.write)
        }
    }
}
