import LiteralKubelet
import NodeManagers
import Primitives
import Testing

@Suite struct CPUTakerTests {
    /// A random machine's table: any number of sockets, NUMA nodes, caches and threads, some of them missing.
    static func rows(_ nodes: inout RandomNodes) -> [CPUTopology.Row] {
        let sockets = nodes.pick([1, 1, 2, 2, 4])
        let numaNodes = nodes.pick([1, 2, sockets, sockets * 2, 4, 8])
        let cores = max(numaNodes, sockets) * nodes.pick([1, 2, 3, 4])
        let threads = nodes.pick([1, 2, 2, 4])
        let cachesPerNode = nodes.pick([1, 1, 2])
        let isSplit = nodes.chance(50)
        let isIrregular = nodes.chance(30)
        var rows: [CPUTopology.Row] = []
        for core in 0..<cores {
            let numaNode = core * numaNodes / cores
            var own: [Int] = []
            for thread in 0..<threads where !(isIrregular && thread > 0 && nodes.chance(30)) {
                own.append(isSplit ? thread * cores + core : core * threads + thread)
            }
            for cpu in own {
                rows.append(
                    CPUTopology.Row(
                        cpu: cpu, core: own.min()!, socket: core * sockets / cores,
                        numaNode: numaNode,
                        uncore: core * numaNodes * cachesPerNode / cores))
            }
        }
        return rows
    }

    static func outcome(_ outcome: CPUTaker.Outcome) -> LiteralAccumulator.Outcome {
        switch outcome {
        case .taken(let cpus): .cpus(Array(cpus))
        case .tooFew, .notFound: .refused
        case .neverEnds, .wouldStall: .neverEnds
        }
    }

    @Test(arguments: Array(1...400) as [UInt64])
    func `chooses the CPUs that the description names`(_ seed: UInt64) {
        var nodes = RandomNodes(seed: seed &+ 40_000)
        let rows = CPUTakerTests.rows(&nodes)
        let topology = CPUTopology(rows: rows)
        let literal = rows.map {
            LiteralMachine.Row(
                cpu: $0.cpu, core: $0.core, socket: $0.socket, numaNode: $0.numaNode,
                uncore: $0.uncore)
        }
        for _ in 0..<10 {
            let keep = 20 + nodes.below(81)
            let free = Set(rows.map(\.cpu).filter { _ in nodes.chance(keep) })
            let count = nodes.below(free.count + 2)
            let spread = nodes.chance(20)
            let uncores = nodes.chance(40)
            #expect(
                CPUTakerTests.outcome(
                    CPUTaker.packed(
                        count, from: CPUSet(free), on: topology,
                        strategy: spread ? .spread : .packed, prefersUncores: uncores))
                    == LiteralAccumulator.packed(
                        count, literal, free, spread: spread, uncores: uncores),
                "seed \(seed): \(count) of \(CPUSet(free)), spread \(spread), uncores \(uncores)")
            let group = nodes.pick([1, max(1, topology.cpusPerCore), 2])
            #expect(
                CPUTakerTests.outcome(
                    CPUDistribution.take(
                        count, from: CPUSet(free), on: topology, group: group,
                        strategy: spread ? .spread : .packed))
                    == LiteralAccumulator.distributed(
                        count, literal, free, group: group, spread: spread),
                "seed \(seed): \(count) of \(CPUSet(free)) in groups of \(group), spread \(spread)")
        }
    }

    @Test func `takes both threads of a core before one of the next`() {
        let rows = (0..<16).map { cpu in
            CPUTopology.Row(
                cpu: cpu, core: cpu & ~1, socket: cpu / 8, numaNode: cpu / 8, uncore: cpu / 8)
        }
        let topology = CPUTopology(rows: rows)
        let outcome = CPUTaker.packed(3, from: topology.all, on: topology)
        #expect(CPUTakerTests.outcome(outcome) == .cpus([0, 1, 2]))
        // Core 0 has one thread left, so the single CPU comes from there.
        let rest = topology.all.subtracting([0])
        #expect(
            CPUTakerTests.outcome(CPUTaker.packed(3, from: rest, on: topology)) == .cpus([1, 2, 3]))
    }

    @Test func `a core with one free thread counts as free where averages truncate`() {
        // Three cores, one without a sibling: 5 CPUs on 3 cores make 1 CPU a core.
        let rows = [(0, 0), (1, 0), (2, 2), (3, 2), (4, 4)].map { cpu, core in
            CPUTopology.Row(cpu: cpu, core: core, socket: 0, numaNode: 0, uncore: 0)
        }
        let topology = CPUTopology(rows: rows)
        #expect(topology.cpusPerCore == 1)
        // CPU 0 is busy; core 0 counts as free, and both its threads are handed out.
        let outcome = CPUTaker.packed(2, from: [1, 2, 3, 4], on: topology)
        #expect(CPUTakerTests.outcome(outcome) == .cpus([0, 1]))
    }
}

@Suite struct GrownCombinationTests {
    @Test func `a remembered combination of four changes with its last siblings`() {
        // Kubelet's shared slices: [6,0,1,2] of the order 7,6,0,1,2,3,4,5 is used as [6,0,1,5].
        let order = [7, 6, 0, 1, 2, 3, 4, 5]
        for (sharesMemory, used) in [(true, [6, 0, 1, 5]), (false, [6, 0, 1, 2])] {
            var walk = GrownCombination(sharesMemory: sharesMemory)
            walk.walk(size: 8, count: 4) { walk in
                let values = (0..<4).map { order[walk.current($0, ofCount: 4)] }
                if values == [6, 0, 1, 2] { walk.rememberCurrent(count: 4) }
                return true
            }
            walk.ownBest()
            #expect((0..<4).map { order[walk.best($0)] } == used)
        }
    }
}
