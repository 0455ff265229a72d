import ClusterScheduler
import ClusterSimulation
import Foundation
import Reporting
import ResultsDatabase

/// What a study of GPU sharing says: one line a policy, means over the seeds, and one digest of all runs.
struct GPUShareStudyReport {
    let study: GPUShareStudy
    let rows: [GPUShareRunRow]
    let file: String
    let bytes: Int64

    struct Line: Encodable {
        var policy: String
        var runs: Int
        var placedMean: Double
        /// Percent of GPUs allocated when arrivals had asked for all GPUs once; nil when they never did.
        var allocatedAt100Percent: Double?
        var lastPercent: Int
        var allocatedMean: Double
        var allocatedLeast: Double
        var allocatedMost: Double
        var fragmentRatioMean: Double
        var fragmentMean: Double
    }

    /// SHA-256 of the runs' digests in their order.
    var digest: String {
        GPUShareRunRow.digest(
            of: rows.map { GPUShareRunRow.Pod(name: $0.policy, node: $0.digest, gpus: []) })
    }

    var lines: [Line] {
        study.policies.map { policy in
            let runs = rows.filter { $0.policy == policy }
            func mean(_ value: (GPUShareRunRow) -> Double?) -> Double? {
                let values = runs.compactMap(value)
                guard values.count == runs.count, !values.isEmpty else { return nil }
                return values.reduce(0, +) / Double(values.count)
            }
            let last = runs.map { $0.points.last?.arrivedPercent ?? 0 }.max() ?? 0
            let allocated = runs.compactMap { $0.points.last?.allocatedPercent }
            return Line(
                policy: policy, runs: runs.count, placedMean: mean { Double($0.placed) } ?? 0,
                allocatedAt100Percent: mean { run in
                    run.points.first { $0.arrivedPercent == 100 }?.allocatedPercent
                },
                lastPercent: last, allocatedMean: mean { $0.points.last?.allocatedPercent } ?? 0,
                allocatedLeast: allocated.min() ?? 0, allocatedMost: allocated.max() ?? 0,
                fragmentRatioMean: mean { $0.points.last?.fragmentRatioPercent } ?? 0,
                fragmentMean: mean { $0.points.last?.fragmentPercent } ?? 0)
        }
    }

    var text: String {
        func cell(_ value: Double?) -> String {
            value.map { String(format: "%.2f", $0) } ?? "-"
        }
        let lines = lines
        let last = lines.first.map { "\($0.lastPercent) %" } ?? "the end"
        var table = [
            [
                "policy", "at 100 %", "at \(last)", "least", "most", "fragment ratio", "fragments",
                "placed",
            ]
        ]
        for line in lines {
            table.append([
                line.policy, cell(line.allocatedAt100Percent), cell(line.allocatedMean),
                cell(line.allocatedLeast), cell(line.allocatedMost), cell(line.fragmentRatioMean),
                cell(line.fragmentMean), String(format: "%.1f", line.placedMean),
            ])
        }
        let seeds = study.seeds.count == 1 ? "seed" : "seeds"
        let numbers =
            study.seeds.count > 1
            ? "\(study.seeds.first ?? 0) to \(study.seeds.last ?? 0)" : "\(study.seeds.first ?? 0)"
        var text = """
            \(study.name) · \(HumanFormat.count(Int64(study.nodes.count))) nodes, \
            \(HumanFormat.count(Int64(study.gpuCount))) GPUs · \
            \(HumanFormat.count(Int64(study.pods.count))) pods · \(seeds) \(numbers)

            percent of GPUs allocated when arrivals have asked for so many percent of them


            """
        for row in table { text += GPUShareStudyReport.aligned(row, widths(of: table)) + "\n" }
        text += """

            \(file) · \(HumanFormat.bytes(bytes)) · \(rows.count) runs · digest \(digest)

            """
        return text
    }

    private func widths(of table: [[String]]) -> [Int] {
        table[0].indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    }

    private static func aligned(_ row: [String], _ widths: [Int]) -> String {
        zip(row, widths).enumerated().map { position, pair in
            let padding = String(repeating: " ", count: pair.1 - pair.0.count)
            return position == 0 ? pair.0 + padding : padding + pair.0
        }
        .joined(separator: "  ")
    }

    private struct Document: Encodable {
        var study: String
        var nodes: Int
        var gpus: Int
        var pods: Int
        var seeds: [Int64]
        var policies: [Line]
        var digest: String
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let document = Document(
            study: study.name, nodes: study.nodes.count, gpus: study.gpuCount,
            pods: study.pods.count, seeds: study.seeds, policies: lines, digest: digest)
        guard let data = try? encoder.encode(document) else {
            preconditionFailure("plain values can be encoded")
        }
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
