import ClusterSimulation
import Foundation
import Primitives
import Records
import ScenarioInput
import Testing
import WorkloadModel

/// The scenarios of docs/guides/scheduler-by-hand.md, number by number. Each expectation is worked out from the rules as the
/// guide does it, not read off a run.
@Suite struct `Scenarios traced by hand` {
    private func run(_ name: String) throws -> PodSink {
        let scenario = try readScenario(
            path: `Scenarios that ship`.folder.appending(path: "by-hand/\(name).yaml").path,
            surroundings: ScenarioSurroundings(environment: [:])
        ).scenario
        let sink = PodSink(scenario.workloads.map(\.name))
        var simulation = try Simulation(scenario: scenario, sink: sink)
        while try simulation.advance(events: 1000) {}
        simulation.finish()
        return sink
    }

    /// The defaults of `timings`, in milliseconds.
    private let watch: Int64 = 5
    private let cycle: Int64 = 5
    private let bind: Int64 = 4
    private let admission: Int64 = 5
    private let status: Int64 = 8

    @Test func `preemption: the budget spares web, the younger batch leaves`() throws {
        let sink = try run("preemption")
        // One each, then one each again: an empty or equally full first node wins.
        #expect(sink.nodes("web") == [0, 1])
        #expect(sink.nodes("batch") == [0, 1])

        let cycleOver = 60_000 + watch + cycle
        let deletionSeen = cycleOver + bind + watch
        let victimGone = deletionSeen + 10_000
        let victim = try #require(sink.pod("batch", owner: 1))
        #expect(victim.outcome == .preempted)
        #expect(sink.milliseconds(victim.finished) == victimGone)
        #expect(sink.outcomes("web") == [.running, .running])
        #expect(sink.pod("batch", owner: 0)?.outcome == .running)

        let secondCycle = victimGone + status + watch
        let urgent = try #require(sink.pod("urgent", owner: 0))
        #expect(urgent.attempts == 2)
        #expect(urgent.node == victim.node)
        #expect(sink.milliseconds(urgent.scheduled) == secondCycle + cycle + bind)
        #expect(
            sink.milliseconds(urgent.started)
                == secondCycle + cycle + bind + watch + admission)
        // A node was found, so that the text is that of the filters alone.
        #expect(sink.messages == ["0/2 nodes are available: 2 Insufficient cpu."])
    }

    @Test func `backoff: by an event, by the clock, out of turn, and at last`() throws {
        let sink = try run("backoff")
        let cycle: Int64 = 20
        // filler, tick and tock follow one another from the moment they are seen.
        let started = (1...3).map { watch + Int64($0) * cycle + bind + watch + admission }
        #expect(
            ["filler", "tick", "tock"].map { sink.milliseconds(sink.pod($0, owner: 0)?.started) }
                == started)
        // The hundred follow from 1.005 s; at 2 s big's backoff is over, and being older it goes before the 51st.
        let first: Int64 = 1000 + watch
        let pastTwo = Int((2000 - first + cycle - 1) / cycle)
        #expect(pastTwo == 50)
        for replica in 0..<100 {
            let turn = Int64(replica) + (replica >= pastTwo ? 1 : 0)
            let pod = sink.pod("burst", owner: 0, replica: UInt32(replica))
            #expect(
                sink.milliseconds(pod?.scheduled) == first + (turn + 1) * cycle + bind,
                "replica \(replica)")
        }
        let big = try #require(sink.pod("big", owner: 0))
        // At 0.505 s, at 2.005 s, when tock is gone, and when filler is.
        #expect(big.attempts == 4)
        let fillerGone = started[0] + 60_000 + status + watch
        #expect(sink.milliseconds(big.scheduled) == fillerGone + cycle + bind)
        #expect(
            sink.messages == [
                "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, "
                    + "preemption: 0/1 nodes are available: 1 No preemption victims found for "
                    + "incoming pod."
            ])
    }

    @Test func `spread: five pods by rotation and skew, the sixth when its zone has room`() throws {
        let sink = try run("spread")
        // a, b, c, a, b; the sixth to c.
        #expect(sink.nodes("web") == [0, 1, 2, 0, 1, 2])
        // The Deployment is seen, its ReplicaSet written and seen, the first pod written and seen.
        let write: Int64 = 4
        let seen = 1000 + watch + (write + watch) + (write + watch)
        for replica in 0..<5 {
            let pod = sink.pod("web", owner: 0, replica: UInt32(replica))
            #expect(
                sink.milliseconds(pod?.scheduled) == seen + Int64(replica + 1) * cycle + bind)
            #expect(pod?.attempts == 1)
        }
        // Two bindings are seen while it is in its cycles, and each makes it try again in vain.
        let last = try #require(sink.pod("web", owner: 0, replica: 5))
        #expect(last.attempts == 4)
        let blocker = try #require(sink.pod("blocker", owner: 0))
        let room = (sink.milliseconds(blocker.finished) ?? 0) + status + watch
        #expect(room == 30_037)
        #expect(sink.milliseconds(last.scheduled) == room + cycle + bind)
        #expect(
            sink.messages == [
                "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match pod topology "
                    + "spread constraints. no new claims to deallocate, preemption: 0/3 nodes are "
                    + "available: 3 No preemption victims found for incoming pod."
            ])
    }
}

/// Keeps the record of every pod and the texts of the scheduler's refusals.
private final class PodSink: RecordSink {
    let wantsPlacements = false
    let wantsNodeSamples = false
    private let workloads: [String]
    private var pods: [PodRecord] = []
    private(set) var messages: [String] = []

    init(_ workloads: [String]) { self.workloads = workloads }

    func placed(_ placement: PlacementRecord) {}
    func rejected(_ rejection: RejectionRecord) { messages.append(rejection.message) }
    func ended(_ pod: PodRecord) { pods.append(pod) }
    func sampled(_ sample: NodeSample) {}
    func sampled(_ sample: ClusterSample) {}

    private func sorted(_ workload: String) -> [PodRecord] {
        pods.filter { workloads[$0.workload.position] == workload }.sorted {
            ($0.owner, $0.replica) < ($1.owner, $1.replica)
        }
    }

    func pod(_ workload: String, owner: UInt32, replica: UInt32 = 0) -> PodRecord? {
        sorted(workload).first { $0.owner == owner && $0.replica == replica }
    }

    func nodes(_ workload: String) -> [Int?] { sorted(workload).map { $0.node?.position } }
    func outcomes(_ workload: String) -> [PodOutcome] { sorted(workload).map(\.outcome) }

    func milliseconds(_ time: SimTime?) -> Int64? { time.map { $0.nanoseconds / 1_000_000 } }
}
