import ArgumentParser
import ScenarioInput

struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Reads a scenario with every file it names, and tells all mistakes at once.",
        usage: "topsim validate <scenario> [--set <key=value> ...] [--explain]")

    @OptionGroup var input: ScenarioOptions

    @Flag(help: "Print every key with its value and meaning, defaults included.")
    var explain = false

    func run() throws {
        let loaded = try input.load()
        Messages.note(loaded.notes)
        _ = try RunSetup(loaded)
        try StandardOutput.write(explain ? loaded.explanation : "")
    }
}
