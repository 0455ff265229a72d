import HardwareModel
import NodeManagers
import Primitives
import Records
import Testing
import WorkloadModel

/// KEP-6007 on whole nodes.
@Suite struct NUMAAllocationStrategyTests {
    static let resources: ResourceTable = {
        var table = ResourceTable()
        for name in ["nvidia.com/gpu", "example.com/near0", "example.com/near1"] {
            _ = table.intern(name)
        }
        return table
    }()

    /// Two sockets of `cpus` assignable CPUs and 128 Gi each; one reserved CPU and 1 Gi more on the first. Four GPUs
    /// on each, and devices with which a pod can be drawn to either.
    static func model(
        cpus: Int, strategy: NUMAAllocationStrategy = .none, weights: String = "",
        policy: String = "single-numa-node", scope: String = "container", memory: Bool = false
    ) throws -> NodeModel {
        var machine = Machine(name: "test")
        let gibibyte: Int64 = 1 << 30
        for node in 0..<2 {
            machine.sockets.append(Socket(osIndex: node))
            machine.numaNodes.append(
                NUMANode(osIndex: node, memory: (node == 0 ? 129 : 128) * gibibyte))
        }
        for cpu in 0...2 * cpus {
            let node = cpu <= cpus ? 0 : 1
            machine.cores.append(Core(osIndex: cpu, socket: node))
            machine.cpus.append(CPU(osIndex: cpu, core: cpu, socket: node, numaNode: node))
        }
        var settings = KubeletSettings()
        settings.cpuManagerPolicy = "static"
        settings.reservedSystemCPUs = CPUSet([0])
        settings.kubeReserved = ["memory": gibibyte - (100 << 20)]
        settings.topologyManagerPolicy = policy
        settings.topologyManagerScope = scope
        if memory {
            settings.memoryManagerPolicy = "Static"
            settings.reservedMemory = [ReservedMemory(numaNode: 0, limits: ["memory": gibibyte])]
        }
        if strategy != .none || !weights.isEmpty {
            settings.featureGates = ["TopologyManagerPolicyAlphaOptions": true]
            settings.topologyManagerPolicyOptions = [
                "numa-allocation-strategy": strategy.rawValue, "numa-score-weights": weights,
            ]
        }
        settings.maxPods = 1000
        func devices(_ prefix: String, _ count: Int, _ nodes: [Int]) -> [PluginDevice] {
            nodes.flatMap { node in
                (0..<count).map { PluginDevice(id: "\(prefix)\(node)-\($0)", numaNodes: [node]) }
            }
        }
        return try NodeModel(
            machine: machine, settings: settings,
            devices: [
                DeviceResource(name: "nvidia.com/gpu", devices: devices("gpu", 4, [0, 1])),
                DeviceResource(name: "example.com/near0", devices: devices("a", 200, [0])),
                DeviceResource(name: "example.com/near1", devices: devices("b", 200, [1])),
            ], resources: resources)
    }

