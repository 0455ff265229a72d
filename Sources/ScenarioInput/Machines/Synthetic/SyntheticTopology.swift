/// The levels of a synthetic string with nothing left open: parts, numbers of CPUs and NUMA nodes.
///
/// Follows hwloc_backend_synthetic_init of hwloc 2.10 in what is filled in; where hwloc ignores bad numbers, they are
/// an error here.
struct SyntheticTopology {
    /// The machine itself is the first and the CPUs are the last; the parts of all others are known.
    private(set) var levels: [SyntheticLevel]
    /// By level: the number of each part, in the order of the string.
    private(set) var numbers: [[Int]] = []
    /// The numbers of the NUMA nodes in brackets, in the order in which hwloc makes them: what is inside comes first.
    private(set) var attachedNumbers: [Int] = []
    let attachedCount: Int
    /// Whether the string has no NUMA node, so that hwloc puts one around all.
    private(set) var hasOwnMemory = true

    init(_ bytes: [UInt8]) throws(SyntheticError) {
        var scanner = SyntheticScanner(bytes)
        try scanner.read()
        levels = scanner.levels
        attachedCount = scanner.attachedCount
        try nameParts()
        try checkParts()
        if attachedCount == 0, !levels.contains(where: { $0.part == .numaNode }) {
            hasOwnMemory = false
            levels.insert(
                SyntheticLevel(part: .numaNode, count: 1, total: 1, place: 0), at: 1)
        }
        for level in levels {
            numbers.append(
                try numbers(
                    level.attributes.indexes, total: level.total,
                    place: level.attributes.indexesPlace,
                    isUnique: level.part == .cpu || level.part == .numaNode))
        }
        attachedNumbers = try numbers(
            scanner.attachedIndexes?.indexes, total: attachedCount,
            place: scanner.attachedIndexes?.place ?? 0, isUnique: true)
    }

    /// How many CPUs there are.
    var cpuCount: Int { levels.last?.total ?? 0 }

    /// Positions of the CPUs of one part of a level.
    func leaves(of part: Int, level: Int) -> Range<Int> {
        let width = cpuCount / levels[level].total
        return part * width..<(part + 1) * width
    }

    private mutating func nameParts() throws(SyntheticError) {
        guard levels.count > 1 else {
            throw SyntheticError(position: 0, message: "no parts, where `Core:4 PU:2` may stand")
        }
        let last = levels.count - 1
        if levels[last].part == nil { levels[last].part = .cpu }
        guard levels[last].part == .cpu else {
            throw SyntheticError(
                position: levels[last].place, message: "the last level must be PU",
                hint: "add ` PU:1` for cores with one CPU")
        }
        let unnamed = levels[1..<last].count { $0.part == nil }
        guard unnamed == 0 || unnamed == last - 1 else {
            throw SyntheticError(
                position: levels[1].place,
                message: "some levels have a part's name and some only a number")
        }
        if unnamed > 0 { nameUnnamed(unnamed) }
    }

    /// hwloc's order for numbers alone: groups, package, NUMA node, caches, core.
    private mutating func nameUnnamed(_ count: Int) {
        var left = count
        func take(_ wanted: Int) -> Int {
            let taken = min(left, wanted)
            left -= taken
            return taken
        }
        let numaNodes = take(attachedCount == 0 ? 1 : 0)
        let sockets = take(1)
        let cores = take(1)
        let caches = take(4)
        var parts = [SyntheticPart](repeating: .group, count: left)
        if sockets > 0 { parts.append(.socket) }
        if numaNodes > 0 { parts.append(.numaNode) }
        let all: [(SyntheticPart, Int)] = [
            (.cache(level: 3, holdsData: true), 3), (.cache(level: 2, holdsData: true), 1),
            (.cache(level: 1, holdsData: true), 2), (.cache(level: 1, holdsData: false), 4),
        ]
        parts += all.filter { caches >= $0.1 }.map(\.0)
        if cores > 0 { parts.append(.core) }
        for (index, part) in parts.enumerated() { levels[index + 1].part = part }
    }

