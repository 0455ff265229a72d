/// Pulls elements, attributes and text out of the small part of XML that hwloc writes.
///
/// Our own rather than libxml2 behind FoundationXML, for bytes that may be hostile: nothing is ever loaded or
/// expanded (a document that declares entities is refused, so there is no billion laughs and no external file),
/// depth and counts are bounded, memory is the bytes themselves and one stack of names, and every error has its
/// line. It is also several times faster, and needs no library at run time. It checks what matters for
/// reading: tags nest and close, attributes are quoted and not repeated, references are known, one root.
struct XMLScanner {
    /// What comes next in the document.
    enum Event {
        /// An element opens; its name and attributes can be asked for until the next event.
        case opened
        /// The innermost element closes; an empty element `<a/>` opens and closes.
        case closed
        /// Characters between tags: raw bytes, references not resolved. White space alone is left out.
        case text(Range<Int>)
        /// The document is over.
        case ended
    }

    /// Deepest nesting; hwloc's own files reach 13.
    static let depthLimit = 256
    /// Most elements of a document; the largest real file has 1,800.
    static let elementLimit = 250_000
    /// Most attributes of one element.
    static let attributeLimit = 64

    let bytes: [UInt8]
    private(set) var position = 0
    /// Names of the open elements, outermost first, with the place of their `<`.
    private var open: [(name: Range<Int>, place: Int)] = []
    private var elementCount = 0
    private var hasSeenRoot = false
    private var hasSeenDoctype = false
    private var closesAtOnce = false
    /// Of the element that was opened last.
    private(set) var name = 0..<0
    /// Where the element that was opened last begins.
    private(set) var place = 0
    private var attributes: [(name: Range<Int>, value: Range<Int>)] = []

    /// Whose XML it is, for messages.
    enum Writer {
        case hwloc, nccl

        var name: String {
            switch self {
            case .hwloc: "hwloc"
            case .nccl: "NCCL"
            }
        }

        /// How the file is made again.
        var making: String {
            switch self {
            case .hwloc: "`lstopo --of xml`"
            case .nccl: "NCCL_TOPO_DUMP_FILE"
            }
        }
    }

    private let writer: Writer

    init(_ bytes: [UInt8], writer: Writer = .hwloc) {
        self.bytes = bytes
        self.writer = writer
    }

    /// How many elements are open.
    var depth: Int { open.count }

    /// The next piece of the document.
    mutating func next() throws(XMLError) -> Event {
        if closesAtOnce {
            closesAtOnce = false
            open.removeLast()
            return .closed
        }
        while true {
            guard position < bytes.count else { return try end() }
            if bytes[position] != UInt8(ascii: "<") {
                if let text = try characters() { return .text(text) }
            } else if starts("<?") {
                try skip(past: "?>", "a processing instruction")
            } else if starts("<!--") {
                position += 4
                try skip(past: "-->", "a comment")
            } else if starts("<![CDATA[") {
                throw failure("a CDATA section, which \(writer.name) never writes")
            } else if starts("<!") {
                try doctype()
            } else if starts("</") {
                try close()
                return .closed
            } else {
                try openElement()
                return .opened
            }
        }
    }
}

/// Why a document cannot be read, and where.
struct XMLError: Error {
    /// Position in the bytes.
    var position: Int
    var message: String
    var hint: String?
}

// MARK: What was opened

extension XMLScanner {
    /// Whether the element that was opened last is called `wanted`.
    func isNamed(_ wanted: StaticString) -> Bool { equals(name, wanted) }

    /// The bytes between the quotes of an attribute, references not resolved; nil when it is not there.
    func raw(_ wanted: StaticString) -> Range<Int>? {
        attributes.first { equals($0.name, wanted) }?.value
    }

    /// An attribute's text, at most `limit` bytes of it.
    func text(_ wanted: StaticString, limit: Int = 256) throws(XMLError) -> String? {
        guard let range = raw(wanted) else { return nil }
        return try resolve(range.prefix(limit))
    }

