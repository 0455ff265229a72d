/// One Kubernetes object of a manifest or a listing, with the place where it was written.
public struct KubernetesObject: Sendable {
    public var kind: String
    public var apiVersion: String
    /// Empty where nothing is said.
    public var namespace: String
    public var name: String
    public var file: String
    /// From 1.
    public var line: Int
    /// The chart's file that Helm made it from, where a comment says so.
    public var chartFile: String?
    /// The whole object.
    public var node: SourceNode
    package var treatment: ObjectTreatment

    /// As a report calls it: `Pod ran/du-0`.
    public var title: String {
        "\(kind) " + (namespace.isEmpty ? "" : "\(namespace)/")
            + (name.isEmpty ? "without name" : name)
    }
}

/// The objects of one text in the order written, lists taken apart.
public struct KubernetesObjects: Sendable {
    public internal(set) var objects: [KubernetesObject] = []
    /// Documents without anything in them.
    public internal(set) var emptyDocuments = 0
    /// Kinds that are not known, kinds that decide nothing, keys that are there twice.
    public internal(set) var report = ImportReport()

    /// Objects by kind, kinds ascending.
    public var countsByKind: [(kind: String, count: Int)] {
        var counts: [String: Int] = [:]
        for object in objects { counts[object.kind, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// Reads the objects of a text as tools print them: YAML with several documents, JSON texts in a row, lists of any kind,
/// AdmissionReviews, watch events, `helm template`. Every kind is kept; what it leads to is in the report.
///
/// - Parameter file: What messages call the text; `-` is standard input.
/// - Throws: all mistakes: what is no text of this kind, objects without `kind`, versions that do not exist.
public func readKubernetesObjects(
    _ bytes: [UInt8], file: String, templates: ManifestTemplates = .refused,
    limits: SourceLimits = .listing
) throws(InputError) -> KubernetesObjects {
    var text = ManifestText(file: file, templates: templates, limits: limits)
    let documents = try text.documents(bytes)
    var collection = ObjectCollection(text: text)
    for document in documents { collection.add(document) }
    collection.tellWhatIsLeftAside()
    try collection.diagnostics.throwIfErrors()
    return collection.result
}

private struct ObjectCollection {
    let text: ManifestText
    var diagnostics = Diagnostics()
    var result = KubernetesObjects()
    /// Where the object of the newest watch event of a name stands, and objects that later events replace.
    private var events: [String: Int] = [:]
    private var replaced: Set<Int> = []

    /// Lists in lists, at most.
    private static let deepestList = 8

    init(text: ManifestText) {
        self.text = text
        result.report = text.report
    }

    mutating func add(_ node: SourceNode, depth: Int = 0) {
        switch node.value {
        case .null: result.emptyDocuments += 1
        case .sequence(let elements):
            guard mayGoDeeper(node, depth) else { return }
            for element in elements { add(element, depth: depth + 1) }
        case .mapping(let entries):
            if entries.isEmpty { result.emptyDocuments += 1 } else { addMapping(node, depth) }
        case .scalar:
            diagnostics.error(
                at: node, "expected a Kubernetes object, found \(node.said.prefix(60))",
                hint: "an object is a mapping with `apiVersion` and `kind`")
        }
    }

    private mutating func mayGoDeeper(_ node: SourceNode, _ depth: Int) -> Bool {
        if depth < ObjectCollection.deepestList { return true }
        diagnostics.error(
            at: node, "lists in lists, more than \(ObjectCollection.deepestList) deep")
        return false
    }

    private mutating func addMapping(_ node: SourceNode, _ depth: Int) {
        // A watch event: what happened to an object, and the object.
        if let type = node["type"]?.text, let object = node["object"], node["kind"] == nil,
            object.entries != nil
        {
            return addEvent(type, object, depth)
        }
        guard let kindNode = node["kind"], let kind = kindNode.text, !kind.isEmpty else {
            return tellKindIsMissing(node)
        }
        if kind == "AdmissionReview" { return addReview(node, depth) }
        if kind == "List" || kind.hasSuffix("List"), let items = node["items"] {
            return addItems(items, of: node, kind: kind, depth)
        }
        if kind == "Template", node["objects"] != nil {
            return result.report.dropped(
                "Template \(node["metadata"]?["name"]?.text ?? "")",
                "an OpenShift template: `oc process` makes objects of it", file: text.file,
                line: node.mark.line)
        }
        guard let version = node["apiVersion"]?.text, !version.isEmpty else {
            return diagnostics.error(
                at: node["apiVersion"] ?? node, "`apiVersion` of a \(kind) is missing",
                hint: hintForVersion(kind))
        }
        append(node, kind, version)
    }

    private func hintForVersion(_ kind: String) -> String {
        let versions = OwnerKind.all.first { $0.name == kind }?.apiVersions ?? ["v1"]
        return "write `apiVersion: \(versions[0])`"
    }

    private mutating func append(_ node: SourceNode, _ kind: String, _ version: String) {
        var (treatment, versions) = ObjectKinds.treatment(kind, version)
        // The device plugin of SR-IOV is told in one what a node offers.
        if kind == "ConfigMap", node["data"]?["config.json"] != nil { treatment = .node }
        if !versions.isEmpty, !versions.contains(version) {
            return diagnostics.error(
                at: node["apiVersion"] ?? node, "expected \(listed(versions)), found `\(version)`",
                hint: "a \(kind) has `apiVersion: \(versions[0])`")
        }
        let metadata = node["metadata"]
        if let metadata, metadata.entries == nil, !metadata.isNull {
            return diagnostics.error(
                at: metadata, "`metadata`: expected a mapping, found \(metadata.said)")
        }
        result.objects.append(
            KubernetesObject(
                kind: kind, apiVersion: version, namespace: metadata?["namespace"]?.text ?? "",
                name: metadata?["name"]?.text ?? generated(metadata?["generateName"]?.text),
                file: text.file, line: node.mark.line,
                chartFile: text.source(ofLine: node.mark.line), node: node, treatment: treatment))
    }

    /// The server adds letters behind the dash.
    private func generated(_ name: String?) -> String {
        var name = name ?? ""
        while name.hasSuffix("-") { name.removeLast() }
        return name
    }

    private func listed(_ versions: [String]) -> String {
        versions.map { "`\($0)`" }.joined(separator: " or ")
    }

    private mutating func addItems(
        _ items: SourceNode, of list: SourceNode, kind: String, _ depth: Int
    ) {
        guard mayGoDeeper(list, depth) else { return }
        // A server's empty list is null.
        if items.isNull { return }
        guard let elements = items.elements else {
            return diagnostics.error(
                at: items, "`items` of a \(kind): expected a list, found \(items.said)")
        }
        // Items of a typed list do not repeat what they are.
        let itemKind = kind == "List" ? nil : String(kind.dropLast(4))
        for element in elements {
            add(
                element.saying(kind: itemKind, apiVersion: list["apiVersion"]?.text),
                depth: depth + 1)
        }
    }

    private mutating func addReview(_ node: SourceNode, _ depth: Int) {
        guard let request = node["request"], let object = request["object"], !object.isNull else {
            return diagnostics.error(
                at: node, "an AdmissionReview without `request.object`",
                hint: "a request says what is admitted, a response does not")
        }
        let said = request["kind"]
        let group = said?["group"]?.text ?? ""
        let version = said?["version"]?.text
        let apiVersion = version.map { group.isEmpty ? $0 : "\(group)/\($0)" }
        guard mayGoDeeper(node, depth) else { return }
        var review = object.saying(kind: said?["kind"]?.text, apiVersion: apiVersion)
        if review["metadata"]?["namespace"] == nil, let namespace = request["namespace"]?.text {
            review = review.withMetadata("namespace", namespace)
        }
        if review["metadata"]?["name"] == nil, review["metadata"]?["generateName"] == nil {
            let name = "\((said?["kind"]?.text ?? "object").lowercased())-under-review"
            review = review.withMetadata("name", name)
            result.report.guessed(
                name, "an AdmissionReview's object without a name", file: text.file,
                line: node.mark.line)
        }
        add(review, depth: depth + 1)
    }

    private mutating func addEvent(_ type: String, _ object: SourceNode, _ depth: Int) {
        let kind = object["kind"]?.text ?? ""
        let name = object["metadata"]?["name"]?.text ?? ""
        let namespace = object["metadata"]?["namespace"]?.text ?? ""
        switch type {
        case "ADDED", "MODIFIED", "DELETED":
            let key = "\(kind)/\(namespace)/\(name)"
            if let earlier = events.removeValue(forKey: key) { replaced.insert(earlier) }
            guard type != "DELETED" else {
                return result.report.dropped(
                    "\(kind) \(name)", "an event of its deletion", file: text.file,
                    line: object.mark.line)
            }
            guard mayGoDeeper(object, depth) else { return }
            let position = result.objects.count
            add(object, depth: depth + 1)
            if result.objects.count == position + 1 { events[key] = position }
        case "BOOKMARK": break
        default:
            diagnostics.error(
                at: object, "a watch event `\(type)`, which brings no object",
                hint: "events are `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK`")
        }
    }

    private mutating func tellKindIsMissing(_ node: SourceNode) {
        let keys = (node.entries ?? []).map(\.key)
        let shown = keys.prefix(3).map { "`\($0)`" }.joined(separator: ", ")
        let hint: String
        if keys.contains("swagger") || keys.contains("openapi") {
            hint = "an API description has schemas, not objects"
        } else if keys.contains("apiVersion") || keys.contains("metadata") {
            hint = "write `kind: Pod`, or whatever it is"
        } else {
            hint =
                "an object has `apiVersion` and `kind`; `helm template` makes objects of a chart's "
                + "values"
        }
        diagnostics.error(
            at: node, "expected a Kubernetes object, found a mapping of \(shown) without `kind`",
            hint: hint)
    }

    /// A note for each kind that leads to nothing here.
    mutating func tellWhatIsLeftAside() {
        if !replaced.isEmpty {
            result.objects = result.objects.enumerated()
                .filter { !replaced.contains($0.offset) }.map(\.element)
        }
        var seen: [(kind: String, count: Int, line: Int, reason: String)] = []
        var positions: [String: Int] = [:]
        for object in result.objects {
            let reason: String
            switch object.treatment {
            case .workload, .policy: continue
            case .node: reason = ObjectKinds.forNodes
            case .neutral: reason = "decides nothing about placement"
            case .notModelled(let why): reason = why
            case .unknown: reason = "an unknown kind of `\(object.apiVersion)`, skipped"
            }
            let key = "\(object.kind) \(reason)"
            if let position = positions[key] {
                seen[position].count += 1
            } else {
                positions[key] = seen.count
                seen.append((object.kind, 1, object.line, reason))
            }
        }
        for entry in seen {
            result.report.dropped(
                entry.count == 1 ? "1 \(entry.kind)" : "\(entry.count) of kind \(entry.kind)",
                entry.reason, file: text.file, line: entry.line)
        }
    }
}

extension SourceNode {
    /// The same object with what it is, where it does not say so itself.
    fileprivate func saying(kind: String?, apiVersion: String?) -> SourceNode {
        guard var entries else { return self }
        for (key, value) in [("kind", kind), ("apiVersion", apiVersion)] {
            guard let value, self[key] == nil else { continue }
            entries.insert(
                Entry(
                    key: key, keyMark: mark,
                    value: SourceNode(.scalar(value, isQuoted: true), at: mark)),
                at: 0)
        }
        return SourceNode(.mapping(entries), at: mark)
    }

    fileprivate func withMetadata(_ key: String, _ value: String) -> SourceNode {
        guard var entries else { return self }
        let entry = Entry(
            key: key, keyMark: mark, value: SourceNode(.scalar(value, isQuoted: true), at: mark))
        if let position = entries.firstIndex(where: { $0.key == "metadata" }) {
            let own = entries[position].value.entries ?? []
            entries[position].value = SourceNode(
                .mapping(own + [entry]), at: entries[position].value.mark)
        } else {
            entries.append(
                Entry(
                    key: "metadata", keyMark: mark, value: SourceNode(.mapping([entry]), at: mark)))
        }
        return SourceNode(.mapping(entries), at: mark)
    }
}
