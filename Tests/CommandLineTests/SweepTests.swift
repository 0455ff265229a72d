import Foundation
import TestSupport
import Testing

/// `topsim sweep` and `topsim merge` at a shell: what comes out depends on the study alone.
@Suite struct SweepTests {
    /// 24 runs of a few milliseconds.
    private static let study = """
        apiVersion: topsim/v1
        kind: Study
        scenario: scenarios/quickstart.yaml
        set: {until: 2h}
        parameters:
          nodes.worker.kubelet.topologyManagerPolicy: [none, restricted, single-numa-node]
        seeds: {from: 1, count: 8}
        """

    private static func scratch() throws -> ScratchFolder {
        let scratch = try ScratchFolder()
        try scratch.write(study, to: "study.yaml")
        return scratch
    }

    private static func bytes(_ name: String, in scratch: ScratchFolder) throws -> Data {
        try Data(contentsOf: scratch.file(name))
    }

    @Test func `threads, shards in any order and a repetition give the same bytes`() throws {
        let scratch = try Self.scratch()
        func run(_ line: String) throws {
            let result = try RunTopsim.run(shell: line, in: scratch)
            #expect(result.exitCode == 0, "\(line): \(result.standardError)")
        }
        try run("topsim sweep study.yaml -j 1 -o one.sqlite")
        let one = try Self.bytes("one.sqlite", in: scratch)
        try run("topsim sweep study.yaml -j 5 -o five.sqlite")
        #expect(try Self.bytes("five.sqlite", in: scratch) == one)
        for shard in [4, 2, 7, 1, 6, 3, 5] {
            try run("topsim sweep study.yaml -j 2 --shard \(shard)/7 -o part-\(shard).sqlite")
        }
        try run("topsim merge part-3.sqlite part-1.sqlite part-?.sqlite -o merged.sqlite")
        #expect(try Self.bytes("merged.sqlite", in: scratch) == one)
        try run("topsim merge merged.sqlite part-5.sqlite -o merged.sqlite")
        #expect(try Self.bytes("merged.sqlite", in: scratch) == one)
        let again = try RunTopsim.run(
            shell: "topsim sweep study.yaml -o one.sqlite --progress plain", in: scratch)
        #expect(again.standardError.contains("0 runs in"), "\(again.standardError)")
        #expect(try Self.bytes("one.sqlite", in: scratch) == one)
        let missing = try RunTopsim.run(
            shell: "topsim merge part-1.sqlite part-2.sqlite -o some.sqlite", in: scratch)
        #expect(missing.exitCode == 1)
        #expect(missing.standardOutput.contains("8 of 24 runs; 16 are missing"))
    }

    @Test func `a sweep that is killed again and again goes on where it was`() throws {
        let scratch = try Self.scratch()
        _ = try RunTopsim.run(shell: "topsim sweep study.yaml -j 1 -o whole.sqlite", in: scratch)
        for delay in [20_000, 60_000, 110_000, 40_000, 150_000] as [UInt32] {
            let sweep = try RunTopsim.start(
                shell: "exec topsim sweep study.yaml -j 2 -o killed.sqlite", in: scratch)
            usleep(delay)
            sweep.send(SIGKILL)
            _ = try sweep.wait()
        }
        let last = try RunTopsim.run(
            shell: "topsim sweep study.yaml -j 2 -o killed.sqlite", in: scratch)
        #expect(last.exitCode == 0, "\(last.standardError)")
        let (killed, whole) = (
            try Self.bytes("killed.sqlite", in: scratch),
            try Self.bytes("whole.sqlite", in: scratch)
        )
        #expect(killed == whole)
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.url.path)
        #expect(!left.contains { $0.contains("journal") }, "\(left)")
    }

    @Test func `a run of a study is the run of that scenario and seed`() throws {
        let scratch = try Self.scratch()
        let line = """
            topsim sweep study.yaml -o study.sqlite --runs runs > /dev/null &&
            id=$(sqlite3 study.sqlite "select run_id from run where id = 10") &&
            sqlite3 runs/$id.sqlite 'select digest from run' &&
            topsim run scenarios/quickstart.yaml --seed 3 --set until=2h -o one.sqlite \
              --set nodes.worker.kubelet.topologyManagerPolicy=restricted > /dev/null &&
            sqlite3 one.sqlite 'select digest from run' &&
            sqlite3 one.sqlite 'select name, value from metric order by name' > one.txt &&
            sqlite3 study.sqlite "select metric, value from results where run = 10 order by 1" > two.txt &&
            diff one.txt two.txt
            """
        let result = try RunTopsim.run(shell: line, in: scratch)
        #expect(result.exitCode == 0, "\(result.standardError)\(result.standardOutput)")
        let digests = result.standardOutput.split(separator: "\n")
        #expect(digests.count == 2 && digests[0] == digests[1], "\(digests)")
    }

    @Test func `other input, another study and a value that cannot be are told`() throws {
        let scratch = try Self.scratch()
        let other = try RunTopsim.run(
            shell: """
                topsim sweep study.yaml --shard 1/2 -o a.sqlite > /dev/null &&
                topsim sweep study.yaml --set set.until=3h --shard 2/2 -o b.sqlite > /dev/null &&
                topsim merge a.sqlite b.sqlite -o c.sqlite
                """, in: scratch)
        #expect(other.exitCode == 2)
        #expect(other.standardError.contains("a part of another study"), "\(other.standardError)")
        #expect(!FileManager.default.fileExists(atPath: scratch.file("c.sqlite").path))
        let wrong = try RunTopsim.run(
            shell: """
                topsim sweep scenarios/quickstart.yaml --vary seed=1,x --seeds 2 \
                  --vary nodes.worker.kubelet.topologyManagerPolicy=none,never -o d.sqlite
                """, in: scratch)
        #expect(wrong.exitCode == 2)
        #expect(wrong.standardError.contains("never"))
        #expect(!FileManager.default.fileExists(atPath: scratch.file("d.sqlite").path))
        let run = try RunTopsim.run(
            shell: "topsim run scenarios/quickstart.yaml -o r.sqlite > /dev/null && "
                + "topsim merge r.sqlite -o e.sqlite", in: scratch)
        #expect(run.exitCode == 2)
        #expect(run.standardError.contains("no study wrote it"), "\(run.standardError)")
    }
}
