public import Foundation
import Primitives

/// Reads a study, or tells all mistakes of its file at once. Its scenario is read when it is run.
///
/// - Parameter overrides: `path.to.key=value` into the study itself, as after `--set`.
public func readStudy(
    path: String, overrides: [String] = [],
    environment: [String: String] = ProcessInfo.processInfo.environment
) throws(InputError) -> Study {
    var files = InputFiles(
        folder: URL(filePath: FileManager.default.currentDirectoryPath), environment: environment)
    let bytes: [UInt8]
    do throws(FileProblem) {
        bytes = try files.readScenarioFile(path, limit: SourceLimits.configuration.bytes)
    } catch {
        throw InputError([Diagnostic(file: path, message: error.message, hint: error.hint)])
    }
    return try readStudy(
        bytes: bytes, file: path, overrides: overrides, environment: environment)
}

/// Reads a study that is in memory.
///
/// - Parameter file: What messages call it; the scenario's path starts at its folder.
package func readStudy(
    bytes: [UInt8], file: String, overrides: [String] = [],
    environment: [String: String] = [:]
) throws(InputError) -> Study {
    let table = ValueType.table(StudyKeys.study)
    let written = try applyOverrides(overrides, to: try readRoot(bytes, file: file), as: table)
    let completed = KeyDefaults.complete(naming(written, after: file), as: table)
    var check = KeyCheck(diagnostics: Diagnostics())
    check.check(written, against: table)
    var reader = StudyReader(root: completed, file: file, diagnostics: check.diagnostics)
    let study = reader.read(environment: environment)
    guard let study, !reader.diagnostics.hasErrors else {
        throw InputError(
            shown(reader.diagnostics, text: String(decoding: bytes, as: UTF8.self), file: file))
    }
    return study
}

/// A study of a scenario that was given on a command line: `--vary path=a,b` and seeds.
///
/// - Parameters:
///   - variations: `path=value,value`, each a parameter of a grid; values with commas stand in brackets or quotes.
public func makeStudy(
    scenario: String, overrides: [String], variations: [String], seeds: [UInt64]
) throws(InputError) -> Study {
    var diagnostics = Diagnostics()
    var parameters: [(path: String, values: [String])] = []
    for variation in variations {
        let file = "--vary \(variation)"
        func refuse(_ message: String, _ hint: String) {
            diagnostics.add(Diagnostic(file: file, message: message, hint: hint))
        }
        let example = "for example `--vary nodes.worker.count=8,16,32`"
        guard let (path, values) = splitVariation(variation) else {
            refuse("a variation is `path.to.key=value,value`", example)
            continue
        }
        do throws(InputError) {
            let documents = try readSourceDocuments("[\(values)]", file: file)
            let elements = documents.first?.elements ?? []
            if elements.isEmpty { refuse("no value to vary", example) }
            parameters.append((path, elements.map { StudyReader.text(of: $0) }))
        } catch {
            for mistake in error.diagnostics {
                diagnostics.add(Diagnostic(file: file, message: mistake.message, hint: example))
            }
        }
    }
    try diagnostics.throwIfErrors()
    guard let points = StudyReader.grid(parameters.map(\.values), limit: StudyReader.runLimit)
    else {
        throw InputError([
            Diagnostic(file: "--vary", message: "more than 1,000,000 combinations")
        ])
    }
    let labels = Study.labels(of: parameters.map(\.path))
    let name = URL(filePath: scenario).deletingPathExtension().lastPathComponent
    var study = Study(
        name: name, description: "", scenarioPath: scenario, overrides: overrides,
        parameters: zip(parameters, labels).map { Study.Parameter(path: $0.path, label: $1) },
        points: points, seeds: seeds, canonicalJSON: "")
    study.canonicalJSON = study.json
    return study
}

private func splitVariation(_ text: String) -> (path: String, values: String)? {
    var isQuoted = false
    for index in text.indices {
        if text[index] == "\"" { isQuoted.toggle() }
        guard text[index] == "=", !isQuoted else { continue }
        let path = String(text[..<index])
        return path.isEmpty ? nil : (path, String(text[text.index(after: index)...]))
    }
    return nil
}

extension Study {
    /// What a study that no file describes is known by.
    fileprivate var json: String {
        func list(_ texts: [String]) -> JSONValue { .strings(texts) }
        return JSONValue.object([
            ("kind", .string("Study")), ("scenario", .string(scenarioPath)),
            ("set", list(overrides)), ("paths", list(parameters.map(\.path))),
            ("points", .array(points.map(list))),
            ("seeds", .array(seeds.map { .bare(String($0)) })),
        ]).text()
    }
}

struct StudyReader {
    let root: SourceNode
    /// The study's own path; the scenario's is relative to its folder.
    let file: String
    var diagnostics: Diagnostics

    /// Most runs of a study.
    static let runLimit = 1_000_000

    /// Nil when something is missing that a mistake was told of.
    mutating func read(environment: [String: String]) -> Study? {
        let parameters = readParameters()
        let seeds = readSeeds()
        let design = root.choice("design", as: Study.Design.self) ?? .grid
        var paths = parameters.map(\.path)
        let points: [[String]]?
        switch design {
        case .grid: points = grid(parameters)
        case .random: points = random(parameters)
        case .list: (paths, points) = readPoints(besides: parameters)
        }
        guard let scenario = root.present("scenario"), let name = scenario.text,
            let path = scenarioPath(name, at: scenario, environment), let points
        else { return nil }
        guard points.count * seeds.count <= StudyReader.runLimit else {
            diagnostics.error(
                at: root,
                "\(grouped(points.count)) combinations with \(grouped(seeds.count)) seeds",
                hint: "a study has at most \(grouped(StudyReader.runLimit)) runs")
            return nil
        }
        let labels = Study.labels(of: paths)
        return Study(
            name: root["metadata"]?.string("name") ?? "study",
            description: root["metadata"]?.string("description") ?? "", scenarioPath: path,
            overrides: root.map("set").map { "\($0.key)=\(StudyReader.text(of: $0.value))" },
            parameters: zip(paths, labels).map { Study.Parameter(path: $0, label: $1) },
            points: points, seeds: seeds,
            canonicalJSON: CanonicalJSON.text(of: root, as: .table(StudyKeys.study)))
    }

