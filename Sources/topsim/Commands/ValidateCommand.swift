import ArgumentParser
import ClusterSimulation
import Reporting
import ScenarioInput
import WorkloadModel

struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Reads a scenario with every file it names, and tells all mistakes at once.",
        usage: "topsim validate <scenario> [--set <key=value> ...] [--explain]")

    @OptionGroup var input: ScenarioOptions

    @Flag(help: "Print every key with its value and meaning, defaults included.")
    var explain = false

    func run() throws {
        if readKind(path: input.scenario) == "GPUShareStudy" { return try validateStudy() }
        let loaded = try input.load()
        Messages.note(loaded.notes)
        let setup = try RunSetup(loaded)
        let traces = try TraceCheck(loaded.scenario)
        var text = explain ? loaded.explanation : ""
        for line in ValidateCommand.verdict(setup, traces) {
            text += (explain ? "# " : "") + line + "\n"
        }
        try StandardOutput.write(text)
    }

    private func validateStudy() throws {
        let loaded = try readGPUShareStudy(path: input.scenario, overrides: input.overrides)
        let study = loaded.study
        let arrivals = study.orders.reduce(0) { $0 + $1.arrivals.count } * study.policies.count
        try StandardOutput.write(
            """
            \(study.name): fine
            a run is \(HumanFormat.count(Int64(study.runCount))) runs of one policy with one seed, \
            \(HumanFormat.count(Int64(arrivals))) arrivals in all

            """)
    }

    /// What a run would do: its size, and what it would write.
    private static func verdict(_ setup: RunSetup, _ traces: TraceCheck) -> [String] {
        let shapes = setup.expectedPods.byShape + traces.pods
        let estimate = RecordingEstimate(setup.scenario, pods: shapes)
        let pods = shapes.reduce(0) { $0 + $1.count }
        let count =
            pods.isFinite ? "about \(HumanFormat.roundedCount(pods)) pods" : "pods without end"
        let rows = estimate.text ?? "as many rows as the run is long"
        return [
            "\(setup.scenario.name): fine",
            "a run brings \(count) and records \(rows) at level \(setup.scenario.record.level)",
        ]
    }
}
