import Analysis
import Metrics
import Reporting
import ResultsDatabase
import ScenarioInput

/// The runs of one side of a comparison, by what a pair shares.
struct VariantRuns {
    /// What the runs of two variants must agree in to be a pair.
    struct PairKey: Hashable {
        /// The values of the parameters that are not compared, in the study's order.
        var values: [String]
        var seed: UInt64
    }

    var name: String
    /// In the order of the files.
    private(set) var keys: [PairKey] = []
    private var values: [PairKey: [String: Double]] = [:]
    private(set) var failures = 0

    init(name: String) { self.name = name }

    /// A run; nil when it failed.
    mutating func add(_ key: PairKey, _ metrics: [String: Double]?) {
        guard values[key] == nil else { return }
        keys.append(key)
        values[key] = metrics ?? [:]
        if metrics == nil { failures += 1 }
    }

    func has(_ key: PairKey) -> Bool { values[key] != nil }

    /// NaN where the run did not measure it.
    func value(_ metric: String, _ key: PairKey) -> Double {
        guard let run = values[key] else { return .nan }
        if let value = run[metric] { return value }
        return !run.isEmpty && MetricDefinition.isZeroWhenAbsent(metric) ? 0 : .nan
    }
}

/// What is compared: variants, the first of which is the reference, and what their numbers mean.
struct ComparisonInput {
    var name: String
    var variants: [VariantRuns]
    var metrics: [String: StudyResults.MetricInfo] = [:]

    mutating func learn(_ metric: StudyResults.MetricInfo) {
        if metrics[metric.name] == nil { metrics[metric.name] = metric }
    }

    /// What is shown when nothing is asked for: what a planner looks at first.
    static let usualMetrics = [
        "pods.started", "pods.pending", "rejections.admission.*", "aligned.numa", "wait.p50",
        "wait.p99", "use.cpu", "use.memory", "stranded.cpu", "fragmentation.cpu", "policy_tax",
    ]

    /// - Parameter patterns: Names of metrics, `*` for any part; nil for all there are.
    func report(
        metrics patterns: [String]?, settings: ComparisonSettings
    ) throws(InputError) -> ComparisonReport {
        let reference = variants[0]
        let names = try chosenMetrics(patterns)
        // Keys that every variant has, so that all columns are about the same runs.
        let keys = reference.keys.filter { key in variants.allSatisfy { $0.has(key) } }
        guard !keys.isEmpty else {
            throw InputError([
                Diagnostic(
                    file: variants[1].name,
                    message: "no run to pair with `\(reference.name)`: "
                        + "no seed, or no seed and values of the other parameters, is in common",
                    hint: "run both with the same seeds, as in `--seeds 20`")
            ])
        }
        let seeds = bySeed(keys)
        var samples: [PairedSample] = []
        for metric in names {
            for candidate in variants.dropFirst() {
                samples.append(sample(metric, reference, candidate, seeds))
            }
        }
        let comparisons = Analysis.compare(samples, settings: settings)
        let width = variants.count - 1
        let rows = names.enumerated().map { position, metric in
            ComparisonReport.Row(
                metric: metric, unit: metrics[metric]?.unit ?? .count,
                polarity: metrics[metric]?.polarity ?? .neither,
                definition: metrics[metric]?.definition ?? "",
                means: variants.map { variant in
                    mean(keys.map { variant.value(metric, $0) })
                },
                comparisons: Array(comparisons[position * width..<(position + 1) * width]))
        }
        var report = ComparisonReport(
            name: name, variants: variants.map(\.name), rows: rows, pairs: seeds.count,
            settings: settings)
        report.hiddenMetrics = patterns == nil ? 0 : metrics.count - names.count
        report.notes = notes(keys: keys.count, seeds: seeds.count)
        return report
    }

    /// The runs of each seed, in the order of the seeds' first runs.
    private func bySeed(_ keys: [VariantRuns.PairKey]) -> [[VariantRuns.PairKey]] {
        var positions: [UInt64: Int] = [:]
        var groups: [[VariantRuns.PairKey]] = []
        for key in keys {
            let position = positions[key.seed] ?? groups.count
            if position == groups.count {
                positions[key.seed] = position
                groups.append([])
            }
            groups[position].append(key)
        }
        return groups
    }

    /// A pair for each seed. Runs of one seed share their arrivals, so several points of a seed are no more
    /// independent than one: their mean is the pair.
    private func sample(
        _ metric: String, _ reference: VariantRuns, _ candidate: VariantRuns,
        _ seeds: [[VariantRuns.PairKey]]
    ) -> PairedSample {
        var sample = PairedSample(
            metric: metric, polarity: metrics[metric]?.polarity ?? .neither, reference: [],
            candidate: [])
        for keys in seeds {
            let both = keys.map { (reference.value(metric, $0), candidate.value(metric, $0)) }
                .filter { $0.isFinite && $1.isFinite }
            sample.reference.append(mean(both.map(\.0)))
            sample.candidate.append(mean(both.map(\.1)))
        }
        return sample
    }

    private func mean(_ values: [Double]) -> Double {
        let numbers = values.filter(\.isFinite)
        return numbers.isEmpty ? .nan : numbers.reduce(0, +) / Double(numbers.count)
    }

    private func notes(keys pairs: Int, seeds: Int) -> [String] {
        var notes: [String] = []
        if pairs > seeds {
            notes.append(
                "each seed is the mean of up to \((pairs + seeds - 1) / seeds) points that differ in "
                    + "what is not compared")
        }
        for variant in variants {
            if variant.failures > 0 {
                notes.append("\(variant.failures) runs of \(variant.name) failed and are no pair")
            }
            let alone = variant.keys.count - pairs
            if alone > 0 { notes.append("\(alone) runs of \(variant.name) have no partner") }
        }
        return notes
    }

    /// In the catalogue's order; of the usual ones those that are not zero everywhere.
    private func chosenMetrics(_ patterns: [String]?) throws(InputError) -> [String] {
        let order = MetricOrder()
        let all = metrics.keys.sorted { order.isBefore($0, $1) }
        guard let patterns else { return all }
        var chosen: [String] = []
        for pattern in patterns {
            let matching = all.filter { MetricPattern.matches($0, pattern) }
            if matching.isEmpty, patterns != ComparisonInput.usualMetrics {
                throw InputError([
                    Diagnostic(
                        file: "--metric \(pattern)", message: "no run has a metric of that name",
                        hint: "`--all` shows the metrics that there are; `*` stands for any part")
                ])
            }
            for name in matching where !chosen.contains(name) {
                if patterns == ComparisonInput.usualMetrics, isZeroEverywhere(name) { continue }
                chosen.append(name)
            }
        }
        return chosen
    }

    private func isZeroEverywhere(_ metric: String) -> Bool {
        variants.allSatisfy { variant in
            variant.keys.allSatisfy { key in
                let value = variant.value(metric, key)
                return value == 0 || value.isNaN
            }
        }
    }
}

/// Metrics in the order in which a summary lists them, then by name.
struct MetricOrder {
    private let families: [String]

    init() {
        families = MetricDefinition.all.map { definition in
            String(definition.name.prefix { $0 != "<" })
        }
    }

    func isBefore(_ left: String, _ right: String) -> Bool {
        let (a, b) = (rank(left), rank(right))
        return a == b ? left < right : a < b
    }

    private func rank(_ name: String) -> Int {
        families.firstIndex { $0.hasSuffix(".") ? name.hasPrefix($0) : name == $0 }
            ?? families.count
    }
}
