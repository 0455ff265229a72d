import ClusterScheduler
import ClusterSimulation
import HardwareModel
import NodeManagers
import Primitives
import Records
import Testing
import WorkloadModel

/// The loop of kubernetes#84869: rates against spec/controllers.md section 10, and what NodeResourceTopologyMatch makes
/// of it with each cache.
@Suite struct RunawayTests {
    struct Run {
        var counters: SimulationCounters
        var load: ControlPlaneLoad
        var sink: RecordingSink

        /// Failed pods that were created in the first `seconds`.
        func failed(within seconds: Int64) -> Int {
            sink.pods.count {
                $0.outcome == .failed && $0.arrival.nanoseconds <= seconds * 1_000_000_000
            }
        }

        var statusWritesPerPod: Double {
            Double(load.writes.replicaSetStatusesUpdated) / Double(load.writes.podsCreated)
        }
    }

    /// Nodes of two NUMA nodes with 16 CPUs each, one CPU of the first reserved.
    static func scenario(
        nodes: Int = 4, cpus: Int64, replicas: Int = 1, owners: Int = 1,
        controller: ControllerKind = .replicaSet
    ) throws -> Scenario {
        var scenario = Scenario(name: "runaway")
        let machine = try MachineShape(parsing: "2s1n16c1t").makeMachine(
            memoryPerNUMANode: 64 << 30)
        var group = NodeGroup(name: "worker", count: nodes, machine: machine)
        group.kubelet.cpuManagerPolicy = "static"
        group.kubelet.reservedSystemCPUs = [0]
        group.kubelet.topologyManagerPolicy = "single-numa-node"
        // Without it no exporter tells memory, and NodeResourceTopologyMatch finds room nowhere.
        group.kubelet.memoryManagerPolicy = "Static"
        group.kubelet.kubeReserved["memory"] = 412 << 20
        group.kubelet.reservedMemory = [
            ReservedMemory(numaNode: 0, limits: ["memory": 512 << 20])
        ]
        scenario.nodeGroups = [group]
        let amounts = [ResourceAmount(ResourceTable.cpu, cpus * 1000)]
        let memory = [ResourceAmount(ResourceTable.memory, 1 << 30)]
        var shape = PodShape(
            qos: .guaranteed,
            containers: [
                ContainerShape(
                    name: "c", kind: .app,
                    resources: ContainerResources(
                        requests: amounts + memory, limits: amounts + memory))
            ])
        shape.requests = amounts + memory
        shape.nonZeroMilliCPU = cpus * 1000
        shape.nonZeroMemory = 1 << 30
        scenario.workloads = [
            Workload(
                name: "w", controller: controller, replicas: replicas,
                source: .generated(
                    shape: shape,
                    arrivals: .fixed(start: .zero, every: .zero, count: owners), lifetime: nil))
        ]
        return scenario
    }

    static func run(
        _ scenario: Scenario, _ cache: TopologyCacheSettings.Kind? = nil, seconds: Int64
    ) throws -> Run {
        var scenario = scenario
        scenario.until = .time(SimTime(nanoseconds: seconds * 1_000_000_000))
        if let cache {
            var settings = TopologyMatchSettings()
            settings.cache.kind = cache
            scenario.scheduler.topologyMatch = settings
            scenario.scheduler.profiles[0].addTopologyMatch()
        }
        let sink = RecordingSink()
        var simulation = try Simulation(scenario: scenario, sink: sink)
        while try simulation.advance(events: 1000) {}
        simulation.finish()
        return Run(
            counters: simulation.counters, load: simulation.controlPlaneLoad, sink: sink)
    }

    // MARK: Rates

    /// One line of section 10: the round trip, and what it says of the first 20 seconds and of status writes.
    struct Rate: Sendable, CustomTestStringConvertible {
        var roundTripMilliseconds: Int64
        var owners = 1
        var firstPods: ClosedRange<Int>
        var perSecond: ClosedRange<Double>
        var statusWrites: ClosedRange<Double>

        var testDescription: String { "\(owners) owners, \(roundTripMilliseconds) ms" }
    }

