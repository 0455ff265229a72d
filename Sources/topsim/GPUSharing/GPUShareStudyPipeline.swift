import ClusterScheduler
import ClusterSimulation
import Foundation
import ResultsDatabase
import ScenarioInput
import Synchronization
import WorkloadModel

/// A study of GPU sharing from beginning to end: every policy with every seed, on as many threads as wanted.
struct GPUShareStudyPipeline {
    let loaded: LoadedGPUShareStudy
    let output: String?
    let recordsPods: Bool
    let threads: Int
    let printsJSON: Bool

    func run() throws {
        let study = loaded.study
        let file = try GPUShareStudyFile(
            path: output ?? "\(study.name).sqlite", name: study.name,
            description: loaded.description, topsimVersion: Version.topsim,
            studyJSON: loaded.canonicalJSON,
            inputFiles: loaded.files.map {
                ResultsDatabase.InputFile(path: $0.name, sha256: $0.sha256, bytes: $0.size)
            })
        var rows: [GPUShareRunRow] = []
        // A batch at a time, so that placements of few runs are in memory, and rows are written in order.
        var next = 0
        while next < study.runCount {
            let batch = next..<min(next + threads, study.runCount)
            for (row, pods) in results(of: batch) {
                try file.write(row, pods: recordsPods ? pods : [])
                rows.append(row)
            }
            next = batch.upperBound
        }
        let bytes = try file.finish()
        let report = GPUShareStudyReport(
            study: study, rows: rows, file: shownPath(output ?? "\(study.name).sqlite"),
            bytes: bytes)
        try StandardOutput.write(printsJSON ? report.json : report.text)
    }

    private typealias Result = (row: GPUShareRunRow, pods: [GPUShareRunRow.Pod])

    private func results(of batch: Range<Int>) -> [Result] {
        let finished = Mutex<[Int: Result]>([:])
        DispatchQueue.concurrentPerform(iterations: batch.count) { offset in
            let index = batch.lowerBound + offset
            let result = GPUShareStudyPipeline.result(index, of: loaded.study)
            finished.withLock { $0[index] = result }
        }
        return finished.withLock { results in batch.compactMap { results[$0] } }
    }

    private static func result(_ index: Int, of study: GPUShareStudy) -> Result {
        let run = GPUShareRun(index, of: study)
        let order = study.orders[index % study.seeds.count]
        let nodeNames = study.nodes.indices.map { study.rankedName(of: $0, in: order) }
        let pods = zip(order.arrivals, run.placements).map { arrival, placement in
            GPUShareRunRow.Pod(
                name: study.name(of: arrival),
                node: placement.node < 0 ? nil : nodeNames[Int(placement.node)],
                gpus: (0..<64).filter { placement.gpus >> UInt64($0) & 1 != 0 })
        }
        let points = run.curve.points.map {
            GPUShareRunRow.Point(
                arrivedPercent: $0.arrivedPercent, allocatedPercent: $0.allocatedPercent,
                fragmentRatioPercent: $0.fragmentRatioPercent,
                fragmentPercent: $0.fragmentPercent)
        }
        return (
            GPUShareRunRow(
                policy: run.policy, seed: run.seed, arrivals: run.placements.count,
                placed: run.placed, points: points, digest: GPUShareRunRow.digest(of: pods)),
            pods
        )
    }
}
