package import Primitives
package import WorkloadModel

/// What follows the identifier in a `shape` line: words `key=value`, or a pod template as the last of them.
///
/// ```
/// shape web cpu=500m memory=1Gi limit:memory=2Gi priority=100 label:app=web
/// shape gpu cpu=4 memory=16Gi limits=equal nvidia.com/gpu=1 select:gpu-model=T4
/// shape big namespace=ran template={"spec": {"containers": […]}}
/// ```
package enum StreamTraceShape {
    /// The words for a shape: plain ones where they say all, else a template. Nil where neither does.
    ///
    /// A shape that differs from what is read back only by the order of labels or a controller reference is said.
    package static func text(of shape: PodShape, resources: ResourceTable) -> String? {
        let wanted = comparable(shape)
        for text in [plainText(of: shape, resources: resources)].compactMap(\.self)
            + [templateText(of: shape, resources: resources)]
        {
            var table = resources
            var diagnostics = Diagnostics()
            let place = SourceMark(file: "-", line: 1, column: 1)
            let read = StreamTraceShape.shape(
                text, at: place, resources: &table, diagnostics: &diagnostics)
            if let read, comparable(read) == wanted { return text }
        }
        return nil
    }

    private static func comparable(_ shape: PodShape) -> PodShape {
        var shape = shape
        shape.labels.sort { $0.key < $1.key }
        shape.nodeSelector.sort { $0.key < $1.key }
        shape.placement?.controller = nil
        if shape.placement?.isEmpty == true { shape.placement = nil }
        return shape
    }

    private static func templateText(of shape: PodShape, resources: ResourceTable) -> String {
        "template=" + podTemplateJSON(of: shape, resources: resources)
    }

    /// Nil where words do not suffice.
    private static func plainText(of shape: PodShape, resources: ResourceTable) -> String? {
        guard shape.containers.count == 1, shape.containers[0].kind == .app,
            shape.containers[0].name == "main", shape.containers[0].image.isEmpty,
            shape.podLevel == nil, shape.overhead.isEmpty, shape.tolerations.isEmpty,
            shape.placement == nil || shape.placement?.hostPorts.isEmpty == true
        else { return nil }
        let container = shape.containers[0].resources
        var words = container.requests.map {
            "\(resources[$0.resource])=\(quantityText($0, resources: resources))"
        }
        let limits = container.limits.filter { isOvercommittable($0.resource) }
        let requests = container.requests.filter { isOvercommittable($0.resource) }
        if !limits.isEmpty, limits == requests {
            words.append("limits=equal")
        } else {
            words += limits.map {
                "limit:\(resources[$0.resource])=\(quantityText($0, resources: resources))"
            }
        }
        if shape.namespace != "default" { words.append("namespace=\(shape.namespace)") }
        if shape.priority != 0 { words.append("priority=\(shape.priority)") }
        if shape.schedulerName != "default-scheduler" {
            words.append("scheduler=\(shape.schedulerName)")
        }
        words += shape.labels.map { "label:\($0.key)=\($0.value)" }
        words += shape.nodeSelector.map { "select:\($0.key)=\($0.value)" }
        return words.joined(separator: " ")
    }

    private static func isOvercommittable(_ resource: ResourceIndex) -> Bool {
        resource.position <= ResourceTable.ephemeralStorage.position
    }

    /// The shape of the words in `text`; nil after a mistake was told.
    package static func shape(
        _ text: String, at place: SourceMark, resources: inout ResourceTable,
        diagnostics: inout Diagnostics
    ) -> PodShape? {
        var words = StreamTraceShapeWords(text, at: place)
        words.read(&diagnostics)
        if diagnostics.hasErrors { return nil }
        guard var template = words.template(&diagnostics) else { return nil }
        if words.json == nil { template = words.plainTemplate() }
        return readPodTemplate(template, resources: &resources, diagnostics: &diagnostics).map {
            var shape = $0
            if let namespace = words.namespace { shape.namespace = namespace }
            return shape
        }
    }
}

/// The words of one `shape` line, sorted by what they say.
private struct StreamTraceShapeWords {
    private typealias Entry = SourceNode.Entry

    private let text: String
    private let place: SourceMark
    private var requests: [Entry] = []
    private var limits: [Entry] = []
    private var labels: [Entry] = []
    private var selector: [Entry] = []
    private var specification: [Entry] = []
    private var limitsEqualRequests = false
    private var keys: Set<String> = []
    private(set) var namespace: String?
    private(set) var json: (text: String, place: SourceMark)?

    init(_ text: String, at place: SourceMark) {
        self.text = text
        self.place = place
    }

    mutating func read(_ diagnostics: inout Diagnostics) {
        var rest = text.utf8[...]
        while true {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard !rest.isEmpty else { break }
            var mark = place
            mark.column += text.unicodeScalars.distance(
                from: text.startIndex, to: rest.startIndex)
            if rest.starts(with: "template=".utf8) {
                let value = String(decoding: rest.dropFirst("template=".utf8.count), as: UTF8.self)
                mark.column += "template=".count
                json = (value, mark)
                break
            }
            let word = rest.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
            rest = rest[word.endIndex...]
            take(String(decoding: word, as: UTF8.self), at: mark, &diagnostics)
        }
        if json != nil, keys.contains(where: { $0 != "namespace" }) {
            diagnostics.error(
                at: SourceNode(.null, at: place),
                "a template beside `\(keys.sorted().first { $0 != "namespace" } ?? "")`",
                hint: "a template says all; only `namespace` may stand before it")
        }
    }

