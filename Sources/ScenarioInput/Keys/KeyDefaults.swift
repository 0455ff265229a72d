/// Makes every default explicit: a copy of a tree in which absent keys stand with what holds without them.
///
/// Defaults carry the place of the mapping in which they are missing. What `KeyCheck` refuses counts as absent, so
/// that whoever reads the copy meets no value out of range.
struct KeyDefaults {
    /// Trees of default texts, parsed once.
    private var parsed: [String: SourceNode] = [:]

    static func complete(_ node: SourceNode, as type: ValueType) -> SourceNode {
        var defaults = KeyDefaults()
        return defaults.complete(node, as: type)
    }

    private mutating func complete(_ node: SourceNode, as type: ValueType) -> SourceNode {
        switch type {
        case .table(let table):
            return complete(node, table)
        case .foreign(.kubeletConfiguration(let table)):
            return completeForeign(node, table)
        case .foreign(.podTemplate), .anything:
            return node
        case .withoutEffect:
            return SourceNode(.null, at: node.mark)
        case .variants(let key, let tables):
            guard let table = tables.first(where: { $0.variant == node[key]?.text }) else {
                return SourceNode(.null, at: node.mark)
            }
            return complete(node, table)
        case .map(let element, _):
            guard let entries = node.entries, entries.count <= KeyCheck.mapLimit else {
                return SourceNode(.null, at: node.mark)
            }
            return SourceNode(
                .mapping(entries.map { replacing($0, as: element) }), at: node.mark)
        case .list(let element):
            guard let elements = node.elements else { return SourceNode(.null, at: node.mark) }
            return SourceNode(.sequence(elements.map { complete($0, as: element) }), at: node.mark)
        case .foreign(.networkAttachment):
            return node
        case .either(let types):
            // Of several scalars, the one that the text can be.
            let fitting = types.filter { $0.hasForm(of: node) }
            let type = fitting.first { type in
                node.text.map { KeyCheck.mistake(in: $0, as: type) == nil } ?? true
            }
            guard let type else { return SourceNode(.null, at: node.mark) }
            return complete(node, as: type)
        default:
            guard let text = node.text, KeyCheck.mistake(in: text, as: type) == nil else {
                return SourceNode(.null, at: node.mark)
            }
            return node
        }
    }

    private mutating func replacing(
        _ entry: SourceNode.Entry, as type: ValueType
    ) -> SourceNode.Entry {
        var entry = entry
        entry.value = complete(entry.value, as: type)
        return entry
    }

    /// The mapping with its keys in the order of the file, then the absent ones in the order of the table.
    private mutating func complete(_ node: SourceNode, _ table: KeyTable) -> SourceNode {
        guard let entries = node.entries else { return SourceNode(.null, at: node.mark) }
        var completed: [SourceNode.Entry] = []
        for entry in entries where !entry.value.isNull {
            guard let key = table.key(entry.key) else {
                completed.append(entry)
                continue
            }
            let checked = replacing(entry, as: key.type)
            if !checked.value.isNull { completed.append(checked) }
        }
        for key in table.keys where !completed.contains(where: { $0.key == key.name }) {
            guard let text = key.defaultText, applies(key, in: node) else { continue }
            let value = tree(of: text).moved(to: node.mark)
            completed.append(
                SourceNode.Entry(
                    key: key.name, keyMark: node.mark, value: complete(value, as: key.type)))
        }
        return SourceNode(.mapping(completed), at: node.mark)
    }

    /// As `complete`, but what is there stays as it is for the reader of its own.
    private mutating func completeForeign(_ node: SourceNode, _ table: KeyTable) -> SourceNode {
        guard var entries = node.entries else { return node }
        entries.removeAll { $0.value.isNull }
        for key in table.keys where !entries.contains(where: { $0.key == key.name }) {
            guard let text = key.defaultText else { continue }
            entries.append(
                SourceNode.Entry(
                    key: key.name, keyMark: node.mark, value: tree(of: text).moved(to: node.mark)))
        }
        return SourceNode(.mapping(entries), at: node.mark)
    }

    private func applies(_ key: Key, in node: SourceNode) -> Bool {
        guard let other = key.with ?? key.defaultWith else { return true }
        return !(node[other]?.isNull ?? true)
    }

    private mutating func tree(of text: String) -> SourceNode {
        if let known = parsed[text] { return known }
        let nothing = SourceNode(.null, at: SourceMark(file: "", line: 0, column: 0))
        let tree = (try? readSourceDocuments(text, file: "").first) ?? nothing
        parsed[text] = tree
        return tree
    }
}
