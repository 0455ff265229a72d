import ClusterSimulation
import Metrics
import Primitives
import Records
import Reporting
import ResultsDatabase
import ScenarioInput

/// A run from beginning to end: scenario in, results file and summary out.
///
/// `run` is the table of contents; each step is a line.
struct RunPipeline {
    let loaded: LoadedScenario
    let output: String?
    let progress: ProgressMode
    let printsJSON: Bool

    func run() throws {
        Messages.note(loaded.notes)
        let setup = try RunSetup(loaded)
        setup.warnOfSize()

        let metrics = RunMetrics(resources: setup.scenario.resources, targetMix: setup.targetMix)
        let recorder = try ResultsRecorder(
            to: output ?? setup.defaultOutput, describing: setup.description, level: setup.level)
        let execution = Execution(setup: setup, recorder: recorder, progress: progress)

        let end: Execution.End
        do {
            end = try execution.run(sink: CompositeSink([metrics, recorder]))
        } catch {
            execution.fail(error)
            throw error
        }

        var summary = metrics.summary(end: end.time)
        summary.upstreamBugs = end.upstreamBugs
        var ending = RunEnding(
            status: end.signal == nil ? .complete : .interrupted, ended: end.time)
        ending.metrics = summary.metrics
        ending.distributions = summary.distributions
        ending.engine = end.engine
        let results = try recorder.finish(ending)

        var result = RunResult(
            file: shownPath(results.path), bytes: results.bytes,
            digest: results.digest?.hexadecimal, isInterrupted: end.signal != nil)
        if setup.level == .summary { result.query = "select name, value, unit from metric" }
        let report = RunReport(heading: setup.heading, summary: summary, result: result)
        try StandardOutput.write(printsJSON ? report.json : report.text)
        if let signal = end.signal { throw Interruption(signal: signal) }
    }
}
