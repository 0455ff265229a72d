/// A file that may describe a machine, with what tells its format; nobody needs to trust its bytes.
public struct MachineFile: Sendable {
    /// As the user named it, for messages; the machine's name is made from it.
    public var name: String
    public var bytes: [UInt8]
    /// Which of several machines in it is wanted, by its name: what stood behind `#`. Nil is all of them.
    public var part: String?
    /// The first element of XML text, such as `topology`; nil for other text.
    public let rootElement: String?
    /// The outermost keys of a JSON object, at most 64; empty for other text.
    public let outermostKeys: Set<String>

    public init(name: String, bytes: [UInt8], part: String? = nil) {
        self.name = name
        self.bytes = bytes
        self.part = part
        rootElement = ScenarioInput.rootElement(of: bytes)
        outermostKeys = ScenarioInput.outermostKeys(of: bytes)
    }

    /// The first 4,096 bytes as text, without a byte-order mark; what is not UTF-8 in it is replaced.
    public var head: String { String(decoding: withoutMark(bytes).prefix(4096), as: UTF8.self) }
}

extension MachineFile {
    /// `epyc` for `machines/epyc.xml`, with the first of `endings` that fits taken off.
    func machineName(without endings: [String]) -> String {
        if name == "-" { return "standard input" }
        let last = name.split(separator: "/").last.map(String.init) ?? name
        for ending in endings where last.hasSuffix(ending) && last.count > ending.count {
            return String(last.dropLast(ending.count))
        }
        return last
    }
}

private func withoutMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
}

/// Skips the declaration, comments and the document type.
private func rootElement(of bytes: [UInt8]) -> String? {
    var rest = withoutMark(bytes)
    while true {
        rest = rest.drop { $0 <= 0x20 }
        guard rest.first == UInt8(ascii: "<") else { return nil }
        let ending: String
        if rest.starts(with: "<?".utf8) {
            ending = "?>"
        } else if rest.starts(with: "<!--".utf8) {
            ending = "-->"
        } else if rest.starts(with: "<!".utf8) {
            // A document type may hold declarations, which its reader refuses in its own words.
            let head = rest.prefix { $0 != UInt8(ascii: ">") }
            ending = head.contains(UInt8(ascii: "[")) ? "]>" : ">"
        } else {
            let name = rest.dropFirst().prefix(64).prefix { !" \t\r\n/>".utf8.contains($0) }
            return String(validating: name, as: UTF8.self)
        }
        guard let behind = position(of: Array(ending.utf8), in: rest) else { return nil }
        rest = rest[behind...]
    }
}

/// Where the text behind the first `word` starts.
private func position(of word: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    var start = bytes.startIndex
    while let found = bytes[start...].firstIndex(of: word[0]) {
        if bytes[found...].starts(with: word) { return found + word.count }
        start = found + 1
    }
    return nil
}

/// One pass that only counts brackets and skips strings: enough to tell formats apart.
private func outermostKeys(of bytes: [UInt8]) -> Set<String> {
    let text = withoutMark(bytes).drop { $0 <= 0x20 }
    guard text.first == UInt8(ascii: "{") else { return [] }
    var keys: Set<String> = []
    var depth = 0
    var stringStart: Int?
    var isEscaped = false
    for position in text.indices {
        let byte = text[position]
        if let start = stringStart {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                stringStart = nil
                let behind = text[(position + 1)...].first { $0 > 0x20 }
                guard depth == 1, behind == UInt8(ascii: ":") else { continue }
                keys.insert(String(decoding: text[(start + 1)..<position], as: UTF8.self))
                if keys.count == 64 { return keys }
            }
            continue
        }
        switch byte {
        case UInt8(ascii: "\""): stringStart = position
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
    }
    return keys
}
