/// Reads the words of a synthetic string into levels; sizes are checked before anything is made of them.
///
/// Source: hwloc's documentation, "Synthetic topologies", and hwloc/topology-synthetic.c of 2.10.
struct SyntheticScanner {
    /// Longest text in bytes: 8,192 explicit numbers and some.
    static let byteLimit = 1 << 18
    /// Most levels (HWLOC_SYNTHETIC_MAX_DEPTH).
    static let levelLimit = 128

    private let bytes: [UInt8]
    private var position = 0
    /// The machine itself comes first.
    private(set) var levels = [SyntheticLevel(part: nil, count: 1, total: 1, place: 0)]
    private(set) var attachedCount = 0
    /// The `indexes` of all attached NUMA nodes: hwloc takes the last that is given.
    private(set) var attachedIndexes: (indexes: SyntheticIndexes, place: Int)?

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func read() throws(SyntheticError) {
        skipBlanks()
        if next == UInt8(ascii: "(") {
            levels[0].attributes = try attributes(isCache: false)
        }
        while true {
            skipBlanks()
            guard let byte = next else { return }
            if byte == UInt8(ascii: "[") {
                try attached()
            } else {
                try level()
            }
        }
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private func failure(
        _ message: String, at place: Int? = nil, hint: String? = nil
    ) -> SyntheticError {
        SyntheticError(position: place ?? position, message: message, hint: hint)
    }

    /// The word from here to a blank or bracket, for messages.
    private func word(at place: Int) -> String {
        let word = bytes[place...].prefix { $0 > 0x20 && !"()[]".utf8.contains($0) }.prefix(40)
        return String(decoding: word, as: UTF8.self)
    }
}

// MARK: Levels

extension SyntheticScanner {
    private mutating func level() throws(SyntheticError) {
        let place = position
        guard levels.count < Self.levelLimit else {
            throw failure("more than \(Self.levelLimit - 1) levels")
        }
        var part: SyntheticPart?
        if !isDigit(bytes[position]) {
            part = try self.part()
            guard next == UInt8(ascii: ":") else {
                throw failure("`:` and a number must follow `\(word(at: place))`")
            }
            position += 1
        }
        let count = try number("how many there are")
        guard count > 0 else {
            throw failure("`\(word(at: place))` asks for none", at: place)
        }
        let (total, overflow) = (levels.last?.total ?? 1).multipliedReportingOverflow(by: count)
        guard !overflow, total <= HwlocMachine.partLimit else {
            throw failure(
                "`\(word(at: place))` makes more than \(HwlocMachine.partLimit) parts of one kind, and "
                    + "no machine has more", at: place)
        }
        if part == .numaNode, total > HwlocMachine.numaNodeLimit {
            throw failure(
                "\(total) NUMA nodes, and no machine has more than \(HwlocMachine.numaNodeLimit)",
                at: place)
        }
        var level = SyntheticLevel(part: part, count: count, total: total, place: place)
        if next == UInt8(ascii: "(") {
            level.attributes = try attributes(isCache: part?.isCache ?? false)
        }
        levels.append(level)
    }

    /// `[NUMANode(memory=16GiB)]`: memory at each part of the level before.
    private mutating func attached() throws(SyntheticError) {
        let place = position
        position += 1
        guard try part() == .numaNode else {
            throw failure("only NUMA nodes can stand in brackets", at: place)
        }
        var found = SyntheticAttributes()
        if next == UInt8(ascii: "(") { found = try attributes(isCache: false) }
        guard next == UInt8(ascii: "]") else {
            throw failure("`]` is missing behind `\(word(at: place + 1))`")
        }
        position += 1
        attachedCount += levels.last?.total ?? 1
        guard attachedCount <= HwlocMachine.numaNodeLimit else {
            throw failure(
                "\(attachedCount) NUMA nodes, and no machine has more than "
                    + "\(HwlocMachine.numaNodeLimit)", at: place)
        }
        if let indexes = found.indexes { attachedIndexes = (indexes, found.indexesPlace) }
        levels[levels.count - 1].attached.append(found)
    }

    /// A part's name, which may be cut short: `pack`, `L3`, `numa`.
    private mutating func part() throws(SyntheticError) -> SyntheticPart {
        let place = position
        let letters = bytes[position...].prefix { isLetter($0) || $0 == UInt8(ascii: "-") }
        let name = String(decoding: letters.prefix(40), as: UTF8.self).lowercased()
        position += letters.count
        if name == "l", let byte = next, isDigit(byte) { return try cache() }
        let names: [(String, Int, SyntheticPart)] = [
            ("package", 2, .socket), ("socket", 2, .socket), ("die", 2, .die),
            ("numanode", 2, .numaNode), ("node", 2, .numaNode), ("core", 2, .core),
            ("pu", 2, .cpu), ("group", 2, .group), ("tile", 4, .group), ("module", 6, .group),
            ("cluster", 2, .group),
        ]
        guard
            let found = names.first(where: { $0.0.hasPrefix(name) && name.utf8.count >= $0.1 })?.2
        else {
            throw failure(
                "`\(word(at: place))` is no part of a machine", at: place,
                hint: "parts are Package, Die, NUMANode, Group, L1 to L5, Core and PU")
        }
        if found == .group {
            // A group's depth: `Group0`.
            while let byte = next, isDigit(byte) { position += 1 }
        }
        return found
    }

