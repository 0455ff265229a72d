import TestSupport
import Testing

@Suite struct DeterminismTests {
    /// The last word of at least 16 lowercase hexadecimal digits on stdout.
    private func digest(_ options: String, in scratch: ScratchFolder) throws -> String {
        let result = try RunTopsim.run(
            shell: "topsim run scenarios/quickstart.yaml --set until=3h \(options)", in: scratch)
        #expect(result.exitCode == 0, "\(result.standardError)")
        let words = result.standardOutput.matches(of: /\b[0-9a-f]{16,}\b/)
        return String(try #require(words.last).output)
    }

    @Test func `the same seed gives the same digest, another seed another`() throws {
        let scratch = try ScratchFolder()
        let first = try digest("", in: scratch)
        #expect(try digest("-o again.sqlite", in: scratch) == first)
        #expect(try digest("--json --progress plain -o json.sqlite", in: scratch) == first)
        #expect(try digest("--seed 42 -o same.sqlite", in: scratch) == first)
        #expect(try digest("--seed 7 -o seven.sqlite", in: scratch) != first)
    }

    @Test func `stdout does not depend on the clock, and stderr is quiet without a terminal`()
        throws
    {
        let scratch = try ScratchFolder()
        let line = "topsim run scenarios/quickstart.yaml --set until=1h"
        let first = try RunTopsim.run(shell: line, in: scratch)
        let second = try RunTopsim.run(shell: line, in: scratch)
        #expect(first.standardOutput == second.standardOutput)
        #expect(first.standardError.isEmpty && second.standardError.isEmpty)
    }
}
