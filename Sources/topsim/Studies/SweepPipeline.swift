import Foundation
import Primitives
import Reporting
import ResultsDatabase
import ScenarioInput

/// A part of a study: every `count`-th run.
struct Shard {
    /// From 1.
    var number: Int
    var count: Int

    static let whole = Shard(number: 1, count: 1)

    var isWhole: Bool { count == 1 }

    func indices(of runs: Int) -> [Int] {
        Array(stride(from: number - 1, to: runs, by: count))
    }
}

/// A study from beginning to end: runs that are not done yet, a journal meanwhile, one file of results.
struct SweepPipeline {
    let runner: StudyRunner
    let output: String
    let shard: Shard
    let progress: ProgressMode

    /// What there is now, this time's and earlier runs together.
    func run() throws -> StudyResults {
        // Mistakes in what is set are told before anything runs.
        try checkPoints()
        let description = runner.description
        let journal = try StudyJournal(path: output + ".journal", study: description)
        let earlier = earlierResults(description)
        let indices = shard.indices(of: runner.study.runCount)
        let ids = try run(indices, journal, besides: earlier)
        var results = StudyResults(description)
        do throws(StudyConflict) {
            for part in [journal.results, earlier].compactMap(\.self) {
                try results.add(part) { ids[$0.index] == $0.runID }
            }
        } catch {
            preconditionFailure("only runs of one id are taken")
        }
        try StudyFile.write(results, to: output)
        journal.remove()
        return results
    }

    /// Runs what is not done; the id of every run of `indices`.
    private func run(
        _ indices: [Int], _ journal: StudyJournal, besides earlier: StudyResults?
    ) throws -> [Int: String] {
        var known: [Int: Set<String>] = [:]
        for run in journal.results.runs + (earlier?.runs ?? []) {
            known[run.index, default: []].insert(run.runID)
        }
        Signals.watch()
        let watch = Stopwatch()
        var line = ProgressLine(progress)
        var report = StudyProgress(total: indices.count)
        var ids: [Int: String] = [:]
        var waiting: [StudyRunRow] = []
        var lastCommit = ContinuousClock.now
        try runner.run(indices, known: known) { event in
            switch event {
            case .known(let index, let id):
                report.known += 1
                ids[index] = id
            case .finished(let row):
                report.done += 1
                ids[row.index] = row.runID
                waiting.append(row)
            }
            if ContinuousClock.now - lastCommit > .milliseconds(200) {
                try journal.append(waiting)
                waiting = []
                lastCommit = .now
            }
            report.elapsed = watch.elapsed
            line.show(report.text)
        }
        try journal.append(waiting)
        if let signal = Signals.pending {
            line.clear()
            journal.close()
            Messages.warn(
                "stopped with \(report.done + report.known) of \(indices.count) runs done",
                hint: "the same command goes on where this one stopped")
            throw Interruption(signal: signal)
        }
        line.close(
            "\(HumanFormat.count(Int64(report.done))) runs in "
                + "\(HumanFormat.duration(watch.elapsed)), "
                + "\(HumanFormat.count(Int64(report.known))) were done before")
        return ids
    }

    /// Reads the scenario once for every point that has other values in other places; all mistakes come together.
    func checkPoints() throws {
        var mistakes: [Diagnostic] = []
        var seen: Set<Diagnostic> = []
        // Each value of each parameter stands in some point: so many points are enough to see every one.
        var values: [Set<String>] = runner.study.parameters.map { _ in [] }
        for (number, point) in runner.study.points.enumerated() {
            let isNew = zip(values.indices, point).contains { !values[$0].contains($1) }
            guard isNew || number == 0 else { continue }
            for (index, value) in point.enumerated() { values[index].insert(value) }
            do throws(InputError) {
                _ = try runner.load(point: number)
            } catch {
                for mistake in error.diagnostics where seen.insert(mistake).inserted {
                    mistakes.append(mistake)
                }
            }
            if mistakes.count >= Diagnostics.limit { break }
        }
        if !mistakes.isEmpty { throw InputError(mistakes) }
    }

    /// Results of the same study that are there already.
    private func earlierResults(_ description: StudyDescription) -> StudyResults? {
        guard StudyFile.isStudy(output), let old = try? StudyFile.read(output),
            old.study == description
        else { return nil }
        return old
    }
}
