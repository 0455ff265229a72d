/// A scenario with every key, its value and its meaning, as YAML that can be read again.
///
/// ```
/// seed: 42                             # Where all randomness comes from
/// until: workload-finished             # default. When the run ends: …
/// ```
struct Explanation {
    private var lines: [(text: String, comment: String)] = []

    static func text(of completed: SourceNode, written: SourceNode, as type: ValueType) -> String {
        var explanation = Explanation()
        explanation.add(completed, written: written, as: type, indent: 0)
        return explanation.aligned()
    }

    private mutating func add(
        _ node: SourceNode, written: SourceNode?, as type: ValueType?, indent: Int
    ) {
        for entry in CanonicalJSON.ordered(node, as: type) {
            let isDefault = written?[entry.key] == nil
            let key = type?.table(for: node)?.key(entry.key)
            let comment = [isDefault && key != nil ? "default." : nil, key?.summary]
                .compactMap(\.self).joined(separator: " ")
            add(
                key: plain(entry.key), entry.value, written: written?[entry.key],
                as: type?.value(of: entry.key, in: node), comment: comment, indent: indent)
        }
    }

    private mutating func add(
        key: String, _ value: SourceNode, written: SourceNode?, as type: ValueType?,
        comment: String, indent: Int
    ) {
        let start = String(repeating: "  ", count: indent) + key + ":"
        if let entries = value.entries, !entries.isEmpty {
            lines.append((start, comment))
            add(value, written: written, as: type, indent: indent + 1)
        } else if let elements = value.elements,
            elements.contains(where: { $0.entries != nil }), type?.isTabular == true
        {
            lines.append((start, comment))
            for (position, element) in elements.enumerated() {
                let first = lines.count
                add(
                    element, written: written?.elements?[safe: position],
                    as: type?.element(of: value), indent: indent + 2)
                let margin = String(repeating: "  ", count: indent + 1)
                if first < lines.count {
                    lines[first].text =
                        margin + "- " + lines[first].text.dropFirst(margin.count + 2)
                } else {
                    lines.append((margin + "- {}", ""))
                }
            }
        } else {
            lines.append((start + " " + shown(value, as: type), comment))
        }
    }

    /// A word bare where YAML and people take it so, all else as JSON.
    private func shown(_ value: SourceNode, as type: ValueType?) -> String {
        guard case .scalar(let word, _) = value.value, let type, !type.isForeign else {
            return CanonicalJSON.text(of: value, as: type ?? .foreign(.podTemplate))
        }
        let isBare =
            word.utf8.allSatisfy {
                $0 < 0x80 && (isLetter($0) || "0123456789-_./".utf8.contains($0))
            } && word.utf8.contains(where: isLetter) && !word.hasPrefix("-")
        return isBare && !["true", "false", "null"].contains(word.lowercased())
            ? word : CanonicalJSON.scalar(word, isQuoted: true, as: type)
    }

    /// A key bare where YAML takes it so.
    private func plain(_ key: String) -> String {
        let isPlain = key.utf8.allSatisfy {
            $0 < 0x80
                && (Character(Unicode.Scalar($0)).isLetter || "0123456789-_./".utf8.contains($0))
        }
        let first = key.first.map { $0.isLetter } ?? false
        return isPlain && first && !["true", "false", "null"].contains(key)
            ? key : CanonicalJSON.quoted(key)
    }

    private func aligned() -> String {
        let column = 44
        return lines.map { line in
            guard !line.comment.isEmpty else { return line.text }
            let gap = max(1, column - line.text.count)
            return line.text + String(repeating: " ", count: gap) + "# " + line.comment
        }.joined(separator: "\n") + "\n"
    }
}

private func isLetter(_ byte: UInt8) -> Bool {
    byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
}

extension ValueType {
    fileprivate var isForeign: Bool {
        if case .foreign = self { true } else { false }
    }

    /// Whether it is a list of tables, which is shown one key a line.
    fileprivate var isTabular: Bool {
        if case .list(let element) = self, case .table = element { return true }
        return false
    }
}

extension Array {
    fileprivate subscript(safe position: Int) -> Element? {
        indices.contains(position) ? self[position] : nil
    }
}
