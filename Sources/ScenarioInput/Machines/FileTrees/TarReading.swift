/// Why an archive is not read: one sentence without a full stop.
struct ArchiveProblem: Error {
    var message: String
    var hint: String?
}

/// What keeps an archive in bounds, whoever packed it.
struct ArchiveLimits {
    /// Bytes of all members once unpacked, kept or not.
    var unpackedBytes = 512 << 20
    var members = 500_000
    /// Bytes of the members that are kept.
    var keptBytes = 128 << 20
}

/// Reads a tar archive as its bytes come, and keeps the members that are wanted in memory.
///
/// Nothing is written to disk, so nothing can be written to a wrong place; names that would leave the archive are
/// refused all the same, as no honest archive has them. Formats: v7, ustar, GNU long names, pax (POSIX.1-2001).
struct TarReading {
    private enum Sink {
        case nothing
        case file([String])
        case longName
        case longLink
        case pax
    }

    static let blockSize = 512

    let limits: ArchiveLimits
    /// Whether a file is kept, by its last name.
    let keeps: (String) -> Bool
    private(set) var tree = ArchiveTree()
    private var header: [UInt8] = []
    private var sink = Sink.nothing
    private var body: [UInt8] = []
    /// Bytes of the present member that are still to come, and the bytes that fill its last block.
    private var remaining = 0
    private var padding = 0
    private var members = 0
    private var isAtEnd = false
    // What an extension header says of the next member.
    private var nextName: String?
    private var nextLink: String?
    private var nextSize: Int?

    init(limits: ArchiveLimits, keeps: @escaping (String) -> Bool) {
        self.limits = limits
        self.keeps = keeps
        header.reserveCapacity(TarReading.blockSize)
    }

    /// Whether bytes begin with a tar header whose sum is right.
    static func begins(_ bytes: [UInt8]) -> Bool {
        bytes.count >= blockSize && hasRightSum(Array(bytes.prefix(blockSize)))
    }

    /// Takes the next bytes of the archive.
    mutating func take(_ chunk: ArraySlice<UInt8>) throws(ArchiveProblem) {
        var rest = chunk
        while !rest.isEmpty, !isAtEnd {
            if remaining > 0 {
                let part = rest.prefix(remaining)
                if !isSkipping { body += part }
                remaining -= part.count
                rest = rest.dropFirst(part.count)
                if remaining == 0 { try finishMember() }
            } else if padding > 0 {
                let part = min(padding, rest.count)
                padding -= part
                rest = rest.dropFirst(part)
            } else {
                let part = rest.prefix(TarReading.blockSize - header.count)
                header += part
                rest = rest.dropFirst(part.count)
                if header.count == TarReading.blockSize {
                    try startMember()
                    header.removeAll(keepingCapacity: true)
                }
            }
        }
    }

    /// Says that nothing more comes.
    func finish() throws(ArchiveProblem) {
        if isAtEnd { return }
        guard members > 0 else {
            throw ArchiveProblem(
                message: header.isEmpty
                    ? "the archive is empty" : "no tar archive, or a damaged one")
        }
        if remaining > 0 || !header.isEmpty {
            throw ArchiveProblem(
                message: "the archive ends in the middle of a file",
                hint: "it was cut off; fetch it again")
        }
    }

    private var isSkipping: Bool {
        if case .nothing = sink { true } else { false }
    }
}

// MARK: One member

extension TarReading {
    private mutating func startMember() throws(ArchiveProblem) {
        if header.allSatisfy({ $0 == 0 }) {
            isAtEnd = true
            return
        }
        guard TarReading.hasRightSum(header) else {
            throw ArchiveProblem(message: "no tar archive, or a damaged one")
        }
        members += 1
        guard members <= limits.members else {
            throw ArchiveProblem(message: "more than \(grouped(limits.members)) files")
        }
        guard let ownSize = TarReading.number(header[124..<136]) else {
            throw ArchiveProblem(message: "a file whose size is no number")
        }
        let type = header[156]
        let isExtension = "LKxgX".utf8.contains(type)
        // Links, devices and folders have none, whatever they say; other types are like files.
        let hasBody = !"123456".utf8.contains(type)
        let size = hasBody ? (isExtension ? ownSize : nextSize ?? ownSize) : 0
        guard size <= limits.unpackedBytes else {
            throw ArchiveProblem(
                message: "a file of \(grouped(size)) bytes, more than an archive's files may have",
                hint: "together they may have \(grouped(limits.unpackedBytes)) bytes")
        }
        remaining = size
        padding = (TarReading.blockSize - size % TarReading.blockSize) % TarReading.blockSize
        body.removeAll(keepingCapacity: true)
        if isExtension {
            try startExtension(type, size)
        } else {
            try startEntry(type)
        }
        if remaining == 0 { try finishMember() }
    }

    private mutating func startExtension(_ type: UInt8, _ size: Int) throws(ArchiveProblem) {
        switch type {
        case UInt8(ascii: "L"): sink = .longName
        case UInt8(ascii: "K"): sink = .longLink
        case UInt8(ascii: "x"): sink = .pax
        default: sink = .nothing
        }
        guard isSkipping || size <= 1 << 16 else {
            throw ArchiveProblem(message: "a name of \(grouped(size)) bytes")
        }
    }

