import Primitives
import Records

/// The accumulator's steps told one by one.
///
/// `CPUTaker.packed` answers with a set, by masks and in one sweep where it can. This takes the same units in the same
/// order, slowly, and writes each down; tests compare the sets.
extension CPUTaker {
    typealias Step = AllocationExplanation.CPUs.Step

    /// The units of `packed`, in order; those taken before a request turned out not to be satisfiable included.
    static func packedSteps(
        _ count: Int, from free: CPUSet, on topology: CPUTopology, strategy: Strategy,
        prefersUncores: Bool, part: Step.Part
    ) -> [Step] {
        var taker = CPUTaker(topology, from: free, count: count, strategy: strategy)
        guard !taker.isSatisfied, count <= taker.freeCount(free) else { return [] }
        var steps: [Step] = []
        func tell(_ unit: Step.Unit, _ id: Int, _ cpus: CPUSet) {
            if !cpus.isEmpty { steps.append(Step(part: part, unit: unit, id: id, cpus: cpus)) }
        }
        if topology.packsNUMANodesFirst {
            taker.tellWholeNUMANodes(tell)
            taker.tellWholeSockets(tell)
        } else {
            taker.tellWholeSockets(tell)
            taker.tellWholeNUMANodes(tell)
        }
        if prefersUncores { taker.tellUncores(tell) }
        if strategy == .packed { taker.tellWholeCores(tell) }
        taker.tellSingleCPUs(tell)
        return steps
    }

    private typealias Tell = (Step.Unit, Int, CPUSet) -> Void

    private mutating func tellWholeNUMANodes(_ tell: Tell) {
        guard !isSatisfied else { return }
        let before = free
        forEachNUMANode(in: before) { taker, node, freeCount in
            let unit = taker.topology.numaNodes[node]
            if freeCount == unit.count, taker.needed >= unit.count {
                taker.take(unit)
                tell(.numaNode, unit.id, unit.cpus)
            }
            return true
        }
    }

    private mutating func tellWholeSockets(_ tell: Tell) {
        guard !isSatisfied else { return }
        let before = free
        forEachSocket(in: before) { taker, socket, freeCount in
            let unit = taker.topology.sockets[socket]
            if freeCount == taker.topology.cpusPerSocket, taker.needed >= unit.count {
                taker.take(unit)
                tell(.socket, unit.id, unit.cpus)
            }
            return true
        }
    }

    private mutating func tellUncores(_ tell: Tell) {
        guard !isSatisfied else { return }
        let before = free
        forEachUncore(in: before) { taker, uncore in
            if taker.needed >= taker.topology.cpusPerUncore {
                let now = taker.free
                taker.forEachUncore(in: now) { taker, uncore in
                    let unit = taker.topology.uncores[uncore]
                    if unit.count(in: now) == unit.count, taker.needed >= unit.count {
                        taker.take(unit)
                        tell(.uncore, unit.id, unit.cpus)
                    }
                    return true
                }
            }
            if taker.isSatisfied { return false }
            let taken = taker.taken
            taker.takePartOfUncore(uncore)
            tell(
                .partOfUncore, taker.topology.uncores[uncore].id, taker.taken.subtracting(taken))
            return !taker.isSatisfied
        }
    }

    private mutating func tellWholeCores(_ tell: Tell) {
        guard !isSatisfied else { return }
        let before = free
        forEachCoreGroup(in: before) { taker, cores in
            for core in cores
            where taker.threadCount(core, in: before) == taker.topology.cpusPerCore {
                let unit = taker.topology.cores[core]
                if taker.needed >= unit.count {
                    taker.take(unit)
                    tell(.core, unit.id, unit.cpus)
                }
            }
            return true
        }
    }

    private mutating func tellSingleCPUs(_ tell: Tell) {
        guard !isSatisfied else { return }
        let before = free
        if strategy == .spread {
            forEachSocket(in: before) { taker, socket, _ in
                for cpu in before.intersection(taker.topology.sockets[socket].cpus) {
                    taker.take(cpu)
                    tell(.cpu, cpu, [cpu])
                    if taker.isSatisfied { return false }
                }
                return true
            }
            return
        }
        forEachCoreGroup(in: before) { taker, cores in
            for threads in 1...taker.topology.maximumThreads {
                for core in cores where taker.threadCount(core, in: before) == threads {
                    for cpu in taker.topology.cores[core].cpus.intersection(before) {
                        taker.take(cpu)
                        tell(.cpu, cpu, [cpu])
                        if taker.isSatisfied { return false }
                    }
                }
            }
            return true
        }
    }
}
