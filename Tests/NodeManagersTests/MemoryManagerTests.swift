import NodeManagers
import Primitives
import Testing

/// The Static policy's tables written down as the kubelet keeps them: maps of maps, lists of all hints.
struct LiteralMemory {
    struct Node {
        var assignments = 0
        var cells: [Int]
        var allocatable: [Int: Int64]
        var free: [Int: Int64]
        var reserved: [Int: Int64]
    }

    struct Hint: Equatable {
        var nodes: [Int]
        var isPreferred: Bool
    }

    var nodes: [Int: Node]

    func subsets() -> [[Int]] {
        var result: [[Int]] = [[]]
        for node in nodes.keys.sorted() { result += result.map { $0 + [node] } }
        return result.filter { !$0.isEmpty }.sorted {
            $0.count != $1.count ? $0.count < $1.count : $0.lexicographicallyPrecedes($1)
        }
    }

    func hints(_ request: [Int: Int64]) -> [Hint] {
        var smallest = nodes.count
        var found: [[Int]] = []
        for subset in subsets() {
            func sum(_ part: KeyPath<Node, [Int: Int64]>, _ type: Int) -> Int64 {
                subset.reduce(0) { $0 + nodes[$1]![keyPath: part][type]! }
            }
            if request.contains(where: { sum(\.allocatable, $0.key) < $0.value }) { continue }
            smallest = min(smallest, subset.count)
            if subset.count == 1, nodes[subset[0]]!.cells.count > 1 { continue }
            if subset.count > 1,
                subset.contains(where: {
                    nodes[$0]!.assignments > 0 && nodes[$0]!.cells != subset
                })
            {
                continue
            }
            if request.contains(where: { sum(\.free, $0.key) < $0.value }) { continue }
            found.append(subset)
        }
        return found.map { Hint(nodes: $0, isPreferred: $0.count == smallest) }
    }

    /// Preferred before not, then fewer nodes, then the smaller mask.
    static func best(_ hints: [Hint]) -> Hint? {
        hints.min { a, b in
            func key(_ hint: Hint) -> (Int, Int, Int) {
                (hint.isPreferred ? 0 : 1, hint.nodes.count, hint.nodes.reduce(0) { $0 | 1 << $1 })
            }
            return key(a) < key(b)
        }
    }

    enum Outcome: Equatable {
        case group([Int])
        case refused(String)
    }

    func group(_ request: [Int: Int64], affinity: [Int]?, isPreferred: Bool) -> Outcome {
        var hint: Hint
        if let affinity {
            hint = Hint(nodes: affinity, isPreferred: isPreferred)
        } else {
            guard let own = LiteralMemory.best(hints(request)) else { return .refused("default") }
            if !own.isPreferred, isPreferred { return .refused("default preferred") }
            hint = own
        }
        let isShort = request.contains { type, bytes in
            hint.nodes.reduce(0) { $0 + nodes[$1]!.free[type]! } < bytes
        }
        if isShort {
            let wider = hints(request).filter { Set($0.nodes).isSuperset(of: hint.nodes) }
            guard let best = LiteralMemory.best(wider) else { return .refused("extend") }
            if !best.isPreferred, hint.isPreferred { return .refused("extended preferred") }
            hint = best
        }
        if hint.nodes.count > 1,
            hint.nodes.contains(where: {
                nodes[$0]!.assignments > 0 && nodes[$0]!.cells != hint.nodes
            })
        {
            return .refused("group")
        }
        return .group(hint.nodes)
    }

    mutating func move(_ request: [Int: Int64], on group: [Int], release: Bool) {
        for (type, bytes) in request.sorted(by: { $0.key < $1.key }) {
            var rest = bytes
            for node in group {
                nodes[node]!.assignments += release ? -1 : 1
                if !release { nodes[node]!.cells = group }
                if nodes[node]!.assignments == 0 { nodes[node]!.cells = [node] }
                let part = min(
                    rest, release ? nodes[node]!.reserved[type]! : nodes[node]!.free[type]!)
                nodes[node]!.reserved[type]! += release ? -part : part
                nodes[node]!.free[type]! += release ? part : -part
                rest -= part
            }
        }
    }
}

