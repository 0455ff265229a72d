import NodeManagers
import Primitives
import Testing

enum NUMAOptions {
    static let gates = FeatureGates(differences: ["TopologyManagerPolicyAlphaOptions": true])

    static func parsed(
        _ strategy: NUMAAllocationStrategy, weights: String
    ) throws -> TopologyManagerOptions {
        try TopologyManagerOptions(
            ["numa-allocation-strategy": strategy.rawValue, "numa-score-weights": weights],
            gates: gates)
    }
}

/// How KEP-6007's options are read.
@Suite struct NUMAOptionsTests {
    @Test(arguments: ["numa-allocation-strategy", "numa-score-weights"])
    func `without the alpha gate the options are refused`(_ name: String) {
        let error = #expect(throws: PolicyError.self) {
            try TopologyManagerOptions([name: ""], gates: FeatureGates())
        }
        #expect(
            error?.message
                == "topology manager policy alpha-level options not enabled,"
                + " but option \"\(name)\" provided")
    }

    @Test(arguments: ["Most-Allocated", " most-allocated", "x", "balanced"])
    func `a strategy is one of three words, to the letter`(_ value: String) {
        let error = #expect(throws: PolicyError.self) {
            try TopologyManagerOptions(
                ["numa-allocation-strategy": value], gates: NUMAOptions.gates)
        }
        #expect(
            error?.message
                == "bad value for option \"numa-allocation-strategy\": \"\(value)\" must be one of"
                + " [\"least-allocated\" \"most-allocated\" \"none\"]")
    }

    @Test func `no text is no strategy`() throws {
        let options = try TopologyManagerOptions(
            ["numa-allocation-strategy": "", "numa-score-weights": "cpu=3"],
            gates: NUMAOptions.gates)
        #expect(options.allocationStrategy == .none)
        #expect(options.scoreWeights == ["cpu": 3])
        #expect(NUMAScoreRule(options, resources: ResourceTable()) == nil)
    }

    @Test(
        arguments: [
            ("", [:]), (" , ,", [:]), ("cpu=0", ["cpu": 0]),
            ("cpu = 3 , memory=100 ,", ["cpu": 3, "memory": 100]),
            ("cpu=1,cpu=7", ["cpu": 7]), ("no.such/thing=5", ["no.such/thing": 5]),
        ] as [(String, [String: Int])])
    func `weights are read leniently`(_ text: String, _ expected: [String: Int]) throws {
        #expect(try NUMAOptions.parsed(.mostAllocated, weights: text).scoreWeights == expected)
    }

    @Test(arguments: [
        ("cpu:3", "invalid weight entry \"cpu:3\": expected resource=weight"),
        ("=3", "empty resource name in weight entry \"=3\""),
        (
            "cpu=3.5",
            "invalid weight value for \"cpu\": strconv.Atoi: parsing \"3.5\": invalid syntax"
        ),
        ("cpu=x", "invalid weight value for \"cpu\": strconv.Atoi: parsing \"x\": invalid syntax"),
        ("cpu=", "invalid weight value for \"cpu\": strconv.Atoi: parsing \"\": invalid syntax"),
        (
            "cpu=1=2",
            "invalid weight value for \"cpu\": strconv.Atoi: parsing \"1=2\": invalid syntax"
        ),
        (
            "cpu=99999999999999999999",
            "invalid weight value for \"cpu\": strconv.Atoi:"
                + " parsing \"99999999999999999999\": value out of range"
        ),
        ("cpu=101", "weight for \"cpu\" must be in range [0, 100], got 101"),
        ("memory=-1,cpu=101", "weight for \"cpu\" must be in range [0, 100], got 101"),
        (
            "memory=-1,cpu=x",
            "invalid weight value for \"cpu\": strconv.Atoi: parsing \"x\": invalid syntax"
        ),
        ("cpu=101,cpu=5,memory=-1", "weight for \"memory\" must be in range [0, 100], got -1"),
    ])
    func `a wrong weight is told in the KEP's words`(_ text: String, _ message: String) {
        let error = #expect(throws: PolicyError.self) {
            try NUMAOptions.parsed(.mostAllocated, weights: text)
        }
        #expect(error?.message == "bad value for option \"numa-score-weights\": " + message)
    }

    @Test(
        arguments: [
            (0, 4, 1), (1, 20, 5), (1, 8, 12), (3, 4, 75), (2, 4, 50), (0, 128, 1), (1, 128, 1),
            (2, 128, 1), (3, 128, 2), (48, 64, 75), (5, 4, 100), (0, 0, 0), (3, 0, 0),
            (Int64.max - 1, Int64.max, 99),
        ] as [(Int64, Int64, Int)])
    func `a score is a percentage from 1 on`(
        _ assigned: Int64, _ allocatable: Int64, _ score: Int
    ) {
        #expect(NUMAScoreRule.score(assigned: assigned, allocatable: allocatable) == score)
    }

    @Test func `every option has a name of its own and a line of help`() {
        let names = TopologyManagerOptionRegistry.all.map { $0.name }
        #expect(Set(names).count == names.count)
        for option in TopologyManagerOptionRegistry.all { #expect(!option.summary.isEmpty) }
        #expect(
            TopologyManagerOptionRegistry.all.filter { $0.isAlpha }
                .allSatisfy { $0.summary.contains("(KEP-6007, not merged; experimental)") })
    }
}
