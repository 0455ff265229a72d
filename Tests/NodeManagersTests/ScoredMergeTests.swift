import HardwareModel
import NodeManagers
import Primitives
import Testing

/// The merge under KEP-6007's `numa-allocation-strategy`: the KEP's tables, and a cross product to compare with.
@Suite struct ScoredMergeTests {
    typealias Strategy = NUMAAllocationStrategy

    static func merger(
        _ strategy: Strategy, nodes: Int, policy: String = "restricted", distances: [Int]? = nil
    ) throws -> ScoredMerger {
        let entry = try #require(TopologyManagerPolicyRegistry.entry(named: policy))
        return ScoredMerger(
            layout: NUMALayout(osIndices: Array(0..<nodes), distances: distances),
            policy: entry.make(), prefersClosest: distances != nil, strategy: strategy)
    }

    /// One list a resource: each NUMA node alone, with a score.
    static func lists(_ scores: [[Int]], _ weights: [Int]) -> [ScoredMerger.List] {
        zip(scores, weights).map { scores, weight in
            ScoredMerger.List(
                hints: scores.indices.map { TopologyHint(NUMAMask(node: $0), isPreferred: true) },
                scores: scores, weight: weight)
        }
    }

    // MARK: The KEP's examples

    struct Example: Sendable, CustomTestStringConvertible {
        var strategy: Strategy
        /// As written in `numa-score-weights`.
        var weights: String
        /// By NUMA node.
        var merged: [Int]
        var choice: Int

        var testDescription: String { "\(strategy.rawValue) \(weights)" }
    }

    static let consolidation = [
        Example(strategy: .mostAllocated, weights: "", merged: [50, 41], choice: 0),
        Example(
            strategy: .mostAllocated, weights: "nvidia.com/gpu=10", merged: [31, 66], choice: 1),
        Example(
            strategy: .mostAllocated, weights: "cpu=3,memory=1,nvidia.com/gpu=6",
            merged: [42, 55], choice: 1),
        Example(
            strategy: .mostAllocated, weights: "cpu=5,nvidia.com/gpu=5", merged: [50, 47],
            choice: 0),
        Example(
            strategy: .mostAllocated, weights: "nvidia.com/gpu=10,cpu=0", merged: [27, 70],
            choice: 1),
        Example(strategy: .leastAllocated, weights: "", merged: [50, 41], choice: 1),
        Example(
            strategy: .leastAllocated, weights: "nvidia.com/gpu=10", merged: [31, 66], choice: 0),
    ]

    @Test(arguments: consolidation)
    func `GPU consolidation gives the KEP's scores and choices`(_ example: Example) throws {
        // cpu, memory, gpu on NUMA nodes 0 and 1.
        try check(example, [[75, 25], [50, 25], [25, 75]], "nvidia.com/gpu")
    }

    static let exclusion = [
        Example(strategy: .leastAllocated, weights: "", merged: [41, 58, 50, 50], choice: 0),
        Example(
            strategy: .leastAllocated, weights: "cpu=0,memory=0", merged: [75, 25, 50, 50],
            choice: 1),
    ]

    @Test(arguments: exclusion)
    func `weights of zero leave a resource out`(_ example: Example) throws {
        try check(
            example, [[25, 75, 50, 50], [25, 75, 50, 50], [75, 25, 50, 50]], "example.com/vf")
    }

    private func check(_ example: Example, _ scores: [[Int]], _ device: String) throws {
        let options = try NUMAOptions.parsed(example.strategy, weights: example.weights)
        let weights = ["cpu", "memory", device].map { options.scoreWeights[$0] ?? 1 }
        let nodes = scores[0].count
        for policy in ["best-effort", "restricted", "single-numa-node"] {
            let merger = try ScoredMergeTests.merger(
                example.strategy, nodes: nodes, policy: policy)
            let merged = merger.merge(ScoredMergeTests.lists(scores, weights))
            #expect(merged.hint == TopologyHint(NUMAMask(node: example.choice), isPreferred: true))
            #expect(merged.score == example.merged[example.choice])
            #expect(merged.isDecidedByScore == (example.choice != 0))
            for node in 0..<nodes {
                let alone = ScoredMergeTests.lists(scores, weights).map { list in
                    ScoredMerger.List(
                        hints: [list.hints![node]], scores: [list.scores[node]],
                        weight: list.weight)
                }
                #expect(merger.merge(alone).score == example.merged[node])
            }
        }
    }