    /// A whole number from 0; an error when the attribute is something else or does not fit in 63 bits.
    func number(_ wanted: StaticString) throws(XMLError) -> Int? {
        guard let range = raw(wanted) else { return nil }
        guard let number = Int(string(range)), number >= 0 else {
            throw XMLError(
                position: range.lowerBound,
                message:
                    "`\(wanted)` is `\(string(range.prefix(40)))`, and a whole number from 0 was expected"
            )
        }
        return number
    }

    /// The bytes of a range as text, without resolving references.
    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    func equals(_ range: Range<Int>, _ wanted: StaticString) -> Bool {
        guard range.count == wanted.utf8CodeUnitCount else { return false }
        return range.enumerated().allSatisfy { bytes[$1] == wanted.utf8Start[$0] }
    }

    /// Replaces the five named references and numeric ones; anything else is an error.
    private func resolve(_ range: Range<Int>) throws(XMLError) -> String {
        guard bytes[range].contains(UInt8(ascii: "&")) else { return string(range) }
        var text: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            guard bytes[index] == UInt8(ascii: "&") else {
                text.append(bytes[index])
                index += 1
                continue
            }
            // A reference cut by the limit is left out.
            guard let end = bytes[index..<range.upperBound].firstIndex(of: UInt8(ascii: ";")) else {
                break
            }
            guard let scalar = scalar(of: string(index + 1..<end)) else {
                throw XMLError(
                    position: index,
                    message: "unknown reference `\(string(index..<end + 1).prefix(40))`")
            }
            text += Array(String(Character(scalar)).utf8)
            index = end + 1
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func scalar(of reference: String) -> Unicode.Scalar? {
        switch reference {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard reference.hasPrefix("#"), reference.utf8.count <= 10 else { return nil }
            let digits = reference.dropFirst()
            let code =
                digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            guard let code, code >= 0x20 || code == 9 || code == 10 || code == 13 else {
                return nil
            }
            return Unicode.Scalar(code)
        }
    }
}

// MARK: Steps

extension XMLScanner {
    private func failure(_ message: String, hint: String? = nil) -> XMLError {
        XMLError(position: position, message: message, hint: hint)
    }

    private func starts(_ wanted: StaticString) -> Bool {
        let end = position + wanted.utf8CodeUnitCount
        return end <= bytes.count && equals(position..<end, wanted)
    }

    private mutating func end() throws(XMLError) -> Event {
        if let innermost = open.last {
            throw failure(
                "the file ends inside `<\(string(innermost.name))>`, which line "
                    + "\(line(of: innermost.place)) opens",
                hint: "the file was cut off; write it again with \(writer.making)")
        }
        guard hasSeenRoot else { throw failure("the file ends before any element") }
        return .ended
    }

    /// The line of a position, from 1.
    func line(of position: Int) -> Int {
        bytes[..<min(position, bytes.count)].reduce(1) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    }

    private mutating func skip(past end: StaticString, _ what: String) throws(XMLError) {
        let start = position
        while position < bytes.count {
            if starts(end) {
                position += end.utf8CodeUnitCount
                return
            }
            position += 1
        }
        throw XMLError(position: start, message: "the file ends inside \(what)")
    }

    /// Skips `<!DOCTYPE topology SYSTEM "hwloc2.dtd">` without ever looking for the file it names.
    private mutating func doctype() throws(XMLError) {
        guard starts("<!DOCTYPE"), !hasSeenRoot, !hasSeenDoctype else {
            throw failure("a declaration, which \(writer.name) never writes here")
        }
        hasSeenDoctype = true
        let start = position
        var quote: UInt8?
        while position < bytes.count {
            let byte = bytes[position]
            if let current = quote {
                if byte == current { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: "[") {
                throw failure(
                    "the document declares entities or elements of its own, which is refused",
                    hint:
                        "\(writer.name) writes no such declarations; write the file again with "
                        + writer.making
                )
            } else if byte == UInt8(ascii: ">") {
                position += 1
                return
            }
            position += 1
        }
        throw XMLError(position: start, message: "the file ends inside its DOCTYPE")
    }

    /// Takes characters up to the next tag; nil when they are white space alone.
    private mutating func characters() throws(XMLError) -> Range<Int>? {
        let start = position
        var first: Int?
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") {
            let byte = bytes[position]
            if !isSpace(byte) {
                if byte < 0x20 { throw failure("a control character; this is not XML text") }
                if first == nil { first = position }
            }
            position += 1
        }
        guard let first else { return nil }
        if open.isEmpty, !(start == 0 && isByteOrderMark(first..<position)) {
            throw XMLError(
                position: first,
                message: hasSeenRoot
                    ? "text after the end of the document" : "text before the first element")
        }
        return open.isEmpty ? nil : start..<position
    }