    private mutating func take(
        _ word: String, at mark: SourceMark, _ diagnostics: inout Diagnostics
    ) {
        let node = SourceNode(.null, at: mark)
        guard let sign = word.firstIndex(of: "="), sign != word.startIndex else {
            return diagnostics.error(
                at: node, "`\(word)` is no `key=value`",
                hint: "as in `shape web cpu=2 memory=4Gi label:app=web`")
        }
        let key = String(word[..<sign])
        let value = String(word[word.index(after: sign)...])
        guard keys.insert(key).inserted else {
            return diagnostics.error(at: node, "`\(key)` is here twice")
        }
        func entry(_ key: Substring, isQuoted: Bool = true) -> Entry {
            Entry(
                key: String(key), keyMark: mark,
                value: SourceNode(.scalar(value, isQuoted: isQuoted), at: mark))
        }
        switch key {
        case "namespace":
            guard isObjectName(value), value.utf8.count <= 63 else {
                return diagnostics.error(at: node, "`\(value)` cannot name a namespace")
            }
            namespace = value
        case "priority": specification.append(entry("priority", isQuoted: false))
        case "scheduler": specification.append(entry("schedulerName"))
        case "limits":
            guard value == "equal" || value == "none" else {
                return diagnostics.error(
                    at: node, "`limits` is `\(value)`, and `equal` or `none` was expected")
            }
            limitsEqualRequests = value == "equal"
        default:
            if key.hasPrefix("limit:") {
                limits.append(entry(key.dropFirst("limit:".count)))
            } else if key.hasPrefix("label:") {
                labels.append(entry(key.dropFirst("label:".count)))
            } else if key.hasPrefix("select:") {
                selector.append(entry(key.dropFirst("select:".count)))
            } else {
                takeRequest(entry(key[...]), &diagnostics)
            }
        }
    }

    /// Whole things are asked for and limited at once: a limit that differs is refused by Kubernetes.
    private mutating func takeRequest(_ entry: Entry, _ diagnostics: inout Diagnostics) {
        let name = entry.key
        guard name.contains("/") || ResourceNames.isForContainers(name) else {
            let known = ["cpu", "memory", "ephemeral-storage", "priority", "namespace", "limits"]
            let hint =
                nearestName(to: name, among: known).map { "did you mean `\($0)`?" }
                ?? "resources are `cpu`, `memory`, `ephemeral-storage`, `hugepages-<size>` "
                + "and `<domain>/<name>`"
            return diagnostics.error(
                at: SourceNode(.null, at: entry.keyMark), "unknown key `\(name)`", hint: hint)
        }
        requests.append(entry)
        if !ResourceNames.isOvercommittable(name) { limits.append(entry) }
    }

    /// The template that was given; a harmless one where none was. Nil after a mistake was told.
    func template(_ diagnostics: inout Diagnostics) -> SourceNode? {
        guard let json else { return SourceNode(.null, at: place) }
        do throws(InputError) {
            return moved(
                try readJSONSource(Array(json.text.utf8), file: place.file, line: place.line),
                by: json.place.column - 1)
        } catch {
            for diagnostic in error.diagnostics {
                var diagnostic = diagnostic
                diagnostic.column += json.place.column - 1
                diagnostics.add(diagnostic)
            }
            return nil
        }
    }

    /// The same with columns counted from the start of the line.
    private func moved(_ node: SourceNode, by columns: Int) -> SourceNode {
        var node = node
        node.mark.column += columns
        switch node.value {
        case .sequence(let elements):
            node.value = .sequence(elements.map { moved($0, by: columns) })
        case .mapping(let entries):
            node.value = .mapping(
                entries.map { entry in
                    var entry = entry
                    entry.keyMark.column += columns
                    entry.value = moved(entry.value, by: columns)
                    return entry
                })
        case .null, .scalar: break
        }
        return node
    }

    func plainTemplate() -> SourceNode {
        func mapping(_ entries: [Entry]) -> SourceNode { SourceNode(.mapping(entries), at: place) }
        func entry(_ key: String, _ value: SourceNode) -> Entry {
            Entry(key: key, keyMark: place, value: value)
        }
        var limits = limits
        if limitsEqualRequests {
            limits += requests.filter { request in
                ResourceNames.isOvercommittable(request.key)
                    && !limits.contains { $0.key == request.key }
            }
        }
        let resources = mapping([
            entry("requests", mapping(requests)), entry("limits", mapping(limits)),
        ])
        let container = mapping([
            entry("name", SourceNode(.scalar("main", isQuoted: true), at: place)),
            entry("resources", resources),
        ])
        var spec = specification
        spec.append(entry("containers", SourceNode(.sequence([container]), at: place)))
        if !selector.isEmpty { spec.append(entry("nodeSelector", mapping(selector))) }
        return mapping([
            entry("metadata", mapping([entry("labels", mapping(labels))])),
            entry("spec", mapping(spec)),
        ])
    }
}
