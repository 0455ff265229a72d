import HardwareModel
import NodeManagers
import Primitives
import Records
import Testing
import WorkloadModel

/// Each bug of the kubelet that a scenario may have fixed: a case where the two differ, and the laws with the fix.
@Suite struct UpstreamFixTests {
    /// NUMA nodes of `memory` GiB, `cores` cores each of two threads side by side; NUMA node 1 has two 1 GiB pages.
    static func machine(numaNodes: Int, cores: Int = 2, memory: Int64 = 8) throws -> Machine {
        var machine = try MachineShape(parsing: "\(numaNodes)s1n\(cores)c2t").makeMachine(
            memoryPerNUMANode: memory << 30)
        if numaNodes > 1 {
            machine.numaNodes[1].hugePages = [HugePagePool(pageSize: 1 << 30, count: 2)]
        }
        return machine
    }

    static func model(
        _ fixes: UpstreamFixes, on machine: Machine, _ change: (inout KubeletSettings) -> Void
    ) throws -> NodeModel {
        var settings = StartErrorTests.settings()
        settings.fixes = fixes
        change(&settings)
        return try NodeModel(
            machine: machine, settings: settings,
            devices: [
                DeviceResource(
                    name: "example.com/nic",
                    devices: (0..<2).map { PluginDevice(id: "nic\($0)", numaNodes: [0]) })
            ], resources: AdmissionTests.resources)
    }

    struct Asked {
        var kind = ContainerShape.Kind.app
        var cpus: Int64 = 0
        var memory: Int64 = 1
        var pages: Int64 = 0
        var nics: Int64 = 0
    }

    static func amounts(_ asked: Asked) -> ContainerResources {
        var amounts = [
            ResourceAmount(ResourceTable.cpu, asked.cpus * 1000),
            ResourceAmount(ResourceTable.memory, asked.memory << 30),
        ]
        let resources = AdmissionTests.resources
        for (name, amount) in [
            ("hugepages-1Gi", asked.pages << 30), ("example.com/nic", asked.nics),
        ] where amount > 0 {
            amounts.append(ResourceAmount(resources.index(of: name)!, amount))
        }
        amounts.sort { $0.resource < $1.resource }
        return ContainerResources(requests: amounts, limits: amounts)
    }

    /// A Guaranteed pod; with `podLevel`, its containers share what the pod has.
    static func pod(_ containers: [Asked], podLevel: Asked? = nil) -> PodShape {
        var shape = PodShape(
            qos: .guaranteed,
            containers: containers.enumerated().map { position, asked in
                ContainerShape(
                    name: "c\(position)", kind: asked.kind,
                    resources: asked.cpus == 0 && podLevel != nil
                        ? ContainerResources() : amounts(asked))
            })
        shape.podLevel = podLevel.map(amounts)
        return shape
    }

    private func refusal(_ outcome: AdmissionOutcome) -> Rejection.Cause? {
        if case .rejected(let rejection) = outcome { rejection.cause } else { nil }
    }

    /// What a kubelet with the bug and one without it say to the same pod on an idle node.
    private func answers(
        _ fix: UpstreamFix, on machine: Machine, _ shape: PodShape,
        _ change: (inout KubeletSettings) -> Void
    ) throws -> (bug: Rejection.Cause?, fixed: Rejection.Cause?, states: [NodeState]) {
        var causes: [Rejection.Cause?] = []
        var states: [NodeState] = []
        for fixes in [[], fix.option] {
            let model = try UpstreamFixTests.model(fixes, on: machine, change)
            var state = model.makeRestartableState()
            causes.append(
                refusal(model.admit(PodIndex(0), model.prepare(shape), in: &state)))
            if fixes.contains(fix.option) { #expect(model.invariantViolations(of: state) == []) }
            states.append(state)
        }
        return (causes[0], causes[1], states)
    }

    /// What they say to the pod after a restart; and whether a third restart still finds the node in order.
    private func readmissions(
        _ fix: UpstreamFix, on machine: Machine, _ shape: PodShape,
        plugins: PluginReturn = .before, _ change: (inout KubeletSettings) -> Void
    ) throws -> (bug: Rejection.Cause?, fixed: Rejection.Cause?, states: [NodeState]) {
        var causes: [Rejection.Cause?] = []
        var states: [NodeState] = []
        for fixes in [[], fix.option] {
            let model = try UpstreamFixTests.model(fixes, on: machine, change)
            var state = model.makeRestartableState()
            let first = model.admit(PodIndex(0), model.prepare(shape), in: &state)
            #expect(refusal(first) == nil)
            let before = state
            let again = try model.restart(
                from: model, plugins: plugins, podUID: { "\($0)" }, in: &state)
            causes.append(again.first.flatMap { refusal($0.outcome) })
            states.append(state)
            guard fixes.contains(fix.option) else { continue }
            #expect(model.invariantViolations(of: state) == [])
            #expect(state.cpu.pool == before.cpu.pool)
            #expect(state.memory.tables == before.memory.tables)
            #expect(
                model.placements(of: PodIndex(0), in: state).map(\.cpus)
                    == model.placements(of: PodIndex(0), in: before).map(\.cpus))
            model.remove(PodIndex(0), from: &state)
            #expect(state.cpu.pool == model.makeState().cpu.pool)
            #expect(state.memory.tables == model.makeState().memory.tables)
        }
        return (causes[0], causes[1], states)
    }

