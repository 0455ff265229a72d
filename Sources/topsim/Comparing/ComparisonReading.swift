import Foundation
import Metrics
import ResultsDatabase
import ScenarioInput

/// Reads what is to be compared: files of runs, of studies, or the points of one study.
enum ComparisonReading {
    /// Files, each a variant; or one study, whose variants are the values of `label`, or its points.
    static func read(_ files: [String], by label: String?) throws -> ComparisonInput {
        let studies = files.filter { StudyFile.isStudy($0) }
        if studies.isEmpty, label == nil { return try runs(files) }
        guard studies.count == files.count else {
            let other = files.first { !StudyFile.isStudy($0) } ?? ""
            // Says what is wrong with a file that is neither.
            _ = try ResultsReader(path: other)
            throw refusal(
                other, "a single run, and `\(studies.first ?? "--by")` is about a study",
                hint: "compare runs with runs and studies with studies")
        }
        let results = try files.map { try StudyFile.read($0) }
        if results.count == 1 { return try points(of: results[0], file: files[0], by: label) }
        guard label == nil else {
            throw refusal(files[1], "`--by` takes the variants from one study, and here are more")
        }
        return try compare(results, files)
    }

    /// The variants of one study.
    static func points(
        of results: StudyResults, file: String, by label: String?
    ) throws -> ComparisonInput {
        let study = results.study
        var input = ComparisonInput(name: study.name, variants: [])
        for metric in results.metrics { input.learn(metric) }
        var compared = Array(study.parameters.indices)
        if let label {
            compared = compared.filter {
                study.parameters[$0].label == label || study.parameters[$0].path == label
            }
            guard !compared.isEmpty else {
                let labels = study.parameters.map { "`\($0.label)`" }.joined(separator: ", ")
                throw refusal(
                    file, "the study has no parameter `\(label)`",
                    hint: labels.isEmpty ? "it varies nothing" : "it varies \(labels)")
            }
        }
        var positions: [[String]: Int] = [:]
        for (number, point) in study.points.enumerated() {
            let values = compared.map { point[$0] }
            if positions[values] == nil {
                positions[values] = input.variants.count
                input.variants.append(VariantRuns(name: name(of: values, compared, in: study)))
            }
            let rest = point.indices.filter { !compared.contains($0) }.map { point[$0] }
            for run in results.runs where run.point == number {
                input.variants[positions[values] ?? 0].add(
                    .init(values: rest, seed: run.seed), metrics(of: run, in: results))
            }
        }
        input.variants.removeAll { $0.keys.isEmpty }
        guard input.variants.count > 1 else {
            throw refusal(
                file, "the study has one variant, and nothing to compare it with",
                hint: "name a second file, or vary something: `--vary path=a,b`")
        }
        guard input.variants.count <= 50 else {
            throw refusal(
                file, "\(input.variants.count) variants, and a table has 50 at most",
                hint: "choose one parameter with `--by`")
        }
        return input
    }

    private static func name(
        of values: [String], _ parameters: [Int], in study: StudyDescription
    ) -> String {
        guard parameters.count > 1 else { return values.first ?? study.name }
        return zip(parameters, values).map { "\(study.parameters[$0].label)=\($1)" }
            .joined(separator: ",")
    }

    private static func metrics(
        of run: StudyResults.Run, in results: StudyResults
    ) -> [String: Double]? {
        guard run.failure == nil else { return nil }
        var values: [String: Double] = [:]
        for (position, value) in run.values.enumerated() where !value.isNaN {
            values[results.metrics[position].name] = value
        }
        return values
    }

