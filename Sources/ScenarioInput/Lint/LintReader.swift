import Foundation
public import Lint
import WorkloadModel

/// What `lint` read from files, and what it took no notice of.
public struct LintInput: Sendable {
    public var facts = LintFacts()
    public var report = ImportReport()

    public init() {}

    /// Reads one more file after others; all of them are judged together.
    ///
    /// - Parameter path: `-` is standard input.
    public mutating func read(
        path: String, surroundings: ScenarioSurroundings = ScenarioSurroundings()
    ) throws(InputError) {
        let bytes: [UInt8]
        var files = InputFiles(
            folder: URL(filePath: FileManager.default.currentDirectoryPath),
            environment: surroundings.environment)
        do throws(FileProblem) {
            bytes = try files.readScenarioFile(path, limit: SourceLimits.configuration.bytes)
        } catch {
            throw InputError([Diagnostic(file: path, message: error.message, hint: error.hint)])
        }
        try read(bytes, file: path, folder: files.folder.path, surroundings: surroundings)
    }

    /// Reads a text of a scenario, or of Kubernetes objects in YAML documents or JSON.
    ///
    /// - Parameters:
    ///   - file: What findings call it.
    ///   - folder: Where relative paths of a scenario start.
    public mutating func read(
        _ bytes: [UInt8], file: String, folder: String = ".",
        surroundings: ScenarioSurroundings = ScenarioSurroundings()
    ) throws(InputError) {
        let documents = try lintDocuments(bytes, file: file)
        var reader = LintReader(file: file)
        if let root = documents.first, root["kind"]?.text == "Scenario",
            root["apiVersion"]?.text?.hasPrefix("topsim/") ?? false
        {
            let loaded = try readScenario(
                text: String(decoding: bytes, as: UTF8.self), file: file, folder: folder,
                surroundings: surroundings)
            reader.addScenario(root, loaded.scenario)
        } else {
            for document in documents where !document.isNull { reader.add(document, depth: 0) }
        }
        try reader.diagnostics.throwIfErrors()
        facts.append(reader.facts)
        facts.joinZones()
        report.append(reader.report)
    }
}

/// JSON is read strictly, so that tabs in it are no mistake; all else is YAML.
private func lintDocuments(_ bytes: [UInt8], file: String) throws(InputError) -> [SourceNode] {
    let blanks: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
    let first = bytes.first { !blanks.contains($0) }
    if first == UInt8(ascii: "{"), bytes.contains(0x09),
        let node = try? readJSONSource(bytes, file: file)
    {
        return [node]
    }
    return try readSourceDocuments(bytes, file: file)
}

extension LintFacts {
    /// Gives a Node the NUMA nodes that an object of its name tells.
    fileprivate mutating func joinZones() {
        for index in nodes.indices where nodes[index].zones.isEmpty && !nodes[index].name.isEmpty {
            let name = nodes[index].name
            guard let other = nodes.firstIndex(where: { $0.name == name && !$0.zones.isEmpty })
            else { continue }
            nodes[index].zones = nodes[other].zones
        }
        let complete = Set(nodes.filter { $0.labels != nil && !$0.zones.isEmpty }.map(\.name))
        nodes.removeAll { $0.isNode && $0.labels == nil && complete.contains($0.name) }
    }
}

/// Takes objects apart into facts; mistakes and what has no effect are collected.
struct LintReader {
    let file: String
    var facts = LintFacts()
    var report = ImportReport()
    var diagnostics = Diagnostics()

    init(file: String) { self.file = file }

    /// One object of whatever kind, or a list of them.
    mutating func add(_ object: SourceNode, depth: Int) {
        guard object.entries != nil else {
            diagnostics.error(at: object, "expected a Kubernetes object, found \(object.said)")
            return
        }
        guard let kind = object["kind"]?.text else {
            if addBare(object) { return }
            report.dropped("document", "it has no `kind`", file: file, line: object.mark.line)
            return
        }
        if kind.hasSuffix("List"), let items = object["items"]?.elements {
            guard depth < 8 else { return }
            for item in items { add(item, depth: depth + 1) }
            return
        }
        switch kind {
        case "Pod": addPod(object, of: object, kind: kind)
        case "PodTemplate": addPod(object["template"], of: object, kind: kind)
        case "CronJob":
            addPod(
                object["spec"]?["jobTemplate"]?["spec"]?["template"], of: object, kind: kind)
        case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "DeploymentConfig",
            "ReplicationController":
            addPod(object["spec"]?["template"], of: object, kind: kind)
        case "AdmissionReview":
            if let inner = object["request"]?["object"], depth < 8 { add(inner, depth: depth + 1) }
        case "Node": addNode(object)
        case "NodeResourceTopology": addZones(object)
        case "KubeletConfiguration": addKubelet(object, kind: kind)
        case "KubeletConfig": addKubelet(object["spec"]?["kubeletConfig"], kind: kind)
        case "Cluster": addPatches(object)
        case "PerformanceProfile": addProfile(object)
        case "NetworkAttachmentDefinition": addNetwork(object)
        case "SriovNetworkNodePolicy": addPolicy(object)
        case "ConfigMap": addPools(object)
        default:
            let name = name(of: object)
            report.dropped(
                name.isEmpty ? kind : "\(kind) \(name)", "no check looks at this kind", file: file,
                line: object.mark.line)
        }
    }

    func name(of object: SourceNode) -> String {
        object["metadata"]?["name"]?.text ?? object["metadata"]?["generateName"]?.text ?? ""
    }

    func place(_ node: SourceNode) -> LintPlace { place(node.mark) }

    func place(_ mark: SourceMark) -> LintPlace {
        LintPlace(file: mark.file, line: mark.line, column: mark.column)
    }

    /// Amounts by resource: milli-CPU, bytes, units.
    mutating func amounts(_ node: SourceNode?) -> [String: Int64] {
        var amounts: [String: Int64] = [:]
        for entry in node?.entries ?? [] where !entry.value.isNull {
            if let amount = amount(entry.value, of: entry.key) { amounts[entry.key] = amount }
        }
        return amounts
    }

    mutating func amount(_ node: SourceNode, of resource: String) -> Int64? {
        guard let quantity = readQuantity(node, diagnostics: &diagnostics) else { return nil }
        guard let units = quantity.units(exponent: resource == "cpu" ? -3 : 0),
            units.magnitude < 1 << 60
        else {
            diagnostics.error(at: node, "`\(quantity)` of \(resource) is too much")
            return nil
        }
        return max(0, units)
    }

    /// A list such as `0-3,8`; nil after a mistake was told.
    mutating func cpus(_ node: SourceNode?) -> Set<Int> {
        guard let node, let text = node.text, !text.isEmpty else { return [] }
        var cpus: Set<Int> = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
                Int($0.filter { !$0.isWhitespace })
            }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
                0...last ~= first, last < 8192
            else {
                diagnostics.error(
                    at: node, "`\(text)` is no list of CPUs", hint: "write it as in `0-3,8`")
                return []
            }
            cpus.formUnion(first...last)
        }
        return cpus
    }
}