    // MARK: Choice of CPUs

    @Test func `shared-combination-memory: the combination used is the most even one`() throws {
        func unevenness(_ free: CPUSet, _ topology: CPUTopology) -> Int {
            let counts = topology.numaNodes.map { $0.count(in: free) }
            let sum = counts.reduce(0, +)
            return counts.reduce(0) {
                let difference = counts.count * $1 - sum
                return $0 + difference * difference
            }
        }
        let topology = CPUTopology(try UpstreamFixTests.machine(numaNodes: 8, cores: 4))
        var options = StaticCPUPolicyOptions()
        options.distributesAcrossNUMA = true
        var fixed = options
        fixed.fixes = .sharedCombinationMemory
        var differences = 0
        for seed in 0..<300 {
            var random = RandomNodes(seed: UInt64(seed))
            let free = CPUSet(topology.all.filter { _ in random.chance(70) })
            let count = 20 + random.below(12)
            guard
                case .taken(let usual) = StaticCPUPolicy.take(
                    count, from: free, on: topology, options: options),
                case .taken(let better) = StaticCPUPolicy.take(
                    count, from: free, on: topology, options: fixed)
            else { continue }
            #expect(better.isSubset(of: free) && better.count == count)
            guard usual != better else { continue }
            differences += 1
            #expect(
                unevenness(free.subtracting(better), topology)
                    <= unevenness(free.subtracting(usual), topology), "seed \(seed)")
        }
        #expect(differences > 0)
    }

    @Test func `endless-dealing: the pod gets its CPUs`() throws {
        // Seven CPUs are free on each of four NUMA nodes. 22 are 4 from each and 6 more, 3 being left on each: two of
        // the nodes have 6 together, and hand out 2 and 2.
        let (bug, fixed, states) = try answers(
            .endlessDealing, on: UpstreamFixTests.machine(numaNodes: 4, cores: 4),
            UpstreamFixTests.pod([Asked(cpus: 22)])
        ) {
            $0.cpuManagerPolicyOptions = [
                "full-pcpus-only": "true", "distribute-cpus-across-numa": "true",
            ]
            $0.reservedSystemCPUs = [0, 8, 16, 24]
            $0.topologyManagerPolicy = "none"
        }
        #expect(bug == .cpuDistributionNeverEnds)
        #expect(Rejection(.cpuDistributionNeverEnds).isUpstreamHang)
        #expect(fixed == nil)
        #expect(states[1].cpu.pool.count == 32 - 22)
    }

    @Test func `busy-threads-of-free-core: only free CPUs are handed out`() throws {
        var machine = try UpstreamFixTests.machine(numaNodes: 1, cores: 3)
        machine.cpus.removeAll { [3, 5].contains($0.osIndex) }
        let (bug, fixed, states) = try answers(
            .busyThreadsOfFreeCore, on: machine, UpstreamFixTests.pod([Asked(cpus: 2)])
        ) { $0.reservedSystemCPUs = [0] }
        #expect(bug == nil && fixed == nil)
        #expect(states[0].upstreamBugCounts.busyThreadsOfFreeCore == 1)
        #expect(!states[0].cpu.pool.contains(0))
        #expect(states[1].upstreamBugCounts.busyThreadsOfFreeCore == 0)
        #expect(states[1].cpu.pool == [0, 1])
    }

    // MARK: Memory

    @Test func `single-block-on-group: no block lands on a member of a group`() throws {
        var seen: Int64 = 0
        for seed in 0..<400 {
            var random = RandomNodes(seed: UInt64(seed))
            let machine = random.machine()
            var settings = random.settings(for: machine)
            settings.topologyManagerPolicy = "best-effort"
            let plugins = random.plugins(for: machine)
            let shapes = (0..<40).map { _ in random.shape() }
            for fixes in [[], UpstreamFixes.singleBlockOnGroup] {
                settings.fixes = fixes
                let model = try? NodeModel(
                    machine: machine, settings: settings, devices: plugins,
                    resources: random.resources)
                guard let model else { continue }
                var state = model.makeState()
                for (index, shape) in shapes.enumerated() {
                    _ = model.admit(PodIndex(index), model.prepare(shape), in: &state)
                    if index % 3 == 2 { model.remove(PodIndex(index - 2), from: &state) }
                    if !fixes.isEmpty {
                        #expect(model.invariantViolations(of: state) == [], "seed \(seed)")
                    }
                }
                let count = state.upstreamBugCounts.singleBlockOnGroup
                if fixes.isEmpty { seen += count } else { #expect(count == 0, "seed \(seed)") }
            }
        }
        #expect(seen > 0)
    }

    @Test func `no-memory-hint-is-no-preference: the Topology Manager refuses what fits nowhere`()
        throws
    {
        let (bug, fixed, _) = try answers(
            .noMemoryHintIsNoPreference, on: UpstreamFixTests.machine(numaNodes: 2),
            UpstreamFixTests.pod([Asked(cpus: 1, memory: 40)])
        ) { _ in }
        #expect(bug == .memoryHintNotExtensible)
        #expect(fixed == .topologyAffinity)
    }

    @Test func `unhinted-init-huge-pages: the pod goes where the pages are`() throws {
        let (bug, fixed, _) = try answers(
            .unhintedInitHugePages, on: UpstreamFixTests.machine(numaNodes: 2),
            UpstreamFixTests.pod([
                Asked(kind: .initContainer, cpus: 1, pages: 2), Asked(cpus: 1),
            ])
        ) { $0.topologyManagerScope = "pod" }
        #expect(bug == .extendedMemoryHintNotPreferred)
        #expect(fixed == nil)
    }

    @Test func `init-memory-charged-again: a restart charges nothing`() throws {
        let (bug, fixed, states) = try readmissions(
            .initMemoryChargedAgain, on: UpstreamFixTests.machine(numaNodes: 2),
            UpstreamFixTests.pod([
                Asked(kind: .initContainer, cpus: 1, memory: 2), Asked(cpus: 1, memory: 1),
            ])
        ) { _ in }
        #expect(bug == nil && fixed == nil)
        #expect(states[0].memory.tables != states[1].memory.tables)
    }

    // MARK: Restarts

    @Test func `own-cpus-not-counted: a pod that has more than is left is taken back`() throws {
        let (bug, fixed, _) = try readmissions(
            .ownCPUsNotCounted, on: UpstreamFixTests.machine(numaNodes: 2),
            UpstreamFixTests.pod([Asked(cpus: 4)])
        ) { $0.cpuManagerPolicyOptions = ["full-pcpus-only": "true"] }
        #expect(bug == .tooFewFreeCores(available: 2, requested: 4, cpusPerCore: 2))
        #expect(fixed == nil)
    }

    @Test func `exited-init-container-devices: a pod runs on without its plugin`() throws {
        let (bug, fixed, _) = try readmissions(
            .exitedInitContainerDevices, on: UpstreamFixTests.machine(numaNodes: 2),
            UpstreamFixTests.pod([
                Asked(kind: .initContainer, cpus: 1, nics: 1), Asked(cpus: 1),
            ]), plugins: .never
        ) {
            $0.topologyManagerPolicy = "none"
            $0.memoryManagerPolicy = "None"
            $0.reservedMemory = []
        }
        #expect(bug == .noHealthyDevices(AdmissionTests.resources.index(of: "example.com/nic")!))
        #expect(fixed == nil)
    }

    @Test func `empty-pool-refused: a kubelet starts on a node whose CPUs are all taken`() throws {
        for fixes in [[], UpstreamFixes.emptyPoolRefused] {
            let model = try UpstreamFixTests.model(
                fixes, on: UpstreamFixTests.machine(numaNodes: 2)
            ) {
                $0.cpuManagerPolicyOptions = ["strict-cpu-reservation": "true"]
                $0.topologyManagerPolicy = "none"
            }
            var state = model.makeRestartableState()
            let pod = model.prepare(UpstreamFixTests.pod([Asked(cpus: 7)]))
            #expect(refusal(model.admit(PodIndex(0), pod, in: &state)) == nil)
            do {
                let again = try model.restart(
                    from: model, plugins: .before, podUID: { "\($0)" }, in: &state)
                #expect(!fixes.isEmpty && again.count == 1)
                #expect(again.first.flatMap { refusal($0.outcome) } == nil)
            } catch {
                #expect(fixes.isEmpty)
                #expect(
                    error.message == "start cpu manager error: default cpuset cannot be empty")
            }
            #expect(model.invariantViolations(of: state) == [])
        }
    }

    // MARK: Pod-level shares

    private func withShares(_ settings: inout KubeletSettings) {
        settings.featureGates = ["PodLevelResourceManagers": true]
        settings.topologyManagerScope = "pod"
    }

    @Test func `share-never-returned: what cannot be cut up is free again`() throws {
        let (bug, fixed, states) = try answers(
            .shareNeverReturned, on: UpstreamFixTests.machine(numaNodes: 2, cores: 4),
            UpstreamFixTests.pod(
                [Asked(cpus: 3), Asked(cpus: 3)], podLevel: Asked(cpus: 4, memory: 2)),
            withShares)
        #expect(bug == .tooFewCPUs(requested: 3, available: 1))
        #expect(fixed == bug)
        #expect(states.map(\.upstreamBugCounts.shareNeverReturned) == [1, 0])
        #expect(states.map(\.cpu.pool.count) == [12, 16])
    }

    @Test func `second-share-after-restart: the pod keeps its share`() throws {
        let (bug, fixed, states) = try readmissions(
            .secondShareAfterRestart, on: UpstreamFixTests.machine(numaNodes: 2, cores: 4),
            UpstreamFixTests.pod(
                [Asked(cpus: 2), Asked(cpus: 0)], podLevel: Asked(cpus: 4, memory: 2))
        ) {
            withShares(&$0)
            $0.topologyManagerPolicy = "best-effort"
        }
        #expect(bug == .memoryHintViolatesGroup)
        #expect(fixed == nil)
        #expect(states.map(\.upstreamBugCounts.secondShareAfterRestart) == [1, 0])
    }

    // MARK: All of them

    @Test(arguments: Array(0..<200) as [UInt64])
    func `with all fixes the laws hold and no bug shows itself`(_ seed: UInt64) throws {
        var random = RandomNodes(seed: seed &+ 7_000)
        let machine = random.machine(irregular: random.chance(40))
        var settings = random.settings(for: machine)
        settings.fixes = UpstreamFixes(names: UpstreamFix.allCases.map(\.rawValue))
        let hasShares = random.chance(40)
        if hasShares { settings.featureGates["PodLevelResourceManagers"] = true }
        let model = try? NodeModel(
            machine: machine, settings: settings, devices: random.plugins(for: machine),
            resources: random.resources)
        guard let model else { return }
        var state = model.makeRestartableState()
        for index in 0..<30 {
            _ = model.admit(
                PodIndex(index),
                model.prepare(
                    hasShares && random.chance(40) ? random.podLevelShape() : random.shape()),
                in: &state)
            if random.chance(30) { model.remove(PodIndex(random.below(index + 1)), from: &state) }
            if random.chance(20) {
                _ = try model.restart(
                    from: model, plugins: random.pick([.before, .after, .never]),
                    podUID: { "\($0)" }, in: &state)
            }
            #expect(model.invariantViolations(of: state) == [], "seed \(seed), step \(index)")
        }
        #expect(state.upstreamBugCounts == UpstreamBugCounts(), "seed \(seed)")
    }

    @Test func `names tell all of them apart`() {
        let all = UpstreamFix.allCases
        #expect(Set(all.map(\.rawValue)).count == all.count)
        #expect(Set(all.map(\.option.rawValue)).count == all.count)
        #expect(UpstreamFixes(names: ["endless-dealing", "nothing"]) == .endlessDealing)
    }
}
