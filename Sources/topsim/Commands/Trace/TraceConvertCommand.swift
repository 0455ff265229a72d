import ArgumentParser
import TraceTools

struct TraceConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Writes recordings of any format in topsim's own.",
        usage: "topsim trace convert <file> ... [--output <file>]")

    @OptionGroup var input: TraceInputOptions
    @OptionGroup var output: TraceOutputOptions

    func run() throws {
        var conversion = TraceConversion()
        try output.write(input) { source, output in
            try transform(
                &source, by: &conversion, comments: input.origin("convert"), to: output.write)
        }
    }
}
