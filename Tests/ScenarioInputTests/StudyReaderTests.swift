import Foundation
import ScenarioInput
import TestSupport
import Testing

/// Studies: what is run, in which order, and what is wrong with those that cannot be.
@Suite struct StudyReaderTests {
    private static func read(_ text: String, overrides: [String] = []) throws -> Study {
        let scratch = try ScratchFolder()
        try scratch.write("apiVersion: topsim/v1\nkind: Study\n" + text, to: "s.yaml")
        return try readStudy(path: scratch.file("s.yaml").path, overrides: overrides)
    }

    @Test func `a grid has every combination, the last parameter changing first`() throws {
        let study = try Self.read(
            """
            scenario: a.yaml
            set: {until: 4h}
            parameters:
              nodes.*.count: {from: 8, to: 24, step: 8}
              nodes.*.kubelet.topologyManagerPolicy: [none, restricted]
            seeds: {from: 5, count: 2}
            """)
        #expect(study.scenarioPath.hasSuffix("/a.yaml"))
        #expect(study.parameters.map(\.label) == ["count", "topologyManagerPolicy"])
        #expect(
            study.points == [
                ["8", "\"none\""], ["8", "\"restricted\""], ["16", "\"none\""],
                ["16", "\"restricted\""], ["24", "\"none\""], ["24", "\"restricted\""],
            ])
        #expect(study.seeds == [5, 6])
        #expect(study.runCount == 12)
        #expect(
            study.overrides(ofPoint: 3) == [
                "until=\"4h\"", "nodes.*.count=16",
                "nodes.*.kubelet.topologyManagerPolicy=\"restricted\"",
            ])
    }

    @Test func `steps of a tenth do not add up their errors`() throws {
        let study = try Self.read(
            "scenario: a.yaml\nparameters: {x: {from: 0, to: 1, step: 0.1}}")
        #expect(
            study.points.map { $0[0] }
                == ["0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1"])
    }

    @Test func `paths that end alike are told apart`() throws {
        let study = try Self.read(
            "scenario: a.yaml\nparameters: {nodes.a.count: [1], nodes.b.count: [2], seed: [3]}")
        #expect(study.parameters.map(\.label) == ["nodes.a.count", "nodes.b.count", "seed"])
    }

    @Test func `a list is run in its order`() throws {
        let study = try Self.read(
            """
            scenario: a.yaml
            design: list
            points: [{a: 1, b: {c: x}}, {b: [2], a: "3"}]
            """)
        #expect(study.points == [["1", "{\"c\":\"x\"}"], ["\"3\"", "[2]"]])
        #expect(study.seeds == [1])
    }

    @Test func `draws are seeded, and another parameter does not change them`() throws {
        func draws(_ parameters: String, seed: Int) throws -> [[String]] {
            try Self.read(
                """
                scenario: a.yaml
                design: random
                samples: 200
                sampleSeed: \(seed)
                parameters: {\(parameters)}
                """
            ).points
        }
        let one = try draws("x: {from: 1, to: 4}", seed: 1)
        #expect(one == (try draws("x: {from: 1, to: 4}", seed: 1)))
        #expect(one != (try draws("x: {from: 1, to: 4}", seed: 2)))
        #expect(
            one.map { $0[0] }
                == (try draws("x: {from: 1, to: 4}, y: [a, b]", seed: 1)).map { $0[0] })
        for value in ["1", "2", "3", "4"] {
            // 200 draws of 4 values: 50 each, give or take four standard deviations of 6.1.
            #expect((25...75).contains(one.count { $0[0] == value }))
        }
    }

    @Test(arguments: [
        ("parameters: {a: []}\nscenario: a.yaml", "`a` has no value to run with"),
        ("parameters: {a: [1]}", "a study needs `scenario`"),
        ("scenario: a.yaml\ndesign: random", "`design: random` needs `samples`"),
        ("scenario: a.yaml\ndesign: list", "`design: list` needs `points`"),
        (
            "scenario: a.yaml\ndesign: list\npoints: [{a: 1}, {b: 1}]",
            "a point of other paths than the first"
        ),
        (
            "scenario: a.yaml\ndesign: list\nparameters: {a: [1]}\npoints: [{a: 1}]",
            "`parameters` has no meaning with `design: list`"
        ),
        ("scenario: a.yaml\nseeds: [1, 1]", "a seed is here twice"),
        ("scenario: a.yaml\nseeds: []", "no seed, and nothing would run"),
        ("scenario: a.yaml\nparameters: {a: {from: 2, to: 1}}", "a range from 2 to 1"),
        (
            "scenario: a.yaml\nparameters: {a: {from: 1, to: 2000}, b: {from: 1, to: 2000}}",
            "more than 1,000,000 combinations"
        ),
        (
            "scenario: a.yaml\nparameters: {a: {from: 1, to: 1000}}\nseeds: {count: 10000}",
            "1,000 combinations with 10,000 seeds"
        ),
        ("scenario: a.yaml\nsweep: 1", "unknown key `sweep` in a study"),
    ])
    func `what cannot be run is refused`(text: String, message: String) throws {
        let error = #expect(throws: InputError.self) { try Self.read(text) }
        #expect(
            error?.diagnostics.contains { $0.message == message } == true,
            "\(error?.diagnostics.map(\.message) ?? [])")
    }

    @Test func `a study can be made from a command line`() throws {
        let study = try makeStudy(
            scenario: "dir/edge.yaml", overrides: ["until=1h"],
            variations: ["a.b=1,2", "c=x, [1, 2], \"y,z\""], seeds: [1, 2])
        #expect(study.name == "edge")
        #expect(study.points.count == 6)
        #expect(study.points[5] == ["2", "\"y,z\""])
        #expect(study.points[1] == ["1", "[1,2]"])
        for wrong in ["a", "=1", "a=", "a=[1"] {
            #expect(throws: InputError.self) {
                try makeStudy(scenario: "s.yaml", overrides: [], variations: [wrong], seeds: [1])
            }
        }
    }

    @Test func `the reference page is what the tables say`() throws {
        let page = Checkout.url.appending(path: "docs/reference/study.md")
        if ProcessInfo.processInfo.environment["TOPSIM_UPDATE_GOLDENS"] == "1" {
            try Data(studyReference().utf8).write(to: page)
        }
        let written = try String(contentsOf: page, encoding: .utf8)
        #expect(written == studyReference(), "rewrite it with `make docs`")
    }
}
