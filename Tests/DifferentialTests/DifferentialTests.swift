import Foundation
import LiteralKubelet
import NodeManagers
import Primitives
import Testing

/// The managers against the literal transcription on random machines, settings and operations.
///
/// `TOPSIM_DIFFERENTIAL_CASES` sets how many decisions each manager makes, `TOPSIM_DIFFERENTIAL_SEED` where the
/// seeds begin.
@Suite struct DifferentialTests {
    static func setting(_ name: String, default value: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? value
    }

    static let cases = setting("TOPSIM_DIFFERENTIAL_CASES", default: 20_000)
    static let firstSeed = UInt64(setting("TOPSIM_DIFFERENTIAL_SEED", default: 1))

    /// Says what was done, and fails with the first differences.
    static func report(_ what: String, _ counts: String, _ differences: [String]) {
        print("\(what): \(counts), \(differences.count) differences")
        for difference in differences.prefix(12) { print("  \(difference.prefix(1200))") }
        #expect(differences == [])
    }

    @Test(arguments: RandomCases.Focus.allCases)
    func `managers and transcription decide the same`(_ focus: RandomCases.Focus) {
        var (decisions, refusals, nodes, refusedStarts) = (0, 0, 0, 0)
        var (restarts, failedRestarts) = (0, 0)
        var differences: [String] = []
        var seed = DifferentialTests.firstSeed
        while decisions < DifferentialTests.cases, differences.count < 12 {
            seed += 1
            var cases = RandomCases(seed: seed, focus: focus)
            let machine = cases.machine()
            let settings = cases.settings(for: machine)
            let plugins = cases.plugins(for: machine)
            switch NodePair.start(machine, settings, plugins) {
            case .refused: refusedStarts += 1
            case .differs(let text): differences.append("seed \(seed): \(text)")
            case .started(var pair):
                nodes += 1
                for step in 0..<30 {
                    var operation = cases.operation(
                        step, on: machine, settings, plugins,
                        pods: pair.literal.pods.map(\.uid))
                    if cases.chance(6) {
                        operation = .restart(
                            cases.pick([.before, .before, .after, .never]), settings)
                        restarts += 1
                    }
                    if let difference = pair.run(operation) {
                        differences.append(
                            "seed \(seed), step \(step): \(difference) [\(settings.summary);"
                                + " \(operation)]")
                        break
                    }
                    if case .restart = operation, pair.startError != nil {
                        failedRestarts += 1
                        break
                    }
                }
                decisions += pair.decisions
                refusals += pair.refusals
            }
        }
        DifferentialTests.report(
            "\(focus.rawValue)",
            "\(decisions) decisions (\(refusals) refusals) on \(nodes) nodes, \(refusedStarts)"
                + " kubelets refuse their settings, \(restarts) restarts (\(failedRestarts) fail)",
            differences)
    }

    @Test func `accumulators take the same CPUs`() {
        var (calls, refused, endless) = (0, 0, 0)
        var differences: [String] = []
        var seed = DifferentialTests.firstSeed
        while calls < DifferentialTests.cases, differences.count < 12 {
            seed += 1
            var cases = RandomCases(seed: seed, focus: .cpu)
            let machine = cases.machine()
            let topology = CPUTopology(rows: FastTypes.rows(machine))
            for _ in 0..<20 {
                let keep = 20 + cases.below(81)
                let free = Set(machine.rows.map(\.cpu).filter { _ in cases.chance(keep) })
                let count = cases.below(free.count + 2)
                let (spread, uncores) = (cases.chance(20), cases.chance(40))
                let isDistributed = cases.chance(50)
                let group = cases.pick([1, max(1, topology.cpusPerCore), 2, 4])
                let literal =
                    isDistributed
                    ? LiteralAccumulator.distributed(
                        count, machine.rows, free, group: group, spread: spread)
                    : LiteralAccumulator.packed(
                        count, machine.rows, free, spread: spread, uncores: uncores)
                let fast =
                    isDistributed
                    ? CPUDistribution.take(
                        count, from: CPUSet(free), on: topology, group: group,
                        strategy: spread ? .spread : .packed)
                    : CPUTaker.packed(
                        count, from: CPUSet(free), on: topology,
                        strategy: spread ? .spread : .packed, prefersUncores: uncores)
                // No answer at all differs from every answer.
                let got: LiteralAccumulator.Outcome? =
                    switch fast {
                    case .taken(let cpus): .cpus(Array(cpus))
                    case .tooFew, .notFound: .refused
                    case .neverEnds: .neverEnds
                    case .wouldStall: nil
                    }
                calls += 1
                if literal == .refused { refused += 1 }
                if literal == .neverEnds { endless += 1 }
                if got != literal {
                    differences.append(
                        "seed \(seed): \(count) of \(listed(free)), distributed \(isDistributed)"
                            + " by \(group), spread \(spread), uncores \(uncores) on"
                            + " \(machine.rows.map { [$0.cpu, $0.core, $0.socket, $0.numaNode, $0.uncore] }):"
                            + " literal \(literal), fast \(String(describing: got))")
                }
            }
        }
        DifferentialTests.report(
            "accumulator", "\(calls) calls (\(refused) refused, \(endless) never end)",
            differences)
    }

