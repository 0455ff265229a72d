/// One `--set path.to.key=value`: keys with dots between them, `*` for any key or element, numbers for elements.
///
/// A key that itself has dots is quoted: `nodes.worker.labels."topology.kubernetes.io/zone"=a`.
struct Override {
    /// As the user wrote it.
    var text: String
    var path: [String]
    var value: SourceNode

    /// What messages call it.
    var file: String { "--set \(text)" }

    init(_ text: String) throws(InputError) {
        self.text = text
        let file = "--set \(text)"
        guard let (path, valueText) = Override.split(text), !path.isEmpty,
            !path.contains("")
        else {
            throw InputError([
                Diagnostic(
                    file: file, message: "an override is `path.to.key=value`",
                    hint: "for example `--set nodes.worker.count=16`")
            ])
        }
        self.path = path
        let documents: [SourceNode]
        do throws(InputError) {
            documents = try readSourceDocuments(valueText, file: file)
        } catch {
            // The whole override is the place.
            throw InputError(
                error.diagnostics.map {
                    Diagnostic(file: file, message: $0.message, hint: $0.hint)
                })
        }
        guard documents.count <= 1 else {
            throw InputError([Diagnostic(file: file, message: "more than one document as a value")])
        }
        let mark = SourceMark(file: file, line: 0, column: 0)
        value = documents.first?.moved(to: mark) ?? SourceNode(.null, at: mark)
    }

    /// The keys before the first `=` outside quotes, and the text behind it.
    private static func split(_ text: String) -> (path: [String], value: String)? {
        var path: [String] = []
        var key = ""
        var isQuoted = false
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch character {
            case "\"": isQuoted.toggle()
            case "." where !isQuoted:
                path.append(key)
                key = ""
            case "=" where !isQuoted: return (path + [key], String(rest))
            default: key.append(character)
            }
        }
        return nil
    }
}

extension SourceNode {
    /// The same tree as if it were all written at one place.
    func moved(to mark: SourceMark) -> SourceNode {
        switch value {
        case .null, .scalar: SourceNode(value, at: mark)
        case .sequence(let elements):
            SourceNode(.sequence(elements.map { $0.moved(to: mark) }), at: mark)
        case .mapping(let entries):
            SourceNode(
                .mapping(
                    entries.map {
                        Entry(key: $0.key, keyMark: mark, value: $0.value.moved(to: mark))
                    }), at: mark)
        }
    }
}

/// Puts an override's value into a tree, at every place that its path matches.
struct OverrideApplication {
    let override: Override
    private(set) var matches = 0
    /// The first key that matched nothing, with what there was instead.
    private var miss: (path: [String], key: String, known: [String])?

    static func apply(
        _ override: Override, to root: SourceNode, as type: ValueType
    ) throws(InputError) -> SourceNode {
        var application = OverrideApplication(override: override)
        let result = application.set(override.path[...], in: root, as: type)
        if application.matches == 0 { throw InputError([application.refusal]) }
        return result
    }

    private init(override: Override) { self.override = override }

    private var refusal: Diagnostic {
        guard let miss else {
            return Diagnostic(file: override.file, message: "the path matches nothing")
        }
        let place = miss.path.isEmpty ? "the scenario" : "`\(miss.path.joined(separator: "."))`"
        return Diagnostic(
            file: override.file, message: "nothing is called `\(miss.key)` in \(place)",
            hint: suggestion(for: miss.key, among: miss.known, called: "its keys"))
    }

    private mutating func set(
        _ path: ArraySlice<String>, in node: SourceNode, as type: ValueType?
    ) -> SourceNode {
        guard let key = path.first else {
            matches += 1
            return override.value
        }
        let rest = path.dropFirst()
        if var elements = node.elements {
            for position in elements.indices where key == "*" || key == String(position) {
                elements[position] = set(
                    rest, in: elements[position], as: type?.element(of: node))
            }
            if key != "*" && Int(key).map(elements.indices.contains) != true {
                note(miss: path, among: elements.indices.map(String.init))
            }
            return SourceNode(.sequence(elements), at: node.mark)
        }
        var entries = node.entries ?? []
        guard node.entries != nil || node.isNull, !(node.isNull && key == "*") else {
            note(miss: path, among: [])
            return node
        }
        let matching = entries.indices.filter { key == "*" || entries[$0].key == key }
        for position in matching {
            entries[position].value = set(
                rest, in: entries[position].value,
                as: type?.value(of: entries[position].key, in: node))
        }
        if matching.isEmpty {
            guard key != "*", let created = create(path, in: node, as: type) else {
                note(miss: path, among: names(in: node, as: type))
                return node
            }
            entries.append(created)
        }
        return SourceNode(.mapping(entries), at: node.mark)
    }

    /// An entry for a key that the format knows and the file does not have.
    private mutating func create(
        _ path: ArraySlice<String>, in node: SourceNode, as type: ValueType?
    ) -> SourceNode.Entry? {
        guard let key = path.first, type?.mayHold(key, in: node) ?? false else { return nil }
        let mark = SourceMark(file: override.file, line: 0, column: 0)
        let empty = SourceNode(.mapping([]), at: mark)
        let value = set(path.dropFirst(), in: empty, as: type?.value(of: key, in: node))
        return SourceNode.Entry(key: key, keyMark: mark, value: value)
    }

    private mutating func note(miss path: ArraySlice<String>, among known: [String]) {
        if miss == nil {
            miss = (Array(override.path[..<path.startIndex]), path.first ?? "", known)
        }
    }

    private func names(in node: SourceNode, as type: ValueType?) -> [String] {
        let present = (node.entries ?? []).map(\.key)
        guard let table = type?.table(for: node) else { return present }
        return present + table.keys.map(\.name).filter { !present.contains($0) }
    }
}

extension ValueType {
    /// The table that a mapping is held against.
    func table(for node: SourceNode) -> KeyTable? {
        switch self {
        case .table(let table), .foreign(.kubeletConfiguration(let table)): table
        case .variants(let key, let tables): tables.first { $0.variant == node[key]?.text }
        case .either(let types): types.lazy.compactMap { $0.table(for: node) }.first
        default: nil
        }
    }

    /// What the value under `key` is held against; nil when nothing is known of it.
    func value(of key: String, in node: SourceNode) -> ValueType? {
        if let table = table(for: node) { return table.key(key)?.type }
        switch self {
        case .map(let element, _): return element
        case .foreign(.podTemplate): return self
        case .either(let types):
            return types.lazy.compactMap { $0.value(of: key, in: node) }.first
        default: return nil
        }
    }

    func element(of node: SourceNode) -> ValueType? {
        switch self {
        case .list(let element): element
        case .foreign(.podTemplate): self
        case .either(let types): types.lazy.compactMap { $0.element(of: node) }.first
        default: nil
        }
    }

    /// Whether an override may add `key`: one that the format knows, or an entry of a map of plain values.
    func mayHold(_ key: String, in node: SourceNode) -> Bool {
        if let table = table(for: node) { return table.key(key) != nil }
        switch self {
        case .map(.table, _): return false
        case .map: return true
        case .foreign(.podTemplate):
            // Limits, requests, labels: mappings of plain values.
            let entries = node.entries ?? []
            return !entries.isEmpty && entries.allSatisfy { $0.value.text != nil }
        case .either(let types): return types.contains { $0.mayHold(key, in: node) }
        default: return false
        }
    }
}
