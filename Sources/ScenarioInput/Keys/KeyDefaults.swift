/// Makes every default explicit: a copy of a tree in which absent keys stand with what holds without them.
///
/// Defaults carry the place of the mapping in which they are missing.
struct KeyDefaults {
    /// Trees of default texts, parsed once.
    private var parsed: [String: SourceNode] = [:]

    static func complete(_ node: SourceNode, as type: ValueType) -> SourceNode {
        var defaults = KeyDefaults()
        return defaults.complete(node, as: type)
    }

    private mutating func complete(_ node: SourceNode, as type: ValueType) -> SourceNode {
        switch type {
        case .table(let table), .foreign(.kubeletConfiguration(let table)):
            return complete(node, table)
        case .variants(let key, let tables):
            guard let table = tables.first(where: { $0.variant == node[key]?.text }) else {
                return node
            }
            return complete(node, table)
        case .map(let element, _):
            guard let entries = node.entries else { return node }
            return SourceNode(
                .mapping(entries.map { replacing($0, as: element) }), at: node.mark)
        case .list(let element):
            guard let elements = node.elements else { return node }
            return SourceNode(.sequence(elements.map { complete($0, as: element) }), at: node.mark)
        case .either(let types):
            guard let type = types.first(where: { $0.hasForm(of: node) }) else { return node }
            return complete(node, as: type)
        default:
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
        guard let entries = node.entries else { return node }
        var completed: [SourceNode.Entry] = []
        for entry in entries where !entry.value.isNull {
            guard let key = table.key(entry.key) else {
                completed.append(entry)
                continue
            }
            completed.append(replacing(entry, as: key.type))
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