    private static func compare(
        _ results: [StudyResults], _ files: [String]
    ) throws -> ComparisonInput {
        let first = results[0].study
        var input = ComparisonInput(name: first.name, variants: [])
        // Parameters that all have make pairs; one with a single value in each study is what is compared.
        let common = first.parameters.map(\.path).filter { path in
            let values = results.map { part -> Set<String>? in
                let study = part.study
                return study.parameters.firstIndex { $0.path == path }.map { place in
                    Set(study.points.map { $0[place] })
                }
            }
            return values.allSatisfy { $0 != nil } && values.contains { ($0?.count ?? 0) > 1 }
        }
        for (part, file) in zip(results, files) {
            if let (own, other) = otherScenario(first, part.study) {
                throw refusal(
                    file, "a study of another scenario than `\(files[0])`",
                    hint: "`\(own)` and `\(other)`: only runs of one scenario make pairs")
            }
            for parameter in part.study.parameters where !common.contains(parameter.path) {
                let places = part.study.parameters.indices.filter {
                    part.study.parameters[$0] == parameter
                }
                let values = Set(part.study.points.map { point in places.map { point[$0] } })
                guard values.count <= 1 else {
                    throw refusal(
                        file,
                        "it varies `\(parameter.path)`, which the other studies do not",
                        hint:
                            "compare its values with `topsim compare \(file) --by \(parameter.label)`"
                    )
                }
            }
            for metric in part.metrics { input.learn(metric) }
            var variant = VariantRuns(name: label(file, among: files))
            let positions = common.compactMap { path in
                part.study.parameters.firstIndex { $0.path == path }
            }
            for run in part.runs {
                variant.add(
                    .init(
                        values: positions.map { part.study.points[run.point][$0] }, seed: run.seed),
                    metrics(of: run, in: part))
            }
            input.variants.append(variant)
        }
        return input
    }

    /// The scenarios of two studies by their files' names, if those differ.
    private static func otherScenario(
        _ left: StudyDescription, _ right: StudyDescription
    ) -> (String, String)? {
        func scenario(_ study: StudyDescription) -> String {
            let object =
                try? JSONSerialization.jsonObject(with: Data(study.studyJSON.utf8))
                as? [String: Any]
            let path = (object ?? [:])["scenario"] as? String ?? study.name
            return URL(filePath: path).lastPathComponent
        }
        let (a, b) = (scenario(left), scenario(right))
        return a == b ? nil : (a, b)
    }

    private static func runs(_ files: [String]) throws -> ComparisonInput {
        var input: ComparisonInput?
        for file in files {
            let reader = try ResultsReader(path: file)
            guard reader.run.status == .complete else {
                throw refusal(
                    file, "its run is \(reader.run.status.rawValue), and only whole runs compare",
                    hint: "run it again")
            }
            var next = input ?? ComparisonInput(name: reader.run.name, variants: [])
            guard next.name == reader.run.name else {
                throw refusal(
                    file, "a run of another scenario than `\(files[0])`",
                    hint:
                        "`\(next.name)` and `\(reader.run.name)`: only runs of one scenario compare"
                )
            }
            var variant = VariantRuns(name: label(file, among: files))
            var values: [String: Double] = [:]
            for metric in try reader.metrics() {
                next.learn(
                    StudyResults.MetricInfo(
                        name: metric.name, unit: metric.unit, polarity: metric.polarity,
                        definition: metric.definition))
                if !metric.value.isNaN { values[metric.name] = metric.value }
            }
            let key = VariantRuns.PairKey(values: [], seed: reader.run.seed)
            if let other = next.variants.first?.keys.first, other.seed != key.seed {
                throw refusal(
                    file, "a run with seed \(key.seed), and `\(files[0])` has \(other.seed)",
                    hint: "runs of other seeds differ by chance; run both with the same `--seed`")
            }
            variant.add(key, values)
            next.variants.append(variant)
            input = next
        }
        guard let input, input.variants.count > 1 else {
            throw refusal(
                files.first ?? "", "one run, and nothing to compare it with",
                hint: "name a second file, or `topsim compare SCENARIO --vary path=a,b --seeds 20`")
        }
        return input
    }

    /// The file's name without what all share; the path where names are alike.
    private static func label(_ file: String, among files: [String]) -> String {
        func short(_ file: String) -> String {
            URL(filePath: file).deletingPathExtension().lastPathComponent
        }
        return files.count { short($0) == short(file) } == 1 ? short(file) : file
    }

    static func refusal(_ file: String, _ message: String, hint: String? = nil) -> InputError {
        InputError([Diagnostic(file: file, message: message, hint: hint)])
    }
}
