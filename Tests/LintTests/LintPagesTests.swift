import Foundation
import Lint
import ScenarioInput
import TestSupport
import Testing

/// A docs page of a code, taken apart.
struct LintPage {
    var text: String

    init(_ code: LintCode) throws {
        text = try String(contentsOf: Checkout.url.appending(path: code.page), encoding: .utf8)
    }

    var heading: String { String(text.prefix { $0 != "\n" }) }

    /// The paragraph under the heading, on one line.
    var summary: String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(2)
        return lines.prefix { !$0.isEmpty }.joined(separator: " ")
    }

    func yaml(under title: String) -> String? {
        guard let section = text.range(of: "\n## \(title)\n"),
            let start = text.range(of: "```yaml\n", range: section.upperBound..<text.endIndex),
            let end = text.range(of: "```", range: start.upperBound..<text.endIndex)
        else { return nil }
        return String(text[start.upperBound..<end.lowerBound])
    }
}

func findings(_ yaml: String, file: String = "example.yaml") throws -> [LintFinding] {
    var input = LintInput()
    try input.read(Array(yaml.utf8), file: file)
    return input.facts.findings().all
}

@Suite struct `Every code has a page` {
    @Test(arguments: RA2Codes.registry.codes)
    func `which says what the tool says`(_ code: LintCode) throws {
        let page = try LintPage(code)
        #expect(page.heading == "# \(code.id): \(code.title)")
        #expect(page.summary == code.summary)
        #expect(page.text.contains("| severity | \(code.severity.rawValue) |"))
        #expect(page.text.contains("| name | `\(code.name)` |"))
        #expect(page.text.contains("| clause | \(code.clause) |"))
        #expect(page.text.contains("\n## How to fix\n"))
    }

    @Test(arguments: RA2Codes.registry.codes)
    func `whose failing example has findings of this code alone`(_ code: LintCode) throws {
        let yaml = try #require(try LintPage(code).yaml(under: "Fails"))
        let found = try findings(yaml)
        #expect(!found.isEmpty)
        #expect(Set(found.map(\.code.id)) == [code.id], "\(found.map(\.message))")
        #expect(found.allSatisfy { $0.place.file == "example.yaml" && $0.place.line > 0 })
    }

    @Test(arguments: RA2Codes.registry.codes)
    func `whose passing example has no finding`(_ code: LintCode) throws {
        let yaml = try #require(try LintPage(code).yaml(under: "Passes"))
        #expect(try findings(yaml).map { "\($0.code.id) \($0.message)" } == [])
    }

    @Test func `and a line in the index, in order, which has the table`() throws {
        let url = Checkout.url.appending(path: "docs/reference/lint/README.md")
        let index = try String(contentsOf: url, encoding: .utf8)
        let rows = RA2Codes.registry.codes.map {
            "| [\($0.id)](\($0.id).md) | \($0.severity.rawValue) | `\($0.name)` | \($0.title) |"
        }
        #expect(index.contains(rows.joined(separator: "\n")))
        #expect(index.contains(WorkloadCategories.table))
    }
}