    // MARK: The order of rules

    struct Rule: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var strategy: Strategy
        var hints: [(nodes: [Int], score: Int, isPreferred: Bool)]
        /// Distances between NUMA nodes 0-1, 1-2 and 2-3 where closeness counts.
        var distances: [Int]?
        var choice: [Int]
    }

    static let rules = [
        Rule(
            testDescription: "most", strategy: .mostAllocated,
            hints: [([0], 20, true), ([1], 80, true)], choice: [1]),
        Rule(
            testDescription: "least", strategy: .leastAllocated,
            hints: [([0], 80, true), ([1], 20, true)], choice: [1]),
        Rule(
            testDescription: "least, one unscored", strategy: .leastAllocated,
            hints: [([0], 50, true), ([1], 0, true)], choice: [0]),
        Rule(
            testDescription: "most, wider", strategy: .mostAllocated,
            hints: [([0], 20, true), ([0, 1], 90, true)], choice: [0]),
        Rule(
            testDescription: "most, other not preferred", strategy: .mostAllocated,
            hints: [([0], 20, true), ([1], 90, false)], choice: [0]),
        Rule(
            testDescription: "most, equally close", strategy: .mostAllocated,
            hints: [([0, 1], 20, true), ([2, 3], 80, true)], distances: [11, 12, 11],
            choice: [2, 3]),
        Rule(
            testDescription: "most, not equally close", strategy: .mostAllocated,
            hints: [([0, 1], 20, true), ([1, 2], 80, true)], distances: [11, 12, 11],
            choice: [0, 1]),
    ]

    @Test(arguments: rules)
    func `width and closeness come before scores`(_ rule: Rule) throws {
        var distances: [Int]?
        if let pairs = rule.distances {
            distances = (0..<16).map { index in
                let (from, to) = (index / 4, index % 4)
                if from == to { return 10 }
                return abs(from - to) == 1 ? pairs[min(from, to)] : 20
            }
        }
        for policy in ["best-effort", "restricted"] {
            let merger = try ScoredMergeTests.merger(
                rule.strategy, nodes: 4, policy: policy, distances: distances)
            let list = ScoredMerger.List(
                hints: rule.hints.map { hint in
                    TopologyHint(
                        hint.nodes.reduce(.none) { $0.union(NUMAMask(node: $1)) },
                        isPreferred: hint.isPreferred)
                }, scores: rule.hints.map(\.score), weight: 1)
            let choice = rule.choice.reduce(NUMAMask.none) { $0.union(NUMAMask(node: $1)) }
            #expect(merger.merge([list]).hint == TopologyHint(choice, isPreferred: true))
        }
    }

    // MARK: Against the cross product

    @Test(arguments: Array(1...400) as [UInt64])
    func `the answer is the cross product's`(_ seed: UInt64) throws {
        var random = RandomNodes(seed: seed &+ 600_700)
        let count = random.pick([1, 2, 2, 3, 4])
        let layout = NUMALayout(
            osIndices: Array(0..<count),
            distances: (0..<count * count).map { _ in 10 + random.below(2) * 10 })
        let lists = (0..<1 + random.below(3)).map { _ -> ScoredMerger.List in
            if random.below(8) == 0 {
                return ScoredMerger.List(
                    hints: random.below(2) == 0 ? nil : [], scores: [], weight: 1)
            }
            var hints: [TopologyHint] = []
            layout.forEachMask(of: layout.all) { mask in
                if random.below(3) > 0 {
                    hints.append(TopologyHint(mask, isPreferred: random.below(2) == 0))
                }
            }
            return ScoredMerger.List(
                hints: hints, scores: hints.map { _ in random.pick([0, 10, 10, 55, 56, 90]) },
                weight: random.pick([0, 1, 1, 3]))
        }
        for entry in TopologyManagerPolicyRegistry.all where entry.make().question != nil {
            for strategy in [Strategy.mostAllocated, .leastAllocated] {
                for closest in [false, true] {
                    let merger = ScoredMerger(
                        layout: layout, policy: entry.make(), prefersClosest: closest,
                        strategy: strategy)
                    let merged = merger.merge(lists)
                    let expected = LiteralScoredMerge(merger).merge(lists)
                    let policy = entry.make()
                    #expect(
                        policy.verdict(on: merged.hint, allNodes: layout.all).isAdmitted
                            == policy.verdict(on: expected, allNodes: layout.all).isAdmitted)
                    if merged.hint.isPreferred || policy.usesUnpreferredHints {
                        #expect(merged.hint == expected, "\(entry) \(strategy) \(closest)")
                    }
                }
            }
        }
    }
}

