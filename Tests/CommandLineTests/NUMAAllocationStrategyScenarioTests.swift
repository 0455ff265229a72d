import TestSupport
import Testing

/// KEP-6007's options in whole runs.
@Suite struct NUMAAllocationStrategyScenarioTests {
    private static let gate =
        "--set 'nodes.*.kubelet.featureGates={TopologyManagerPolicyAlphaOptions: true}'"

    private static func options(_ text: String) -> String {
        "\(gate) --set 'nodes.*.kubelet.topologyManagerPolicyOptions={\(text)}'"
    }

    private func digest(
        _ scenario: String, _ options: String, in scratch: ScratchFolder
    ) throws -> String {
        let result = try RunTopsim.run(
            shell: "topsim run scenarios/\(scenario).yaml --set until=3h \(options) -o run.sqlite",
            in: scratch)
        #expect(result.exitCode == 0, "\(result.standardError)")
        let words = result.standardOutput.matches(of: /\b[0-9a-f]{64}\b/)
        return String(try #require(words.last).output)
    }

    @Test func `a strategy changes the placements of telco-edge`() throws {
        let scratch = try ScratchFolder()
        let without = try digest("telco-edge", "", in: scratch)
        let most = try digest(
            "telco-edge",
            NUMAAllocationStrategyScenarioTests.options(
                "numa-allocation-strategy: most-allocated"), in: scratch)
        let least = try digest(
            "telco-edge",
            NUMAAllocationStrategyScenarioTests.options(
                "numa-allocation-strategy: least-allocated"), in: scratch)
        #expect(least != without)
        #expect(least != most)
    }

    @Test func `weights alone, a strategy none and the gate change nothing in quickstart`() throws {
        let scratch = try ScratchFolder()
        let without = try digest("quickstart", "", in: scratch)
        for options in [
            NUMAAllocationStrategyScenarioTests.gate,
            NUMAAllocationStrategyScenarioTests.options("numa-allocation-strategy: none"),
            NUMAAllocationStrategyScenarioTests.options("numa-score-weights: \"cpu=3\""),
        ] {
            #expect(try digest("quickstart", options, in: scratch) == without)
        }
    }

    @Test func `the policies say whose the options are`() throws {
        let result = try RunTopsim.run(shell: "topsim policies --json", in: try ScratchFolder())
        #expect(
            result.standardOutput.matches(of: /KEP-6007, not merged; experimental/).count == 2)
    }
}
