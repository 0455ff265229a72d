import HardwareModel
import Primitives

import NodeManagers

/// A random request on a random machine: what each NUMA node has and has free, and what is asked for.
///
/// `literalLists` lists hints subset by subset, as the kubelet does; `gather` asks the managers.
struct RandomMerge {
    var nodes: RandomNodes
    let count: Int
    let osIndices: [Int]
    let distances: [Int]

    // CPUs by NUMA node: all, free, and left by an init container.
    var cpus: [Int] = []
    var freeCPUs: [Int] = []
    var reusableCPUs: [Int] = []
    var sockets: [Int] = []
    var alignsBySocket = false
    var wantedCPUs = 0

    // Memory by `node * types + type`.
    var types = 0
    var allocatable: [Int64] = []
    var freeMemory: [Int64] = []
    var assignments: [Int] = []
    var cells: [UInt64] = []
    var reuse: [(mask: UInt64, type: Int, bytes: Int64)] = []
    var amounts: [(type: Int, bytes: Int64)] = []

    var devices: [DeviceCase] = []

    struct DeviceCase {
        var nodes: [UInt64?]
        var isFree: [Bool]
        var isReusable: [Bool]
        var wanted: Int
    }

    init(seed: UInt64, counts: [Int], classes: Int? = nil) {
        var nodes = RandomNodes(seed: seed)
        let count = nodes.pick(counts)
        self.count = count
        var next = -1
        let hasGaps = count < 32 && nodes.chance(20)
        var ids: [Int] = []
        for _ in 0..<count {
            next += 1
            if hasGaps, nodes.chance(30) { next += 1 }
            ids.append(next)
        }
        osIndices = ids
        distances = RandomMerge.distances(count, &nodes)
        let kinds = classes ?? nodes.pick([1, 2, 3, count])
        var kindOf: [Int] = []
        for _ in 0..<count { kindOf.append(nodes.below(max(1, min(kinds, count)))) }
        self.nodes = nodes
        if self.nodes.chance(75) { makeCPUs(kindOf) }
        if self.nodes.chance(65) { makeMemory(kindOf) }
        let deviceKinds = self.nodes.pick([0, 0, 1, 1, 2])
        for _ in 0..<deviceKinds { makeDevices() }
    }

    private static func distances(_ count: Int, _ nodes: inout RandomNodes) -> [Int] {
        let perSocket = nodes.pick([1, 2, 2, 4, 8])
        let isScattered = nodes.chance(20)
        let sockets = (count + perSocket - 1) / perSocket
        let socketOf = (0..<count).map { isScattered ? nodes.below(sockets) : $0 / perSocket }
        let kind = nodes.below(10)
        var table: [Int] = []
        for from in 0..<count {
            for to in 0..<count {
                switch kind {
                case 0: table.append(from == to ? 10 : 20)
                case 1: table.append(10 + nodes.below(3) * 10)
                case 2: table.append(from == to ? 10 : 20 + 10 * ((from ^ to) & 3).nonzeroBitCount)
                default:
                    table.append(
                        from == to ? 10 : socketOf[from] == socketOf[to] ? 12 : 32)
                }
            }
        }
        return table
    }

    private mutating func makeCPUs(_ kindOf: [Int]) {
        let perNode = nodes.pick([1, 2, 4, 4])
        let isFull = nodes.chance(40)
        let freeOf = kindOf.indices.map { _ in isFull ? perNode : nodes.below(perNode + 1) }
        let hasNone = nodes.chance(20)
        for node in 0..<count {
            let all = hasNone && nodes.chance(30) ? 0 : perNode
            cpus.append(all)
            freeCPUs.append(min(all, freeOf[kindOf[node]]))
            reusableCPUs.append(0)
        }
        if cpus.allSatisfy({ $0 == 0 }) { cpus[0] = perNode }
        if nodes.chance(20) {
            for _ in 0..<1 + nodes.below(2) {
                let node = nodes.below(count)
                reusableCPUs[node] = min(cpus[node] - freeCPUs[node], 1)
            }
        }
        let perSocket = nodes.pick([1, 2, 2, 4])
        sockets = (0..<count).map { $0 / perSocket }
        alignsBySocket = nodes.chance(25)
        let total = max(1, freeCPUs.reduce(0, +))
        wantedCPUs =
            1 + nodes.below(nodes.pick([perNode, 2 * perNode, 3 * perNode, total, total + 1]))
    }

