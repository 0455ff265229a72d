import Foundation
import Lint
import Primitives
import ScenarioInput
import TestSupport
import Testing

import TraceTools

@Suite struct `Checks of recordings` {
    /// What every example of the docs is checked against: two nodes, and a run of one hour.
    static func lint() -> TraceLint {
        var lint = TraceLint()
        lint.nodes = [
            TraceLintNodes(
                name: "n", count: 2,
                allocatable: [
                    "cpu": 16_000, "memory": 64 << 30, "example.com/gpu-milli": 4000,
                ])
        ]
        lint.end = SimTime(nanoseconds: 3_600_000_000_000)
        return lint
    }

    static func codes(_ text: String) throws -> [String] {
        var lint = lint()
        return try lint.check(TraceText.input(text)).all.map(\.code.id)
    }

    /// The first block of code under a heading of a page.
    static func example(_ heading: String, of page: String) -> String? {
        guard let start = page.range(of: "## \(heading)\n\n```\n"),
            let end = page.range(of: "\n```", range: start.upperBound..<page.endIndex)
        else { return nil }
        return String(page[start.upperBound..<end.lowerBound]) + "\n"
    }

    @Test(arguments: TraceLintCodes.registry.codes)
    func `each code has a page whose failing example fails so and whose passing one has no finding`(
        _ code: LintCode
    ) throws {
        let page = try String(
            contentsOf: Checkout.url.appending(path: code.page), encoding: .utf8)
        #expect(page.hasPrefix("# \(code.id): "))
        #expect(
            page.contains("| name | `\(code.name)` |\n| severity | \(code.severity.rawValue) |"))
        let bad = try #require(Self.example("Fails", of: page))
        let good = try #require(Self.example("Passes", of: page))
        #expect(try Self.codes(bad) == [code.id])
        #expect(try Self.codes(good) == [])
    }

    @Test func `codes are numbered without a hole, and each name is one word`() {
        let codes = TraceLintCodes.registry.codes
        for (index, code) in codes.enumerated() {
            #expect(code.id == "T" + "\(10_000 + index + 1)".dropFirst())
            #expect(code.name.allSatisfy { $0.isLowercase || $0 == "-" })
        }
        #expect(Set(codes.map(\.name)).count == codes.count)
    }

    @Test func `a finding stands at its line, and of one code the first twenty are told`() throws {
        var text = "topsim-trace 1\nshape s cpu=1 memory=1Gi\ncolumns arrival lifetime shape name\n"
        for pod in 0..<50 { text += "\(pod) 0 s pod-\(pod)\n" }
        var lint = TraceLint()
        let findings = try lint.check(TraceText.input(text)).all.filter { $0.code.id == "T0003" }
        #expect(findings.count == TraceLint.limit + 1)
        #expect(findings[0].place.line == 4)
        #expect(findings[0].subject == "Pod pod-0")
        #expect(findings[19].place.line == 23)
        #expect(findings[20].message.contains("30 more"))
    }

    @Test func `every line with a mistake is told, and those between are still looked at`() throws {
        let text = """
            topsim-trace 1
            shape s cpu=1 memory=1Gi
            columns arrival lifetime shape name
            0 5 s a
            x 5 s b
            1 5 t c
            2 0 s d
            """
        var lint = TraceLint()
        let findings = try lint.check(TraceText.input(text)).all
        #expect(findings.map(\.code.id) == ["T0002", "T0002", "T0003"])
        #expect(findings.map(\.place.line) == [5, 6, 7])
    }

    @Test(arguments: LintFormat.allCases)
    func `findings are written in every form`(_ format: LintFormat) throws {
        var lint = Self.lint()
        let page = try String(
            contentsOf: Checkout.url.appending(path: TraceLintCodes.noMemory.page), encoding: .utf8)
        let bad = try #require(Self.example("Fails", of: page))
        let text = try lint.check(TraceText.input(bad)).written(
            as: format, registry: TraceLintCodes.registry,
            tool: LintTool(name: "topsim", version: "1"))
        #expect(text.contains("T0005"))
        if format != .text {
            _ = try JSONSerialization.jsonObject(with: Data(text.utf8))
        }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `traces drawn by chance are looked at twice with the same findings`(_ seed: UInt64) throws
    {
        var random = RandomTrace(seed: seed)
        let text = random.text(pods: 100)
        #expect(try Self.codes(text) == Self.codes(text))
    }
}
