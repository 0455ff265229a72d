import HardwareModel
import NodeManagers
import Primitives
import Records
import Testing
import WorkloadModel

/// Small nodes worked out by hand.
@Suite struct AdmissionTests {
    static let resources: ResourceTable = {
        var table = ResourceTable()
        _ = table.intern("hugepages-1Gi")
        _ = table.intern("example.com/nic")
        return table
    }()

    static func model(_ change: (inout KubeletSettings) -> Void = { _ in }) throws -> NodeModel {
        // 2 sockets × 1 NUMA node × 2 cores × 2 threads; 0-1 and 2-3 on socket 0, 4-5 and 6-7 on socket 1.
        var machine = StartErrorTests.machine(numaNodes: 2)
        for node in 0..<2 {
            machine.numaNodes[node].hugePages = [HugePagePool(pageSize: 1 << 30, count: 2)]
        }
        var settings = StartErrorTests.settings()
        settings.topologyManagerPolicy = "single-numa-node"
        change(&settings)
        return try NodeModel(
            machine: machine, settings: settings,
            devices: [
                DeviceResource(
                    name: "example.com/nic",
                    devices: [
                        PluginDevice(id: "nic0", numaNodes: [1]),
                        PluginDevice(id: "nic1", numaNodes: [1]),
                    ])
            ], resources: resources)
    }

    static func shape(
        cpus: Int64, memory: Int64 = 1 << 30, nics: Int64 = 0, kind: ContainerShape.Kind = .app
    ) -> PodShape {
        var amounts = [
            ResourceAmount(ResourceTable.cpu, cpus * 1000),
            ResourceAmount(ResourceTable.memory, memory),
        ]
        if nics > 0 {
            amounts.append(ResourceAmount(resources.index(of: "example.com/nic")!, nics))
        }
        return PodShape(
            qos: .guaranteed,
            containers: [
                ContainerShape(
                    name: "main", kind: .app,
                    resources: ContainerResources(requests: amounts, limits: amounts))
            ])
    }

