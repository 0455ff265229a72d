import Analysis
import Foundation
import Metrics
import Primitives
import Reporting
import ResultsDatabase
import ScenarioInput

/// A baseline against a candidate, or against what its scenario gives now.
struct CheckPipeline {
    let baseline: String
    let candidate: String?
    let tolerances: [MetricTolerance]
    var overrides: [String]
    var folder: String?
    let progress: ProgressMode

    func report() throws -> CheckReport {
        let before = try ResultsReader(path: baseline)
        guard before.run.status == .complete else {
            throw ComparisonReading.refusal(
                baseline, "its run is \(before.run.status.rawValue), and a baseline is a whole run")
        }
        guard let candidate else { return try reportOfRerun(before) }
        let after = try ResultsReader(path: candidate)
        switch after.run.status {
        case .complete: break
        case .failed:
            throw RunFailure(
                message: "the run of `\(candidate)` failed: \(after.run.failure ?? "no reason")",
                hint: nil)
        case .running, .interrupted:
            throw ComparisonReading.refusal(
                candidate, "its run is \(after.run.status.rawValue), and only whole runs compare",
                hint: "run it again")
        }
        guard after.run.name == before.run.name else {
            throw ComparisonReading.refusal(
                candidate, "a run of another scenario than `\(baseline)`",
                hint: "`\(before.run.name)` and `\(after.run.name)`")
        }
        guard after.run.seed == before.run.seed else {
            throw ComparisonReading.refusal(
                candidate,
                "a run with seed \(after.run.seed), and the baseline has "
                    + "\(before.run.seed)",
                hint: "runs of other seeds differ by chance; see `topsim compare`")
        }
        return try report(
            before, after, named: shownPath(candidate), thresholds: try thresholds(of: after))
    }

    private func reportOfRerun(_ before: ResultsReader) throws -> CheckReport {
        let again = BaselineRun(
            baseline: before, folder: folder, overrides: overrides, progress: progress)
        let loaded = try again.load()
        // The recorder and the comparison both want a file; it is gone with the command.
        let file = FileManager.default.temporaryDirectory
            .appending(path: "topsim-check-\(UUID().uuidString).sqlite").path
        defer {
            for suffix in ["", ".partial", "-journal", "-wal", "-shm"] { unlink(file + suffix) }
        }
        try again.run(loaded, into: file)
        return try report(
            before, try ResultsReader(path: file), named: "its scenario, run again",
            thresholds: loaded.thresholds)
    }

    private func report(
        _ before: ResultsReader, _ after: ResultsReader, named candidate: String,
        thresholds: [MetricThreshold]
    ) throws -> CheckReport {
        let metrics = try after.metrics()
        let order = MetricOrder()
        let changes = Analysis.changes(
            from: try before.metrics(), to: metrics, tolerances: tolerances
        ).sorted { order.isBefore($0.metric, $1.metric) }
        let first = try before.firstDifference(in: after).map { difference in
            CheckReport.FirstDifference(
                time: HumanFormat.duration(
                    SimDuration(nanoseconds: difference.time.nanoseconds)), pod: difference.pod,
                was: difference.was?.text, now: difference.now?.text)
        }
        let file = try before.inputFiles().first.map { shownPath($0.path) } ?? before.run.name
        let remarks = try notes(
            before, after, isDifferent: first != nil || !changes.isEmpty)
        return CheckReport(
            name: before.run.name, seed: before.run.seed,
            file: file,
            baseline: shownPath(baseline), candidate: candidate, metrics: metrics, changes: changes,
            firstDifference: first, thresholds: thresholds.map { $0.outcome(in: metrics) },
            notes: remarks)
    }

    private func notes(
        _ before: ResultsReader, _ after: ResultsReader, isDifferent: Bool
    ) throws -> [String] {
        var notes: [String] = []
        let (old, new) = (before.run, after.run)
        if old.topsimVersion != new.topsimVersion {
            notes.append("topsim was \(old.topsimVersion) and is \(new.topsimVersion)")
        }
        if old.kubeletVersion != new.kubeletVersion {
            notes.append("the kubelet was \(old.kubeletVersion) and is \(new.kubeletVersion)")
        }
        if isDifferent, old.scenarioJSON != new.scenarioJSON {
            notes.append("the scenarios differ, too")
        }
        if old.recordLevel == .summary || new.recordLevel == .summary {
            notes.append(
                "decisions were not compared: the level `summary` does not record them")
        }
        if isDifferent,
            try before.inputFiles().dropFirst().map(\.sha256)
                != after.inputFiles().dropFirst().map(\.sha256)
        {
            notes.append("input files differ, too")
        }
        return notes
    }

    /// Those in the scenario that the results file holds.
    private func thresholds(of reader: ResultsReader) throws -> [MetricThreshold] {
        let object =
            try JSONSerialization.jsonObject(with: Data(reader.run.scenarioJSON.utf8))
            as? [String: Any]
        let texts = (object ?? [:])["thresholds"] as? [String] ?? []
        return texts.compactMap { text in
            // One that a newer topsim understands is not this one's to judge.
            try? MetricThreshold(text)
        }
    }
}
