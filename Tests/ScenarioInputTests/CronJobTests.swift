import ClusterSimulation
import Primitives
import Records
import ScenarioInput
import Testing
import WorkloadModel

/// CronJobs in virtual time. The run starts at 08:58 of a Wednesday in winter; times are worked out by hand from
/// `timings`: a Job's pod exists 100 + 4 + 5 + 4 ms after its time.
@Suite struct CronJobTests {
    private final class PodSink: RecordSink {
        let wantsPlacements = false
        let wantsNodeSamples = false
        private(set) var pods: [PodRecord] = []
        func placed(_ placement: PlacementRecord) {}
        func rejected(_ rejection: RejectionRecord) {}
        func ended(_ pod: PodRecord) { pods.append(pod) }
        func sampled(_ sample: NodeSample) {}
        func sampled(_ sample: ClusterSample) {}
    }

    private static func text(
        arrivals: String, lifetime: String = "7m", until: String = "20m", cpu: String = "1",
        controller: String = "Job", more: String = ""
    ) -> String {
        """
        apiVersion: topsim/v1
        kind: Scenario
        epoch: "2026-11-25T08:58:00Z"
        until: \(until)
        nodes: {worker: {machine: 1s1n4c1t}}
        workload:
          report:
            controller: \(controller)
            \(more)
            lifetime: \(lifetime)
            arrivals: {process: cron, \(arrivals)}
            template: {spec: {restartPolicy: Never, containers: [
              {name: a, resources: {requests: {cpu: "\(cpu)"}}}]}}
        """
    }

    private func run(_ text: String) throws -> [PodRecord] {
        let scenario = try readScenario(text: text, file: "cron.yaml", folder: "/").scenario
        let sink = PodSink()
        var simulation = try Simulation(scenario: scenario, sink: sink)
        while try simulation.advance(events: 1000) {}
        simulation.finish()
        return sink.pods.sorted { ($0.arrival, $0.replica) < ($1.arrival, $1.replica) }
    }

    /// Milliseconds from the start of the run.
    private func arrivals(_ pods: [PodRecord]) -> [Int64] {
        pods.map { $0.arrival.nanoseconds / 1_000_000 }
    }

    @Test func `allow: one Job at each time, while others run`() throws {
        let pods = try run(Self.text(arrivals: "schedule: '*/5 * * * *'"))
        #expect(arrivals(pods) == [120_113, 420_113, 720_113, 1_020_113])
        #expect(pods.map(\.outcome) == [.succeeded, .succeeded, .succeeded, .running])
    }

    @Test func `forbid: the time that was passed over is made up for when the Job ends`() throws {
        let pods = try run(
            Self.text(arrivals: "schedule: '*/5 * * * *', concurrencyPolicy: Forbid"))
        let times = arrivals(pods)
        #expect(times.count == 3)
        #expect(times[0] == 120_113)
        // The Job of 09:00 runs until 09:07, that of 09:05 starts then.
        let firstEnd = try #require(pods[0].finished).nanoseconds / 1_000_000
        #expect((firstEnd...firstEnd + 100).contains(times[1]))
        #expect((540_000...541_000).contains(times[1]))
        #expect((960_000...962_000).contains(times[2]))
    }

    @Test func `forbid with a deadline: what is too late is left out`() throws {
        let pods = try run(
            Self.text(
                arrivals:
                    "schedule: '*/5 * * * *', concurrencyPolicy: Forbid, startingDeadlineSeconds: 60"
            ))
        // At 09:07 the Job of 09:05 is two minutes late; that of 09:10 is in time.
        #expect(arrivals(pods) == [120_113, 720_113])
    }

    @Test func `forbid: times that lie close together and then far apart are given up`() throws {
        // At 09:20 the times 09:01 and 09:02 are behind. The controller takes times for a minute apart, looks for the newest
        // one from 09:19 on, and finds tomorrow's.
        let pods = try run(
            Self.text(
                arrivals: "schedule: '0,1,2 9 * * *', concurrencyPolicy: Forbid", lifetime: "20m",
                until: "25h"))
        #expect(arrivals(pods) == [120_113, 86_520_113])
    }