    private mutating func startEntry(_ type: UInt8) throws(ArchiveProblem) {
        let path = try components(of: nextName ?? headerName())
        let target = nextLink ?? TarReading.text(header[157..<257])
        nextName = nil
        nextLink = nil
        nextSize = nil
        sink = .nothing
        guard let last = path.last else { return }
        switch type {
        case UInt8(ascii: "5"): tree.insertFolder(path)
        case UInt8(ascii: "2"): tree.insertLink(path, to: target)
        case UInt8(ascii: "1"):
            // A hard link to a file that came before.
            if keeps(last), let bytes = tree.file(try components(of: target)) {
                tree.insertFile(path, bytes)
            }
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
            // As v7 archives write folders.
            if nextIsFolder { return tree.insertFolder(path) }
            guard keeps(last) else { return }
            guard remaining <= FileTreeLimits.fileBytes,
                tree.keptBytes + remaining <= limits.keptBytes
            else {
                throw ArchiveProblem(
                    message: "`\(path.joined(separator: "/"))` has \(grouped(remaining)) bytes, "
                        + "more than such a file has")
            }
            sink = .file(path)
        default: break
        }
    }

    private var nextIsFolder: Bool { remaining == 0 && headerName().hasSuffix("/") }

    private mutating func finishMember() throws(ArchiveProblem) {
        switch sink {
        case .nothing: break
        case .file(let path): tree.insertFile(path, body)
        case .longName: nextName = TarReading.text(body[...])
        case .longLink: nextLink = TarReading.text(body[...])
        case .pax: try takePax()
        }
        sink = .nothing
        body.removeAll(keepingCapacity: true)
    }

    /// Records of `length keyword=value`, each ended by a line feed and counted whole.
    private mutating func takePax() throws(ArchiveProblem) {
        var rest = body[...]
        while !rest.isEmpty {
            let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            guard let length = Int(String(decoding: digits.prefix(8), as: UTF8.self)),
                digits.count < length, length <= rest.count,
                rest[rest.startIndex + digits.count] == UInt8(ascii: " ")
            else { throw ArchiveProblem(message: "a damaged extended header") }
            let record = rest.prefix(length).dropFirst(digits.count + 1)
            rest = rest.dropFirst(length)
            guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let value = record[(equals + 1)...].prefix { $0 != UInt8(ascii: "\n") }
            let text = String(decoding: value, as: UTF8.self)
            switch String(decoding: record[..<equals], as: UTF8.self) {
            case "path": nextName = text
            case "linkpath": nextLink = text
            case "size":
                guard let size = Int(text), size >= 0 else {
                    throw ArchiveProblem(message: "a file whose size is no number")
                }
                nextSize = size
            default: break
            }
        }
    }
}

// MARK: Headers

extension TarReading {
    /// The name, behind the folder that ustar keeps apart.
    private func headerName() -> String {
        let name = TarReading.text(header[0..<100])
        let isUstar = header[257..<262].elementsEqual("ustar".utf8) && header[262] == 0
        let folder = isUstar ? TarReading.text(header[345..<500]) : ""
        return folder.isEmpty ? name : folder + "/" + name
    }

    private func components(of name: String) throws(ArchiveProblem) -> [String] {
        let shown = name.utf8.count > 80 ? "\(name.prefix(60))…" : name
        guard name.utf8.count <= FileTreeLimits.nameBytes else {
            throw ArchiveProblem(message: "a name of \(grouped(name.utf8.count)) bytes, `\(shown)`")
        }
        if name.hasPrefix("/") {
            throw ArchiveProblem(
                message: "`\(shown)` is an absolute path, and an archive may not leave its folder",
                hint: "pack it with relative paths: `tar -C / -c sys proc`")
        }
        let components = name.split(separator: "/").filter { $0 != "." }.map(String.init)
        if components.contains("..") {
            throw ArchiveProblem(
                message: "`\(shown)` has `..` in it, and an archive may not leave its folder",
                hint: "pack it from the folder that holds `sys`")
        }
        guard components.count <= FileTreeLimits.depth else {
            throw ArchiveProblem(
                message: "`\(shown)` is \(components.count) folders deep, and the limit is "
                    + "\(FileTreeLimits.depth)")
        }
        return components
    }

    /// The sum of all bytes, those of the sum itself counted as blanks.
    private static func hasRightSum(_ header: [UInt8]) -> Bool {
        guard let wanted = number(header[148..<156]) else { return false }
        var sum = 8 * 0x20
        header.withUnsafeBufferPointer { bytes in
            for position in 0..<148 { sum += Int(bytes[position]) }
            for position in 156..<blockSize { sum += Int(bytes[position]) }
        }
        return sum == wanted
    }

    /// Octal digits between blanks and NULs, or a number of 8-bit digits behind a first byte of 0x80.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        if field.first == 0x80 {
            let digits = field.dropFirst().drop { $0 == 0 }
            guard digits.count < 8 else { return nil }
            return digits.reduce(0) { $0 << 8 | Int($1) }
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
        guard digits.count <= 12 else { return nil }
        var value = 0
        for digit in digits {
            guard UInt8(ascii: "0")...UInt8(ascii: "7") ~= digit else { return nil }
            value = value << 3 | Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }
}
