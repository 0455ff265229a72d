import Analysis
import ArgumentParser
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
            end = try execution.run(metrics)
        } catch {
            execution.fail(error)
            throw error
        }

        let summary = end.summary
        let results = try recorder.finish(
            RunEnding(
                status: end.signal == nil ? .complete : .interrupted, summary, engine: end.engine))

        var result = RunResult(
            file: shownPath(results.path), bytes: results.bytes,
            digest: results.digest?.hexadecimal, isInterrupted: end.signal != nil)
        if setup.level == .summary { result.query = "select name, value, unit from metric" }
        let report = RunReport(heading: setup.heading, summary: summary, result: result)
        // A run that was cut short has reached nothing yet.
        let thresholds =
            end.signal == nil ? loaded.thresholds.map { $0.outcome(in: summary.metrics) } : []
        try StandardOutput.write(output(report, explainer?.explanations ?? [], thresholds))
        if let signal = end.signal { throw Interruption(signal: signal) }
        if let unknown = explainer?.unknownNames, !unknown.isEmpty {
            throw ExplainError(names: unknown, workload: nil, isBeforeRun: false)
        }
        if thresholds.contains(where: { !$0.holds }) {
            throw ExitCode(ExitCodes.answerIsNo.rawValue)
        }
    }

    /// What goes to stdout: the summary, and explanations after it or, as JSON, instead of it or in it.
    private func output(
        _ report: RunReport, _ explanations: [PodExplanation],
        _ thresholds: [MetricThreshold.Outcome]
    ) -> String {
        let resources = loaded.scenario.resources
        let explains = !explanation.explain.isEmpty
        if printsJSON || explains && explanation.explainFormat == .json {
            var members: [JSONValue.Member] = []
            if explains {
                members.append(
                    JSONValue.Member(
                        "explanations", ExplanationJSON.value(explanations, resources: resources)))
            }
            if !thresholds.isEmpty {
                members.append(
                    JSONValue.Member("thresholds", ThresholdReport.json(thresholds)))
            }
            guard printsJSON else { return JSONValue.object(members).text + "\n" }
            return members.isEmpty ? report.json : report.json(adding: members)
        }
        var parts = [report.text]
        if !thresholds.isEmpty { parts.append(ThresholdReport.text(thresholds)) }
        let text = explains ? ExplanationText.text(explanations, resources: resources) : ""
        if !text.isEmpty { parts.append(text) }
        return parts.joined(separator: "\n")
    }
}
