import Metrics
import Primitives
import Reporting
import ResultsDatabase

/// The end of a sweep: a line a point, means over its seeds.
struct SweepReport {
    let results: StudyResults
    let file: String
    /// Names of the metrics that are columns; those that no run has are left out.
    let metrics: [String]

    static let usualMetrics = [
        "pods.started", "pods.pending", "attempts.admission", "aligned.numa", "use.cpu", "wait.p99",
    ]

    /// Rows shown at most; all are in the file.
    private static let rowLimit = 40

    var text: String {
        let study = results.study
        let failed = results.runs.count { $0.failure != nil }
        var lines = [
            "\(study.name) · \(amount(study.points.count, "point")) × "
                + "\(amount(study.seeds.count, "seed")) = \(amount(study.runCount, "run"))"
                + (results.isComplete
                    ? "" : ", \(HumanFormat.count(Int64(results.runs.count))) here")
                + (failed > 0 ? ", \(failed) failed" : ""), "",
        ]
        let columns = metrics.compactMap { name in results.metric(name).map { (name, $0) } }
        var table = PlainTable(study.parameters.map(\.label) + columns.map { "\($0.0)#" })
        let byPoint = Dictionary(grouping: results.runs, by: \.point)
        let points = study.points.indices.filter { byPoint[$0] != nil }
        for point in points.prefix(SweepReport.rowLimit) {
            table.add(
                study.points[point] + columns.map { cell($0.1, byPoint[point] ?? []) })
        }
        if !(study.parameters.isEmpty && columns.isEmpty) { lines.append(table.text) }
        if points.count > SweepReport.rowLimit {
            lines.append("and \(points.count - SweepReport.rowLimit) more points\n")
        }
        if let first = results.runs.first(where: { $0.failure != nil }), let why = first.failure {
            lines.append("run \(first.index) failed: \(why)\n")
        }
        lines.append("\(file)\nnext: sqlite3 -box \(file) 'select * from means'\n")
        return lines.joined(separator: "\n")
    }

    private func amount(_ count: Int, _ noun: String) -> String {
        "\(HumanFormat.count(Int64(count))) \(noun)\(count == 1 ? "" : "s")"
    }

    private func cell(_ metric: Int, _ runs: [StudyResults.Run]) -> String {
        let values = runs.compactMap { results.value(metric, of: $0) }
        guard !values.isEmpty else { return "–" }
        let mean = values.reduce(0, +) / Double(values.count)
        return MetricFormat.value(mean, unit: results.metrics[metric].unit)
    }
}
