import ArgumentParser
import ClusterSimulation
import Foundation
import Primitives
import Records
import Reporting
import WorkloadModel

/// `--explain` and how it is told.
struct ExplainOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Explain every step of the decision on a pod, named as results name it. May be repeated.",
            valueName: "pod"))
    var explain: [String] = []

    @Option(help: "How explanations are told; with json, without the summary.")
    var explainFormat: ExplainFormat?

    enum ExplainFormat: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    func validate() throws {
        if explainFormat != nil, explain.isEmpty {
            throw ValidationError("Option '--explain-format' needs '--explain <pod>'")
        }
    }

    /// Follows the pods; nil when none is asked about.
    ///
    /// - Throws: `ExplainError` when no pod of the scenario can have one of the names.
    func makeExplainer(for scenario: Scenario) throws(ExplainError) -> PodExplainer? {
        guard !explain.isEmpty else { return nil }
        let impossible = explain.filter { !scenario.canName(pod: $0) }
        guard impossible.isEmpty else {
            throw ExplainError(
                names: impossible, workload: scenario.workloads.first?.name, isBeforeRun: true)
        }
        return PodExplainer(names: explain)
    }
}

/// Pods to explain that there are none of.
struct ExplainError: Error {
    var names: [String]
    /// Some workload, for an example.
    var workload: String?
    var isBeforeRun: Bool

    var message: String {
        let listed = names.map { "`\($0)`" }.joined(separator: ", ")
        if isBeforeRun { return "no pod of the scenario can be named \(listed)" }
        return "no pod of the run was named \(listed)"
    }

    var hint: String {
        if isBeforeRun {
            let example = workload.map { ", as in `\($0)-0-0`" } ?? ""
            return
                "a pod is named <workload>-<owner>-<replica>\(example); the view `pods` lists them"
        }
        return "the view `pods` of the results lists them"
    }
}