    @Test func `merges give the same hint and verdict`() throws {
        var merges = 0
        var answers: [String: Int] = [:]
        var differences: [String] = []
        var seed = DifferentialTests.firstSeed
        while merges < DifferentialTests.cases, differences.count < 12 {
            seed += 1
            var cases = RandomCases(seed: seed, focus: .wholeNode)
            let count = cases.pick([1, 2, 2, 3, 4, 5, 6])
            let ids = (0..<count).map { $0 * (seed % 3 == 0 ? 3 : 1) }
            let distances = (0..<count * count).map { _ in 10 + cases.below(3) * 10 }
            let lists = RandomLists.make(&cases, count)
            let layout = NUMALayout(osIndices: ids, distances: distances)
            for policy in ["none", "best-effort", "restricted", "single-numa-node"] {
                for closest in [false, true] {
                    merges += 1
                    let literal = LiteralTopologyManager(
                        nodes: ids,
                        distances: (0..<count).map {
                            Array(distances[$0 * count..<($0 + 1) * count])
                        }, policy: policy, prefersClosest: closest
                    ).merge(RandomLists.literal(lists, ids))
                    let fast = try RandomLists.fast(lists, layout, policy, closest)
                    let hint = LiteralHint(
                        fast.hint.affinity.map { layout.osSet($0).mask }, fast.hint.isPreferred)
                    let kind =
                        hint.preferred
                        ? "preferred"
                        : hint.mask == nil || hint.mask == layout.osSet(layout.all).mask
                            ? "all or none" : "not preferred"
                    answers[kind, default: 0] += 1
                    if literal.hint != hint || literal.admits != fast.isAdmitted {
                        differences.append(
                            "seed \(seed) \(policy) closest \(closest): \(lists): literal"
                                + " \(literal), fast \(fast)")
                    }
                }
            }
        }
        let shares = answers.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        DifferentialTests.report(
            "merge", "\(merges) merges (\(shares.joined(separator: ", ")))", differences)
    }
}

/// Random hint lists for both sides, masks by position.
enum RandomLists {
    typealias List = [(mask: UInt64, preferred: Bool)]?

    static func make(_ cases: inout RandomCases, _ count: Int) -> [List] {
        let lists = cases.pick([0, 1, 2, 2, 3, count < 5 ? 4 : 3])
        return (0..<lists).map { _ in
            if cases.chance(8) { return nil }
            if cases.chance(8) { return [] }
            let keep = count > 4 ? cases.pick([8, 20, 40]) : cases.pick([15, 40, 90])
            let size = 1 + cases.below(count)
            let isWild = cases.chance(20)
            let narrowest = cases.chance(30) ? 1 + cases.below(count) : 1
            var list: [(mask: UInt64, preferred: Bool)] = []
            for bits in 1..<UInt64(1) << UInt64(count)
            where bits.nonzeroBitCount >= narrowest && cases.chance(keep) {
                list.append(
                    (bits, isWild ? cases.chance(30) : bits.nonzeroBitCount == size))
            }
            return list
        }
    }

    static func literal(_ lists: [List], _ ids: [Int]) -> [LiteralHints] {
        lists.enumerated().map { number, list in
            [
                (
                    "r\(number)",
                    list?.map { hint in
                        var mask: UInt64 = 0
                        for (position, id) in ids.enumerated()
                        where hint.mask >> UInt64(position) & 1 == 1 {
                            mask |= 1 << UInt64(id)
                        }
                        return LiteralHint(mask, hint.preferred)
                    }
                )
            ]
        }
    }

    static func fast(
        _ lists: [List], _ layout: NUMALayout, _ policy: String, _ closest: Bool
    ) throws -> TopologyVerdict {
        let manager = try TopologyManager(
            policyName: policy, scopeName: "container",
            options: closest ? ["prefer-closest-numa-nodes": "true"] : [:], layout: layout)
        guard var hints = manager.collector(trace: HintTrace()) else {
            return TopologyVerdict(TopologyHint(nil, isPreferred: false), isAdmitted: true)
        }
        gather(lists, layout, into: &hints)
        if let verdict = manager.verdict(on: hints) { return verdict }
        hints = manager.reachableCollector()
        gather(lists, layout, into: &hints)
        return manager.verdict(onReachable: hints)
    }

    private static func gather(
        _ lists: [List], _ layout: NUMALayout, into hints: inout HintCollector
    ) {
        for list in lists {
            guard let list else {
                hints.noPreference(ResourceTable.cpu)
                continue
            }
            let preferred = Set(list.filter(\.preferred).map(\.mask))
            let possible = Set(list.map(\.mask))
            hints.masks(
                ResourceTable.cpu, over: layout.all, preferredSize: 0,
                isAlsoPreferred: { preferred.contains($0.bits) },
                isPossible: { possible.contains($0.bits) })
        }
    }
}
