import Foundation
import GRDB
import Primitives
import Records
import Testing

import ResultsDatabase

@Suite struct InterruptionTests {
    /// Opens what a killed run left as anyone would, and checks that it is whole and says that it is not complete.
    private func expectMarkedIncomplete(_ path: String, _ comment: Comment) throws {
        let database = try DatabaseQueue(path: path)
        try database.read { database throws in
            #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"], comment)
            #expect(
                try String.fetchOne(database, sql: "SELECT status FROM run") == "running", comment)
            #expect(
                try Bool.fetchOne(database, sql: "SELECT digest IS NULL FROM run") == true, comment)
        }
        try database.close()
        #expect(try ResultsReader(path: path).run.status == .running, comment)
    }

    @Test(arguments: 0..<10)
    func `a process killed at any moment leaves a file that opens and says running`(
        _ place: Int
    ) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        var random = RandomStream(seed: UInt64(place), name: "kills")
        let records = Int(random.below(20_000))
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, records = records as Int] in
            let run = SampleRun(seed: 1, podCount: 8_000)
            let recorder = try ResultsRecorder(
                to: path, describing: run.description, level: .full, podsAtOnce: 256)
            let sink = CountingSink(recorder)
            sink.place = records
            sink.atPlace = { kill(getpid(), SIGKILL) }
            run.push(to: sink)
            kill(getpid(), SIGKILL)
        }
        try expectMarkedIncomplete(path, "after \(records) records")
        // The next run of the same name recovers, and replaces it when it is complete.
        try SampleRun().record(to: path)
        #expect(try ResultsReader(path: path).changedTables() == [])
        #expect(folder.contents == ["run.sqlite"])
    }

    @Test(arguments: [64 << 10, 300 << 10, 1 << 20])
    func `a limit on the size of files ends in one error and a readable file`(
        _ limit: Int
    ) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        await #expect(processExitsWith: .success) {
            [path = path as String, limit = limit as Int] in
            signal(SIGXFSZ, SIG_IGN)
            var size = rlimit(rlim_cur: rlim_t(limit), rlim_max: rlim_t(limit))
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &size) == 0)
            let run = SampleRun(seed: 1, podCount: 20_000)
            do {
                let recorder = try ResultsRecorder(
                    to: path, describing: run.description, level: .full, podsAtOnce: 256)
                run.push(to: recorder)
                _ = try recorder.finish(run.ending)
                exit(1)
            } catch let error as ResultsDatabaseError {
                let reasons = [
                    "the system refused a write; is there a limit on file sizes?",
                    "the disk is full",
                ]
                exit(
                    reasons.contains { error == .cannotWrite(path: error.path, reason: $0) } ? 0 : 2
                )
            }
        }
        guard FileManager.default.fileExists(atPath: path) else {
            // Not even the tables fit.
            #expect(limit < 200 << 10)
            #expect(folder.contents == [])
            return
        }
        let reader = try ResultsReader(path: path)
        #expect([RunStatus.running, .failed].contains(reader.run.status))
    }
}

/// Passes records on, and does something when so many have passed.
private final class CountingSink: RecordSink {
    let next: ResultsRecorder
    var count = 0
    var place = Int.max
    var atPlace: () -> Void = {}

    init(_ next: ResultsRecorder) { self.next = next }

    private func pass() {
        count += 1
        if count == place { atPlace() }
    }

    var wantsPlacements: Bool { true }
    var wantsNodeSamples: Bool { true }

    func placed(_ placement: PlacementRecord) {
        next.placed(placement)
        pass()
    }

    func rejected(_ rejection: RejectionRecord) {
        next.rejected(rejection)
        pass()
    }

    func ended(_ pod: PodRecord) {
        next.ended(pod)
        pass()
    }

    func sampled(_ sample: NodeSample) {
        next.sampled(sample)
        pass()
    }

    func sampled(_ sample: ClusterSample) {
        next.sampled(sample)
        pass()
    }
}
