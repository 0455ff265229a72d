package import HardwareModel
package import Primitives

/// A machine's NUMA nodes as the Topology Manager sees them: positions, OS indices, distances, and masks by size.
package final class NUMALayout: Sendable {
    /// OS indices, ascending; the subscript is the position that masks are made of.
    package let osIndices: [Int]
    /// Row-major distances by position; 10 on the diagonal and 20 elsewhere where the machine does not tell.
    package let distances: [Int]
    /// Masks of 0, 1, … NUMA nodes; empty beyond `MaskSet.maximumNodes`.
    package let masksBySize: [MaskSet]
    package let maskWordCount: Int
    /// Too many NUMA nodes for tables of masks: hint lists are families then.
    package let isWide: Bool
    package let levels: NUMADistanceLevels
    private let isDense: Bool

    /// - Parameter mostTabulated: NUMA nodes up to which the merge keeps tables of all masks.
    /// - Precondition: at most 64 NUMA nodes, ascending OS indices below 64.
    package init(
        osIndices: [Int], distances: [Int]? = nil, mostTabulated: Int = MaskSet.maximumNodes
    ) {
        let count = osIndices.count
        isWide = count > min(mostTabulated, MaskSet.maximumNodes)
        precondition(count > 0 && count <= 64, "a kubelet counts 1 to 64 NUMA nodes")
        self.osIndices = osIndices
        self.distances =
            distances
            ?? (0..<count * count).map { $0 / count == $0 % count ? 10 : 20 }
        isDense = osIndices == Array(0..<count)
        levels = NUMADistanceLevels(count: count, distances: self.distances)
        if count <= MaskSet.maximumNodes {
            maskWordCount = MaskSet.wordCount(nodes: count)
            var sets = Array(repeating: MaskSet(), count: count + 1)
            for bits in 0..<UInt64(1) << UInt64(count) {
                sets[bits.nonzeroBitCount].insert(NUMAMask(bits))
            }
            masksBySize = sets
        } else {
            maskWordCount = 0
            masksBySize = []
        }
    }

    /// The layout of `machine`; one NUMA node 0 where it has none.
    package convenience init(_ machine: Machine) {
        let order = machine.numaNodes.indices.sorted {
            machine.numaNodes[$0].osIndex < machine.numaNodes[$1].osIndex
        }
        guard !order.isEmpty else {
            self.init(osIndices: [0])
            return
        }
        let distances = machine.distances.map { table in
            order.flatMap { from in order.map { table[from, $0] } }
        }
        self.init(osIndices: order.map { machine.numaNodes[$0].osIndex }, distances: distances)
    }

    package var count: Int { osIndices.count }

    /// Every NUMA node.
    package var all: NUMAMask {
        NUMAMask(count == 64 ? ~0 : (1 &<< UInt64(count)) &- 1)
    }

    /// The OS indices of the NUMA nodes in `mask`.
    package func osSet(_ mask: NUMAMask) -> NUMANodeSet {
        if isDense { return NUMANodeSet(mask: mask.bits) }
        var set = NUMANodeSet()
        for node in mask { set.insert(osIndices[node]) }
        return set
    }

    /// The positions of OS indices; indices that the machine lacks are dropped.
    package func mask(_ set: NUMANodeSet) -> NUMAMask {
        if isDense { return NUMAMask(set.mask & all.bits) }
        var mask = NUMAMask.none
        for (position, osIndex) in osIndices.enumerated() where set.contains(osIndex) {
            mask.insert(position)
        }
        return mask
    }

    package func position(osIndex: Int) -> Int? { osIndices.firstIndex(of: osIndex) }

    /// Sum of distances over all ordered pairs of NUMA nodes in `mask`, each with itself too.
    ///
    /// Masks of one size compare by it as by the kubelet's average. (cm/topologymanager/numa_info.go)
    package func distanceSum(_ mask: NUMAMask) -> Int {
        var sum = 0
        for from in mask {
            for to in mask { sum += distances[from * count + to] }
        }
        return sum
    }

    /// Calls `body` with every non-empty subset of `domain`: by size, then lexicographically by position.
    ///
    /// The kubelet's order of hints. (cm/topologymanager/bitmask, IterateBitMasks)
    package func forEachMask(of domain: NUMAMask, _ body: (NUMAMask) -> Void) {
        let nodes = Array(domain)
        func extend(_ mask: NUMAMask, from start: Int, by more: Int) {
            guard more > 0 else { return body(mask) }
            guard start + more <= nodes.count else { return }
            for index in start...(nodes.count - more) {
                extend(mask.union(NUMAMask(node: nodes[index])), from: index + 1, by: more - 1)
            }
        }
        guard !nodes.isEmpty else { return }
        for size in 1...nodes.count { extend(.none, from: 0, by: size) }
    }

    /// The first mask for which `matches` holds, of `size` nodes or more: by size, then by value.
    ///
    /// The kubelet's "narrowest". (cm/topologymanager/bitmask, IsNarrowerThan)
    package func narrowestMask(ofAtLeast size: Int, where matches: (NUMAMask) -> Bool) -> NUMAMask?
    {
        guard size <= count else { return nil }
        for size in max(1, size)...count {
            guard size < count else { return matches(all) ? all : nil }
            // Ascending masks of equal size: carry the lowest run of ones (Gosper's hack).
            var bits = (UInt64(1) << UInt64(size)) - 1
            while bits & ~all.bits == 0 {
                if matches(NUMAMask(bits)) { return NUMAMask(bits) }
                let low = bits & (0 &- bits)
                let (carried, overflow) = bits.addingReportingOverflow(low)
                if overflow { break }
                bits = carried | ((bits ^ carried) >> UInt64(low.trailingZeroBitCount + 2))
            }
        }
        return nil
    }
}
