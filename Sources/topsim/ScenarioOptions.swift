import ArgumentParser
import HostTopology
import ScenarioInput

/// What every command that reads a scenario takes.
struct ScenarioOptions: ParsableArguments {
    @Argument(
        help: "The scenario file; - is standard input.",
        completion: .file(extensions: ["yaml", "yml", "json"]))
    var scenario: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Change a value, as in nodes.worker.count=16; * stands for any key. May be repeated.",
            valueName: "key=value"))
    var overrides: [String] = []

    @Option(help: "Use this seed instead of the scenario's.")
    var seed: UInt64?

    func load(also more: [String] = []) throws(InputError) -> LoadedScenario {
        var all = overrides + more
        if let seed { all.append("seed=\(seed)") }
        let surroundings = ScenarioSurroundings(hostMachine: { try HostMachine.read() })
        return try readScenario(path: scenario, overrides: all, surroundings: surroundings)
    }
}
