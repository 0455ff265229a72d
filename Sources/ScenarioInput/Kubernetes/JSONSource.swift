/// Reads one JSON text, as `kubectl -o json` and files of vectors hold it, with the place of each value.
///
/// Strict (RFC 8259): no comments, no trailing commas, no duplicate keys, nothing behind the value. One pass over
/// the bytes, for texts by the thousand; the YAML reader reads JSON as well.
///
/// - Parameters:
///   - file: What messages call the text.
///   - line: The number of its first line, for a file with one text a line.
package func readJSONSource(
    _ bytes: some Collection<UInt8>, file: String, line: Int = 1,
    limits: SourceLimits = .configuration
) throws(InputError) -> SourceNode {
    guard bytes.count <= limits.bytes else {
        throw InputError([
            Diagnostic(
                file: file, line: line,
                message: "the text has \(bytes.count) bytes; at most \(limits.bytes) are read")
        ])
    }
    var reader = JSONReader(Array(bytes), file: file, line: line, limits: limits)
    return try reader.read()
}

/// Reads JSON texts that follow one another, as `kubectl get -o json --watch` prints them; empty for blanks alone.
package func readJSONSources(
    _ bytes: some Collection<UInt8>, file: String, limits: SourceLimits
) throws(InputError) -> [SourceNode] {
    guard bytes.count <= limits.bytes else {
        throw InputError([
            Diagnostic(
                file: file,
                message: "the file has \(grouped(bytes.count)) bytes; at most "
                    + "\(grouped(limits.bytes)) are read")
        ])
    }
    var reader = JSONReader(Array(bytes), file: file, line: 1, limits: limits)
    return try reader.readAll()
}

private struct JSONReader {
    private let bytes: [UInt8]
    private let file: String
    private let limits: SourceLimits
    private var position = 0
    private var line: Int
    /// Where the present line starts.
    private var lineStart = 0
    /// Bytes of this line that do not begin a character.
    private var continuations = 0
    private var values = 0

    init(_ bytes: [UInt8], file: String, line: Int, limits: SourceLimits) {
        self.bytes = bytes
        self.file = file
        self.line = line
        self.limits = limits
    }

    mutating func read() throws(InputError) -> SourceNode {
        skipBlanks()
        let node = try value(depth: 0)
        skipBlanks()
        if position < bytes.count { throw refusal("something follows the JSON value") }
        return node
    }

    mutating func readAll() throws(InputError) -> [SourceNode] {
        var nodes: [SourceNode] = []
        skipBlanks()
        while position < bytes.count {
            nodes.append(try value(depth: 0))
            skipBlanks()
        }
        return nodes
    }

