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
    let explanation: ExplainOptions

    func run() throws {
        Messages.note(loaded.notes)
        let explainer = try explanation.makeExplainer(for: loaded.scenario)
        let setup = try RunSetup(loaded)
        setup.warnOfSize()

        let metrics = RunMetrics(resources: setup.scenario.resources, targetMix: setup.targetMix)
        let recorder = try ResultsRecorder(
            to: output ?? setup.defaultOutput, describing: setup.description, level: setup.level)
        let execution = Execution(
            setup: setup, recorder: recorder, progress: progress, explainer: explainer)

        let end: Execution.End
        do {
            end = try execution.run(sink: CompositeSink([metrics, recorder]))
        } catch {
            execution.fail(error)
            throw error
        }

        var summary = metrics.summary(end: end.time)
        summary.upstreamBugs = end.upstreamBugs
        summary.controlPlane = end.controlPlane
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
        try StandardOutput.write(output(report, explainer?.explanations ?? []))
        if let signal = end.signal { throw Interruption(signal: signal) }
        if let unknown = explainer?.unknownNames, !unknown.isEmpty {
            throw ExplainError(names: unknown, workload: nil, isBeforeRun: false)
        }
    }

    /// What goes to stdout: the summary, and explanations after it or, as JSON, instead of it or in it.
    private func output(_ report: RunReport, _ explanations: [PodExplanation]) -> String {
        guard !explanation.explain.isEmpty else { return printsJSON ? report.json : report.text }
        let resources = loaded.scenario.resources
        if printsJSON || explanation.explainFormat == .json {
            let member = JSONValue.Member(
                "explanations", ExplanationJSON.value(explanations, resources: resources))
            return printsJSON
                ? report.json(adding: [member]) : JSONValue.object([member]).text + "\n"
        }
        let text = ExplanationText.text(explanations, resources: resources)
        return report.text + (text.isEmpty ? "" : "\n" + text)
    }
}
