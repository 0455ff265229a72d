import NodeManagers
import Primitives
import Testing
import WorkloadModel

/// Laws that hold on every node whatever is admitted and removed.
@Suite struct NodeLawsTests {
    @Test(arguments: Array(1...300) as [UInt64])
    func `nothing is given twice, nothing reserved is given, nothing is lost`(_ seed: UInt64) {
        var nodes = RandomNodes(seed: seed)
        let model = nodes.model()
        let fresh = model.makeState()
        var state = fresh
        var pods: [PodIndex] = []
        for step in 0..<60 {
            if !pods.isEmpty, nodes.chance(40) {
                let removed = model.remove(pods.remove(at: nodes.below(pods.count)), from: &state)
                #expect(removed)
            } else {
                let pod = PodIndex(step)
                let before = state.key
                let count = state.podCount
                switch model.admit(pod, model.prepare(nodes.shape()), in: &state) {
                case .admitted: pods.append(pod)
                case .rejected:
                    #expect(state.podCount == count, "seed \(seed), step \(step)")
                    // Giving memory back takes from the lowest NUMA node, wherever it came from; else a refusal
                    // leaves no trace.
                    if state.key != before {
                        #expect(model.memoryPolicyName == "Static", "seed \(seed), step \(step)")
                    }
                }
            }
            #expect(
                model.invariantViolations(of: state) == [] || hasNamedBug(state),
                "seed \(seed), step \(step)")
        }
        for pod in pods { model.remove(pod, from: &state) }
        #expect(state.podCount == 0)
        #expect(state.key == fresh.key || hasNamedBug(state), "seed \(seed)")
    }

    private func hasNamedBug(_ state: NodeState) -> Bool {
        state.upstreamBugCounts != UpstreamBugCounts()
    }

    @Test(arguments: Array(1...100) as [UInt64])
    func `on machines with truncated averages only the named bug breaks a law`(_ seed: UInt64) {
        var nodes = RandomNodes(seed: seed &+ 10_000)
        let model = nodes.model(irregular: true)
        var state = model.makeState()
        for step in 0..<40 {
            _ = model.admit(PodIndex(step), model.prepare(nodes.shape()), in: &state)
            let violations = model.invariantViolations(of: state)
            #expect(
                violations.isEmpty || state.upstreamBugCounts.busyThreadsOfFreeCore > 0
                    || state.upstreamBugCounts.singleBlockOnGroup > 0,
                "seed \(seed), step \(step): \(violations)")
        }
    }

    @Test(arguments: Array(1...50) as [UInt64])
    func `two runs decide the same, and a copy of a node is independent`(_ seed: UInt64) {
        func run() -> (String, NodeStateKey) {
            var nodes = RandomNodes(seed: seed)
            let model = nodes.model()
            var state = model.makeState()
            var log = ""
            for step in 0..<30 {
                let outcome = model.admit(PodIndex(step), model.prepare(nodes.shape()), in: &state)
                let copy = state
                for pod in state.podIndices.prefix(1) { model.remove(pod, from: &state) }
                state = copy
                log += "\(outcome) \(model.placements(of: PodIndex(step), in: state))\n"
            }
            return (log, state.key)
        }
        let (first, second) = (run(), run())
        #expect(first.0 == second.0)
        #expect(first.1 == second.1)
    }

    @Test(arguments: Array(1...100) as [UInt64])
    func `what is used, free and reserved adds up to capacity`(_ seed: UInt64) {
        var nodes = RandomNodes(seed: seed &+ 20_000)
        let model = nodes.model()
        var state = model.makeState()
        for step in 0..<20 {
            _ = model.admit(PodIndex(step), model.prepare(nodes.shape()), in: &state)
            var cpus: Int64 = 0
            model.use(of: state) { use in
                #expect(use.capacity == use.reserved + use.used + use.free, "seed \(seed): \(use)")
                #expect(use.used >= 0 && use.reserved >= 0, "seed \(seed): \(use)")
                if use.resource == ResourceTable.cpu { cpus += use.capacity }
            }
            #expect(cpus == model.capacity[ResourceTable.cpu.position])
        }
    }

    @Test(arguments: Array(1...60) as [UInt64])
    func `pods of equal nodes land the same whoever holds what is taken`(_ seed: UInt64) {
        var nodes = RandomNodes(seed: seed &+ 30_000)
        let model = nodes.model()
        var left = model.makeState()
        let shapes = (0..<12).map { _ in model.prepare(nodes.shape()) }
        for (index, shape) in shapes.enumerated() {
            _ = model.admit(PodIndex(index), shape, in: &left)
        }
        var right = model.makeState()
        for (index, shape) in shapes.enumerated() {
            _ = model.admit(PodIndex(100 + index), shape, in: &right)
        }
        #expect(left.key == right.key)
        let next = model.prepare(nodes.shape())
        #expect(
            model.admit(PodIndex(500), next, in: &left)
                == model.admit(PodIndex(600), next, in: &right))
        let (a, b) = (
            model.placements(of: PodIndex(500), in: left),
            model.placements(of: PodIndex(600), in: right)
        )
        #expect(a == b)
    }

    @Test(arguments: Array(1...200) as [UInt64])
    func `pod-level shares and kubelet restarts break laws only through named bugs`(_ seed: UInt64)
    {
        var nodes = RandomNodes(seed: seed &+ 70_000)
        let model = nodes.model(gates: ["PodLevelResourceManagers": nodes.chance(70)])
        var state = model.makeRestartableState()
        for step in 0..<40 {
            switch nodes.below(10) {
            case 0:
                // A start error ends a kubelet's life; the node is left as it is.
                let before = state.key
                let plugins = nodes.pick(PluginReturn.allCases)
                let readmissions = try? model.restart(
                    from: model, plugins: plugins, podUID: { "pod-\($0.rawValue)" }, in: &state)
                if readmissions == nil { #expect(state.key == before) }
                if plugins == .never {
                    model.setHealth(of: nodes.device, unhealthy: [], in: &state)
                }
            case 1...3:
                if let pod = state.podIndices.randomElement(using: &nodes.random) {
                    model.remove(pod, from: &state)
                }
            default:
                let shape = nodes.chance(40) ? nodes.podLevelShape() : nodes.shape()
                _ = model.admit(
                    PodIndex(step), model.prepare(shape), in: &state, starting: nodes.chance(80))
            }
            let violations = model.invariantViolations(of: state)
            #expect(
                violations.isEmpty || hasNamedBug(state),
                "seed \(seed), step \(step): \(violations)")
        }
    }

    @Test(arguments: [11, 24, 64])
    func `single-numa-node holds on machines with many NUMA nodes`(_ numaNodes: Int) throws {
        var settings = StartErrorTests.settings()
        settings.topologyManagerPolicy = "single-numa-node"
        settings.topologyManagerPolicyOptions = ["max-allowable-numa-nodes": "64"]
        let model = try NodeModel(
            machine: StartErrorTests.machine(numaNodes: numaNodes), settings: settings, devices: [],
            resources: AdmissionTests.resources)
        var state = model.makeState()
        let pod = model.prepare(AdmissionTests.shape(cpus: 4, memory: 6 << 30))
        var admitted = 0
        for index in 0..<numaNodes + 1 {
            if case .admitted = model.admit(PodIndex(index), pod, in: &state) { admitted += 1 }
        }
        // Each takes the four CPUs of one NUMA node; the first has a reserved one.
        #expect(admitted == numaNodes - 1)
        #expect(model.invariantViolations(of: state) == [])
    }
}
