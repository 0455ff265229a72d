import ClusterSimulation
import HardwareModel
import NodeManagers
import Primitives
import Records
import Testing
import WorkloadModel

/// Kubelets that restart, fail or hang, and device plugins that go and come.
@Suite struct NodeChangesTests {
    static let nic = "example.com/nic"

    /// One node of two NUMA nodes, each of 4 cores of 2 threads, and two devices on NUMA node 0.
    static func scenario(_ change: (inout KubeletSettings) -> Void = { _ in }) throws -> Scenario {
        var scenario = Scenario(name: "restarts")
        scenario.until = .time(minutes(60))
        _ = scenario.resources.intern(nic)
        let machine = try MachineShape(parsing: "2s1n4c2t").makeMachine(
            memoryPerNUMANode: 8 << 30)
        var group = NodeGroup(name: "worker", count: 1, machine: machine)
        group.kubelet.cpuManagerPolicy = "static"
        group.kubelet.reservedSystemCPUs = [0, 1]
        change(&group.kubelet)
        group.devices = [
            DeviceResource(
                name: nic,
                devices: ["nic0", "nic1"].map { PluginDevice(id: $0, numaNodes: [0]) })
        ]
        scenario.nodeGroups = [group]
        return scenario
    }

    static func minutes(_ count: Int64) -> SimTime {
        SimTime(nanoseconds: count * 60_000_000_000)
    }

    /// A Guaranteed pod of one container.
    static func shape(cpus: Int64, nics: Int64 = 0, in resources: ResourceTable) -> PodShape {
        var amounts = [
            ResourceAmount(ResourceTable.cpu, cpus * 1000),
            ResourceAmount(ResourceTable.memory, 1 << 30),
        ]
        if nics > 0, let index = resources.index(of: nic) {
            amounts.append(ResourceAmount(index, nics))
        }
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
        return shape
    }

    static func workload(
        _ name: String, _ controller: ControllerKind, _ shape: PodShape, at start: SimTime = .zero,
        lifetimeMinutes: Int64? = nil
    ) -> Workload {
        Workload(
            name: name, controller: controller,
            source: .generated(
                shape: shape,
                arrivals: .fixed(
                    start: start, every: .seconds(1), count: 1),
                lifetime: lifetimeMinutes.map { .fixed(Double($0) * 60) }))
    }

    /// Runs to the end; every law is held against the run.
    static func run(_ scenario: Scenario, _ comment: Comment? = nil) throws -> RecordingSink {
        let sink = RecordingSink()
        let allocation = AllocationChecker(scenario)
        let conservation = ConservationChecker()
        var simulation = try Simulation(
            scenario: scenario, sink: CompositeSink([sink, allocation, conservation]))
        var slices = 0
        while try simulation.advance(events: 100), slices < 300 {
            let broken = simulation.brokenLaws()
            #expect(broken == [], comment)
            slices += 1
        }
        simulation.finish()
        let verdict = allocation.judge()
        #expect(verdict.violations == [], comment)
        #expect(conservation.judge() == [], comment)
        var node = 0
        for group in scenario.nodeGroups {
            for _ in 0..<group.count {
                let running = simulation.runningPods(on: NodeIndex(node))
                #expect(verdict.final[NodeIndex(node)]?.holders ?? [] == running, comment)
                node += 1
            }
        }
        return sink
    }

    // MARK: Restarts

    @Test func `a pod that is not taken back fails, and its Deployment replaces it`() throws {
        var scenario = try Self.scenario {
            $0.cpuManagerPolicyOptions = ["full-pcpus-only": "true"]
        }
        // 14 CPUs are free at first; 8 are more than the 6 that are left.
        scenario.workloads = [
            Self.workload("w", .deployment, Self.shape(cpus: 8, in: scenario.resources))
        ]
        scenario.nodeGroups[0].kubeletRestarts = [KubeletRestart(time: Self.minutes(10))]
        let sink = try Self.run(scenario)
        #expect(sink.nodeEvents.map(\.kind) == [.kubeletRestarted])
        #expect(sink.nodeEvents.map(\.message) == ["1 admitted again, of which 1 refused"])
        #expect(sink.rejections.map(\.stage) == [.readmission])
        #expect(sink.rejections.map(\.reason) == ["SMTAlignmentError"])
        #expect(sink.rejections.map(\.time) == [Self.minutes(10)])
        let pods = sink.pods.sorted { $0.pod < $1.pod }
        #expect(pods.map(\.outcome) == [.failed, .running])
        #expect(pods[0].finished == Self.minutes(10))
        #expect(pods[1].replaces == pods[0].pod)
        #expect(sink.placements.map(\.pod) == pods.map(\.pod))

        scenario.nodeGroups[0].kubelet.fixes = .ownCPUsNotCounted
        let fixed = try Self.run(scenario)
        #expect(fixed.pods.map(\.outcome) == [.running])
        #expect(fixed.rejections.isEmpty)
    }