    /// Each within a tenth of the table's figure; `~200` and `about 1` leave a little more.
    static let rates = [
        Rate(
            roundTripMilliseconds: 37, firstPods: 180...225, perSecond: 9.0...10.5,
            statusWrites: 0.8...1.2),
        Rate(
            roundTripMilliseconds: 45, firstPods: 180...225, perSecond: 9.0...10.5,
            statusWrites: 0.8...1.2),
        Rate(
            roundTripMilliseconds: 100, firstPods: 126...154, perSecond: 6.2...7.0,
            statusWrites: 1.8...2.1),
        Rate(
            roundTripMilliseconds: 200, firstPods: 89...109, perSecond: 4.4...5.2,
            statusWrites: 1.8...2.1),
        Rate(
            roundTripMilliseconds: 300, firstPods: 59...73, perSecond: 3.0...3.6,
            statusWrites: 1.8...2.1),
        Rate(
            roundTripMilliseconds: 1000, firstPods: 18...22, perSecond: 0.9...1.1,
            statusWrites: 1.8...2.1),
        Rate(
            roundTripMilliseconds: 50, owners: 10, firstPods: 189...231, perSecond: 18.0...20.5,
            statusWrites: 0...0.2),
    ]

    @Test(arguments: rates)
    func `a ReplicaSet whose pod every kubelet refuses goes round as often as users saw`(
        _ rate: Rate
    ) throws {
        var scenario = try Self.scenario(cpus: 20, owners: rate.owners)
        scenario.timings.admission = .milliseconds(5 + rate.roundTripMilliseconds - 37)
        let run = try Self.run(scenario, seconds: 120)
        #expect(rate.firstPods.contains(run.failed(within: 20)), "\(run.failed(within: 20))")
        let later = Double(run.failed(within: 120) - run.failed(within: 60)) / 60
        #expect(rate.perSecond.contains(later), "\(later) a second")
        #expect(rate.statusWrites.contains(run.statusWritesPerPod), "\(run.statusWritesPerPod)")
        #expect(run.counters.running == 0)
    }

    @Test func `each failed pod costs five to seven writes`() throws {
        let writes = try Self.run(try Self.scenario(cpus: 20), seconds: 120).load.writes
        let perPod = Double(writes.total) / Double(writes.podsCreated)
        #expect((5...7).contains(perPod), "\(perPod)")
        // Scheduled and the refusal for each; the ReplicaSet's own are filtered after 25.
        #expect(writes.eventsCreated <= writes.podsBound + writes.podsCreated + 26)
        #expect(writes.eventsCreated >= writes.podsBound * 2 + 24)
    }

    @Test func `events about one owner end after 25, and then one comes each 300 seconds`() {
        var filter = EventFilter()
        var admitted: [Int64] = []
        for second in 0..<1000
        where filter.admits(at: SimTime(nanoseconds: Int64(second) * 1_000_000_000)) {
            admitted.append(Int64(second))
        }
        #expect(admitted == Array(0..<25) + [300, 600, 900])
    }

    @Test func `a Deployment goes round as its ReplicaSet, and writes a status of its own`() throws
    {
        let run = try Self.run(
            try Self.scenario(cpus: 20, controller: .deployment), seconds: 60)
        #expect((180...225).contains(run.failed(within: 20)))
        let writes = run.load.writes
        #expect(writes.replicaSetsCreated == 1)
        #expect(writes.deploymentStatusesUpdated > 0)
        #expect(writes.deploymentStatusesUpdated <= writes.replicaSetStatusesUpdated)
    }

    // MARK: Creation

    @Test func `a ReplicaSet creates in batches of 1, 2, 4 … and 20 a second after the first 30`()
        throws
    {
        let run = try Self.run(try Self.scenario(nodes: 10, cpus: 2, replicas: 70), seconds: 60)
        let created = run.sink.pods.map(\.arrival.nanoseconds).sorted()
        // The ReplicaSet is seen after 5 ms; each batch is asked for when the one before is answered, 4 ms later.
        let first = created.prefix(7).map { ($0 - 5_000_000) / 4_000_000 }
        #expect(first == [1, 2, 2, 3, 3, 3, 3])
        // 30 writes at once, 20 a second after that; the first 25 pods have an event each.
        let last = Double(created[69]) / 1e9
        #expect((2.9...3.8).contains(last), "\(last) s")
        #expect(run.counters.running == 70)
    }

    @Test
    func `three pods of a Job that are refused together come again together after 40 seconds`()
        throws
    {
        let run = try Self.run(
            try Self.scenario(cpus: 20, replicas: 3, controller: .job), seconds: 100)
        let seconds = run.sink.pods.map { $0.arrival.nanoseconds / 1_000_000_000 }.sorted()
        #expect(seconds.prefix(6) == [0, 0, 0, 40, 40, 40])
        // Six failures are within the limit of six, and 40 + 320 s have not passed.
        #expect(seconds.count == 6)
        #expect(run.load.writes.podsPatched == 6)
    }

    // MARK: Pod GC

