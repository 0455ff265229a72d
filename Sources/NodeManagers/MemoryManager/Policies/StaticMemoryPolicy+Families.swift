import Primitives

/// The Memory Manager's masks as families, for machines with many NUMA nodes.
extension StaticMemoryPolicy {
    /// What NUMA nodes must add up to when nothing is taken.
    func thresholds(for amounts: [MemoryAmount]) -> [NodeThreshold] {
        amounts.filter { $0.bytes > 0 }.map { amount in
            NodeThreshold(
                amounts: layout.positions.map { totals[$0 * typeCount + amount.type].allocatable },
                need: amount.bytes)
        }
    }

    package func family(for demand: MemoryDemand, in state: MemoryManagerState) -> HintFamily {
        family(for: demand.amounts, preferredSize: demand.minimumNodes, in: state)
    }

    /// The masks for which `isPossible` holds: those of NUMA nodes without a block, which take what is missing from
    /// any of them; single NUMA nodes with blocks of their own; and groups as they are.
    func family(
        for amounts: [MemoryAmount], preferredSize: Int, in state: MemoryManagerState
    ) -> HintFamily {
        var untouched = NUMAMask.none
        var isGrouped = false
        for node in layout.positions where state.nodes[node].assignments <= 0 {
            untouched.insert(node)
            if !state.nodes[node].cells.isSingle { isGrouped = true }
        }
        var open = OpenMasks(domain: untouched)
        for threshold in thresholds(for: amounts) {
            open.require(threshold.amounts, atLeast: threshold.need)
        }
        for amount in amounts {
            open.require(
                layout.positions.map { state.tables[$0 * typeCount + amount.type].free },
                atLeast: amount.bytes)
        }
        // A NUMA node of a group without blocks would do only with others.
        if isGrouped { open.require(layout.positions.map { _ in 1 }, atLeast: 2) }
        var family = HintFamily(open: open, preferredSize: preferredSize)
        for node in layout.positions {
            let mask = NUMAMask(node: node)
            if isPossible(amounts, on: mask, in: state), !open.contains(mask) {
                family.singles.insert(node)
            }
        }
        func offer(_ mask: NUMAMask) {
            guard mask.count > 1, !family.exact.contains(mask), !open.contains(mask),
                isPossible(amounts, on: mask, in: state)
            else { return }
            family.exact.append(mask)
        }
        for node in layout.positions where state.nodes[node].assignments > 0 {
            offer(state.nodes[node].cells)
        }
        for entry in state.reusable { offer(entry.nodes) }
        return family
    }
}
