import HardwareModel
import NodeManagers
import Primitives
import Testing

/// Settings with which a kubelet does not start, and what it says.
@Suite struct StartErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var stage: KubeletStartError.Stage
        var message: String
        var change: @Sendable (inout KubeletSettings) -> Void
        var machine = StartErrorTests.machine(numaNodes: 2)

        var testDescription: String { message }
    }

    /// `numaNodes` sockets with one NUMA node and two cores of two threads each.
    static func machine(numaNodes: Int, sockets: Int? = nil) -> Machine {
        var machine = Machine(name: "test")
        for socket in 0..<(sockets ?? numaNodes) {
            machine.sockets.append(Socket(osIndex: socket))
        }
        for node in 0..<numaNodes {
            machine.numaNodes.append(NUMANode(osIndex: node, memory: 8 << 30))
        }
        for core in 0..<max(numaNodes, machine.sockets.count) * 2 {
            let socket = core / 2 % machine.sockets.count
            machine.cores.append(Core(osIndex: core, socket: socket))
            for thread in 0..<2 {
                machine.cpus.append(
                    CPU(
                        osIndex: core * 2 + thread, core: core, socket: socket,
                        numaNode: core / 2 % numaNodes))
            }
        }
        return machine
    }

    static func settings() -> KubeletSettings {
        var settings = KubeletSettings()
        settings.cpuManagerPolicy = "static"
        settings.kubeReserved = ["cpu": 1000, "memory": 1 << 30]
        settings.memoryManagerPolicy = "Static"
        settings.reservedMemory = [
            ReservedMemory(numaNode: 0, limits: ["memory": 1 << 30 + 100 << 20])
        ]
        settings.topologyManagerPolicy = "restricted"
        return settings
    }

    static let cases: [Case] = [
        Case(stage: .topologyManager, message: "unknown scope: \"node\"") {
            $0.topologyManagerScope = "node"
        },
        Case(stage: .topologyManager, message: "unknown policy: \"dynamic\"") {
            $0.topologyManagerPolicy = "dynamic"
        },
        Case(
            stage: .topologyManager, message: "unsupported on machines with more than 8 NUMA Nodes",
            change: { _ in }, machine: machine(numaNodes: 9)),
        Case(
            stage: .topologyManager,
            message: "the minimum value of \"max-allowable-numa-nodes\" should not be less than 8"
        ) { $0.topologyManagerPolicyOptions = ["max-allowable-numa-nodes": "4"] },
        Case(
            stage: .topologyManager,
            message: "unable to convert policy option to integer \"max-allowable-numa-nodes\":"
                + " strconv.Atoi: parsing \"x\": invalid syntax"
        ) { $0.topologyManagerPolicyOptions = ["max-allowable-numa-nodes": "x"] },
        Case(stage: .cpuManager, message: "unknown policy: \"dynamic\"") {
            $0.cpuManagerPolicy = "dynamic"
        },
        Case(
            stage: .cpuManager,
            message: "[cpumanager] unable to determine reserved CPU resources for static policy"
        ) { $0.kubeReserved["cpu"] = nil },
        Case(
            stage: .cpuManager,
            message: "new none policy error: None policy: received unsupported"
                + " options=map[full-pcpus-only:true]"
        ) {
            $0.cpuManagerPolicy = "none"
            $0.cpuManagerPolicyOptions = ["full-pcpus-only": "true"]
        },
        Case(
            stage: .cpuManager,
            message:
                "new static policy error: unknown CPU Manager Policy option: \"FULL-PCPUS-ONLY\""
        ) { $0.cpuManagerPolicyOptions = ["FULL-PCPUS-ONLY": "true"] },
        Case(
            stage: .cpuManager,
            message: "new static policy error: CPU Manager Policy Alpha-level Options not enabled,"
                + " but option \"align-by-socket\" provided"
        ) { $0.cpuManagerPolicyOptions = ["align-by-socket": "true"] },
        Case(
            stage: .cpuManager,
            message: "new static policy error: static policy options distribute-cpus-across-numa"
                + " and distribute-cpus-across-cores can not be used at the same time"
        ) {
            $0.featureGates = ["CPUManagerPolicyAlphaOptions": true]
            $0.cpuManagerPolicyOptions = [
                "distribute-cpus-across-cores": "true", "distribute-cpus-across-numa": "true",
            ]
        },
        Case(
            stage: .cpuManager,
            message: "new static policy error: Topolgy manager single-numa-node policy is"
                + " incompatible with CPUManager align-by-socket policy option"
        ) {
            $0.topologyManagerPolicy = "single-numa-node"
            $0.featureGates = ["CPUManagerPolicyAlphaOptions": true]
            $0.cpuManagerPolicyOptions = ["align-by-socket": "true"]
        },
        Case(
            stage: .cpuManager,
            message: "new static policy error: [cpumanager] unable to reserve the required amount"
                + " of CPUs (size of  did not equal 97)"
        ) { $0.kubeReserved["cpu"] = 96_100 },
        Case(
            stage: .memoryManager,
            message: "[memorymanager] you should specify the system reserved memory"
        ) {
            $0.kubeReserved["memory"] = nil
            $0.evictionHardMemory = .bytes(0)
            $0.reservedMemory = []
        },
        Case(
            stage: .memoryManager,
            message: "the total amount \"1Gi\" of type \"memory\" is not equal to the value"
                + " \"1124Mi\" determined by Node Allocatable feature"
        ) { $0.reservedMemory = [ReservedMemory(numaNode: 0, limits: ["memory": 1 << 30])] },
        Case(
            stage: .memoryManager,
            message: "the reserved memory configuration references a NUMA node 2 that does not"
                + " exist on this machine"
        ) { $0.reservedMemory[0].numaNode = 2 },
        Case(
            stage: .notModelled,
            message: "the kubelet's masks hold NUMA nodes 0 to 63, the machine has NUMA node 252",
            change: { _ in },
            machine: {
                var sparse = machine(numaNodes: 2)
                sparse.numaNodes[1].osIndex = 252
                return sparse
            }()),
        Case(
            stage: .notModelled,
            message: "reservedMemory of NUMA node 0 is more than the node has",
            change: { _ in },
            machine: {
                var small = machine(numaNodes: 2)
                small.numaNodes[0].memory = 1 << 30
                return small
            }()),
    ]

    @Test(arguments: cases)
    func `a kubelet that does not start says why`(_ example: Case) {
        var settings = StartErrorTests.settings()
        example.change(&settings)
        let error = #expect(throws: KubeletStartError.self) {
            _ = try NodeModel(
                machine: example.machine, settings: settings, devices: [],
                resources: ResourceTable())
        }
        #expect(error == KubeletStartError(stage: example.stage, message: example.message))
    }

    @Test func `the settings that the cases change are fine themselves`() throws {
        let model = try NodeModel(
            machine: StartErrorTests.machine(numaNodes: 2), settings: StartErrorTests.settings(),
            devices: [], resources: ResourceTable())
        // 8 CPUs less 1; 16 GiB less 1 GiB and the 100 MiB of hard eviction.
        #expect(model.allocatable[ResourceTable.cpu.position] == 7000)
        #expect(model.allocatable[ResourceTable.memory.position] == 15 << 30 - 100 << 20)
        #expect(model.makeState().podCount == 0)
    }
}
