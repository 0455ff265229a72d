import ClusterSimulation
import WorkloadModel

extension ImportAssembly {
    /// One entry of `manifests` for each text that has something to say about pods.
    mutating func addManifests() -> [SourceNode] {
        var entries: [SourceNode] = []
        var count = 0
        for text in material.texts {
            guard let workloads = text.workloads else { continue }
            let isJSON = text.bytes.first { $0 > 0x20 }.map { "{[".utf8.contains($0) } ?? false
            let path = freePath("manifests/", stem(of: text.path), isJSON ? ".json" : ".yaml")
            result.files.append(.init(path: path, content: .bytes(text.bytes)))
            var pairs: [(key: String, value: SourceNode)] = [("file", ScenarioTree.text(path))]
            if request.templates != .refused {
                pairs.append(("templates", ScenarioTree.bare(request.templates.rawValue)))
            }
            entries.append(ScenarioTree.mapping(pairs))
            count += workloads.workloads.count
            tellMissingNodes(of: workloads)
        }
        if !entries.isEmpty {
            result.contents.append(
                "\(counted(count, "workload")) in \(counted(entries.count, "manifest"))")
        }
        return entries
    }

    var hasCronJob: Bool {
        material.texts.contains {
            $0.workloads?.workloads.contains { $0.cronJob?.isSuspended == false } ?? false
        }
    }

    private mutating func tellMissingNodes(of workloads: KubernetesWorkloads) {
        let known = Set(material.nodeSide.nodes.map(\.name))
        for workload in workloads.standing {
            guard let node = workload.node, !known.contains(node) else { continue }
            result.report.guessed(
                "Pod \(workload.namespace)/\(workload.name)",
                "no node is called `\(node)`: the scheduler finds one", file: workload.file,
                line: workload.line)
        }
    }

    /// Networks as objects of a file of their own, as they were written.
    mutating func addNetworks() {
        guard !material.networks.isEmpty else { return }
        let text = material.networks.map { "---\n" + yamlText(of: $0) }.joined()
        let path = freePath("", "networks", ".yaml")
        result.files.append(.init(path: path, content: .bytes(Array(text.utf8))))
        append("networkAttachments", ScenarioTree.list([ScenarioTree.text(path)]))
    }

    /// Recordings; where nothing asks for room, one pod as an example.
    mutating func addWorkloads() -> [(key: String, value: SourceNode)] {
        var entries: [(key: String, value: SourceNode)] = []
        for trace in material.traces {
            let key = freeKey(trace.path, among: entries.map(\.key))
            var pairs: [(key: String, value: SourceNode)] = [
                ("format", ScenarioTree.bare(trace.format)),
                (
                    trace.format == "openb" ? "pods" : "file",
                    ScenarioTree.text(copy(trace, into: "traces/"))
                ),
            ]
            pairs += options(of: trace)
            if trace.isWithoutTimes, request.traceOptions["times"] == nil {
                pairs.append(("times", ScenarioTree.bare("order")))
                result.report.guessed(
                    trace.path, "the list has no times: its lines are taken one second apart",
                    file: trace.path)
            }
            result.report.taken(
                trace.path, "pods of a recording of format `\(trace.format)`", file: trace.path)
            entries.append(
                (key, ScenarioTree.mapping([("trace", ScenarioTree.mapping(pairs))])))
        }
        if !material.traces.isEmpty {
            result.contents.append(counted(material.traces.count, "recording"))
        }
        let hasPods = material.texts.contains { $0.workloads?.workloads.isEmpty == false }
        if entries.isEmpty, !hasPods {
            entries.append(("example", ImportAssembly.example))
            comments[["workload"]] = [
                "No file asks for room: an example, for your own pods to take its place."
            ]
            result.report.guessed(
                "workload", "no file asks for room; one pod of 1 CPU and 1Gi as an example",
                file: "")
            result.contents.append("an example pod")
        }
        return entries
    }

    private static let example: SourceNode = {
        let amounts = ScenarioTree.texts(["cpu": "1", "memory": "1Gi"])
        let container = ScenarioTree.mapping([
            ("name", ScenarioTree.text("example")),
            ("resources", ScenarioTree.mapping([("requests", amounts), ("limits", amounts)])),
        ])
        let specification = ScenarioTree.mapping([("containers", ScenarioTree.list([container]))])
        return ScenarioTree.mapping([
            ("template", ScenarioTree.mapping([("spec", specification)]))
        ])
    }()

    /// `columns.cpu.unit` is a key within a key within `columns`.
    private func options(
        of trace: ImportMaterial.Recording
    ) -> [(key: String, value: SourceNode)] {
        var tree = ScenarioTree.mapping([])
        for (key, value) in request.traceOptions.values.sorted(by: { $0.key < $1.key }) {
            tree = setting(tree, key.split(separator: ".").map(String.init)[...], value)
        }
        return (tree.entries ?? []).map { ($0.key, $0.value) }
    }

    private func setting(
        _ tree: SourceNode, _ path: ArraySlice<String>, _ value: String
    ) -> SourceNode {
        guard let key = path.first else { return ScenarioTree.bare(value) }
        let inner = tree[key] ?? ScenarioTree.mapping([])
        return tree.setting(key, to: setting(inner, path.dropFirst(), value))
    }

    // MARK: Files and names

    /// Puts a file into the folder, and says where.
    mutating func copy(_ recording: ImportMaterial.Recording, into folder: String) -> String {
        let last = recording.path.split(separator: "/").last.map(String.init) ?? recording.path
        let name = recording.path == "-" ? "standard-input" : last
        let dot = name.firstIndex(of: ".") ?? name.endIndex
        let path = freePath(folder, String(name[..<dot]), String(name[dot...]).filter(isPlain))
        result.files.append(
            .init(
                path: path, content: recording.bytes.map { .bytes($0) } ?? .copy(recording.path)))
        return path
    }

    private func isPlain(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == ".")
    }

    func freeKey(_ path: String, among keys: [String]) -> String {
        let base = dnsLabel(stem(of: path))
        var key = base
        var number = 2
        while keys.contains(key) {
            key = "\(base)-\(number)"
            number += 1
        }
        return key
    }

    /// The file's name up to its first dot.
    func stem(of path: String) -> String {
        if path == "-" { return "standard-input" }
        let last = path.split(separator: "/").last ?? "file"
        return String(last.split(separator: ".").first ?? "file")
    }

    /// One more key of the scenario, unless its value is empty.
    mutating func append(_ key: String, _ value: SourceNode) { root.append((key, value)) }
}
