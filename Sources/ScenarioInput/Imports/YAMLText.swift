/// Trees as YAML: two blanks a level, one way of writing each value, so that equal trees give equal bytes.
///
/// What is written reads back to the same tree but for its places; plain text that YAML has no plain way of writing
/// comes back quoted, and a byte order mark in front of a text is taken off by the reader.
///
/// ```swift
/// yamlText(of: tree)                                   // "seed: 7\nnodes:\n  worker:\n    count: 2\n"
/// yamlText(of: tree, comments: [["nodes"]: ["What the cluster has."]])
/// ```
/// - Parameter comments: Lines above the entry at a path of keys, without `#`.
package func yamlText(of node: SourceNode, comments: [[String]: [String]] = [:]) -> String {
    var writing = YAMLWriting(comments: comments)
    let lines = writing.lines(of: node, path: [])
    return lines.joined(separator: "\n") + "\n"
}

private struct YAMLWriting {
    let comments: [[String]: [String]]
    /// Longest list of scalars in one line.
    private static let lineWidth = 80

    init(comments: [[String]: [String]]) { self.comments = comments }

    mutating func lines(of node: SourceNode, path: [String]) -> [String] {
        if let short = inOneLine(node) { return [short] }
        switch node.value {
        case .sequence(let elements):
            return elements.flatMap { element -> [String] in
                let own = lines(of: element, path: path + ["-"])
                return own.enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }
            }
        case .mapping(let entries):
            return entries.flatMap { entry -> [String] in
                let place = path + [entry.key]
                let remarks = (comments[place] ?? []).map { $0.isEmpty ? "#" : "# \($0)" }
                let key = YAMLScalar.key(entry.key) + ":"
                if let short = inOneLine(entry.value) { return remarks + ["\(key) \(short)"] }
                return remarks + [key] + lines(of: entry.value, path: place).map { "  " + $0 }
            }
        case .null, .scalar: return [inOneLine(node) ?? "null"]
        }
    }

    /// Scalars, empty collections, and short lists of scalars; nil for all else.
    private func inOneLine(_ node: SourceNode) -> String? {
        switch node.value {
        case .null: return "null"
        case .scalar(let text, let isQuoted): return YAMLScalar.text(text, isQuoted: isQuoted)
        case .mapping(let entries): return entries.isEmpty ? "{}" : nil
        case .sequence(let elements):
            if elements.isEmpty { return "[]" }
            var words: [String] = []
            var width = 2
            for element in elements {
                guard case .scalar(let text, let isQuoted) = element.value,
                    isQuoted || !YAMLScalar.isPlain(text) || YAMLScalar.isPlainInBrackets(text)
                else { return nil }
                let word = YAMLScalar.text(text, isQuoted: isQuoted)
                width += word.count + 2
                if width > YAMLWriting.lineWidth { return nil }
                words.append(word)
            }
            return "[" + words.joined(separator: ", ") + "]"
        }
    }
}

/// How a scalar is written: plain where YAML reads that as the same text, else between double quotes.
package enum YAMLScalar {
    /// What a plain word means besides its text.
    private static let nulls: Set<String> = ["", "~", "null", "Null", "NULL"]

    static func text(_ text: String, isQuoted: Bool) -> String {
        !isQuoted && isPlain(text) ? text : quoted(text)
    }

    /// Keys are read as texts, quoted or not; a plain one must not be the merge key or a null.
    static func key(_ key: String) -> String {
        let isWord =
            key.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || "_-./".utf8.contains(byte)
            } && key.utf8.first.map { !"-.".utf8.contains($0) } == true && key.utf8.count < 120
        return isWord && !nulls.contains(key) ? key : quoted(key)
    }

    /// Whether the text without quotes is one plain scalar, in a block.
    package static func isPlain(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        guard let first = scalars.first, let last = scalars.last, !nulls.contains(text),
            first != " ", last != " ", last != ":", !text.hasPrefix("---"), !text.hasPrefix("...")
        else { return false }
        if "-?:".unicodeScalars.contains(first) {
            guard scalars.count > 1, scalars[1] != " " else { return false }
        } else if ",[]{}#&*!|>'\"%@`".unicodeScalars.contains(first) {
            return false
        }
        for (position, scalar) in scalars.enumerated() {
            guard isPrintable(scalar) else { return false }
            if scalar == ":", position + 1 < scalars.count, scalars[position + 1] == " " {
                return false
            }
            if scalar == "#", position > 0, scalars[position - 1] == " " { return false }
        }
        return true
    }

    /// Between brackets commas, colons and brackets would end it.
    static func isPlainInBrackets(_ text: String) -> Bool {
        isPlain(text)
            && !text.unicodeScalars.contains { ",[]{}:?".unicodeScalars.contains($0) }
    }

    /// Neither a control character nor one that YAML takes for the end of a line.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
            0x10000...0x10FFFF:
            true
        default: false
        }
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default:
                if isPrintable(scalar) {
                    result.unicodeScalars.append(scalar)
                } else {
                    result += escaped(scalar.value)
                }
            }
        }
        return result + "\""
    }

    private static func escaped(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        let (letter, width) = value <= 0xFF ? ("x", 2) : value <= 0xFFFF ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }
}