    private func checkParts() throws(SyntheticError) {
        let single: [(SyntheticPart, String)] = [
            (.cpu, "PU"), (.socket, "Package"), (.die, "Die"), (.numaNode, "NUMANode"),
            (.core, "Core"),
        ]
        for (part, name) in single {
            let found = levels.filter { $0.part == part }
            if found.count > 1 {
                throw SyntheticError(
                    position: found[1].place, message: "a second level of \(name)")
            }
        }
        if attachedCount > 0, let level = levels.first(where: { $0.part == .numaNode }) {
            throw SyntheticError(
                position: level.place,
                message: "NUMA nodes both as a level and in brackets")
        }
    }
}

// MARK: Numbers

extension SyntheticTopology {
    private func numbers(
        _ indexes: SyntheticIndexes?, total: Int, place: Int, isUnique: Bool
    ) throws(SyntheticError) -> [Int] {
        guard let indexes else { return Array(0..<total) }
        let numbers: [Int]
        switch indexes {
        case .listed(let listed):
            guard listed.count == total else {
                throw SyntheticError(
                    position: place, message: "\(listed.count) numbers for \(total) parts")
            }
            numbers = listed
        case .interleaved(let loops): numbers = try interleaved(loops, total, place)
        case .byParts(let parts):
            numbers = try interleaved(try loops(over: parts, total, place), total, place)
        }
        if let high = numbers.first(where: { $0 >= HwlocBitmap.bitLimit }) {
            throw SyntheticError(
                position: place,
                message: "the number \(high), and the highest is \(HwlocBitmap.bitLimit - 1)")
        }
        if isUnique {
            var seen: Set<Int> = []
            if let twice = numbers.first(where: { !seen.insert($0).inserted }) {
                throw SyntheticError(
                    position: place, message: "the number \(twice) is given to two parts")
            }
        }
        return numbers
    }

    /// `2*8:1*2`: the first loop counts fastest. A last loop that is left out is added.
    private func interleaved(
        _ loops: [SyntheticIndexes.Loop], _ total: Int, _ place: Int
    ) throws(SyntheticError) -> [Int] {
        var loops = loops
        let product = loops.reduce(1) {
            min($0.multipliedReportingOverflow(by: $1.count).0, 1 << 30)
        }
        let isSane = loops.allSatisfy { $0.step <= total && $0.count <= total }
        guard isSane, product > 0, product <= total, total % product == 0 else {
            throw SyntheticError(
                position: place, message: "loops that do not number \(total) parts")
        }
        if product != total { loops.append(.init(step: 1, count: total / product)) }
        var numbers = [Int](repeating: 0, count: total)
        var factor = 1
        for loop in loops {
            for part in 0..<total { numbers[part] += part / loop.step % loop.count * factor }
            factor *= loop.count
        }
        return numbers
    }

    private func loops(
        over parts: [SyntheticPart], _ total: Int, _ place: Int
    ) throws(SyntheticError) -> [SyntheticIndexes.Loop] {
        var depths: [Int] = []
        for part in parts {
            guard let depth = levels.firstIndex(where: { $0.part == part }) else {
                throw SyntheticError(
                    position: place, message: "`indexes` names a part that the string has not")
            }
            guard !depths.contains(depth) else {
                throw SyntheticError(position: place, message: "`indexes` names a part twice")
            }
            depths.append(depth)
        }
        var loops: [SyntheticIndexes.Loop] = []
        for depth in depths {
            let around = depths.filter { $0 < depth }.max() ?? 0
            let loop = SyntheticIndexes.Loop(
                step: total / levels[depth].total,
                count: levels[depth].total / levels[around].total)
            guard loop.step > 0 else {
                throw SyntheticError(
                    position: place, message: "`indexes` names a part inside the level")
            }
            loops.append(loop)
        }
        return loops
    }
}
