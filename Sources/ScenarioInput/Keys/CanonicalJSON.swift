/// A completed tree as JSON: keys of tables in the tables' order, all else in the order of the file.
///
/// It is YAML as well, so that it can be read again.
enum CanonicalJSON {
    static func text(of node: SourceNode, as type: ValueType) -> String {
        var text = ""
        write(node, as: type, to: &text)
        return text
    }

    private static func write(_ node: SourceNode, as type: ValueType?, to text: inout String) {
        switch node.value {
        case .null:
            text += "null"
        case .scalar(let word, let isQuoted):
            text += scalar(word, isQuoted: isQuoted, as: type)
        case .sequence(let elements):
            text += "["
            for (position, element) in elements.enumerated() {
                if position > 0 { text += "," }
                write(element, as: type?.element(of: node), to: &text)
            }
            text += "]"
        case .mapping:
            text += "{"
            for (position, entry) in ordered(node, as: type).enumerated() {
                if position > 0 { text += "," }
                text += quoted(entry.key) + ":"
                write(entry.value, as: type?.value(of: entry.key, in: node), to: &text)
            }
            text += "}"
        }
    }

    /// The entries in the order of the table, then those that it does not know, in the order of the file.
    static func ordered(_ node: SourceNode, as type: ValueType?) -> [SourceNode.Entry] {
        let entries = node.entries ?? []
        guard let table = type?.table(for: node) else { return entries }
        let known = table.keys.compactMap { key in entries.first { $0.key == key.name } }
        return known + entries.filter { table.key($0.key) == nil }
    }

    /// Numbers and booleans where the format has such, a string for all else.
    static func scalar(_ word: String, isQuoted: Bool, as type: ValueType?) -> String {
        switch type {
        case .boolean: return word
        case .integer, .seed: return isJSONNumber(word) ? word : quoted(word)
        case .number: return isJSONNumber(word) ? word : quoted(word)
        case nil, .foreign, .anything:
            // Kubernetes' own values keep what they were: a bare 1 a number, a quoted one a string.
            let isBare = !isQuoted && (isJSONNumber(word) || word == "true" || word == "false")
            return isBare ? word : quoted(word)
        default: return quoted(word)
        }
    }

    /// Whether JSON writes the number like this.
    private static func isJSONNumber(_ word: String) -> Bool {
        var rest = Substring(word)
        if rest.first == "-" { rest.removeFirst() }
        let whole = rest.prefix { $0.isASCII && $0.isNumber }
        guard !whole.isEmpty, whole == "0" || whole.first != "0" else { return false }
        rest = rest.dropFirst(whole.count)
        if rest.first == "." {
            let fraction = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
            guard !fraction.isEmpty else { return false }
            rest = rest.dropFirst(1 + fraction.count)
        }
        if rest.first == "e" || rest.first == "E" {
            rest.removeFirst()
            if rest.first == "+" || rest.first == "-" { rest.removeFirst() }
            let exponent = rest.prefix { $0.isASCII && $0.isNumber }
            guard !exponent.isEmpty else { return false }
            rest = rest.dropFirst(exponent.count)
        }
        return rest.isEmpty
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
