import ArgumentParser
import Reporting
import ScenarioInput
import TraceTools

struct TraceShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows what a recording amounts to: counts, times, sizes and shapes.",
        usage: "topsim trace show <file> ... [<options>]",
        discussion: """
            Quantiles of times are at most 0.1 % too high, those of requests exact. AT ONCE is what the pods that run at the \
            same time ask for at most, if each starts as it arrives.
            """)

    @OptionGroup var input: TraceInputOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let files = try TraceFiles(paths: input.files)
        var source = try input.open(files)
        var statistics = TraceStatistics()
        while let record = try source.next() { statistics.add(record, of: source) }
        let report = TraceReport(statistics, of: source)
        try StandardOutput.write(json ? report.json.text + "\n" : report.text)
        withExtendedLifetime(files) {}
    }
}