    @Test func `a device draws CPUs and memory to its NUMA node`() throws {
        let model = try AdmissionTests.model()
        var state = model.makeState()
        let pod = model.prepare(AdmissionTests.shape(cpus: 2, nics: 1))
        let outcome = model.admit(PodIndex(0), pod, in: &state)
        var counts = AlignmentCounts()
        counts.containers = 1
        counts.cpuContainers = 1
        counts.coreAligned = 1
        counts.uncoreAligned = 1
        counts.numaAligned = 1
        counts.socketAligned = 1
        counts.exclusiveCPUs = 2
        #expect(outcome == .admitted(counts))
        let placement = try #require(model.placements(of: PodIndex(0), in: state).first)
        #expect(placement.cpus == [4, 5])
        #expect(placement.cpuNUMANodes == [1])
        #expect(placement.affinity == [1])
        #expect(placement.affinityIsPreferred)
        #expect(
            placement.memory == [
                MemoryBlock(resource: ResourceTable.memory, numaNodes: [1], bytes: 1 << 30)
            ])
        #expect(placement.devices.map(\.id) == ["nic0"])
        #expect(
            placement.alignment == Alignment(core: true, uncore: true, numa: true, socket: true))
    }

    @Test func `what fits the node but not one NUMA node is refused`() throws {
        let model = try AdmissionTests.model()
        var state = model.makeState()
        let before = state.key
        // NUMA node 1 has the devices and 4 CPUs; the node has 7.
        let outcome = model.admit(
            PodIndex(0), model.prepare(AdmissionTests.shape(cpus: 5, nics: 1)), in: &state)
        guard case .rejected(let rejection) = outcome else {
            Issue.record("admitted")
            return
        }
        #expect(rejection.reason(AdmissionTests.resources) == "TopologyAffinityError")
        #expect(
            rejection.message(AdmissionTests.resources)
                == "Resources cannot be allocated with Topology locality")
        #expect(state.key == before)
        #expect(state.podCount == 0)
    }

    @Test func `an odd number of CPUs is refused under full-pcpus-only`() throws {
        let model = try AdmissionTests.model {
            $0.cpuManagerPolicyOptions = ["full-pcpus-only": "true"]
        }
        var state = model.makeState()
        let outcome = model.admit(
            PodIndex(0), model.prepare(AdmissionTests.shape(cpus: 3)), in: &state)
        #expect(
            outcome == .rejected(Rejection(.smtMisaligned(requested: 3, cpusPerCore: 2))))
    }

    @Test func `a pod beyond allocatable is refused by the predicates`() throws {
        let model = try AdmissionTests.model {
            $0.cpuManagerPolicy = "none"
            $0.memoryManagerPolicy = "None"
            $0.reservedMemory = []
            $0.topologyManagerPolicy = "none"
        }
        var state = model.makeState()
        let outcome = model.admit(
            PodIndex(0), model.prepare(AdmissionTests.shape(cpus: 8)), in: &state)
        let rejection = Rejection(
            .outOf(ResourceTable.cpu, requested: 8000, used: 0, capacity: 7000))
        #expect(outcome == .rejected(rejection))
        #expect(rejection.reason(AdmissionTests.resources) == "OutOfcpu")
        #expect(rejection.source == .predicates)
    }

    @Test func `a finished init container's memory is freed when the pod has started`() throws {
        let model = try AdmissionTests.model { $0.topologyManagerPolicy = "none" }
        var shape = AdmissionTests.shape(cpus: 1, memory: 1 << 30)
        var early = AdmissionTests.shape(cpus: 2, memory: 2 << 30).containers[0]
        early.name = "early"
        early.kind = .initContainer
        shape.containers.insert(early, at: 0)
        let pod = model.prepare(shape)
        var state = model.makeState()
        guard case .admitted = model.admit(PodIndex(0), pod, in: &state, starting: false) else {
            Issue.record("refused")
            return
        }
        func used() -> Int64 {
            var used: Int64 = 0
            model.use(of: state) { if $0.resource == ResourceTable.memory { used += $0.used } }
            return used
        }
        // The app container reuses 1 GiB of the init container's 2; the rest is held until the start.
        #expect(used() == 2 << 30)
        model.start(PodIndex(0), in: &state)
        #expect(used() == 1 << 30)
        let placements = model.placements(of: PodIndex(0), in: state)
        #expect(placements[0].memory.map(\.bytes) == [1 << 30])
        #expect(placements[1].memory.map(\.bytes) == [1 << 30])
        // The init container's CPUs may be used again but need not: the core beside the reserved CPU 0 has fewer
        // free threads. They stay with the pod until it goes.
        #expect(placements.map(\.cpus) == [[2, 3], [1]])
        #expect(state.cpu.pool == [0, 4, 5, 6, 7])
        model.remove(PodIndex(0), from: &state)
        #expect(state.key == model.makeState().key)
    }

    @Test func `removing a pod that is not there changes nothing`() throws {
        let model = try AdmissionTests.model()
        var state = model.makeState()
        let before = state.key
        #expect(!model.remove(PodIndex(7), from: &state))
        #expect(state.key == before)
        #expect(model.placements(of: PodIndex(7), in: state).isEmpty)
    }

    @Test func `pods up to maxPods are admitted`() throws {
        let model = try AdmissionTests.model { $0.maxPods = 2 }
        var state = model.makeState()
        let pod = model.prepare(
            PodShape(
                qos: .bestEffort,
                containers: [
                    ContainerShape(name: "main", kind: .app)
                ]))
        for index in 0..<2 {
            #expect(
                model.admit(PodIndex(index), pod, in: &state) == .admitted(AlignmentCounts()))
        }
        let refusal = Rejection(.tooManyPods(used: 2, capacity: 2))
        #expect(model.admit(PodIndex(2), pod, in: &state) == .rejected(refusal))
        #expect(
            refusal.message(AdmissionTests.resources)
                == "Node didn't have enough resource: pods, requested: 1, used: 2, capacity: 2")
    }

    @Test func `huge pages of sizes that no pod asks for are not ordinary memory`() throws {
        var machine = StartErrorTests.machine(numaNodes: 2)
        machine.numaNodes[0].hugePages = [HugePagePool(pageSize: 2 << 20, count: 512)]
        let model = try NodeModel(
            machine: machine, settings: StartErrorTests.settings(), devices: [],
            resources: ResourceTable())
        // 16 GiB less 1 GiB, the 100 MiB of hard eviction and 1 GiB of pages.
        #expect(model.allocatable[ResourceTable.memory.position] == 14 << 30 - 100 << 20)
        var free: Int64 = 0
        model.use(of: model.makeState()) {
            if $0.resource == ResourceTable.memory { free += $0.free }
        }
        #expect(free == 14 << 30 - 100 << 20)
    }
}