    /// A value as it stands behind `=` of an override.
    static func text(of node: SourceNode) -> String { CanonicalJSON.text(of: node, as: .anything) }

    private mutating func scenarioPath(
        _ name: String, at node: SourceNode, _ environment: [String: String]
    ) -> String? {
        do throws(FileProblem) {
            let (path, _) = try expandVariables(in: name, from: environment)
            if path.hasPrefix("/") { return path }
            // As a person would write it from here, and as the system follows it through links.
            let start = file.lastIndex(of: "/").map { file[...$0] } ?? ""
            return start + path
        } catch {
            diagnostics.error(at: node, error.message, hint: error.hint)
            return nil
        }
    }

    private mutating func readSeeds() -> [UInt64] {
        guard let node = root.present("seeds") else { return [1] }
        if let elements = node.elements {
            let seeds = elements.compactMap { $0.text.flatMap(ScalarValues.seed) }
            if seeds.isEmpty { diagnostics.error(at: node, "no seed, and nothing would run") }
            if Set(seeds).count != seeds.count {
                diagnostics.error(at: node, "a seed is here twice")
            }
            return seeds
        }
        let first = UInt64(node.integer("from") ?? 1)
        return (0..<UInt64(node.integer("count") ?? 1)).map { first + $0 }
    }

    // MARK: Combinations

    private typealias Values = (path: String, values: [String], node: SourceNode)

    private mutating func readParameters() -> [Values] {
        root.map("parameters").map { entry in
            let key = SourceNode(.null, at: entry.keyMark)
            if let elements = entry.value.elements {
                if elements.isEmpty {
                    diagnostics.error(at: entry.value, "`\(entry.key)` has no value to run with")
                }
                return (entry.key, elements.map(StudyReader.text), key)
            }
            return (entry.key, range(entry.value), key)
        }
    }

    private mutating func range(_ node: SourceNode) -> [String] {
        guard let from = node.number("from"), let to = node.number("to") else { return [] }
        let step = node.number("step") ?? 1
        guard from <= to, (to - from) / step < 1_000_000 else {
            diagnostics.error(
                at: node, "a range from \(shortest(from)) to \(shortest(to))",
                hint: "`from` is at most `to`, and there are at most 1,000,000 values")
            return []
        }
        // Each from the first, so that steps of 0.1 do not add up their errors.
        let count = Int(((to - from) / step + 1e-9).rounded(.down)) + 1
        return (0..<count).map { number in
            let value = from + Double(number) * step
            return shortest((value * 1e9).rounded() / 1e9)
        }
    }

    private mutating func grid(_ parameters: [Values]) -> [[String]]? {
        let points = StudyReader.grid(parameters.map(\.values), limit: StudyReader.runLimit)
        if points == nil {
            diagnostics.error(
                at: root["parameters"] ?? root,
                "more than \(grouped(StudyReader.runLimit)) combinations")
        }
        return points
    }

    /// Every combination, the last parameter changing first; nil when there are more than `limit`.
    static func grid(_ values: [[String]], limit: Int) -> [[String]]? {
        var points: [[String]] = [[]]
        for choices in values {
            guard points.count * choices.count <= limit else { return nil }
            points = points.flatMap { point in choices.map { point + [$0] } }
        }
        return points
    }

    private mutating func random(_ parameters: [Values]) -> [[String]]? {
        guard let samples = root.integer("samples") else {
            diagnostics.error(
                at: root.present("design") ?? root, "`design: random` needs `samples`",
                hint: "`samples: 100` draws a hundred combinations")
            return nil
        }
        guard parameters.allSatisfy({ !$0.values.isEmpty }) else { return nil }
        let seed = root.string("sampleSeed").flatMap(ScalarValues.seed) ?? 0
        // A stream for each path: another parameter does not change what this one draws.
        var streams = parameters.map { RandomStream(seed: seed, name: "study/\($0.path)") }
        return (0..<samples).map { _ in
            parameters.indices.map { index in
                let values = parameters[index].values
                return values[Int(streams[index].below(UInt64(values.count)))]
            }
        }
    }

    private mutating func readPoints(besides parameters: [Values]) -> ([String], [[String]]?) {
        for parameter in parameters {
            diagnostics.error(
                at: parameter.node, "`parameters` has no meaning with `design: list`",
                hint: "write its values under `points`")
        }
        let nodes = root.list("points")
        guard let first = nodes.first else {
            diagnostics.error(
                at: root.present("design") ?? root, "`design: list` needs `points`",
                hint: "`points: [{nodes.worker.count: 8}, {nodes.worker.count: 16}]`")
            return ([], nil)
        }
        let paths = (first.entries ?? []).map(\.key)
        var points: [[String]] = []
        for node in nodes {
            let entries = node.entries ?? []
            guard Set(entries.map(\.key)) == Set(paths) else {
                diagnostics.error(
                    at: node, "a point of other paths than the first",
                    hint: "every point has " + paths.map { "`\($0)`" }.joined(separator: ", "))
                continue
            }
            points.append(
                paths.compactMap { path in node[path].map { StudyReader.text(of: $0) } })
        }
        return (paths, points)
    }
}