    @Test func `restarts come again, and do not keep a run alive`() throws {
        var scenario = try Self.scenario()
        scenario.until = .workloadFinished
        scenario.workloads = [
            Self.workload(
                "w", .none, Self.shape(cpus: 2, in: scenario.resources), lifetimeMinutes: 35)
        ]
        scenario.nodeGroups[0].kubeletRestarts = [
            KubeletRestart(time: Self.minutes(5), period: .seconds(600))
        ]
        let sink = try Self.run(scenario)
        #expect(sink.pods.map(\.outcome) == [.succeeded])
        #expect(sink.nodeEvents.map(\.time) == [5, 15, 25, 35].map(Self.minutes))
    }

    @Test func `a kubelet that does not start leaves its pods as they are, until one does`() throws
    {
        var scenario = try Self.scenario()
        scenario.workloads = [
            Self.workload(
                "ends", .none, Self.shape(cpus: 2, in: scenario.resources), lifetimeMinutes: 15),
            Self.workload(
                "stays", .deployment, Self.shape(cpus: 2, in: scenario.resources)),
            Self.workload(
                "late", .deployment, Self.shape(cpus: 2, in: scenario.resources),
                at: Self.minutes(20)),
        ]
        var changed = scenario.nodeGroups[0].kubelet
        changed.reservedSystemCPUs = [2, 3]
        var failing = KubeletRestart(time: Self.minutes(10))
        failing.settings = changed
        scenario.nodeGroups[0].kubeletRestarts = [failing, KubeletRestart(time: Self.minutes(30))]
        let sink = try Self.run(scenario)
        #expect(sink.nodeEvents.map(\.kind) == [.kubeletFailed, .kubeletRestarted])
        #expect(
            sink.nodeEvents[0].message
                == "start cpu manager error: not all reserved cpus: \"2-3\" are present in"
                + " defaultCpuSet: \"0-1,6-15\"")
        let pods = sink.pods.sorted { $0.pod < $1.pod }
        #expect(pods.map(\.outcome) == [.succeeded, .running, .running])
        #expect(pods[0].finished == Self.minutes(30))
        #expect(try #require(pods[2].started) > Self.minutes(30))
        #expect(
            sink.rejections.map(\.message) == [
                "0/1 nodes are available: 1 node(s) had untolerated taint(s). no new claims to "
                    + "deallocate, preemption: 0/1 nodes are available: 1 Preemption is not "
                    + "helpful for scheduling."
            ])
    }

    @Test func `managers that refuse the changed settings say so`() throws {
        var scenario = try Self.scenario()
        scenario.workloads = [
            Self.workload("w", .deployment, Self.shape(cpus: 2, in: scenario.resources))
        ]
        var failing = KubeletRestart(time: Self.minutes(10))
        failing.settings = scenario.nodeGroups[0].kubelet
        failing.settings?.cpuManagerPolicyOptions = ["align-by-socket": "true"]
        scenario.nodeGroups[0].kubeletRestarts = [failing]
        let sink = try Self.run(scenario)
        #expect(
            sink.nodeEvents.map(\.message) == [
                "new static policy error: CPU Manager Policy Alpha-level Options not enabled, but"
                    + " option \"align-by-socket\" provided"
            ])
        #expect(sink.pods.map(\.outcome) == [.running])
    }

    @Test func `changed settings decide from the restart on`() throws {
        var scenario = try Self.scenario()
        scenario.workloads = [
            Self.workload("w", .none, Self.shape(cpus: 3, in: scenario.resources)),
            Self.workload(
                "v", .none, Self.shape(cpus: 3, in: scenario.resources), at: Self.minutes(20)),
        ]
        var restart = KubeletRestart(time: Self.minutes(10))
        restart.settings = scenario.nodeGroups[0].kubelet
        restart.settings?.cpuManagerPolicyOptions = ["full-pcpus-only": "true"]
        scenario.nodeGroups[0].kubeletRestarts = [restart]
        let sink = try Self.run(scenario)
        #expect(sink.rejections.map(\.stage) == [.readmission, .admission])
        #expect(Set(sink.rejections.map(\.reason)) == ["SMTAlignmentError"])
    }

    // MARK: Devices

    @Test func `devices of a lost plugin are not to be had until it is back`() throws {
        var scenario = try Self.scenario()
        let shape = Self.shape(cpus: 1, nics: 1, in: scenario.resources)
        scenario.workloads = [
            Self.workload("early", .deployment, shape),
            Self.workload("late", .deployment, shape, at: Self.minutes(20)),
        ]
        scenario.nodeGroups[0].deviceChanges = [
            DeviceChange(time: Self.minutes(10), resource: Self.nic, kind: .pluginIsLost),
            DeviceChange(time: Self.minutes(30), resource: Self.nic, kind: .pluginRegisters),
        ]
        let sink = try Self.run(scenario)
        let pods = sink.pods.sorted { $0.pod < $1.pod }
        #expect(pods.map(\.outcome) == [.running, .running])
        #expect(try #require(pods[1].started) > Self.minutes(30))
        #expect(
            sink.rejections.map(\.message)
                == [
                    "0/1 nodes are available: 1 Insufficient example.com/nic. no new claims to "
                        + "deallocate, preemption: 0/1 nodes are available: 1 Preemption is not "
                        + "helpful for scheduling."
                ])
        let devices = sink.placements.flatMap(\.containers).flatMap(\.devices).map(\.id)
        #expect(devices == ["nic0", "nic1"])
    }

    @Test func `a plugin that is late has its first pod when it comes`() throws {
        var scenario = try Self.scenario()
        scenario.workloads = [
            Self.workload("w", .deployment, Self.shape(cpus: 1, nics: 1, in: scenario.resources))
        ]
        scenario.nodeGroups[0].deviceChanges = [
            DeviceChange(time: .zero, resource: Self.nic, kind: .pluginIsLate),
            DeviceChange(time: Self.minutes(5), resource: Self.nic, kind: .pluginRegisters),
        ]
        let sink = try Self.run(scenario)
        #expect(try #require(sink.pods.first?.started) > Self.minutes(5))
    }

    @Test func `unhealthy devices are passed over, and heal`() throws {
        var scenario = try Self.scenario()
        let shape = Self.shape(cpus: 1, nics: 1, in: scenario.resources)
        scenario.workloads = [
            Self.workload("one", .deployment, shape, at: Self.minutes(2)),
            Self.workload("two", .deployment, shape, at: Self.minutes(3)),
        ]
        scenario.nodeGroups[0].deviceChanges = [
            DeviceChange(time: Self.minutes(1), resource: Self.nic, kind: .unhealthy(["nic0"])),
            DeviceChange(time: Self.minutes(9), resource: Self.nic, kind: .unhealthy([])),
        ]
        let sink = try Self.run(scenario)
        let devices = sink.placements.flatMap(\.containers).flatMap(\.devices).map(\.id)
        #expect(devices == ["nic1", "nic0"])
        #expect(sink.placements.map { $0.time > Self.minutes(9) } == [false, true])
    }

    // MARK: Hangs

    /// Four NUMA nodes with seven free CPUs each, and a pod of 22: see `UpstreamFix.endlessDealing`.
    private func hanging() throws -> Scenario {
        var scenario = try Self.scenario {
            $0.cpuManagerPolicyOptions = [
                "full-pcpus-only": "true", "distribute-cpus-across-numa": "true",
            ]
            $0.reservedSystemCPUs = [0, 8, 16, 24]
        }
        scenario.nodeGroups[0].machine = try MachineShape(parsing: "4s1n4c2t").makeMachine(
            memoryPerNUMANode: 8 << 30)
        scenario.workloads = [
            Self.workload("hangs", .none, Self.shape(cpus: 22, in: scenario.resources)),
            Self.workload(
                "next", .none, Self.shape(cpus: 2, in: scenario.resources), at: Self.minutes(1)),
        ]
        return scenario
    }

    @Test func `a pod whose admission never ends is refused, and the node goes on`() throws {
        let sink = try Self.run(hanging())
        #expect(sink.nodeEvents.isEmpty)
        let pods = sink.pods.sorted { $0.pod < $1.pod }
        #expect(pods.map(\.outcome) == [.failed, .running])
    }

    @Test func `or it hangs with its node, as it would`() throws {
        var scenario = try hanging()
        scenario.upstreamHang = .stallNode
        scenario.nodeGroups[0].kubeletRestarts = [KubeletRestart(time: Self.minutes(30))]
        let sink = try Self.run(scenario)
        #expect(
            sink.nodeEvents.map(\.kind) == [.kubeletStalled, .kubeletRestarted, .kubeletStalled])
        let pods = sink.pods.sorted { $0.pod < $1.pod }
        #expect(pods.map(\.outcome) == [.pending, .pending])
    }

    @Test func `or the kubelet is one without the bug`() throws {
        var scenario = try hanging()
        scenario.nodeGroups[0].kubelet.fixes = .endlessDealing
        let sink = try Self.run(scenario)
        #expect(sink.pods.map(\.outcome) == [.running, .running])
    }

    // MARK: Random

    /// A random scenario whose nodes restart and whose plugins go and come.
    private func random(_ seed: UInt64) throws -> Scenario {
        var scenario = try RandomScenario.make(seed: seed)
        var random = RandomStream(seed: seed, name: "node-changes")
        func below(_ bound: Int) -> Int { Int(random.below(UInt64(bound))) }
        for group in scenario.nodeGroups.indices {
            for _ in 0..<below(3) {
                var restart = KubeletRestart(time: Self.minutes(Int64(1 + below(50))))
                if below(3) == 0 { restart.period = .seconds(Int64(60 + below(900))) }
                restart.plugins = PluginReturn.allCases[below(3)]
                if below(2) == 0 {
                    restart.nodes = [below(scenario.nodeGroups[group].count)]
                }
                if below(3) == 0 {
                    restart.settings = scenario.nodeGroups[group].kubelet
                    restart.settings?.topologyManagerPolicy = ["none", "restricted"][below(2)]
                    if below(3) == 0 { restart.settings?.reservedSystemCPUs = [2] }
                }
                scenario.nodeGroups[group].kubeletRestarts.append(restart)
            }
            for device in scenario.nodeGroups[group].devices {
                for _ in 0..<below(4) {
                    let kinds: [DeviceChange.Kind] = [
                        .pluginIsLost, .pluginRegisters, .unhealthy([]),
                        .unhealthy([device.devices[below(device.devices.count)].id]),
                    ]
                    scenario.nodeGroups[group].deviceChanges.append(
                        DeviceChange(
                            time: Self.minutes(Int64(below(55))), resource: device.name,
                            kind: kinds[below(4)]))
                }
            }
        }
        return scenario
    }

    @Test(arguments: Array(0..<150) as [UInt64])
    func `whatever happens to the nodes, every law holds`(_ seed: UInt64) throws {
        _ = try Self.run(random(seed), "seed \(seed)")
    }

    @Test func `the random changes reach every kind, and runs are the same again`() throws {
        var kinds: Set<NodeEventRecord.Kind> = []
        var refused = 0
        for seed in 0..<40 as Range<UInt64> {
            let sink = try Self.run(random(seed), "seed \(seed)")
            kinds.formUnion(sink.nodeEvents.map(\.kind))
            refused += sink.rejections.count { $0.stage == .readmission }
            if seed < 8 { #expect(sink.lines == (try Self.run(random(seed))).lines) }
        }
        #expect(
            kinds == [
                .kubeletRestarted, .kubeletFailed, .pluginRegistered, .pluginLost,
                .devicesChanged,
            ])
        #expect(refused > 0)
    }
}
