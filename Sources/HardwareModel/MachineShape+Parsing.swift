extension MachineShape {
    /// Reads a shape such as `2s2n8c2t`; sizes are checked here, before anything is built.
    public init(parsing text: String) throws(MachineShapeError) {
        self.text = text
        var written: [Level] = []
        do throws(Failure) {
            written = try MachineShape.readLevels(text)
            try MachineShape.checkOrder(written)
            levels = MachineShape.withDefaults(written)
            try MachineShape.checkSizes(levels)
        } catch {
            throw MachineShapeError(reason: error.reason, text: text)
        }
    }

    /// Whether `text` can only be meant as a shape: it is made of digits and a shape's letters alone.
    public static func looksLikeShape(_ text: String) -> Bool {
        guard let first = text.first, first.isASCII, first.isNumber else { return false }
        return text.allSatisfy { ($0.isASCII && $0.isNumber) || "sdnluct".contains($0) }
    }

    private struct Failure: Error {
        var reason: MachineShapeError.Reason
    }

    private static func readLevels(_ text: String) throws(Failure) -> [Level] {
        guard !text.isEmpty else { throw Failure(reason: .empty) }
        var levels: [Level] = []
        var rest = text[...]
        while let next = rest.first {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty else {
                let isLetter = part(written: next) != nil
                throw Failure(reason: isLetter ? .missingCount(before: next) : .unknownLetter(next))
            }
            rest = rest[digits.endIndex...]
            guard let letter = rest.popFirst() else { throw Failure(reason: .missingLetter) }
            guard let part = part(written: letter) else {
                throw Failure(reason: .unknownLetter(letter))
            }
            guard digits.count <= 4, let count = Int(digits), (1...1024).contains(count) else {
                throw Failure(reason: .countOutOfRange(String(digits.prefix(20))))
            }
            if levels.contains(where: { $0.part == part }) {
                throw Failure(reason: .repeatedLetter(letter))
            }
            levels.append(Level(part: part, count: count))
        }
        return levels
    }

    private static func part(written letter: Character) -> Part? {
        letter == "u" ? .uncoreCache : Part(rawValue: letter)
    }

    /// What must come later than what; sockets, NUMA nodes and uncore caches nest as they are written.
    private static func checkOrder(_ levels: [Level]) throws(Failure) {
        guard levels.contains(where: { $0.part == .core || $0.part == .cpu }) else {
            throw Failure(reason: .withoutCores)
        }
        for (position, level) in levels.enumerated() {
            for earlier in levels[..<position] {
                let isWrong =
                    switch (earlier.part, level.part) {
                    case (.cpu, _): true
                    case (.core, let part): part != .cpu
                    case (.die, .socket): true
                    default: false
                    }
                if isWrong {
                    throw Failure(
                        reason: .wrongOrder(level.part.rawValue, after: earlier.part.rawValue))
                }
            }
        }
    }

    /// Puts a level of 1 where one was left out: one socket around all, one NUMA node a socket, one uncore cache
    /// around the cores, so a die without an `l` has an L3 of its own.
    private static func withDefaults(_ written: [Level]) -> [Level] {
        var levels = written
        func has(_ part: Part) -> Bool { levels.contains { $0.part == part } }
        if !has(.cpu) { levels.append(Level(part: .cpu, count: 1)) }
        if !has(.core) { levels.insert(Level(part: .core, count: 1), at: levels.count - 1) }
        if !has(.uncoreCache) {
            levels.insert(Level(part: .uncoreCache, count: 1), at: levels.count - 2)
        }
        if !has(.socket) { levels.insert(Level(part: .socket, count: 1), at: 0) }
        if !has(.numaNode), let socket = levels.firstIndex(where: { $0.part == .socket }) {
            levels.insert(Level(part: .numaNode, count: 1), at: socket + 1)
        }
        return levels
    }

    private static func checkSizes(_ levels: [Level]) throws(Failure) {
        // Six factors of at most 1,024 stay below 2^60.
        if levels.reduce(1, { $0 * $1.count }) > Machine.cpuLimit {
            throw Failure(reason: .tooManyCPUs)
        }
        if let position = levels.firstIndex(where: { $0.part == .numaNode }),
            levels[...position].reduce(1, { $0 * $1.count }) > Machine.numaNodeLimit
        {
            throw Failure(reason: .tooManyNUMANodes)
        }
    }
}
