import ClusterScheduler
import ClusterSimulation
import HardwareModel
import NodeManagers
import Primitives
import Records
import Testing
import WorkloadModel

/// Runs with NodeResourceTopologyMatch: what it saves, and what stale objects cost.
@Suite struct TopologyMatchRunTests {
    /// Nodes of two NUMA nodes with 4 CPUs each under `single-numa-node`.
    private static func scenario(nodes: Int, cpus: Int64, replicas: Int) throws -> Scenario {
        var scenario = Scenario(name: "numa")
        let machine = try MachineShape(parsing: "1s2n4c1t").makeMachine(
            memoryPerNUMANode: 8 << 30)
        var group = NodeGroup(name: "worker", count: nodes, machine: machine)
        group.kubelet.cpuManagerPolicy = "static"
        group.kubelet.reservedSystemCPUs = [0]
        group.kubelet.topologyManagerPolicy = "single-numa-node"
        group.kubelet.memoryManagerPolicy = "Static"
        group.kubelet.kubeReserved["memory"] = 412 << 20
        group.kubelet.reservedMemory = [
            ReservedMemory(numaNode: 0, limits: ["memory": 512 << 20])
        ]
        scenario.nodeGroups = [group]
        let amounts = [
            ResourceAmount(ResourceTable.cpu, cpus * 1000),
            ResourceAmount(ResourceTable.memory, 1 << 30),
        ]
        var shape = PodShape(
            qos: .guaranteed,
            containers: [
                ContainerShape(
                    name: "c", kind: .app,
                    resources: ContainerResources(requests: amounts, limits: amounts))
            ])
        shape.requests = amounts
        shape.nonZeroMilliCPU = cpus * 1000
        shape.nonZeroMemory = 1 << 30
        scenario.workloads = [
            Workload(
                name: "w", controller: .replicaSet, replicas: replicas,
                source: .generated(
                    shape: shape,
                    arrivals: .fixed(start: .zero, every: .seconds(1), count: 1),
                    lifetime: nil))
        ]
        return scenario
    }

    private static func run(
        _ scenario: Scenario, _ kind: TopologyCacheSettings.Kind?, seconds: Int64
    ) throws -> (counters: SimulationCounters, sink: RecordingSink) {
        var scenario = scenario
        scenario.until = .time(SimTime(nanoseconds: seconds * 1_000_000_000))
        if let kind {
            var settings = TopologyMatchSettings()
            settings.cache.kind = kind
            scenario.scheduler.topologyMatch = settings
            scenario.scheduler.profiles[0].addTopologyMatch()
        }
        let sink = RecordingSink()
        var simulation = try Simulation(scenario: scenario, sink: sink)
        while try simulation.advance(events: 1000) {}
        simulation.finish()
        return (simulation.counters, sink)
    }

    @Test(arguments: TopologyCacheSettings.Kind.allCases)
    func `a pod that no NUMA node holds waits, and does not run away`(
        _ kind: TopologyCacheSettings.Kind
    ) throws {
        let scenario = try Self.scenario(nodes: 3, cpus: 6, replicas: 1)
        let blind = try Self.run(scenario, nil, seconds: 60).counters
        #expect(blind.refusals > 300)
        let run = try Self.run(scenario, kind, seconds: 60)
        #expect(run.counters.refusals == 0)
        #expect(run.counters.pending == 1)
        #expect(
            run.sink.rejections.map(\.message) == [
                "0/3 nodes are available: 3 cannot align container."
            ])
    }

    /// Twenty pods of 2 CPUs: a node holds one on its first NUMA node and two on its second.
    @Test func `over-reserve asks for patience, passthrough for luck`() throws {
        let scenario = try Self.scenario(nodes: 8, cpus: 2, replicas: 20)
        let reserved = try Self.run(scenario, .overReserve, seconds: 600).counters
        #expect(reserved.refusals == 0)
        #expect(reserved.running == 20)
        #expect(reserved.unschedulable > 0)
        let live = try Self.run(scenario, .passthrough, seconds: 600).counters
        #expect(live.running == 20)
        let discarded = try Self.run(scenario, .discardReserved, seconds: 600).counters
        #expect(discarded.running == 20)
    }

    @Test func `an object is as old as the exporter's period says`() throws {
        var scenario = try Self.scenario(nodes: 1, cpus: 4, replicas: 2)
        // One pod fills the second NUMA node; the first has three CPUs left. The object of the empty node lets the second
        // pod through until the exporter has looked again.
        var settings = TopologyMatchSettings()
        settings.cache.kind = .passthrough
        settings.publishing.period = .seconds(60)
        scenario.scheduler.topologyMatch = settings
        scenario.scheduler.profiles[0].addTopologyMatch()
        scenario.until = .time(SimTime(nanoseconds: 300_000_000_000))
        let sink = RecordingSink()
        var simulation = try Simulation(scenario: scenario, sink: sink)
        while try simulation.advance(events: 1000) {}
        simulation.finish()
        let counters = simulation.counters
        // What the scheduler itself counts of the node, 7 CPUs, leaves no room for two pods of 4.
        #expect(counters.refusals == 0)
        #expect(counters.running == 1)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `two runs of one seed are the same, whatever the cache`(seed: UInt64) throws {
        for kind in TopologyCacheSettings.Kind.allCases {
            let scenario = try RandomScenario.make(seed: seed)
            let first = try Self.run(scenario, kind, seconds: 300)
            let second = try Self.run(scenario, kind, seconds: 300)
            #expect(first.sink.lines == second.sink.lines)
        }
    }

    @Test(arguments: TopologyCacheSettings.Kind.allCases)
    func `a run without an end ends, though exporters and resyncs could go on`(
        _ kind: TopologyCacheSettings.Kind
    ) throws {
        var scenario = try Self.scenario(nodes: 2, cpus: 2, replicas: 4)
        scenario.until = .workloadFinished
        var settings = TopologyMatchSettings()
        settings.cache.kind = kind
        scenario.scheduler.topologyMatch = settings
        scenario.scheduler.profiles[0].addTopologyMatch()
        let sink = RecordingSink()
        var simulation = try Simulation(scenario: scenario, sink: sink)
        while try simulation.advance(events: 1000) {}
        #expect(simulation.counters.running == 4)
        #expect(simulation.time < SimTime(nanoseconds: 600_000_000_000))
    }
}
