/// The kubelet's accumulator written down as its description reads, with dictionaries, sorts and Go's slices: slow,
/// obvious, and sharing no code with the one that is tested.
package struct LiteralAccumulator {
    let rows: [LiteralMachine.Row]
    let counts: (cpus: Int, cores: Int, sockets: Int, nodes: Int, uncores: Int)
    var free: Set<Int>
    var needed: Int
    var taken: Set<Int> = []

    package enum Outcome: Equatable {
        case cpus([Int])
        case refused
        case neverEnds
    }

    init(_ rows: [LiteralMachine.Row], free: Set<Int>, count: Int) {
        self.rows = rows
        self.free = free
        needed = count
        counts = (
            rows.count, Set(rows.map(\.core)).count, Set(rows.map(\.socket)).count,
            Set(rows.map(\.numaNode)).count, Set(rows.map(\.uncore)).count
        )
    }

    typealias Unit = KeyPath<LiteralMachine.Row, Int>

    func all(_ unit: Unit, _ id: Int) -> Set<Int> {
        Set(rows.filter { $0[keyPath: unit] == id }.map(\.cpu))
    }

    func free(_ unit: Unit, _ id: Int) -> Set<Int> { all(unit, id).intersection(free) }

    /// Units with a free CPU among `rows`, fewest free first, then by id.
    func sorted(_ unit: Unit, among rows: [LiteralMachine.Row]) -> [Int] {
        let ids = Set(rows.filter { free.contains($0.cpu) }.map { $0[keyPath: unit] })
        if ids.count < 2 { return Array(ids) }
        var counts: [Int: Int] = [:]
        for row in self.rows where free.contains(row.cpu) {
            counts[row[keyPath: unit], default: 0] += 1
        }
        return ids.sorted { (counts[$0]!, $0) < (counts[$1]!, $1) }
    }

    var nodesFirst: Bool { counts.sockets >= counts.nodes }

    var nodes: [Int] {
        nodesFirst
            ? sorted(\.numaNode, among: rows)
            : sorted(\.socket, among: rows).flatMap { socket in
                sorted(\.numaNode, among: rows.filter { $0.socket == socket })
            }
    }

    var sockets: [Int] {
        nodesFirst
            ? sorted(\.numaNode, among: rows).flatMap { node in
                sorted(\.socket, among: rows.filter { $0.numaNode == node })
            } : sorted(\.socket, among: rows)
    }

    var cores: [Int] {
        nodesFirst
            ? sockets.flatMap { socket in
                sorted(\.core, among: rows.filter { $0.socket == socket })
            }
            : nodes.flatMap { node in sorted(\.core, among: rows.filter { $0.numaNode == node }) }
    }

    var uncores: [Int] {
        nodes.flatMap { node in sorted(\.uncore, among: rows.filter { $0.numaNode == node }) }
    }

    mutating func take(_ cpus: Set<Int>) {
        taken.formUnion(cpus)
        free.subtract(cpus)
        needed -= cpus.count
    }

    mutating func takeWhole(_ unit: Unit, _ ids: [Int], size: (Int) -> Int) {
        let whole = ids.filter { free(unit, $0).count == size($0) }
        for id in whole where needed >= all(unit, id).count { take(all(unit, id)) }
    }

    mutating func takeNodes() {
        takeWhole(\.numaNode, nodes) { [self] in all(\.numaNode, $0).count }
    }

    mutating func takeSockets() {
        takeWhole(\.socket, sockets) { [counts] _ in counts.cpus / counts.sockets }
    }

    mutating func takeUncores() {
        for uncore in uncores {
            if needed >= counts.cpus / counts.uncores {
                takeWhole(\.uncore, uncores) { [self] in all(\.uncore, $0).count }
            }
            if needed < 1 { return }
            let perCore = counts.cpus / counts.cores
            let here = Set(rows.filter { $0.uncore == uncore && free.contains($0.cpu) }.map(\.core))
            let chosen = here.sorted().prefix((needed + perCore - 1) / perCore)
            var cpus = chosen.flatMap { free(\.core, $0) }.sorted()
            if needed % 2 != 0, perCore > 1, cpus.count > needed { cpus.removeLast() }
            if cpus.count == needed { take(Set(cpus)) }
            if needed < 1 { return }
        }
    }

    package static func packed(
        _ count: Int, _ rows: [LiteralMachine.Row], _ free: Set<Int>, spread: Bool, uncores: Bool
    ) -> Outcome {
        var taker = LiteralAccumulator(rows, free: free, count: count)
        if count < 1 { return .cpus([]) }
        if count > free.count { return .refused }
        if taker.nodesFirst {
            taker.takeNodes()
            taker.takeSockets()
        } else {
            taker.takeSockets()
            taker.takeNodes()
        }
        if taker.needed > 0, uncores { taker.takeUncores() }
        if !spread {
            taker.takeWhole(\.core, taker.cores) { [counts = taker.counts] _ in
                counts.cpus / counts.cores
            }
        }
        let singles =
            spread
            ? taker.sockets.flatMap { taker.free(\.socket, $0).sorted() }
            : taker.cores.flatMap { taker.free(\.core, $0).sorted() }
        for cpu in singles where taker.needed > 0 { taker.take([cpu]) }
        return taker.needed < 1 ? .cpus(taker.taken.sorted()) : .refused
    }

    /// A Go slice: a view of memory that appends share while there is room.
    private struct Slice {
        final class Memory {
            var values: [Int]
            init(_ values: [Int]) { self.values = values }
        }
        var memory = Memory([])
        var count = 0
        var capacity = 0

        func appending(_ value: Int) -> Slice {
            var next = self
            if count == capacity {
                next.capacity = capacity == 0 ? 1 : capacity * 2
                next.memory = Memory(
                    Array(memory.values.prefix(count))
                        + Array(repeating: 0, count: next.capacity - count))
            }
            next.memory.values[count] = value
            next.count += 1
            return next
        }

        var values: [Int] { Array(memory.values.prefix(count)) }
    }

    private static func combinations(
        _ list: [Int], _ count: Int, _ start: Int, _ slice: Slice, _ visit: (Slice) -> Bool
    ) -> Bool {
        if count == 0 { return visit(slice) }
        var index = start
        while index <= list.count - count {
            if !combinations(list, count - 1, index + 1, slice.appending(list[index]), visit) {
                return false
            }
            index += 1
        }
        return true
    }

    package static func distributed(
        _ count: Int, _ rows: [LiteralMachine.Row], _ free: Set<Int>, group: Int, spread: Bool
    ) -> Outcome {
        func packed(_ count: Int, _ free: Set<Int>) -> Outcome {
            self.packed(count, rows, free, spread: spread, uncores: false)
        }
        if count % group != 0 { return packed(count, free) }
        var taker = LiteralAccumulator(rows, free: free, count: count)
        if count < 1 { return .cpus([]) }
        if count > free.count { return .refused }
        let nodes = taker.nodes
        let groups = (rows.count - 1) / group + 1
        let perNode = (groups - 1) / taker.counts.nodes + 1
        let needed = (count - 1) / group + 1
        let fewest = (needed - 1) / perNode + 1
        let most = min(needed, nodes.count)
        func score(_ left: [Int: Int]) -> Double {
            func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
            let values = nodes.map { Double(left[$0]!) }
            let mean = rounded(values.reduce(0, +) / Double(values.count))
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return rounded((squares / Double(values.count)).squareRoot())
        }
        for size in stride(from: fewest, through: most, by: 1) {
            let share = count / size / group * group
            var hangs = false
            var best: (score: Double, combo: Slice, rest: [Int])?
            _ = combinations(nodes, size, 0, Slice()) { combo in
                if best?.score == 0 { return false }
                let chosen = combo.values
                let counts = chosen.map { taker.free(\.numaNode, $0).count }
                if counts.reduce(0, +) < count { return true }
                if counts.reduce(0, { $0 + $1 / group * group }) < count { return true }
                if counts.contains(where: { $0 < share }) { return true }
                var left: [Int: Int] = [:]
                for node in nodes { left[node] = taker.free(\.numaNode, node).count }
                for node in chosen { left[node]! -= share }
                let remainder = count - share * size
                var local: (score: Double, rest: Slice)?
                if remainder == 0 {
                    local = (score(left), Slice())
                } else {
                    let able = chosen.filter { left[$0]! >= group }
                    for subsetSize in stride(from: able.count, to: 0, by: -1) where !hangs {
                        _ = combinations(able, subsetSize, 0, Slice()) { subset in
                            if local?.score == 0 { return false }
                            var after = left
                            if subset.values.reduce(0, { $0 + after[$1]! }) < remainder {
                                return true
                            }
                            var rest = remainder
                            while rest > 0 {
                                let before = rest
                                for node in subset.values where rest > 0 && after[node]! >= group {
                                    after[node]! -= group
                                    rest -= group
                                }
                                if rest == before {
                                    hangs = true
                                    return false
                                }
                            }
                            let found = score(after)
                            if local == nil || found < local!.score { local = (found, subset) }
                            return true
                        }
                    }
                    if hangs { return false }
                }
                if let local, best == nil || local.score < best!.score {
                    best = (local.score, combo, local.rest.values)
                }
                return true
            }
            if hangs { return .neverEnds }
            guard let best else { continue }
            func takeFrom(_ node: Int, _ count: Int) {
                if case .cpus(let cpus) = packed(count, taker.free(\.numaNode, node)) {
                    taker.take(Set(cpus))
                }
            }
            for node in best.combo.values { takeFrom(node, share) }
            var rest = count - share * size
            while rest > 0 {
                let before = rest
                for node in best.rest where rest > 0 {
                    if taker.free(\.numaNode, node).count < group { continue }
                    takeFrom(node, group)
                    rest -= group
                }
                if rest == before { return .neverEnds }
            }
            return taker.needed < 1 ? .cpus(taker.taken.sorted()) : .refused
        }
        return packed(count, free)
    }
}
