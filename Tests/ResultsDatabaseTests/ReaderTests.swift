import Foundation
import GRDB
import Metrics
import Primitives
import Records
import Testing

import ResultsDatabase

@Suite struct ReaderTests {
    @Test func `a file tells of its run`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        var run = SampleRun()
        run.seed = .max
        try run.record(to: path)
        let reader = try ResultsReader(path: path)
        let description = run.description
        #expect(reader.run.name == description.name)
        #expect(reader.run.description == description.description)
        #expect(reader.run.scenarioJSON == description.scenarioJSON)
        #expect(reader.run.seed == .max)
        #expect(reader.run.epoch == description.epoch)
        #expect(reader.run.status == .complete)
        #expect(reader.run.recordLevel == .full)
        #expect(reader.run.ended == run.ending.ended)
        #expect(reader.run.schemaVersion == Schema.version)
        #expect(try reader.inputFiles() == description.inputFiles)
        #expect(try reader.histogram("wait") == run.ending.distributions[0].distribution.buckets)
        let metrics = try reader.metrics()
        #expect(metrics.map(\.name) == ["balance", "use.cpu", "wait.mean"])
        #expect(metrics[1] == run.ending.metrics[0])
        #expect(metrics[2].value.isNaN)
        #expect(metrics[0].value.sign == .plus)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `decisions come back in order and as they were`(seed: UInt64) throws {
        let run = SampleRun(seed: seed)
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        try run.record(to: path)
        var expected: [Int64: NodeDecision] = [:]
        var placements: [PodIndex: PlacementRecord] = [:]
        for case .placed(let placement) in run.records { placements[placement.pod] = placement }
        for case .ended(let pod) in run.records {
            if pod.admissionSequence > 0 {
                expected[pod.admissionSequence] = .placed(try #require(placements[pod.pod]))
            }
            if pod.releaseSequence > 0 {
                expected[pod.releaseSequence] = .released(
                    pod: pod.pod, node: try #require(pod.node), time: try #require(pod.finished))
            }
        }
        var last: Int64 = 0
        try ResultsReader(path: path).forEachDecision { sequence, decision throws in
            #expect(sequence == last + 1)
            last = sequence
            #expect(decision == expected[sequence])
        }
        #expect(last == Int64(expected.count))
    }

    @Test func `a file of a newer schema is refused`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        try SampleRun().record(to: path)
        let database = try DatabaseQueue(path: path)
        try database.write { database throws in
            try database.execute(sql: "PRAGMA user_version = \(Schema.version + 1)")
        }
        try database.close()
        let error = ResultsDatabaseError.newerSchema(
            path: path, version: Schema.version + 1, supported: Schema.version)
        #expect(throws: error) { try ResultsReader(path: path) }
        #expect(error.hint == "update topsim")
    }

    @Test func `what is not a results file is refused with a reason`() throws {
        let folder = try TemporaryFolder()
        func reason(_ path: String) -> String {
            do {
                _ = try ResultsReader(path: path)
                return "opened"
            } catch {
                return error.description.replacingOccurrences(of: folder.path + "/", with: "")
            }
        }
        try Data("kind: Scenario\n".utf8).write(to: URL(filePath: folder.file("a.yaml")))
        try DatabaseQueue(path: folder.file("b.sqlite")).write { database throws in
            try database.execute(sql: "CREATE TABLE run (id INTEGER)")
        }
        try SampleRun().record(to: folder.file("c.sqlite"))
        let whole = try Data(contentsOf: URL(filePath: folder.file("c.sqlite")))
        try whole.prefix(5_000).write(to: URL(filePath: folder.file("c.sqlite")))
        #expect(
            reason(folder.file("none.sqlite")) == "cannot read `none.sqlite`: there is no such file"
        )
        #expect(
            reason(folder.file("a.yaml"))
                == "`a.yaml` is not a results file: it is not an SQLite file")
        #expect(
            reason(folder.file("b.sqlite"))
                == "`b.sqlite` is not a results file: its application_id is not topsim's")
        #expect(
            reason(folder.file("c.sqlite"))
                == "cannot read `c.sqlite`: database disk image is malformed")
        #expect(reason(folder.path).hasSuffix("it is not an SQLite file"))
    }
}