/// Every permutation and the comparison as the KEP's code has it, step by step.
struct LiteralScoredMerge {
    let merger: ScoredMerger

    init(_ merger: ScoredMerger) { self.merger = merger }

    struct Candidate {
        var hint: TopologyHint
        var score: Int
    }

    func merge(_ lists: [ScoredMerger.List]) -> TopologyHint {
        let single = merger.policy.question == .preferredSingleNode
        var filled = lists.map { list -> [(hint: TopologyHint, score: Int, weight: Int)] in
            guard let hints = list.hints, !hints.isEmpty else {
                return [(TopologyHint(nil, isPreferred: list.hints == nil), 0, 0)]
            }
            return zip(hints, list.scores).map { ($0, $1, list.weight) }
        }
        if single {
            filled = filled.map { list in
                list.filter { $0.hint.isPreferred && $0.hint.affinity?.count ?? 1 == 1 }
            }
        }
        let widest =
            filled.compactMap { $0.compactMap { $0.hint.affinity?.count }.min() }.max() ?? 0
        var best: Candidate?
        var permutations: [[(hint: TopologyHint, score: Int, weight: Int)]] = [[]]
        for list in filled {
            permutations = permutations.flatMap { start in list.map { start + [$0] } }
        }
        for permutation in permutations {
            let masks = permutation.compactMap(\.hint.affinity)
            let mask = masks.reduce(merger.layout.all) { $0.intersection($1) }
            guard !mask.isEmpty else { continue }
            let counted = permutation.filter {
                $0.hint.affinity != nil && $0.score > 0 && $0.weight > 0
            }
            let weight = counted.reduce(0) { $0 + $1.weight }
            let candidate = Candidate(
                hint: TopologyHint(
                    mask,
                    isPreferred: permutation.allSatisfy(\.hint.isPreferred)
                        && masks.allSatisfy { $0 == masks[0] }),
                score: weight == 0
                    ? 0 : counted.reduce(0) { $0 + $1.weight * $1.score } / weight)
            if let current = best {
                if isBetter(candidate, than: current, widest) { best = candidate }
            } else {
                best = candidate
            }
        }
        return best?.hint ?? TopologyHint(merger.layout.all, isPreferred: false)
    }

    private func isBetter(_ offer: Candidate, than current: Candidate, _ widest: Int) -> Bool {
        if offer.hint.isPreferred != current.hint.isPreferred { return offer.hint.isPreferred }
        if !offer.hint.isPreferred {
            let (have, offered) = (current.hint.affinity!.count, offer.hint.affinity!.count)
            if have <= widest {
                if offered > widest { return false }
                if offered != have { return offered > have }
            }
        }
        let (a, b) = (current.hint.affinity!, offer.hint.affinity!)
        if a == b { return false }
        if a.count != b.count { return b.count < a.count }
        if merger.prefersClosest {
            let (near, far) = (merger.layout.distanceSum(a), merger.layout.distanceSum(b))
            if near != far { return far < near }
        }
        if current.score != 0, offer.score != 0, current.score != offer.score {
            return (offer.score > current.score) == (merger.strategy == .mostAllocated)
        }
        return b.bits < a.bits
    }
}