    @Test func `pod GC keeps 12,500 pods that ended, and settles where section 10 says`() throws {
        for (rate, pass, excess) in [(10.0, 37.0, 370.0), (6.7, 27.8, 186.0)] {
            var pods = TerminatedPods(threshold: 12_500)
            let gap = Int64(1e9 / rate)
            var most: Int64 = 0
            var collected: [(time: Int64, count: Int64)] = []
            for number in 0..<Int64(40_000) {
                pods.add(at: SimTime(nanoseconds: number * gap))
                if pods.collected > (collected.last?.count ?? 0) {
                    collected.append((number * gap, pods.collected))
                }
                most = max(most, pods.count)
            }
            #expect(Double(collected[0].time) / 1e9 >= 12_500 / rate)
            #expect(Double(collected[0].time) / 1e9 <= 12_500 / rate + 21)
            // T = (20 − 1.5) / (1 − c/20) s, the 30 that go at once included; each pass deletes c·T.
            #expect(Double(most) > 12_500 + excess * 0.9, "\(most)")
            #expect(Double(most) < 12_500 + excess * 1.1 + 30, "\(most)")
            let inSteadyState = collected.filter { $0.time > collected[0].time + 600_000_000_000 }
            let seconds = Double(inSteadyState.last!.time - inSteadyState[0].time) / 1e9
            let share = Double(inSteadyState.last!.count - inSteadyState[0].count) / seconds
            #expect(abs(share - rate) < rate * 0.05, "\(share) a second")
            #expect(pass > 0)
        }
    }

    @Test func `a threshold of 0 keeps every pod, and one that a controller deletes is gone`() {
        var pods = TerminatedPods(threshold: 0)
        for second in 0..<100 { pods.add(at: SimTime(nanoseconds: Int64(second) * 1_000_000_000)) }
        pods.remove(at: SimTime(nanoseconds: 100_000_000_000))
        #expect(pods.count == 99)
        #expect(pods.collected == 0)
    }

    @Test func `objects pile up to the threshold, and pod GC deletes the rest`() throws {
        var scenario = try Self.scenario(cpus: 20)
        scenario.timings.terminatedPodGCThreshold = 500
        let run = try Self.run(scenario, seconds: 600)
        #expect(run.counters.failed > 5500)
        #expect((800...950).contains(run.load.peakPodObjects), "\(run.load.peakPodObjects)")
        #expect(run.load.collectedPods + run.load.podObjects == run.counters.arrived)
        #expect(run.load.writes.podsDeleted == run.load.collectedPods)
    }

    // MARK: Schedulers

    @Test(arguments: TopologyCacheSettings.Kind.allCases)
    func `where no NUMA node can hold the pod, NodeResourceTopologyMatch lets it wait`(
        _ cache: TopologyCacheSettings.Kind
    ) throws {
        let scenario = try Self.scenario(cpus: 20)
        let blind = try Self.run(scenario, seconds: 60)
        #expect((540...660).contains(blind.counters.failed), "\(blind.counters.failed)")
        let run = try Self.run(scenario, cache, seconds: 60)
        #expect(run.counters.failed == 0)
        #expect(run.counters.pending == 1)
        // POST, the status, one FailedScheduling for each try, and the scheduler's PATCH.
        #expect(run.load.writes.total < 10)
        #expect(run.load.peakPodObjects == 1)
    }

    /// Ten pods of 9 CPUs on four nodes: each NUMA node holds one, so eight fit; by totals three fit each node, twelve in
    /// all.
    @Test func `a stale cache is in between`() throws {
        let scenario = try Self.scenario(nodes: 4, cpus: 9, replicas: 10)
        let blind = try Self.run(scenario, seconds: 600)
        let passthrough = try Self.run(scenario, .passthrough, seconds: 600)
        let discard = try Self.run(scenario, .discardReserved, seconds: 600)
        let reserve = try Self.run(scenario, .overReserve, seconds: 600)
        // The scheduler that sees whole nodes never stops: two pods go round for ten minutes.
        #expect(blind.counters.failed > 5000, "\(blind.counters.failed)")
        // One that trusts stale objects goes round until the exporters have looked.
        for stale in [passthrough, discard] {
            #expect(stale.counters.failed > 0)
            #expect(stale.counters.failed * 5 < blind.counters.failed, "\(stale.counters.failed)")
            #expect(stale.counters.running == 8)
            #expect(stale.counters.pending == 2)
        }
        #expect(reserve.counters.failed == 0)
        #expect(reserve.counters.running == 8)
        #expect(reserve.counters.pending == 2)
    }
}
