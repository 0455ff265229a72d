import Foundation
import TestSupport
import Testing

/// `topsim run --explain` at a shell.
@Suite struct ExplainTests {
    @Test func `the guide shows what the program prints`() throws {
        let guide = Checkout.url.appending(path: "docs/guides/explain-a-rejection.md")
        let text = try String(contentsOf: guide, encoding: .utf8)
        let blocks = text.matches(of: #/```console\n\$ (topsim [^\n]+)\n((?:[^`][^\n]*\n|\n)+)```/#)
        #expect(!blocks.isEmpty)
        for block in blocks {
            let scratch = try ScratchFolder()
            let result = try RunTopsim.run(shell: String(block.output.1), in: scratch)
            #expect(result.exitCode == 0)
            #expect(
                result.standardOutput.contains(block.output.2),
                "the guide needs this: \(result.standardOutput)")
        }
    }

    @Test func `every field of the JSON is in the reference, and no line of the text is too long`()
        throws
    {
        let page = Checkout.url.appending(path: "docs/reference/explain.md")
        let reference = try String(contentsOf: page, encoding: .utf8)
        let scratch = try ScratchFolder()
        let pods = "--explain upf-0-3 --explain du-0-1 --explain slice-upf-34-0"
        let command = "topsim run scenarios/telco-edge.yaml --record summary \(pods)"
        let json = try RunTopsim.run(shell: command + " --explain-format json", in: scratch)
        let document = try JSONSerialization.jsonObject(with: Data(json.standardOutput.utf8))
        let explanations = (document as? [String: Any])?["explanations"] as? [[String: Any]] ?? []
        #expect(explanations.count == 3)
        for explanation in explanations { #expect(explanation["agreesWithRun"] as? Bool == true) }
        var names: Set<String> = []
        func collect(_ value: Any) {
            if let list = value as? [Any] { list.forEach(collect) }
            for (name, member) in value as? [String: Any] ?? [:] {
                names.insert(name)
                // These have resources as names.
                if name != "requests", name != "amounts", name != "requested" { collect(member) }
            }
        }
        collect(explanations)
        #expect(names.count > 40)
        for name in names.sorted() { #expect(reference.contains(name), "\(name)") }

        let text = try RunTopsim.run(shell: command, in: scratch).standardOutput
        for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    }

    @Test func `a run is the same with and without the question`() throws {
        let scratch = try ScratchFolder()
        let command = "topsim run scenarios/quickstart.yaml --set until=4h -o"
        _ = try RunTopsim.run(shell: "\(command) without.sqlite --json > without.json", in: scratch)
        _ = try RunTopsim.run(
            shell: "\(command) with.sqlite --json --explain upf-0-0 > with.json", in: scratch)
        func digest(_ name: String) throws -> String? {
            let data = try Data(contentsOf: scratch.file(name))
            return (try JSONSerialization.jsonObject(with: data) as? [String: Any])?["digest"]
                as? String
        }
        let expected = try digest("without.json")
        #expect(expected != nil)
        #expect(try digest("with.json") == expected)
    }
}
