import ArgumentParser
import TraceTools

struct TraceShuffleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shuffle",
        abstract: "Puts pods, gaps or lifetimes of a recording into another order.",
        usage: "topsim trace shuffle <file> ... [--what <what>] [--seed <seed>]",
        discussion: """
            pods moves pods with all they are over the times of arrival; gaps permutes the times between \
            arrivals and leaves the pods in order; lifetimes permutes how long pods run. The whole trace is \
            kept in memory, in about 40 bytes a pod and its name.
            """)

    @OptionGroup var input: TraceInputOptions
    @OptionGroup var output: TraceOutputOptions

    @Option(help: "What is put into another order.")
    var what = ShuffleArgument.pods

    @Option(help: "Decides the order.")
    var seed: UInt64 = 0

    func run() throws {
        let origin = input.origin("shuffle --what \(what.rawValue) --seed \(seed)")
        try output.write(input) { source, output in
            try shuffle(&source, what.value, seed: seed, comments: origin, to: output.write)
        }
    }
}

/// `TraceShuffle` as an option.
enum ShuffleArgument: String, CaseIterable, ExpressibleByArgument {
    case pods, gaps, lifetimes

    var value: TraceShuffle {
        switch self {
        case .pods: .pods
        case .gaps: .gaps
        case .lifetimes: .lifetimes
        }
    }
}