    /// Behind the `L` of `L3`, `L1d`, `L2Cache` or `L1iCache`.
    private mutating func cache() throws(SyntheticError) -> SyntheticPart {
        let place = position - 1
        let level = try number("a cache's level")
        guard (1...5).contains(level) else {
            throw failure("`\(word(at: place))` is no cache; there are L1 to L5", at: place)
        }
        var holdsData = true
        if let byte = next, "uUdDiI".utf8.contains(byte) {
            holdsData = !"iI".utf8.contains(byte)
            position += 1
        }
        while let byte = next, isLetter(byte) { position += 1 }
        return .cache(level: level, holdsData: holdsData)
    }
}

// MARK: Attributes

extension SyntheticScanner {
    private mutating func attributes(isCache: Bool) throws(SyntheticError) -> SyntheticAttributes {
        let place = position
        position += 1
        var found = SyntheticAttributes()
        while true {
            skipBlanks()
            guard let byte = next else {
                throw failure("`)` is missing", at: place)
            }
            if byte == UInt8(ascii: ")") {
                position += 1
                return found
            }
            let start = position
            let name = bytes[position...].prefix { isLetter($0) }
            position += name.count
            guard next == UInt8(ascii: "=") else {
                throw failure("`\(word(at: start))` is no attribute such as `memory=16GiB`")
            }
            position += 1
            switch String(decoding: name.prefix(40), as: UTF8.self) {
            case "size" where isCache: found.size = try size()
            case "memory" where !isCache: found.size = try size()
            case "memorysidecachesize": found.hasSideCache = try size() != nil
            case "indexes":
                found.indexesPlace = position
                found.indexes = try indexes()
            case let other:
                found.unknown.append(other)
                position +=
                    bytes[position...].prefix { $0 > 0x20 && !"()[]".utf8.contains($0) }
                    .count
            }
            guard let behind = next else { throw failure("`)` is missing", at: place) }
            guard behind <= 0x20 || behind == UInt8(ascii: ")") else {
                throw failure("a blank or `)` must follow `\(word(at: start))`")
            }
        }
    }

    /// Bytes; units of 1,000 are `kB` to `TB`, units of 1,024 `kiB` to `TiB`. 0 is as if it was not given.
    private mutating func size() throws(SyntheticError) -> Int64? {
        let place = position
        let amount = try number("a size")
        let letters = bytes[position...].prefix { isLetter($0) }
        position += letters.count
        let units: [String: Int64] = [
            "": 1, "kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000,
            "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
        ]
        let name = String(decoding: letters.prefix(40), as: UTF8.self)
        guard let unit = units[name.lowercased()] else {
            throw failure(
                "`\(name)` is no unit of memory", at: place,
                hint: "units are kB, MB, GB, TB and kiB, MiB, GiB, TiB")
        }
        let (bytes, overflow) = Int64(amount).multipliedReportingOverflow(by: unit)
        guard !overflow else {
            throw failure("`\(word(at: place))` is more than 2^63 - 1 bytes", at: place)
        }
        return bytes == 0 ? nil : bytes
    }

    private mutating func indexes() throws(SyntheticError) -> SyntheticIndexes {
        let place = position
        guard let first = next else { throw failure("numbers must follow `indexes=`") }
        if !isDigit(first) {
            var parts: [SyntheticPart] = []
            repeat {
                parts.append(try part())
            } while take(":")
            return .byParts(parts)
        }
        var numbers = [try number("a number")]
        if next != UInt8(ascii: "*") {
            while take(",") { numbers.append(try number("a number")) }
            return .listed(numbers)
        }
        position = place
        var loops: [SyntheticIndexes.Loop] = []
        repeat {
            let step = try number("a step")
            guard take("*") else { throw failure("`*` and a number must follow a step") }
            let count = try number("how often a step is made")
            guard step > 0, count > 0 else {
                throw failure("a loop of `\(word(at: place))` is empty", at: place)
            }
            loops.append(.init(step: step, count: count))
        } while take(":")
        return .interleaved(loops)
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// A whole number as C writes them: decimal, `0x` hexadecimal, or octal behind a 0.
    private mutating func number(_ what: String) throws(SyntheticError) -> Int {
        let place = position
        let digits = bytes[position...].prefix { isDigit($0) || isLetter($0) }
        let isHex = digits.starts(with: "0x".utf8) || digits.starts(with: "0X".utf8)
        let isOctal =
            !isHex && digits.count > 1 && isDigit(digits[digits.startIndex + 1])
            && digits.first == UInt8(ascii: "0")
        let own = isHex ? digits : digits.prefix { isDigit($0) }
        position += own.count
        let text = String(decoding: (isHex ? own.dropFirst(2) : own).prefix(40), as: UTF8.self)
        guard let number = Int(text, radix: isHex ? 16 : isOctal ? 8 : 10) else {
            throw failure(
                own.isEmpty
                    ? "\(what) must be a number" : "`\(word(at: place))` is not a number that fits",
                at: place)
        }
        return number
    }
}

private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

private func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}
