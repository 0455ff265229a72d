/// Reads one MessagePack value into the same tree that JSON and YAML become.
///
/// Places are byte offsets: line 1, column offset + 1. A map may have arrays as keys, as SimKube's `pod_lifecycles`
/// does; such a key becomes its elements joined by `|`. Counts are held against the bytes that are left before
/// anything is kept by them. Source of the format: github.com/msgpack/msgpack, spec.md.
func readMessagePack(
    _ bytes: [UInt8], file: String, limits: SourceLimits
) throws(InputError) -> SourceNode {
    guard bytes.count <= limits.bytes else {
        throw InputError([
            Diagnostic(
                file: file,
                message: "\(grouped(bytes.count)) bytes; at most \(grouped(limits.bytes)) are read")
        ])
    }
    var reader = MessagePackReader(bytes: bytes, file: file, limits: limits)
    let node = try reader.value(depth: 0)
    guard reader.position == bytes.count else {
        throw reader.refusal("something follows the MessagePack value")
    }
    return node
}

private struct MessagePackReader {
    let bytes: [UInt8]
    let file: String
    let limits: SourceLimits
    var position = 0
    private var values = 0

    init(bytes: [UInt8], file: String, limits: SourceLimits) {
        self.bytes = bytes
        self.file = file
        self.limits = limits
    }

    private var mark: SourceMark { SourceMark(file: file, line: 1, column: position + 1) }

    func refusal(_ message: String) -> InputError {
        InputError([
            Diagnostic(file: file, line: 1, column: position + 1, message: message)
        ])
    }

    mutating func value(depth: Int) throws(InputError) -> SourceNode {
        guard depth <= limits.depth else {
            throw refusal("more than \(limits.depth) levels of arrays and maps")
        }
        values += 1
        guard values <= limits.values else {
            throw refusal("more than \(grouped(limits.values)) values in one file")
        }
        let mark = mark
        let type = UInt8(truncatingIfNeeded: try unsigned(1))
        switch type {
        case 0x00...0x7F: return number(Int64(type), mark)
        case 0x80...0x8F: return try map(Int(type & 0x0F), mark, depth)
        case 0x90...0x9F: return try array(Int(type & 0x0F), mark, depth)
        case 0xA0...0xBF: return try string(Int(type & 0x1F), mark)
        case 0xE0...0xFF: return number(Int64(Int8(bitPattern: type)), mark)
        case 0xC0: return SourceNode(.null, at: mark)
        case 0xC2, 0xC3:
            return SourceNode(.scalar(type == 0xC3 ? "true" : "false", isQuoted: false), at: mark)
        case 0xCA:
            let bits = UInt32(truncatingIfNeeded: try unsigned(4))
            return try decimal(Double(Float(bitPattern: bits)), mark)
        case 0xCB: return try decimal(Double(bitPattern: try unsigned(8)), mark)
        case 0xCC...0xCF:
            let number = try unsigned(1 << Int(type - 0xCC))
            return SourceNode(.scalar(String(number), isQuoted: false), at: mark)
        case 0xD0...0xD3:
            let size = 1 << Int(type - 0xD0)
            let raw = try unsigned(size)
            let shift = UInt64(64 - 8 * size)
            return number(Int64(bitPattern: raw << shift) >> Int64(shift), mark)
        case 0xD9...0xDB: return try string(try count(1 << Int(type - 0xD9)), mark)
        case 0xDC, 0xDD: return try array(try count(type == 0xDC ? 2 : 4), mark, depth)
        case 0xDE, 0xDF: return try map(try count(type == 0xDE ? 2 : 4), mark, depth)
        default:
            position -= 1
            throw refusal(
                "a MessagePack value of type 0x\(String(type, radix: 16)), which is not read",
                "binary data and extensions have no place in Kubernetes objects")
        }
    }

    private func refusal(_ message: String, _ hint: String) -> InputError {
        InputError([
            Diagnostic(
                file: file, line: 1, column: position + 1, message: message, hint: hint)
        ])
    }

    private func number(_ number: Int64, _ mark: SourceMark) -> SourceNode {
        SourceNode(.scalar(String(number), isQuoted: false), at: mark)
    }

    private func decimal(_ number: Double, _ mark: SourceMark) throws(InputError) -> SourceNode {
        guard number.isFinite else { throw refusal("a number that is not finite") }
        return SourceNode(.scalar(shortest(number), isQuoted: false), at: mark)
    }

    private mutating func unsigned(_ size: Int) throws(InputError) -> UInt64 {
        guard bytes.count - position >= size else {
            throw refusal("the file ends in the middle of a value")
        }
        var number: UInt64 = 0
        for _ in 0..<size {
            number = number << 8 | UInt64(bytes[position])
            position += 1
        }
        return number
    }

    private mutating func count(_ size: Int) throws(InputError) -> Int {
        Int(truncatingIfNeeded: try unsigned(size))
    }

    private mutating func string(_ count: Int, _ mark: SourceMark) throws(InputError) -> SourceNode {
        guard bytes.count - position >= count else {
            throw refusal("a text of \(grouped(count)) bytes, and the file ends before them")
        }
        let text = bytes[position..<position + count]
        guard let valid = String(validating: text, as: UTF8.self) else {
            throw refusal("a text that is not UTF-8")
        }
        position += count
        return SourceNode(.scalar(valid, isQuoted: true), at: mark)
    }

    private mutating func array(
        _ count: Int, _ mark: SourceMark, _ depth: Int
    ) throws(InputError) -> SourceNode {
        guard bytes.count - position >= count else {
            throw refusal("an array of \(grouped(count)) values, and the file ends before them")
        }
        var elements: [SourceNode] = []
        for _ in 0..<count { elements.append(try value(depth: depth + 1)) }
        return SourceNode(.sequence(elements), at: mark)
    }

    private mutating func map(
        _ count: Int, _ mark: SourceMark, _ depth: Int
    ) throws(InputError) -> SourceNode {
        guard (bytes.count - position) / 2 >= count else {
            throw refusal("a map of \(grouped(count)) entries, and the file ends before them")
        }
        var entries: [SourceNode.Entry] = []
        var known: Set<String> = []
        for _ in 0..<count {
            let place = self.mark
            let key = try value(depth: depth + 1)
            guard let name = keyText(key) else {
                throw refusal("a key of a map that is neither a text, a number nor an array of them")
            }
            guard known.insert(name).inserted else { throw refusal("the key `\(name)` is here twice") }
            entries.append(
                SourceNode.Entry(
                    key: name, keyMark: place, value: try value(depth: depth + 1)))
        }
        return SourceNode(.mapping(entries), at: mark)
    }

    private func keyText(_ key: SourceNode) -> String? {
        if let text = key.text { return text }
        guard let elements = key.elements else { return nil }
        let texts = elements.compactMap(\.text)
        return texts.count == elements.count ? texts.joined(separator: "|") : nil
    }
}