    @Test func `replace: the Job that runs is deleted`() throws {
        let pods = try run(
            Self.text(arrivals: "schedule: '*/5 * * * *', concurrencyPolicy: Replace"))
        #expect(arrivals(pods) == [120_113, 420_113, 720_113, 1_020_113])
        #expect(pods.map(\.outcome) == [.deleted, .deleted, .deleted, .running])
        // Its pod stops when the controller comes to the next time.
        #expect(pods[0].finished?.nanoseconds == 420_100_000_000)
    }

    @Test func `every ten seconds is one Job a minute, for a Job is named after its minute`() throws
    {
        let pods = try run(
            Self.text(
                arrivals: "schedule: '@every 10s', successfulJobsHistoryLimit: 100",
                lifetime: "1s", until: "4m30s"))
        #expect(pods.count == 5)
    }

    @Test(arguments: [
        ("'0 10 * * *', timeZone: Europe/Berlin", [120_113 as Int64]),
        ("'0 10 * * *'", []), ("'0 9 * * 3'", [120_113]), ("'0 9 * * 4'", []),
        ("'0 9 * * *', suspend: true", []),
    ])
    func `the start of the run has a date and a time of day`(
        _ arrivals: String, _ wanted: [Int64]
    ) throws {
        let pods = try run(Self.text(arrivals: "schedule: \(arrivals)"))
        #expect(self.arrivals(pods) == wanted)
    }

    @Test func `completions run so many at a time`() throws {
        let pods = try run(
            Self.text(
                arrivals: "schedule: '0 9 * * *'", lifetime: "1m", cpu: "100m",
                more: "{replicas: 5, parallelism: 2}".dropFirst().dropLast().split(separator: ",")
                    .map { $0.drop { $0 == " " } }.joined(separator: "\n    ")))
        #expect(pods.count == 5)
        #expect(pods.allSatisfy { $0.outcome == .succeeded })
        for pod in pods {
            let together = pods.count { other in
                guard let start = other.started, let end = other.finished,
                    let own = pod.started
                else { return false }
                return start <= own && own < end
            }
            #expect(together <= 2)
        }
    }

    @Test func `two runs are the same`() throws {
        let text = Self.text(
            arrivals: "schedule: '*/3 * * * *', concurrencyPolicy: Forbid",
            lifetime: "{distribution: exponential, mean: 4m}", until: "6h")
        let pods = try run(text)
        #expect(pods.count > 20)
        #expect(try run(text) == pods)
    }

    @Test(arguments: [
        ("schedule: '* * * *'", "Job", "20m", "expected exactly 5 fields, found 4"),
        ("schedule: '61 * * * *'", "Job", "20m", "61 in `61` is above the field's maximum, 59"),
        ("schedule: '@daily', timeZone: Mars/Base", "Job", "20m", "unknown time zone `Mars/Base`"),
        ("schedule: 'TZ=UTC @daily'", "Job", "20m", "a time zone in a schedule"),
        ("schedule: '@daily'", "Pod", "20m", "arrivals by `cron` make Jobs, and these are `Pod`s"),
        (
            "schedule: '@daily'", "Job", "workload-finished",
            "a CronJob goes on for ever, and the run has no end"
        ),
        ("timeZone: UTC", "Job", "20m", "a CronJob's arrivals needs `schedule`"),
    ])
    func `what cannot be is told`(
        _ arrivals: String, _ controller: String, _ until: String, _ message: String
    ) throws {
        let error = try #require(throws: InputError.self) {
            try run(Self.text(arrivals: arrivals, until: until, controller: controller))
        }
        let errors = error.diagnostics.filter { $0.severity == .error }
        #expect(errors.map(\.message) == [message])
        #expect(errors.first?.line ?? 0 > 0)
    }
}
