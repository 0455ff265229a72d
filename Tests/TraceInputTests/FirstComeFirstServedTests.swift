import Foundation
import Primitives
import Records
import ScenarioInput
import TestSupport
import Testing

/// The simulation's waits under `queueDiscipline: fcfs` against a replay that knows nothing of it: a list of jobs, a
/// number of free processors, and the times at which running jobs end.
@Suite struct `First come, first served` {
    struct Job {
        var submit: Int64
        var run: Int64
        var processors: Int
    }

    /// Start times in nanoseconds, of jobs in order of submission.
    static func replay(_ jobs: [Job], processors: Int) -> [Int64] {
        var free = processors
        var running: [(end: Int64, processors: Int)] = []
        var clock: Int64 = 0
        return jobs.map { job in
            clock = max(clock, job.submit)
            while true {
                free += running.filter { $0.end <= clock }.reduce(0) { $0 + $1.processors }
                running.removeAll { $0.end <= clock }
                if free >= job.processors { break }
                clock = running.map(\.end).min() ?? clock
            }
            free -= job.processors
            running.append((clock + job.run, job.processors))
            return clock
        }
    }

    /// Submit, run and processors straight from the text: columns 2, 4 and 8, or 5 where 8 is unknown.
    static func jobs(_ lines: [Substring]) -> [Job] {
        let jobs = lines.map { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            func nanoseconds(_ word: Substring) -> Int64 { Int64(Double(word)! * 1e9) }
            let requested = Int(words[7])!
            return Job(
                submit: nanoseconds(words[1]), run: max(0, nanoseconds(words[3])),
                processors: requested > 0 ? requested : Int(words[4])!)
        }
        let first = jobs.map(\.submit).min() ?? 0
        return jobs.map {
            Job(submit: $0.submit - first, run: $0.run, processors: $0.processors)
        }
    }

    static func scenario(jobs: String, nodes: String, discipline: String = "fcfs") -> String {
        """
        apiVersion: topsim/v1
        kind: Scenario
        nodes: {n: \(nodes)}
        scheduler: {queueDiscipline: \(discipline)}
        timings: \(noDelays)
        workload:
          batch: {trace: {format: swf, file: jobs.swf, jobs: \(jobs)}}
        """
    }

    /// Arrival and start of every pod, in the order in which they were created.
    static func starts(_ text: String, lines: [Substring]) throws -> [(
        arrival: Int64, start: Int64
    )] {
        let folder = try TemporaryFolder(texts: ["jobs.swf": lines.joined(separator: "\n")])
        let result = try run(text, folder: folder.url)
        return result.keeper.pods.sorted { $0.pod.position < $1.pod.position }.map {
            ($0.arrival.nanoseconds, $0.started?.nanoseconds ?? -1)
        }
    }

    static func lines(_ name: String, first count: Int) throws -> [Substring] {
        let url = try #require(SharedFolder.url).appending(path: "data/traces/swf/\(name)")
        let text = try String(contentsOf: url, encoding: .utf8)
        return text.split(whereSeparator: \.isNewline).prefix(count).map { $0 }
    }

    static let byHand = """
        1 0 -1 100 4 -1 -1 4 -1 -1 1 1 1 1 1 1 -1 -1
        2 1 -1 100 3 -1 -1 3 -1 -1 1 1 1 1 1 1 -1 -1
        3 2 -1 10 1 -1 -1 1 -1 -1 1 1 1 1 1 1 -1 -1
        4 3 -1 0 4 -1 -1 4 -1 -1 1 1 1 1 1 1 -1 -1
        """

    @Test func `the first job keeps the others waiting, though they would fit`() throws {
        // Four CPUs: job 1 takes all until 100; 2 and 3 fit together then; 4 needs all, at 200.
        let lines = Self.byHand.split(separator: "\n")
        let node = "{machine: 1s4c}"
        let starts = try Self.starts(Self.scenario(jobs: "pod", nodes: node), lines: lines)
        #expect(starts.map { $0.start / 1_000_000_000 } == [0, 100, 100, 200])
        #expect(starts.map(\.start) == Self.replay(Self.jobs(lines), processors: 4))
        // By priority a job that fits goes ahead of one that does not.
        let gap =
            "1 0 -1 100 3 -1 -1 3 -1 -1 1 1 1 1 1 1 -1 -1\n"
            + "2 1 -1 100 2 -1 -1 2 -1 -1 1 1 1 1 1 1 -1 -1\n"
            + "3 2 -1 10 1 -1 -1 1 -1 -1 1 1 1 1 1 1 -1 -1"
        let blocked = try Self.starts(
            Self.scenario(jobs: "pod", nodes: node), lines: gap.split(separator: "\n"))
        #expect(blocked.map { $0.start / 1_000_000_000 } == [0, 100, 100])
        let passed = try Self.starts(
            Self.scenario(jobs: "pod", nodes: node, discipline: "priority"),
            lines: gap.split(separator: "\n"))
        #expect(passed.map { $0.start / 1_000_000_000 } == [0, 100, 2])
    }

    static let recorded: [(file: String, count: Int, processors: Int, machine: String)] = [
        ("accasim_workload.swf", .max, 36, "1s36c"), ("accasim_workload.swf", .max, 64, "1s64c"),
        ("wagap-2013.swf", 6000, 256, "4s64c"), ("wagap-2013.swf", 6000, 384, "4s96c"),
    ]

    @Test(.enabled(if: SharedFolder.isPresent), arguments: recorded)
    func `recorded jobs wait as a simple replay says`(
        _ file: String, _ count: Int, _ processors: Int, _ machine: String
    ) throws {
        let lines = try Self.lines(file, first: count)
        let starts = try Self.starts(
            Self.scenario(
                jobs: "pod", nodes: "{machine: \(machine), kubelet: {maxPods: 1000}}"),
            lines: lines)
        let jobs = Self.jobs(lines)
        let expected = Self.replay(jobs, processors: processors)
        #expect(starts.count == jobs.count)
        let different = zip(starts, expected).count { $0.start != $1 }
        #expect(different == 0)
        // The comparison is of something: most jobs wait.
        #expect(zip(expected, jobs).count { $0 > $1.submit } > jobs.count / 3)
    }

    @Test(.enabled(if: SharedFolder.isPresent))
    func `pods of one CPU wait alike on many nodes`() throws {
        let lines = try Self.lines("wagap-2013.swf", first: 1500)
        let starts = try Self.starts(
            Self.scenario(
                jobs: "processors", nodes: "{machine: 1s8c, count: 24, kubelet: {maxPods: 1000}}"),
            lines: lines)
        let pods = Self.jobs(lines).flatMap {
            [Job](
                repeating: Job(submit: $0.submit, run: $0.run, processors: 1), count: $0.processors)
        }
        #expect(starts.map(\.start) == Self.replay(pods, processors: 24 * 8))
    }
}
