import ClusterSimulation
import Foundation
import HostTopology
import Metrics
import ResultsDatabase
import ScenarioInput

/// Runs again what a results file came from.
struct BaselineRun {
    let baseline: ResultsReader
    /// Where the scenario's relative paths start; the folder of its file when nil.
    var folder: String?
    /// What is set besides, as after `--set`.
    var overrides: [String] = []
    let progress: ProgressMode

    /// The scenario that the baseline holds, with files that have the bytes they had.
    func load() throws -> LoadedScenario {
        let files = try baseline.inputFiles()
        let scenarioFile = files.first?.path ?? "\(baseline.run.name).yaml"
        let start =
            folder
            ?? URL(filePath: scenarioFile == "-" ? "./-" : scenarioFile).deletingLastPathComponent()
            .path
        let loaded = try readScenario(
            text: baseline.run.scenarioJSON, file: "\(baseline.path) (scenario)", folder: start,
            overrides: overrides,
            surroundings: ScenarioSurroundings(hostMachine: { try HostMachine.read() }))
        let known = Dictionary(
            files.dropFirst().map { ($0.path, $0.sha256) }, uniquingKeysWith: { first, _ in first })
        let changed = loaded.files.dropFirst().filter { file in
            known[file.name].map { $0 != file.sha256 } ?? false
        }
        guard changed.isEmpty else {
            throw InputError(
                changed.map { file in
                    Diagnostic(
                        file: file.name,
                        message: "not the file that `\(baseline.path)` was made of",
                        hint: "its SHA-256 is \(file.sha256); make a new baseline with `topsim run`"
                    )
                })
        }
        return loaded
    }

    /// Runs it into a file; what went wrong in the run is a failure of the run, for the baseline did run.
    func run(_ loaded: LoadedScenario, into file: String) throws {
        do {
            let setup = try RunSetup(loaded)
            let metrics = RunMetrics(
                resources: setup.scenario.resources, targetMix: setup.targetMix)
            let recorder = try ResultsRecorder(
                to: file, describing: setup.description, level: setup.level)
            let execution = Execution(setup: setup, recorder: recorder, progress: progress)
            let end: Execution.End
            do {
                end = try execution.run(metrics)
            } catch {
                execution.fail(error)
                throw error
            }
            if let signal = end.signal { throw Interruption(signal: signal) }
            _ = try recorder.finish(
                RunEnding(status: .complete, end.summary, engine: end.engine))
        } catch let error as SimulationError {
            throw RunFailure(message: "the baseline's scenario does not run: \(error)", hint: nil)
        }
    }
}