    private func isByteOrderMark(_ range: Range<Int>) -> Bool {
        bytes[range].elementsEqual([0xEF, 0xBB, 0xBF])
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private mutating func skipSpace() {
        while position < bytes.count, isSpace(bytes[position]) { position += 1 }
    }

    private mutating func takeName(_ what: String) throws(XMLError) -> Range<Int> {
        let start = position
        while position < bytes.count, isNameByte(bytes[position]) { position += 1 }
        guard position > start else {
            if position == bytes.count { _ = try end() }
            throw failure("\(what) was expected")
        }
        return start..<position
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"),
            UInt8(ascii: "-"), UInt8(ascii: "."), 0x80...0xFF:
            true
        default: false
        }
    }

    private mutating func close() throws(XMLError) {
        let start = position
        position += 2
        let name = try takeName("the name of the element to close")
        skipSpace()
        guard let innermost = open.last else {
            throw XMLError(position: start, message: "`</\(string(name))>` closes nothing")
        }
        guard bytes[innermost.name].elementsEqual(bytes[name]) else {
            throw XMLError(
                position: start,
                message: "`</\(string(name))>` stands where `<\(string(innermost.name))>` of line "
                    + "\(line(of: innermost.place)) must be closed")
        }
        guard position < bytes.count else { _ = try end(); return }
        guard bytes[position] == UInt8(ascii: ">") else { throw failure("`>` was expected") }
        position += 1
        open.removeLast()
    }

    private mutating func openElement() throws(XMLError) {
        place = position
        guard !(hasSeenRoot && open.isEmpty) else {
            throw failure("a second element after the end of the document")
        }
        elementCount += 1
        guard elementCount <= XMLScanner.elementLimit else {
            throw failure("more than \(XMLScanner.elementLimit) elements")
        }
        guard open.count < XMLScanner.depthLimit else {
            throw failure("elements nest deeper than \(XMLScanner.depthLimit)")
        }
        hasSeenRoot = true
        position += 1
        name = try takeName("the name of an element")
        open.append((name, place))
        attributes.removeAll(keepingCapacity: true)
        while true {
            skipSpace()
            guard position < bytes.count else { _ = try end(); return }
            if bytes[position] == UInt8(ascii: ">") {
                position += 1
                return
            }
            if starts("/>") {
                position += 2
                closesAtOnce = true
                return
            }
            try takeAttribute()
        }
    }

    private mutating func takeAttribute() throws(XMLError) {
        let name = try takeName("the name of an attribute, `>` or `/>`")
        guard !attributes.contains(where: { bytes[$0.name].elementsEqual(bytes[name]) }) else {
            throw XMLError(
                position: name.lowerBound, message: "the attribute `\(string(name))` is given twice"
            )
        }
        guard attributes.count < XMLScanner.attributeLimit else {
            throw failure("an element with more than \(XMLScanner.attributeLimit) attributes")
        }
        skipSpace()
        guard position < bytes.count else { _ = try end(); return }
        guard bytes[position] == UInt8(ascii: "=") else {
            throw failure("`=` was expected after the attribute `\(string(name))`")
        }
        position += 1
        skipSpace()
        guard position < bytes.count else { _ = try end(); return }
        let quote = bytes[position]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw failure("the attribute `\(string(name))` needs a quoted value")
        }
        position += 1
        let start = position
        while position < bytes.count, bytes[position] != quote {
            let byte = bytes[position]
            if byte == UInt8(ascii: "<") { throw failure("`<` inside an attribute's value") }
            if byte < 0x20, !isSpace(byte) {
                throw failure("a control character; this is not XML text")
            }
            position += 1
        }
        guard position < bytes.count else { _ = try end(); return }
        attributes.append((name, start..<position))
        position += 1
    }
}
