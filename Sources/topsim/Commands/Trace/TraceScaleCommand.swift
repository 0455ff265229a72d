import ArgumentParser
import TraceTools

struct TraceScaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Makes another load of the same kind: faster, larger, or of more pods.",
        usage:
            "topsim trace scale <file> ... [--rate <factor>] [--size <factor>] [--count <factor>]",
        discussion: """
            --rate r divides times of arrival by r, rounded down; pods run as long as before. --size s \
            multiplies cpu, memory, ephemeral storage and huge pages, rounded up to thousandths of a CPU, bytes \
            and pages; devices stay. --count c keeps each pod as often as the whole part of c says, and once \
            more with the probability of its fraction; copies arrive together.
            """)

    @OptionGroup var input: TraceInputOptions
    @OptionGroup var output: TraceOutputOptions

    @Option(
        help: ArgumentHelp("How many times faster pods arrive.", valueName: "factor"),
        transform: TraceArgument.ratio)
    var rate = Ratio.one

    @Option(
        help: ArgumentHelp("How many times as much pods ask for.", valueName: "factor"),
        transform: TraceArgument.ratio)
    var size = Ratio.one

    @Option(
        help: ArgumentHelp("How many times as many pods there are.", valueName: "factor"),
        transform: TraceArgument.ratio)
    var count = Ratio.one

    @Option(help: "Decides by chance which pods are kept or doubled.")
    var seed: UInt64 = 0

    func validate() throws {
        if count.numerator / count.denominator > 1000 {
            throw ValidationError("--count takes a factor up to 1000")
        }
    }

    func run() throws {
        var scale = TraceScale(rate: rate, size: size, count: count, seed: seed)
        let origin = "scale --rate \(rate) --size \(size) --count \(count) --seed \(seed)"
        try output.write(input) { source, output in
            try transform(&source, by: &scale, comments: input.origin(origin), to: output.write)
        }
    }
}
