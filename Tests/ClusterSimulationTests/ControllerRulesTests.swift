import ClusterSimulation
import HardwareModel
import NodeManagers
import Primitives
import Records
import Testing
import WorkloadModel

/// Single rules of spec/controllers.md, each with its numbers.
@Suite struct ControllerRulesTests {
    /// How many pods were created at each time, in milliseconds, ascending.
    private func creations(_ run: RunawayTests.Run) -> [(milliseconds: Int64, count: Int)] {
        var counts: [(milliseconds: Int64, count: Int)] = []
        for time in run.sink.pods.map({ $0.arrival.nanoseconds / 1_000_000 }).sorted() {
            if counts.last?.milliseconds == time {
                counts[counts.count - 1].count += 1
            } else {
                counts.append((time, 1))
            }
        }
        return counts
    }

    /// Clients without a limit show the batches: each is asked for when the one before is answered, 4 ms later.
    private func unlimited(
        nodes: Int, cpus: Int64 = 2, replicas: Int = 1, _ controller: ControllerKind
    ) throws -> Scenario {
        var scenario = try RunawayTests.scenario(
            nodes: nodes, cpus: cpus, replicas: replicas, controller: controller)
        scenario.timings.controllerQPS = 1_000_000
        scenario.timings.controllerBurst = 1_000_000
        return scenario
    }

    @Test func `a ReplicaSet's sync creates 500 at most, and the next when they were seen`() throws
    {
        let run = try RunawayTests.run(
            try unlimited(nodes: 60, replicas: 600, .replicaSet), seconds: 20)
        let created = creations(run)
        #expect(created.prefix(9).map(\.count) == [1, 2, 4, 8, 16, 32, 64, 128, 245])
        #expect(created.prefix(9).map(\.milliseconds) == (1...9).map { 5 + 4 * $0 })
        // The last was answered at 41 ms and seen at 46.
        #expect(created[9].milliseconds >= 50)
        #expect(created[9...].map(\.count) == [1, 2, 4, 8, 16, 32, 37])
    }

    @Test func `a DaemonSet's sync creates 250 at most`() throws {
        let run = try RunawayTests.run(try unlimited(nodes: 300, .daemonSet), seconds: 20)
        let created = creations(run)
        #expect(created.prefix(8).map(\.count) == [1, 2, 4, 8, 16, 32, 64, 123])
        // Answered at 37 ms, seen at 42.
        #expect(created[8].milliseconds == 46)
        #expect(run.sink.pods.count == 300)
    }

    @Test func `a Job creates 500 at most in a sync`() throws {
        let run = try RunawayTests.run(try unlimited(nodes: 60, replicas: 600, .job), seconds: 20)
        let created = creations(run)
        #expect(created.prefix(9).map(\.count) == [1, 2, 4, 8, 16, 32, 64, 128, 245])
        // Pod events make a Job sync a second later.
        #expect(created[9].milliseconds >= 1041)
    }

    @Test func `ReplicaSets and Deployments' ReplicaSets share 20 writes a second`() throws {
        var scenario = try RunawayTests.scenario(cpus: 20)
        var other = scenario.workloads[0]
        other.name = "other"
        other.controller = .deployment
        scenario.workloads.append(other)
        let writes = try RunawayTests.run(scenario, seconds: 60).load.writes
        let events = writes.eventsCreated - 2 * writes.podsBound
        let all = writes.podsCreated + writes.replicaSetStatusesUpdated + events
        #expect(all <= 20 * 60 + 30 + 2)
        #expect(all >= 20 * 60)
    }

    @Test
    func `a refused pod of a StatefulSet costs POST, DELETE and two statuses, and leaves nothing`()
        throws
    {
        let run = try RunawayTests.run(
            try RunawayTests.scenario(cpus: 20, controller: .statefulSet), seconds: 100)
        let writes = run.load.writes
        let turns = writes.podsCreated
        #expect((480...520).contains(turns))
        #expect(abs(writes.podsDeleted - turns) <= 1)
        #expect(abs(writes.statefulSetStatusesUpdated - 2 * turns) <= 2)
        #expect(run.load.peakPodObjects == 1)
    }

    @Test
    func `a DaemonSet's failed pods wait 0, 1, 2 … 900 s, and half an hour makes them as new`() {
        let soon = SimDuration.milliseconds(50)
        let waits = (0..<13).map {
            DaemonSetController.wait(afterFailures: UInt32($0), sinceDeletion: soon).duration
        }
        #expect(
            waits
                == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900].map {
                    SimDuration.seconds($0)
                })
        // Past its back-off a pod goes at once; in it, it waits all of it again.
        let after = DaemonSetController.wait(afterFailures: 3, sinceDeletion: .seconds(5))
        #expect(after.duration == .zero && !after.isForgotten)
        let within = DaemonSetController.wait(afterFailures: 3, sinceDeletion: .seconds(3))
        #expect(within.duration == .seconds(4))
        let forgotten = DaemonSetController.wait(afterFailures: 9, sinceDeletion: .seconds(1801))
        #expect(forgotten.duration == .zero && forgotten.isForgotten)
    }

    @Test func `a DaemonSet's failed pod is an object until it is deleted`() throws {
        let run = try RunawayTests.run(
            try RunawayTests.scenario(nodes: 2, cpus: 20, controller: .daemonSet), seconds: 100)
        // 0, 0, 1, 3, 7, 15, 31 and 63 s, on each of two nodes; the last ones wait for their deletion.
        #expect(run.counters.failed == 16)
        #expect(run.load.writes.podsDeleted == 14)
        #expect(run.load.podObjects == 2)
        #expect(run.load.peakPodObjects == 2)
    }

    @Test func `a Job waits 10 s doubling to 10 minutes`() {
        #expect(
            (1...9).map { JobController.backoff(afterFailures: $0) }
                == [10, 20, 40, 80, 160, 320, 600, 600, 600].map { SimDuration.seconds($0) })
    }

    @Test func `a Job that is given up keeps its failed pods and creates none`() throws {
        let run = try RunawayTests.run(
            try RunawayTests.scenario(cpus: 20, controller: .job), seconds: 4000)
        #expect(run.counters.failed == 7)
        #expect(run.load.podObjects == 7)
        #expect(run.load.writes.podsDeleted == 0)
        #expect(run.load.writes.podsPatched == 7)
    }

    @Test func `time to ready goes on over pods that were refused`() throws {
        // One node, two pods: the second is refused until the first ends after ten seconds.
        var scenario = try RunawayTests.scenario(nodes: 1, cpus: 12, replicas: 3)
        guard case .generated(let shape, let arrivals, _) = scenario.workloads[0].source else {
            return
        }
        scenario.nodeGroups[0].kubelet.reservedSystemCPUs = [0]
        scenario.workloads[0].source = .generated(
            shape: shape, arrivals: arrivals, lifetime: .fixed(10))
        let run = try RunawayTests.run(scenario, seconds: 60)
        let started = run.sink.pods.filter { $0.started != nil }
        #expect(started.count == 3)
        for pod in started {
            #expect(pod.wanted <= pod.arrival)
            #expect(pod.wanted.nanoseconds == 5_000_000)
        }
    }
}
