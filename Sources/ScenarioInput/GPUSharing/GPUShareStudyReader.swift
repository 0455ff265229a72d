import ClusterScheduler
package import ClusterSimulation
import Foundation
import WorkloadModel

/// A study that can be run, and what it was made of.
package struct LoadedGPUShareStudy: Sendable {
    package var study: GPUShareStudy
    package var description: String
    package var files: [InputFile]
    /// The study as JSON with every default explicit.
    package var canonicalJSON: String
}

/// Reads a study of GPU sharing with the files that it names, or tells all mistakes at once.
package func readGPUShareStudy(
    path: String, overrides: [String],
    surroundings: ScenarioSurroundings = ScenarioSurroundings()
) throws(InputError) -> LoadedGPUShareStudy {
    var files = InputFiles(
        folder: URL(filePath: FileManager.default.currentDirectoryPath),
        environment: surroundings.environment)
    let bytes: [UInt8]
    do throws(FileProblem) {
        bytes = try files.readScenarioFile(path, limit: SourceLimits.configuration.bytes)
    } catch {
        throw InputError([Diagnostic(file: path, message: error.message, hint: error.hint)])
    }
    let table = ValueType.table(GPUShareStudyKeys.study)
    let written = try applyOverrides(
        overrides, to: try readRoot(bytes, file: path), as: table)
    let completed = KeyDefaults.complete(naming(written, after: path), as: table)
    var check = KeyCheck(diagnostics: Diagnostics())
    check.check(written, against: table)
    var reader = GPUShareStudyReader(
        root: completed, files: files, diagnostics: check.diagnostics)
    let study = reader.read()
    let found = shown(
        reader.diagnostics, text: String(decoding: bytes, as: UTF8.self), file: path)
    guard let study, !reader.diagnostics.hasErrors else { throw InputError(found) }
    return LoadedGPUShareStudy(
        study: study, description: completed["metadata"]?.string("description") ?? "",
        files: reader.files.files, canonicalJSON: CanonicalJSON.text(of: completed, as: table))
}

private struct GPUShareStudyReader {
    let root: SourceNode
    var files: InputFiles
    var diagnostics: Diagnostics
    private var models = GPUModels()

    init(root: SourceNode, files: InputFiles, diagnostics: Diagnostics) {
        self.root = root
        self.files = files
        self.diagnostics = diagnostics
    }

    /// Nil when something is missing that a mistake was told of.
    mutating func read() -> GPUShareStudy? {
        let nodes = readNodes()
        let pods = readPods()
        guard let nodes, let pods, let seeds = readSeeds(),
            let inflation = root.number("inflation")
        else { return nil }
        var policies: [String] = []
        for policy in root.list("policies") {
            guard let name = policy.text else { continue }
            if policies.contains(name) {
                diagnostics.error(at: policy, "the policy `\(name)` is here twice")
            }
            policies.append(name)
        }
        if policies.isEmpty, let list = root["policies"] {
            diagnostics.error(at: list, "no policy, and nothing would run")
        }
        var study = GPUShareStudy(
            name: root["metadata"]?.string("name") ?? "study", nodes: nodes, pods: pods,
            policies: policies, seeds: seeds, orders: [])
        let gpus = study.gpuCount
        if gpus == 0, let node = root["nodes"] {
            diagnostics.error(at: node, "no node has a GPU")
        }
        guard !diagnostics.hasErrors else { return nil }
        let target = Double(gpus) * 1000 * inflation
        guard target < 1e15 else {
            diagnostics.error(at: root["inflation"] ?? root, "the inflation is too large")
            return nil
        }
        for seed in study.seeds {
            guard let order = order(seed: seed, study, target: Int(target)) else { return nil }
            study.orders.append(order)
        }
        return study
    }

    private mutating func readSeeds() -> [Int64]? {
        guard let node = root["seeds"], let first = node.integer("from"),
            let last = node.integer("to")
        else { return nil }
        guard first <= last, last - first < 10_000 else {
            diagnostics.error(
                at: node, "seeds from \(first) to \(last)",
                hint: "`from` is at most `to`, and there are at most 10,000 seeds")
            return nil
        }
        return (first...last).map { Int64($0) }
    }

    private mutating func order(seed: Int64, _ study: GPUShareStudy, target: Int) -> InflatedOrder?
    {
        guard let entry = root.present("orders"), let pattern = entry.text else {
            return InflatedOrder(
                seed: seed, pods: study.pods.map { ($0.request.gpuMilli, $0.request.gpuCount) },
                target: target, nodeCount: study.nodes.count)
        }
        let name = pattern.replacing("{seed}", with: String(seed))
        guard var bytes = bytes(of: name, at: entry, limit: ArrivalOrderFile.limit) else {
            return nil
        }
        if GzipFile.isGzip(bytes.bytes) {
            do throws(FileProblem) {
                bytes.bytes = try GzipFile.unpacked(bytes.url, limit: ArrivalOrderFile.limit)
            } catch {
                diagnostics.error(at: entry, "`\(name)` \(error.message)", hint: error.hint)
                return nil
            }
        }
        func positions(_ names: [String]) -> [String: Int] {
            Dictionary(uniqueKeysWithValues: zip(names, names.indices))
        }
        do throws(InputError) {
            return try ArrivalOrderFile.read(
                bytes.bytes, file: name, pods: positions(study.pods.map(\.name)),
                nodes: positions(study.nodes.map(\.name)))
        } catch {
            for mistake in error.diagnostics { diagnostics.add(mistake) }
            return nil
        }
    }

    private mutating func readNodes() -> [GPUShareStudy.Node]? {
        guard let entry = root.present("nodes"), let name = entry.text,
            let file = bytes(of: name, at: entry, limit: GPUNodeObjects.limits.bytes)
        else { return nil }
        do throws(InputError) {
            let pods = root.integer("podsPerNode") ?? 1001
            let isCSV = file.bytes.starts(with: Array("sn,".utf8))
            var nodes =
                isCSV
                ? try readGPUShareNodes(csv: file.url, name: name, pods: pods, models: &models)
                : try GPUNodeObjects.read(
                    file.bytes, file: name, pods: pods, models: &models)
            if root.boolean("gpuNodesOnly") ?? true {
                nodes.removeAll { $0.capacity.gpuCount == 0 }
            }
            return nodes.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        } catch {
            for mistake in error.diagnostics { diagnostics.add(mistake) }
            return nil
        }
    }

    private mutating func readPods() -> [GPUShareStudy.Pod]? {
        guard let entry = root.present("pods"), let name = entry.text,
            let file = bytes(of: name, at: entry, limit: ArrivalOrderFile.limit)
        else { return nil }
        do throws(InputError) {
            return try GPUSharePods.read(url: file.url, name: name, models: &models)
        } catch {
            for mistake in error.diagnostics { diagnostics.add(mistake) }
            return nil
        }
    }

    private mutating func bytes(
        of name: String, at node: SourceNode, limit: Int
    ) -> (bytes: [UInt8], url: URL)? {
        var bytes: [UInt8] = []
        do throws(FileProblem) {
            let url = try files.scan(name, limit: Int64(limit)) { bytes += $0 }
            return (bytes, url)
        } catch {
            if !error.isKnown {
                diagnostics.error(at: node, "`\(name)`: \(error.message)", hint: error.hint)
            } else {
                // Told already of another file; still no study.
                diagnostics.error(at: node, "`\(name)` is not there either")
            }
            return nil
        }
    }
}
