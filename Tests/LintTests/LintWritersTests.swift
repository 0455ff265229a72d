import Foundation
import Lint
import Testing

@Suite struct `Findings are written` {
    let registry = LintCodeRegistry([
        LintCode("X0002", "second", .warning, "The second", clause: "chapter 2"),
        LintCode("X0001", "first", .error, "The first"),
    ])
    let tool = LintTool(name: "topsim", version: "0")

    var findings: LintFindings {
        var findings = LintFindings()
        findings.add(
            LintFinding(
                registry.codes[1], "Pod a/\"b\"",
                at: LintPlace(file: "a b.yaml", line: 3, column: 5),
                "says `\u{1}\n`", hint: "write it"))
        findings.add(
            LintFinding(registry.codes[0], "node n", at: LintPlace(file: "n.yaml"), "is odd"))
        return findings
    }

    func object(_ format: LintFormat) throws -> [String: Any] {
        let text = findings.written(as: format, registry: registry, tool: tool)
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try #require(value as? [String: Any])
    }

    @Test func `as text, one a line with its place, and a count`() {
        var plain = LintFindings()
        #expect(plain.written(as: .text, registry: registry, tool: tool) == "no findings\n")
        plain.add(
            LintFinding(
                registry.codes[0], "node n", at: LintPlace(file: "n.yaml", line: 2, column: 1),
                "is odd", hint: "make it even"))
        #expect(
            plain.written(as: .text, registry: registry, tool: tool) == """
                n.yaml:2:1: error[X0001] node n: is odd
                  hint: make it even
                1 error, 0 warnings, 0 notes

                """)
    }

    @Test func `as JSON with every field`() throws {
        let json = try object(.json)
        #expect(json["errors"] as? Int == 1)
        #expect(json["warnings"] as? Int == 1)
        let list = try #require(json["findings"] as? [[String: Any]])
        #expect(list.map { $0["code"] as? String } == ["X0002", "X0001"])
        #expect(list[0]["message"] as? String == "says `\u{1}\n`")
        #expect(list[0]["subject"] as? String == "Pod a/\"b\"")
        #expect(list[0]["page"] as? String == "docs/reference/lint/X0002.md")
        #expect(list[0]["clause"] as? String == "chapter 2")
    }

    @Test func `as SARIF with rules, results and locations`() throws {
        let sarif = try object(.sarif)
        #expect(sarif["version"] as? String == "2.1.0")
        let run = try #require((sarif["runs"] as? [[String: Any]])?.first)
        let driver = try #require((run["tool"] as? [String: [String: Any]])?["driver"])
        let rules = try #require(driver["rules"] as? [[String: Any]])
        let results = try #require(run["results"] as? [[String: Any]])
        #expect(rules.map { $0["id"] as? String } == ["X0001", "X0002"])
        #expect(results.map { $0["ruleId"] as? String } == ["X0002", "X0001"])
        #expect(results.map { $0["ruleIndex"] as? Int } == [1, 0])
        #expect(results.map { $0["level"] as? String } == ["warning", "error"])
        let places = results.compactMap { ($0["locations"] as? [[String: Any]])?.first }
            .compactMap { $0["physicalLocation"] as? [String: [String: Any]] }
        #expect(
            places.map { $0["artifactLocation"]?["uri"] as? String } == ["a%20b.yaml", "n.yaml"])
        #expect(places.map { $0["region"]?["startLine"] as? Int } == [3, nil])
    }

    @Test func `findings beyond the limit are counted, and codes can be chosen`() {
        var many = LintFindings()
        let place = LintPlace(file: "x")
        for index in 0..<(LintFindings.limit + 7) {
            many.add(LintFinding(registry.codes[index % 2], "s", at: place, "m"))
        }
        #expect(many.all.count == LintFindings.limit)
        #expect(many.beyondLimit == 7)
        #expect(many.selecting(only: ["X0001"], ignoring: []).all.count == LintFindings.limit / 2)
        #expect(many.selecting(only: nil, ignoring: ["X0001", "X0002"]).all.isEmpty)
        #expect(many.hasErrors)
        #expect(!many.selecting(only: nil, ignoring: ["X0001"]).hasErrors)
    }
}
