import GRDB
import Primitives
import Records
import ResultsDatabase
import Testing

/// `alignment_by_class` against the records, worked out the plain way.
@Suite struct ClassViewTests {
    /// `upf` by key, `batch` by label, and a trace that says nothing.
    private let scenario = #"""
        {"workload": {
          "upf": {"class": "c4", "template": {"metadata": {"labels": {"topsim/workload-class": "c1"}}}},
          "batch": {"template": {"metadata": {"labels": {"topsim/workload-class": "c1"}}}},
          "trace": {"trace": {}}}}
        """#

    private struct Tally: Equatable {
        var pods = 0
        var started = 0
        var refusals = 0
        var containers = 0
        var aligned = 0
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `counts pods, refusals and containers of each class`(seed: UInt64) throws {
        let run = SampleRun(seed: seed, podCount: 120)
        let classes = ["c4", "c1", "none"]
        var want = Dictionary(uniqueKeysWithValues: classes.map { ($0, Tally()) })
        var classOfPod: [PodIndex: String] = [:]
        for case .ended(let pod) in run.records {
            classOfPod[pod.pod] = classes[pod.workload.position]
            want[classes[pod.workload.position]]?.pods += 1
            if pod.started != nil { want[classes[pod.workload.position]]?.started += 1 }
        }
        for record in run.records {
            if case .rejected(let rejection) = record, rejection.stage == .admission,
                let name = classOfPod[rejection.pod]
            {
                want[name]?.refusals += 1
            }
        }
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        var description = run.description
        description.scenarioJSON = scenario
        let recorder = try ResultsRecorder(to: path, describing: description, level: .full)
        run.push(to: recorder)
        _ = try recorder.finish(
            RunEnding(status: .complete, ended: SimTime(nanoseconds: 10_000_000_000)))
        let reader = try ResultsReader(path: path)
        let (rows, containers) = try reader.read { database in
            (
                try Row.fetchAll(database, sql: "SELECT * FROM alignment_by_class"),
                try Row.fetchAll(
                    database,
                    sql: "SELECT pod, aligned_numa FROM container WHERE aligned_numa IS NOT NULL")
            )
        }
        for container in containers {
            let pod: Int = container["pod"]
            guard let name = classOfPod[PodIndex(pod)] else { continue }
            want[name]?.containers += 1
            let isAligned: Bool = container["aligned_numa"]
            if isAligned { want[name]?.aligned += 1 }
        }
        #expect(rows.map { $0["class"] } == ["c1", "c4", "none"])
        for row in rows {
            let name: String = row["class"]
            let got = Tally(
                pods: row["pods"], started: row["started"], refusals: row["refusals"],
                containers: row["containers"], aligned: row["aligned"])
            #expect(got == want[name], "class \(name)")
        }
        #expect(containers.count > 10)
    }
}
