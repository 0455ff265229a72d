import Foundation
import ResultsDatabase
import TestSupport
import Testing

/// A run that lasts until somebody ends it, and what it leaves.
@Suite struct InterruptionTests {
    private static let endlessRun =
        "exec topsim run scenarios/quickstart.yaml --set until=1000000h --set record.sampleEvery=1m -o run.sqlite"

    /// Starts the run and waits until it has written something.
    private func start(in scratch: ScratchFolder) throws -> RunningCommand {
        let command = try RunTopsim.start(shell: Self.endlessRun, in: scratch)
        for _ in 0..<2_000 {
            if size(of: "run.sqlite", in: scratch) > 300_000 { return command }
            // Another process writes: there is nothing to wait on but time.
            usleep(5_000)
        }
        Issue.record("nothing was written in 10 s")
        return command
    }

    private func size(of name: String, in scratch: ScratchFolder) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: scratch.file(name).path)
        return attributes?[.size] as? Int ?? 0
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func `a signal ends a run in good order`(_ signal: Int32, _ exitCode: Int32) throws {
        let scratch = try ScratchFolder()
        let command = try start(in: scratch)
        command.send(signal)
        let ending = try command.wait()
        #expect(ending.exitCode == exitCode)
        #expect(ending.standardOutput.contains("\ninterrupted at "))
        let reader = try ResultsReader(path: scratch.file("run.sqlite").path)
        #expect(reader.run.status == .interrupted)
        #expect(try !reader.metrics().isEmpty)
    }

    @Test(arguments: 0..<10)
    func `a run that is killed leaves a file that opens and says so`(_ attempt: Int) throws {
        let scratch = try ScratchFolder()
        let command = try RunTopsim.start(shell: Self.endlessRun, in: scratch)
        // A moment of chance is what is tried: from before the file is there to well into the run.
        usleep(UInt32(20_000 + attempt * attempt * 12_000))
        command.send(SIGKILL)
        #expect(try command.wait().exitCode == 137)
        let file = scratch.file("run.sqlite").path
        guard FileManager.default.fileExists(atPath: file) else { return }
        let reader = try ResultsReader(path: file)
        #expect(reader.run.status == .running)
        let pods = try reader.rowCounts().first { $0.table == "pod" }?.rows ?? 0
        #expect(pods >= 0)
    }

    @Test func `older results stay until new ones are complete`() throws {
        let scratch = try ScratchFolder()
        let short = "topsim run scenarios/quickstart.yaml --set until=1h -o run.sqlite"
        let complete = try RunTopsim.run(shell: short, in: scratch)
        #expect(complete.exitCode == 0)
        let before = try Data(contentsOf: scratch.file("run.sqlite"))
        let command = try RunTopsim.start(shell: Self.endlessRun, in: scratch)
        // Long enough for the run to have begun its own file; the test holds for any moment.
        usleep(300_000)
        command.send(SIGKILL)
        #expect(try command.wait().exitCode == 137)
        #expect(try Data(contentsOf: scratch.file("run.sqlite")) == before)
    }
}