    private var mark: SourceMark {
        SourceMark(file: file, line: line, column: position - lineStart - continuations + 1)
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func refusal(_ message: String, at mark: SourceMark? = nil) -> InputError {
        let mark = mark ?? self.mark
        return InputError([
            Diagnostic(file: file, line: mark.line, column: mark.column, message: message)
        ])
    }

    private mutating func skipBlanks() {
        while let byte = next {
            switch byte {
            case 0x20, 0x09, 0x0D: position += 1
            case 0x0A:
                position += 1
                line += 1
                lineStart = position
                continuations = 0
            default: return
            }
        }
    }

    private mutating func value(depth: Int) throws(InputError) -> SourceNode {
        let mark = mark
        values += 1
        if values > limits.values { throw refusal("more than \(limits.values) values") }
        if depth > limits.depth {
            throw refusal("more than \(limits.depth) levels of lists and mappings")
        }
        switch next {
        case UInt8(ascii: "{"): return SourceNode(.mapping(try entries(depth)), at: mark)
        case UInt8(ascii: "["): return SourceNode(.sequence(try elements(depth)), at: mark)
        case UInt8(ascii: "\""):
            return SourceNode(.scalar(try string(), isQuoted: true), at: mark)
        case nil: throw refusal("the JSON text ends where a value is expected")
        default: return SourceNode(try word(), at: mark)
        }
    }

    private mutating func entries(_ depth: Int) throws(InputError) -> [SourceNode.Entry] {
        var entries: [SourceNode.Entry] = []
        var keys: Set<String> = []
        position += 1
        skipBlanks()
        if take("}") { return entries }
        while true {
            let keyMark = mark
            guard next == UInt8(ascii: "\"") else { throw expected("a key in quotes") }
            let key = try string()
            guard keys.insert(key).inserted else {
                throw refusal("duplicate key `\(key)`", at: keyMark)
            }
            skipBlanks()
            guard take(":") else { throw expected("`:` after the key `\(key.prefix(40))`") }
            skipBlanks()
            entries.append(
                SourceNode.Entry(key: key, keyMark: keyMark, value: try value(depth: depth + 1)))
            skipBlanks()
            if take("}") { return entries }
            guard take(",") else { throw expected("`,` or `}`") }
            skipBlanks()
        }
    }

    private mutating func elements(_ depth: Int) throws(InputError) -> [SourceNode] {
        var elements: [SourceNode] = []
        position += 1
        skipBlanks()
        if take("]") { return elements }
        while true {
            elements.append(try value(depth: depth + 1))
            skipBlanks()
            if take("]") { return elements }
            guard take(",") else { throw expected("`,` or `]`") }
            skipBlanks()
        }
    }

    /// What stands next where something else should.
    private func expected(_ words: String) -> InputError {
        guard let byte = next else {
            return refusal("the JSON text ends where \(words) is expected")
        }
        let isShown = 0x20 < byte && byte < 0x7F
        let found = isShown ? "`\(Character(Unicode.Scalar(byte)))`" : "byte \(byte)"
        return refusal("expected \(words), found \(found)")
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// `true`, `false`, `null` or a number.
    private mutating func word() throws(InputError) -> SourceNode.Value {
        let start = mark
        let word = bytes[position...].prefix { byte in
            !" \t\r\n,:]}[{\"".utf8.contains(byte)
        }
        let text = String(decoding: word, as: UTF8.self)
        switch text {
        case "null":
            position += 4
            return .null
        case "true", "false": break
        default:
            guard JSONReader.isNumber(word) else {
                throw refusal("expected a JSON value, found `\(text.prefix(40))`", at: start)
            }
        }
        position += word.count
        return .scalar(text, isQuoted: false)
    }

    /// `-? (0 | [1-9][0-9]*) ('.' [0-9]+)? ([eE] [+-]? [0-9]+)?`
    private static func isNumber(_ word: ArraySlice<UInt8>) -> Bool {
        var rest = word
        func digits() -> ArraySlice<UInt8> {
            rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let whole = digits()
        if whole.isEmpty || whole.count > 1 && whole.first == UInt8(ascii: "0") { return false }
        rest = rest[whole.endIndex...]
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            let fraction = digits()
            if fraction.isEmpty { return false }
            rest = rest[fraction.endIndex...]
        }
        if let letter = rest.first, letter | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            if let sign = rest.first, "+-".utf8.contains(sign) { rest = rest.dropFirst() }
            let exponent = digits()
            if exponent.isEmpty { return false }
            rest = rest[exponent.endIndex...]
        }
        return rest.isEmpty
    }

    private mutating func string() throws(InputError) -> String {
        let start = mark
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw refusal("a text that is not UTF-8", at: start)
                }
                return string
            case UInt8(ascii: "\\"): try appendEscaped(to: &text)
            case 0..<0x20:
                throw refusal("a control character in a text; write it as `\\n` or `\\u…`")
            default:
                if byte & 0xC0 == 0x80 { continuations += 1 }
                text.append(byte)
                position += 1
            }
        }
        throw refusal("a text without its closing quote", at: start)
    }

    private mutating func appendEscaped(to text: inout [UInt8]) throws(InputError) {
        let simple: [UInt8: UInt8] = [
            UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F,
            UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A,
            UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
        ]
        position += 1
        guard let letter = next else { throw refusal("a text without its closing quote") }
        if let byte = simple[letter] {
            text.append(byte)
            position += 1
            return
        }
        guard letter == UInt8(ascii: "u"), var code = codeUnit() else {
            throw refusal("an unknown escape in a text")
        }
        if 0xD800..<0xDC00 ~= code {
            guard bytes[position...].starts(with: "\\u".utf8) else {
                throw refusal("half a surrogate pair in a text")
            }
            position += 1
            guard let low = codeUnit(), 0xDC00..<0xE000 ~= low else {
                throw refusal("half a surrogate pair in a text")
            }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw refusal("half a surrogate pair in a text")
        }
        text += Array(String(Character(scalar)).utf8)
    }

    /// The four hexadecimal digits after the `u` that stands next.
    private mutating func codeUnit() -> UInt32? {
        let digits = bytes[position...].dropFirst().prefix(4)
        guard digits.count == 4,
            digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        position += 5
        return code
    }
}