    /// `containers` of equal requests; `near` draws them to a NUMA node.
    static func shape(
        cpus: Int64, gibibytes: Int64 = 1, gpus: Int64 = 0, near: Int? = nil, containers: Int = 1
    ) throws -> PodShape {
        var amounts = [
            ResourceAmount(ResourceTable.cpu, cpus * 1000),
            ResourceAmount(ResourceTable.memory, gibibytes << 30),
        ]
        if gpus > 0 {
            amounts.append(
                ResourceAmount(try #require(resources.index(of: "nvidia.com/gpu")), gpus))
        }
        if let near {
            amounts.append(
                ResourceAmount(try #require(resources.index(of: "example.com/near\(near)")), 1))
        }
        return PodShape(
            qos: .guaranteed,
            containers: (0..<containers).map {
                ContainerShape(
                    name: "c\($0)", kind: .app,
                    resources: ContainerResources(requests: amounts, limits: amounts))
            })
    }

    /// Admits a pod and says on which NUMA nodes the CPUs of its containers are.
    static func place(
        _ shape: PodShape, as pod: Int, on model: NodeModel, _ state: inout NodeState
    ) throws -> [[Int]] {
        let outcome = model.admit(PodIndex(pod), model.prepare(shape), in: &state)
        guard case .admitted = outcome else {
            Issue.record("\(outcome)")
            return []
        }
        return model.placements(of: PodIndex(pod), in: state).map { Array($0.cpuNUMANodes) }
    }

    // MARK: Example A, on a node

    @Test(arguments: ScoredMergeTests.consolidation)
    func `a node with the KEP's use chooses as the KEP says`(
        _ example: ScoredMergeTests.Example
    ) throws {
        let model = try NUMAAllocationStrategyTests.model(
            cpus: 64, strategy: example.strategy, weights: example.weights, memory: true)
        var state = model.makeState()
        let taken = [
            try NUMAAllocationStrategyTests.shape(cpus: 48, gibibytes: 64, gpus: 1, near: 0),
            try NUMAAllocationStrategyTests.shape(cpus: 16, gibibytes: 32, gpus: 3, near: 1),
        ]
        for (pod, shape) in taken.enumerated() {
            #expect(
                try NUMAAllocationStrategyTests.place(shape, as: pod, on: model, &state)
                    == [[pod]])
        }
        let pod = try NUMAAllocationStrategyTests.shape(cpus: 8, gibibytes: 16, gpus: 1)
        #expect(
            try NUMAAllocationStrategyTests.place(pod, as: 2, on: model, &state)
                == [[example.choice]])
        #expect(state.numaScoreSelections == (example.choice == 0 ? 0 : 1))
    }

    // MARK: Example D

    struct Sequence: Sendable, CustomTestStringConvertible {
        var strategy: NUMAAllocationStrategy
        var cpus = 20
        var request: Int64 = 4
        var takesFromNode1 = false
        var expected: String

        var testDescription: String {
            "\(strategy.rawValue), \(cpus) CPUs\(takesFromNode1 ? ", 4 taken" : "")"
        }
    }

    static let sequences = [
        Sequence(strategy: .none, expected: "0 0 0 0 0 1"),
        Sequence(strategy: .mostAllocated, expected: "0 0 0 0 0 1"),
        Sequence(strategy: .leastAllocated, expected: "0 1 0 1 0 1"),
        Sequence(strategy: .none, takesFromNode1: true, expected: "0 0 0 0 0 1"),
        Sequence(strategy: .mostAllocated, takesFromNode1: true, expected: "1 1 1 1 0 0"),
        Sequence(strategy: .leastAllocated, takesFromNode1: true, expected: "0 0 1 0 1 0"),
        Sequence(
            strategy: .leastAllocated, cpus: 128, request: 1,
            expected: "0 0 0 1 1 1 0 1 0 0 1 1"),
    ]

    @Test(arguments: sequences)
    func `pods come to the NUMA nodes of the specification's table`(
        _ sequence: Sequence
    ) throws {
        for policy in ["best-effort", "restricted", "single-numa-node"] {
            for scope in ["container", "pod"] {
                let model = try NUMAAllocationStrategyTests.model(
                    cpus: sequence.cpus, strategy: sequence.strategy,
                    weights: "example.com/near1=0", policy: policy, scope: scope)
                var state = model.makeState()
                if sequence.takesFromNode1 {
                    let shape = try NUMAAllocationStrategyTests.shape(cpus: 4, near: 1)
                    _ = try NUMAAllocationStrategyTests.place(shape, as: 999, on: model, &state)
                }
                let shape = try NUMAAllocationStrategyTests.shape(cpus: sequence.request)
                var nodes: [String] = []
                for pod in 0..<sequence.expected.split(separator: " ").count {
                    let placed = try NUMAAllocationStrategyTests.place(
                        shape, as: pod, on: model, &state)
                    nodes += placed.flatMap { $0 }.map(String.init)
                }
                #expect(nodes.joined(separator: " ") == sequence.expected, "\(policy) \(scope)")
            }
        }
    }

    // MARK: Scope, scores, laws

    @Test func `with container scope least spreads a pod and most gathers it`() throws {
        let shape = try NUMAAllocationStrategyTests.shape(cpus: 4, containers: 2)
        let cases: [(NUMAAllocationStrategy, String, [[Int]])] = [
            (.leastAllocated, "container", [[0], [1]]), (.mostAllocated, "container", [[0], [0]]),
            (.leastAllocated, "pod", [[0], [0]]), (.mostAllocated, "pod", [[0], [0]]),
        ]
        for (strategy, scope, expected) in cases {
            let model = try NUMAAllocationStrategyTests.model(
                cpus: 20, strategy: strategy, scope: scope)
            var state = model.makeState()
            #expect(
                try NUMAAllocationStrategyTests.place(shape, as: 0, on: model, &state) == expected)
        }
    }

    @Test func `reserved CPUs do not count as allocatable`() throws {
        // 2 of 4 assignable CPUs of NUMA node 0, 2 of 4 of node 1: equal, so the lower.
        let model = try NUMAAllocationStrategyTests.model(
            cpus: 4, strategy: .mostAllocated, weights: "example.com/near0=0,example.com/near1=0")
        var state = model.makeState()
        for node in 0..<2 {
            let shape = try NUMAAllocationStrategyTests.shape(cpus: 2, near: node)
            _ = try NUMAAllocationStrategyTests.place(shape, as: node, on: model, &state)
        }
        let shape = try NUMAAllocationStrategyTests.shape(cpus: 1)
        #expect(try NUMAAllocationStrategyTests.place(shape, as: 9, on: model, &state) == [[0]])
        #expect(try NUMAAllocationStrategyTests.place(shape, as: 10, on: model, &state) == [[0]])
    }

    @Test func `weights without a strategy and a strategy none change nothing`() throws {
        let inert = try NUMAAllocationStrategyTests.model(cpus: 20, weights: "cpu=5")
        let plain = try NUMAAllocationStrategyTests.model(cpus: 20)
        #expect(inert.numaScores == nil)
        #expect(plain.numaScores == nil)
    }

    @Test func `more NUMA nodes than are scored are refused at start`() throws {
        var settings = StartErrorTests.settings()
        settings.featureGates = ["TopologyManagerPolicyAlphaOptions": true]
        settings.topologyManagerPolicyOptions = [
            "numa-allocation-strategy": "most-allocated", "max-allowable-numa-nodes": "16",
        ]
        let error = #expect(throws: KubeletStartError.self) {
            try NodeModel(
                machine: StartErrorTests.machine(numaNodes: 9), settings: settings, devices: [],
                resources: ResourceTable())
        }
        #expect(error?.stage == .notModelled)
    }

    @Test func `an explanation names the strategy`() throws {
        let model = try NUMAAllocationStrategyTests.model(cpus: 20, strategy: .leastAllocated)
        var state = model.makeState()
        let shape = try NUMAAllocationStrategyTests.shape(cpus: 4)
        _ = try NUMAAllocationStrategyTests.place(shape, as: 0, on: model, &state)
        let (explanation, _) = model.explain(PodIndex(1), model.prepare(shape), in: state)
        guard case .merge(let merge) = explanation.steps.first else {
            Issue.record("no merge")
            return
        }
        #expect(merge.rule == .numaAllocationStrategy)
        #expect(merge.merged?.numaNodes == [1])
        #expect(merge.affinity.numaNodes == [1])
    }
}