    private mutating func makeMemory(_ kindOf: [Int]) {
        types = nodes.pick([1, 1, 2, 3])
        let isFull = nodes.chance(40)
        let most = nodes.pick([1, 3, 8])
        let sizes = (0..<count * types).map { _ in Int64(1 + nodes.below(most)) }
        let uses = (0..<count * types).map { _ in Int64(isFull ? 0 : nodes.below(most)) }
        for node in 0..<count {
            for type in 0..<types {
                let size = nodes.chance(5) ? 0 : sizes[kindOf[node] * types + type]
                allocatable.append(size)
                freeMemory.append(max(0, size - uses[kindOf[node] * types + type]))
            }
            assignments.append(0)
            cells.append(1 << UInt64(node))
        }
        let touched = nodes.pick([0, 0, 10, 40, 90])
        var groupable = (0..<count).filter { _ in nodes.chance(touched) }
        while let node = groupable.popLast() {
            var group = UInt64(1) << UInt64(node)
            while nodes.chance(40), let other = groupable.popLast() { group |= 1 << UInt64(other) }
            for member in 0..<count where group >> UInt64(member) & 1 != 0 {
                assignments[member] = 1
                cells[member] = group
            }
            // A block on one NUMA node of a group tears it from the group.
            if nodes.chance(10) { cells[node] = 1 << UInt64(node) }
            // Odd tables, as a checkpoint may bring them.
            if nodes.chance(5) { assignments[node] = 0 }
        }
        if nodes.chance(25) {
            for _ in 0..<1 + nodes.below(2) {
                let mask =
                    nodes.chance(50)
                    ? cells[nodes.below(count)]
                    : (1 << UInt64(nodes.below(count))) | (1 << UInt64(nodes.below(count)))
                let type = nodes.below(types)
                if !reuse.contains(where: { $0.mask == mask && $0.type == type }) {
                    reuse.append((mask, type, Int64(1 + nodes.below(6))))
                }
            }
        }
        for type in 0..<types where type == 0 || nodes.chance(80) {
            let total = (0..<count).reduce(Int64(0)) { $0 + freeMemory[$1 * types + type] }
            let bound = nodes.pick([most, 2 * most, 3 * most, Int(total) + 1, Int(total) + 1])
            amounts.append((type, nodes.chance(3) ? 0 : Int64(1 + nodes.below(max(1, bound)))))
        }
    }

    private mutating func makeDevices() {
        var item = DeviceCase(nodes: [], isFree: [], isReusable: [], wanted: 0)
        let perNode = nodes.pick([1, 1, 2])
        let isSparse = nodes.chance(30)
        let many = nodes.chance(25)
        let reuses = nodes.chance(20)
        let free = nodes.pick([30, 70, 100])
        for node in 0..<count {
            if isSparse, nodes.chance(60) { continue }
            for _ in 0..<perNode {
                var mask: UInt64? = 1 << UInt64(node)
                if many, nodes.chance(40) { mask! |= 1 << UInt64(nodes.below(count)) }
                if nodes.chance(2) { mask = nodes.chance(50) ? nil : 0 }
                item.nodes.append(mask)
                item.isFree.append(nodes.chance(free))
                item.isReusable.append(!item.isFree.last! && reuses && nodes.chance(10))
            }
        }
        if item.nodes.isEmpty {
            item.nodes = [1]
            item.isFree = [true]
            item.isReusable = [false]
        }
        item.wanted = 1 + nodes.below(nodes.pick([1, 2, 3, item.nodes.count]))
        devices.append(item)
    }
}
