import Foundation
import GRDB
import Primitives
import Testing

import ResultsDatabase

@Suite struct ResultsFileTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("run.sqlite")
    }

    private func status(_ path: String) throws -> RunStatus {
        try ResultsReader(path: path).run.status
    }

    private func recorder(_ path: String) throws -> ResultsRecorder {
        try ResultsRecorder(to: path, describing: SampleRun().description, level: .full)
    }

    @Test func `a run that is on is in its place and says so`() throws {
        let recorder = try recorder(path)
        #expect(folder.contents.first == "run.sqlite")
        #expect(recorder.path == path)
        #expect(throws: ResultsDatabaseError.inUse(path: path)) { try self.recorder(path) }
        SampleRun().push(to: recorder)
        let results = try recorder.finish(SampleRun().ending)
        #expect(results.path == path)
        #expect(results.bytes > 100_000)
        #expect(try status(path) == .complete)
        #expect(folder.contents == ["run.sqlite"])
    }

    @Test func `older results stay until the new ones are complete`() throws {
        let older = try SampleRun(seed: 1).record(to: path)
        let recorder = try recorder(path)
        #expect(recorder.path == path + ".partial")
        SampleRun(seed: 2).push(to: recorder)
        #expect(try ResultsReader(path: path).run.digest == older.digest?.hexadecimal)
        let newer = try recorder.finish(SampleRun(seed: 2).ending)
        #expect(newer.path == path)
        #expect(try ResultsReader(path: path).run.digest == newer.digest?.hexadecimal)
        #expect(newer.digest != older.digest)
        #expect(folder.contents == ["run.sqlite"])
    }

    @Test(arguments: [RunStatus.interrupted, .failed])
    func `results that are not complete do not replace older ones`(ending: RunStatus) throws {
        let older = try SampleRun(seed: 1).record(to: path)
        let results = try SampleRun(seed: 2).record(to: path, status: ending)
        #expect(results.path == path + ".partial")
        #expect(results.digest == nil)
        #expect(try ResultsReader(path: path).run.digest == older.digest?.hexadecimal)
        #expect(try status(path + ".partial") == ending)
        // The next run starts over.
        try SampleRun(seed: 3).record(to: path)
        #expect(folder.contents == ["run.sqlite"])
    }

    @Test(arguments: [RunStatus.interrupted, .failed])
    func `a run that does not complete leaves what it has`(ending: RunStatus) throws {
        let results = try SampleRun().record(to: path, status: ending)
        #expect(results.path == path)
        let reader = try ResultsReader(path: path)
        #expect(reader.run.status == ending)
        #expect(reader.run.digest == nil)
        #expect(try reader.rowCounts().first { $0.table == "pod" }?.rows == 60)
    }

    @Test func `a recorder that is let go leaves a file that says running`() throws {
        do {
            let recorder = try recorder(path)
            SampleRun().push(to: recorder)
        }
        #expect(try status(path) == .running)
    }

    @Test func `an empty file and a link are good places`() throws {
        try Data().write(to: URL(filePath: path))
        try SampleRun().record(to: path)
        #expect(try status(path) == .complete)
        let link = folder.file("link.sqlite")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        try SampleRun(seed: 9).record(to: link)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
        #expect(try ResultsReader(path: path).run.seed == 9)
    }

    @Test func `a place that is no good is refused with a reason`() throws {
        try Data("kind: Scenario\n".utf8).write(to: URL(filePath: folder.file("a.yaml")))
        try DatabaseQueue(path: folder.file("b.sqlite")).write { database throws in
            try database.execute(sql: "CREATE TABLE mine (id INTEGER)")
        }
        try FileManager.default.createDirectory(
            atPath: folder.file("c"), withIntermediateDirectories: false)
        let before = folder.contents
        func reason(_ path: String) -> String {
            do {
                _ = try recorder(path)
                return "made"
            } catch let error as ResultsDatabaseError {
                #expect(error.isBadInput)
                return error.description.replacingOccurrences(of: folder.path + "/", with: "")
            } catch {
                return "\(error)"
            }
        }
        #expect(
            reason(folder.file("a.yaml"))
                == "will not overwrite `a.yaml`: it is there already and no run wrote it")
        #expect(
            reason(folder.file("b.sqlite"))
                == "will not overwrite `b.sqlite`: it is there already and no run wrote it")
        #expect(reason(folder.file("c")) == "cannot create `c`: it is a folder")
        #expect(
            reason(folder.file("none/run.sqlite"))
                == "cannot create `none/run.sqlite`: the folder does not exist")
        #expect(
            reason(folder.file("a.yaml/run.sqlite"))
                == "cannot create `a.yaml/run.sqlite`: a file stands where a folder should be")
        #expect(reason("/dev/null") == "cannot create `/dev/null`: it is not a regular file")
        #expect(reason("") == "cannot create ``: the path is empty")
        #expect(folder.contents == before)
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func `a folder that may not be written is refused`() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
        defer {
            try? FileManager.default.setAttributes(
                [.posixPermissions: 0o700], ofItemAtPath: folder.path)
        }
        #expect(
            throws: ResultsDatabaseError.cannotCreate(path: path, reason: "Permission denied")
        ) { try recorder(path) }
    }
}
