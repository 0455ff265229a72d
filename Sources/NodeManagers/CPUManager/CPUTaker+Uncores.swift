import Primitives

extension CPUTaker {
    /// 3: whole uncore caches, then a part of one, for as long as the need is met exactly.
    ///
    /// (cm/cpumanager/cpu_assignment.go, takeUncoreCache)
    mutating func takeUncores() {
        guard !isSatisfied else { return }
        let before = free
        forEachUncore(in: before) { taker, uncore in
            if taker.needed >= taker.topology.cpusPerUncore { taker.takeWholeUncores() }
            if taker.isSatisfied { return false }
            taker.takePartOfUncore(uncore)
            return !taker.isSatisfied
        }
    }

    private mutating func takeWholeUncores() {
        let before = free
        forEachUncore(in: before) { taker, uncore in
            let unit = taker.topology.uncores[uncore]
            if unit.count(in: before) == unit.count, taker.needed >= unit.count {
                taker.take(unit)
            }
            return true
        }
    }

    /// The lowest cores with a free CPU in the uncore cache, when their free CPUs are exactly what is needed.
    mutating func takePartOfUncore(_ uncore: Int) {
        let unit = topology.uncores[uncore]
        var coresLeft = (needed + topology.cpusPerCore - 1) / topology.cpusPerCore
        var cpus = CPUSet()
        for core in topology.coresInUncore[uncore] {
            guard coresLeft > 0 else { break }
            let coreUnit = topology.cores[core]
            var isHere = false
            for word in coreUnit.words
            where coreUnit.cpus[word: word] & unit.cpus[word: word] & free[word: word] != 0 {
                isHere = true
            }
            guard isHere else { continue }
            coresLeft -= 1
            cpus.formUnion(coreUnit.cpus.intersection(free))
        }
        var count = freeCount(cpus)
        if needed % 2 != 0, topology.cpusPerCore > 1, count > needed {
            // An odd need leaves one thread of the last core.
            cpus.remove(highest(of: cpus))
            count -= 1
        }
        if count == needed { take(cpus) }
    }

    private func highest(of cpus: CPUSet) -> Int {
        var word = topology.wordCount - 1
        while cpus[word: word] == 0 { word -= 1 }
        return word * 64 + 63 - cpus[word: word].leadingZeroBitCount
    }

    /// Uncore caches within NUMA nodes in the NUMA nodes' order.
    mutating func forEachUncore(
        in set: CPUSet, _ body: (inout CPUTaker, Int) -> Bool
    ) {
        let topology = topology
        forEachNUMANode(in: set) { taker, node, _ in
            taker.forEachUnit(
                of: topology.uncores, at: topology.uncoresInNUMANode[node],
                within: topology.numaNodes[node], in: set
            ) { taker, uncore, _ in body(&taker, uncore) }
        }
    }
}
