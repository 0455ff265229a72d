import Foundation
import TestSupport
import Testing

/// `topsim check` at a shell: what a CI reads of it, and the exit codes that it acts on.
@Suite struct CheckTests {
    private static let make = """
        topsim run scenarios/quickstart.yaml --set until=1h -o base.sqlite > /dev/null
        topsim run scenarios/quickstart.yaml --set until=1h -o other.sqlite \
          --set 'nodes.*.kubelet.reservedSystemCPUs="0,1,32,33"' > /dev/null
        """

    private static func run(_ line: String) throws -> FinishedCommand {
        try RunTopsim.run(shell: make + "\n" + line, in: try ScratchFolder())
    }

    @Test func `a run again and a second run are the baseline, whatever was recorded`() throws {
        let result = try Self.run(
            """
            topsim check base.sqlite || exit 1
            topsim run scenarios/quickstart.yaml --set until=1h -o again.sqlite > /dev/null
            topsim check base.sqlite again.sqlite || exit 1
            topsim run scenarios/quickstart.yaml --set until=1h --record pods -o pods.sqlite > /dev/null
            topsim check base.sqlite pods.sqlite
            """)
        #expect(result.exitCode == 0, "\(result.standardOutput)\(result.standardError)")
        let lines = result.standardOutput.split(separator: "\n")
        #expect(lines == Array(repeating: "quickstart · seed 42 · nothing changed", count: 3))
    }

    @Test func `the first decision that differs is the first in time`() throws {
        let result = try Self.run(
            """
            topsim check base.sqlite other.sqlite
            sqlite3 base.sqlite "select min(started_ns) / 100000000 from pod join container on pod = pod.id
              where cpus is not null"
            """)
        // The first pod with exclusive CPUs cannot have the CPU that is reserved now.
        #expect(result.standardOutput.contains("first difference at 23.1 s: pod transcode-0-0\n"))
        #expect(
            result.standardOutput.contains(
                "  was  placed on worker-2\n       ffmpeg CPUs 1-2,33-34"))
        #expect(
            result.standardOutput.contains(
                "  is   placed on worker-2\n       ffmpeg CPUs 2-3,34-35"))
        #expect(result.standardOutput.contains("\n230\n"), "\(result.standardOutput)")
    }

    @Test(
        arguments: [
            ("topsim check base.sqlite other.sqlite", 1),
            ("topsim check base.sqlite other.sqlite --tolerance '*=1000%'", 0),
            (
                "topsim check base.sqlite other.sqlite --tolerance '*=1000%' --exit-on-improvement",
                0
            ),
            (
                "topsim check other.sqlite base.sqlite --tolerance '*=1000%' --exit-on-improvement",
                0
            ),
            (
                "topsim check base.sqlite --exit-on-improvement "
                    + "--set 'thresholds=[pods.started > 0]'", 0
            ),
            ("topsim check base.sqlite --set 'thresholds=[pods.started > 1e9]'", 1),
            ("topsim check base.sqlite --set nodes.worker.cuont=3", 2),
            ("topsim check base.sqlite other.sqlite --set seed=3", 2),
            ("topsim check scenarios/quickstart.yaml", 2),
            (
                "sqlite3 other.sqlite \"update run set status = 'failed'\"; topsim check base.sqlite other.sqlite",
                3
            ),
            (
                "sqlite3 other.sqlite \"update run set status = 'running'\"; topsim check base.sqlite other.sqlite",
                2
            ),
            ("topsim check nosuch.sqlite", 5),
            (
                // Better in one metric and equal in all others.
                "cp base.sqlite better.sqlite; "
                    + "sqlite3 better.sqlite \"update metric set value = value + 1 "
                    + "where name = 'pods.started'\"; "
                    + "topsim check base.sqlite better.sqlite || exit 9; "
                    + "topsim check base.sqlite better.sqlite --exit-on-improvement", 4
            ),
        ] as [(String, Int32)])
    func `the exit code says what a CI should do`(line: String, code: Int32) throws {
        let result = try Self.run(line)
        #expect(result.exitCode == code, "\(result.standardOutput)\(result.standardError)")
    }

    @Test func `an input file that changed is told before anything runs`() throws {
        let scratch = try ScratchFolder()
        try scratch.write(
            """
            apiVersion: topsim/v1
            kind: Scenario
            machines: {m: {hwloc: machine.xml}}
            nodes: {n: {machine: m}}
            workload:
              w: {template: {spec: {containers: [{name: c, image: i, resources: {limits: {cpu: "1", memory: 1Gi}}}]}}, lifetime: 1m}
            """, to: "s.yaml")
        try scratch.write(
            try String(
                contentsOf: Checkout.url.appending(
                    path: "Tests/Fixtures/machines/two-sockets.v2.xml"),
                encoding: .utf8), to: "machine.xml")
        let result = try RunTopsim.run(
            shell: """
                topsim run s.yaml -o base.sqlite > /dev/null || exit 8
                topsim check base.sqlite > /dev/null || exit 9
                printf '\n' >> machine.xml
                topsim check base.sqlite
                """, in: scratch)
        #expect(result.exitCode == 2, "\(result.standardError)")
        #expect(result.standardError.contains("not the file that `base.sqlite` was made of"))
    }

    @Test(arguments: ["json", "sarif", "github-smaller-is-better", "github-bigger-is-better"])
    func `what programs read is JSON`(format: String) throws {
        let result = try Self.run("topsim check base.sqlite other.sqlite --format \(format)")
        #expect(result.exitCode == 1)
        let value = try JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8))
        if let entries = value as? [[String: Any]] {
            #expect(entries.count > 10)
            #expect(entries.allSatisfy { $0["name"] is String && $0["value"] is NSNumber })
        } else if format == "sarif" {
            let runs = (value as? [String: Any])?["runs"] as? [[String: Any]]
            let results = runs?.first?["results"] as? [[String: Any]] ?? []
            #expect(results.contains { $0["level"] as? String == "error" })
            #expect(results.first?["ruleId"] as? String == "first-difference")
        } else {
            #expect((value as? [String: Any])?["passes"] as? Bool == false)
        }
    }

    @Test func `JUnit's XML closes what it opens and counts its failures`() throws {
        let result = try Self.run(
            "topsim check base.sqlite other.sqlite --format junit")
        var open: [Substring] = []
        var counts: [Substring: Int] = [:]
        for match in result.standardOutput.matches(
            of: /<(?<close>\/?)(?<name>\w+)(?: \w+="[^"<&]*(?:&\w+;[^"<&]*)*")*(?<empty>\/?)>/)
        {
            if match.close == "/" {
                #expect(open.popLast() == match.name)
            } else {
                counts[match.name, default: 0] += 1
                if match.empty.isEmpty { open.append(match.name) }
            }
        }
        #expect(open.isEmpty)
        let (tests, failures) = (counts["testcase"] ?? 0, counts["failure"] ?? 0)
        #expect(failures > 10 && tests > failures)
        #expect(
            result.standardOutput.contains(
                "seed 42\" tests=\"\(tests)\" failures=\"\(failures)\" errors=\"0\""))
    }

    @Test func `a job's summary is appended where GitHub names a file`() throws {
        let result = try Self.run(
            """
            echo before > summary.md
            GITHUB_STEP_SUMMARY=summary.md topsim check base.sqlite other.sqlite > /dev/null
            head -3 summary.md
            """)
        #expect(result.standardOutput == "before\n### ❌ topsim check: quickstart\n\n")
    }
}