@Suite struct MemoryManagerTests {
    @Test(arguments: Array(1...300) as [UInt64])
    func `grants and takes back what the kubelet's tables say`(_ seed: UInt64) {
        var nodes = RandomNodes(seed: seed &+ 60_000)
        let count = nodes.pick([1, 2, 2, 3, 4])
        let typeCount = nodes.pick([1, 2, 3])
        let layout = NUMALayout(osIndices: Array(0..<count))
        let totals = (0..<count * typeCount).map { _ -> MemoryTotals in
            var entry = MemoryTotals()
            entry.total = Int64(nodes.below(20))
            entry.allocatable = entry.total
            return entry
        }
        let policy = StaticMemoryPolicy(
            layout: layout,
            types: MemoryTypes(
                resources: (1...typeCount).map { ResourceIndex($0) }, resourceCount: typeCount + 1),
            totals: totals)
        var state = MemoryManagerState(totals: totals, nodeCount: count, typeCount: typeCount)
        state.grow(to: 40)
        var literal = LiteralMemory(nodes: [:])
        for node in 0..<count {
            var table: [Int: Int64] = [:]
            for type in 0..<typeCount { table[type] = totals[node * typeCount + type].allocatable }
            literal.nodes[node] = LiteralMemory.Node(
                cells: [node], allocatable: table, free: table,
                reserved: table.mapValues { _ in 0 })
        }
        var held: [(slot: Int, request: [Int: Int64], group: [Int])] = []
        for slot in 0..<40 {
            if !held.isEmpty, nodes.chance(40) {
                let gone = held.remove(at: nodes.below(held.count))
                policy.release(ContainerRange(first: gone.slot, count: 1), in: &state)
                literal.move(gone.request, on: gone.group, release: true)
            } else {
                var demand = MemoryDemand()
                demand.isManaged = true
                demand.amounts = (0..<typeCount).filter { $0 == 0 || nodes.chance(50) }.map {
                    MemoryAmount(type: $0, bytes: Int64(nodes.below(15)))
                }
                demand.minimumNodes = policy.minimumNodes(for: demand.amounts)
                let request = Dictionary(
                    uniqueKeysWithValues: demand.amounts.map { ($0.type, $0.bytes) })
                let mask =
                    nodes.chance(40)
                    ? nil : NUMAMask(1 + UInt64(nodes.below(1 << count - 1)))
                let hint = TopologyHint(mask, isPreferred: nodes.chance(50))
                let expected = literal.group(
                    request, affinity: mask.map { Array($0) }, isPreferred: hint.isPreferred)
                let cause = policy.allocate(
                    demand, to: 0, of: ContainerRange(first: slot, count: 1), hint: hint,
                    in: &state)
                #expect(
                    outcome(cause, ContainerSlot(slot), state) == expected,
                    "seed \(seed), slot \(slot): \(request) on \(hint)")
                if case .group(let group) = expected {
                    literal.move(request, on: group, release: false)
                    held.append((slot, request, group))
                }
            }
            for node in 0..<count {
                let other = literal.nodes[node]!
                #expect(Int(state.nodes[node].assignments) == other.assignments)
                #expect(Array(state.nodes[node].cells) == other.cells)
                for type in 0..<typeCount {
                    let table = state.tables[node * typeCount + type]
                    #expect(table.free == other.free[type])
                    #expect(table.reserved == other.reserved[type])
                }
            }
        }
    }

    private func outcome(
        _ cause: Rejection.Cause?, _ slot: ContainerSlot, _ state: MemoryManagerState
    ) -> LiteralMemory.Outcome {
        switch cause {
        case nil: .group(Array(state.nodes(of: slot)))
        case .noMemoryForDefaultAffinity: .refused("default")
        case .defaultMemoryHintNotPreferred: .refused("default preferred")
        case .memoryHintNotExtensible: .refused("extend")
        case .extendedMemoryHintNotPreferred: .refused("extended preferred")
        case .memoryHintViolatesGroup: .refused("group")
        default: .refused("\(cause!)")
        }
    }
}
