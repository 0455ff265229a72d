import HardwareModel
import NodeManagers
import Primitives
import Testing

/// What every registered policy must do; a new one is tested as soon as it is listed.
@Suite struct PolicyContractTests {
    /// The registry, and the policy that the guide shows where no one has registered it.
    static let cpuPolicies: [CPUManagerPolicyRegistry.Entry] = {
        let shown = CPUManagerPolicyRegistry.Entry(HighestFirstCPUPolicy.self)
        let registered = CPUManagerPolicyRegistry.all
        return registered.contains { $0.name == shown.name } ? registered : registered + [shown]
    }()

    static let layout = NUMALayout(osIndices: [0, 1])

    /// 2 sockets × 1 NUMA node × 4 cores × 2 threads; CPU 8 is the sibling of CPU 0.
    static let topology = CPUTopology(
        rows: (0..<16).map { cpu in
            let core = cpu % 8
            return CPUTopology.Row(
                cpu: cpu, core: core, socket: core / 4, numaNode: core / 4, uncore: core / 4)
        })

    static func setup() -> CPUManagerSetup {
        CPUManagerSetup(topology: topology, layout: layout, reservedMilliCPU: 2000)
    }

    // MARK: Names

    @Test func `names are what users write, each once, with one line of help`() {
        let lists = [
            PolicyContractTests.cpuPolicies.map { ($0.name, $0.summary) },
            MemoryManagerPolicyRegistry.all.map { ($0.name, $0.summary) },
            TopologyManagerPolicyRegistry.all.map { ($0.name, $0.summary) },
        ]
        for list in lists {
            #expect(Set(list.map(\.0)).count == list.count)
            for (name, summary) in list {
                #expect(!name.isEmpty && !name.contains(" "))
                #expect(!summary.isEmpty && !summary.contains("\n") && summary.count < 100)
            }
        }
    }

    // MARK: CPU

    @Test(arguments: cpuPolicies)
    func `releasing every container leaves the node as new`(
        _ entry: CPUManagerPolicyRegistry.Entry
    ) throws {
        let policy = try entry.make(PolicyContractTests.setup())
        var state = CPUManagerState(pool: policy.initialPool, wordsPerSet: 1)
        state.grow(to: 4)
        for slot in 0..<4 {
            _ = policy.allocate(
                CPURequest(count: 2 + slot % 2, container: ContainerSlot(slot), isReusable: false),
                within: slot == 0 ? nil : NUMAMask(node: slot % 2), in: &state)
        }
        for slot in 0..<4 { policy.release(ContainerRange(first: slot, count: 1), in: &state) }
        #expect(state.pool == policy.initialPool)
        #expect((0..<4).allSatisfy { state.cpus(of: ContainerSlot($0)) == nil })
    }

    @Test(arguments: cpuPolicies)
    func `gives as many CPUs as were asked for, from the pool, never reserved ones`(
        _ entry: CPUManagerPolicyRegistry.Entry
    ) throws {
        let policy = try entry.make(PolicyContractTests.setup())
        for affinity in [nil, NUMAMask(node: 0), NUMAMask(node: 1), NUMAMask(3)] {
            for count in 0...20 {
                var state = CPUManagerState(pool: policy.initialPool, wordsPerSet: 1)
                state.grow(to: 1)
                let before = state.pool
                let request = CPURequest(
                    count: count, container: ContainerSlot(0), isReusable: false)
                switch policy.allocate(request, within: affinity, in: &state) {
                case .exclusive:
                    let cpus = try #require(state.cpus(of: ContainerSlot(0)))
                    #expect(cpus.count == count)
                    #expect(cpus.isSubset(of: before))
                    #expect(cpus.isDisjoint(with: policy.reserved))
                    #expect(state.pool == before.subtracting(cpus))
                case .shared, .rejected: #expect(state.pool == before)
                }
            }
        }
    }

    @Test(arguments: cpuPolicies)
    func `asking again for a container that has its CPUs changes nothing`(
        _ entry: CPUManagerPolicyRegistry.Entry
    ) throws {
        let policy = try entry.make(PolicyContractTests.setup())
        var state = CPUManagerState(pool: policy.initialPool, wordsPerSet: 1)
        state.grow(to: 1)
        let request = CPURequest(count: 4, container: ContainerSlot(0), isReusable: false)
        _ = policy.allocate(request, within: nil, in: &state)
        let (pool, held) = (state.pool, state.cpus(of: ContainerSlot(0)))
        _ = policy.allocate(request, within: NUMAMask(node: 1), in: &state)
        #expect(state.pool == pool)
        #expect(state.cpus(of: ContainerSlot(0)) == held)
    }

    @Test(arguments: cpuPolicies)
    func `what a preferred hint promises can be had there`(
        _ entry: CPUManagerPolicyRegistry.Entry
    ) throws {
        let policy = try entry.make(PolicyContractTests.setup())
        for count in 1...14 {
            var state = CPUManagerState(pool: policy.initialPool, wordsPerSet: 1)
            state.grow(to: 1)
            let trace = HintTrace()
            var hints = HintCollector(
                layout: PolicyContractTests.layout, question: .preferred, trace: trace)
            policy.hints(for: count, holding: nil, in: state, into: &hints)
            for list in trace.lists {
                for hint in list.hints ?? [] {
                    guard let mask = hint.affinity else { continue }
                    #expect(mask.isSubset(of: PolicyContractTests.layout.all))
                    var copy = state
                    let request = CPURequest(
                        count: count, container: ContainerSlot(0), isReusable: false)
                    _ = policy.allocate(request, within: mask, in: &copy)
                    let nodes = PolicyContractTests.topology.numaNodes.enumerated()
                        .filter { mask.contains($0.offset) }
                        .reduce(CPUSet()) { $0.union($1.element.cpus) }
                    #expect(copy.cpus(of: ContainerSlot(0))?.isSubset(of: nodes) == true)
                }
            }
        }
    }

    // MARK: Memory

    @Test(arguments: MemoryManagerPolicyRegistry.all)
    func `releasing every container leaves the memory tables as new`(
        _ entry: MemoryManagerPolicyRegistry.Entry
    ) throws {
        var resources = ResourceTable()
        let pages = resources.intern("hugepages-2Mi")
        let types = MemoryTypes(
            resources: [ResourceTable.memory, pages], resourceCount: resources.count)
        let policy = try entry.make(
            MemoryManagerSetup(
                layout: PolicyContractTests.layout, types: types,
                capacity: [8 << 30, 1 << 30, 8 << 30, 1 << 30],
                hugePages: [1 << 30, 1 << 30],
                reservedMemory: [ReservedMemory(numaNode: 0, limits: ["memory": 1 << 30])],
                reservation: ["memory": 1 << 30], resourceNames: resources.names))
        var state = MemoryManagerState(
            totals: policy.totals, nodeCount: 2,
            typeCount: policy.totals.isEmpty ? 0 : types.count)
        state.grow(to: 3)
        let fresh = state.tables
        for position in 0..<3 {
            var demand = MemoryDemand()
            demand.isManaged = true
            demand.amounts = [
                MemoryAmount(type: 0, bytes: 1 << 30), MemoryAmount(type: 1, bytes: 2 << 20),
            ]
            demand.minimumNodes = policy.minimumNodes(for: demand.amounts)
            let refusal = policy.allocate(
                demand, to: position, of: ContainerRange(first: 0, count: 3),
                hint: TopologyHint(NUMAMask(node: position % 2), isPreferred: true), in: &state)
            #expect(refusal == nil)
        }
        policy.release(ContainerRange(first: 0, count: 3), in: &state)
        #expect(state.tables == fresh)
        #expect(state.nodes.allSatisfy { $0.assignments == 0 && $0.cells.isSingle })
    }

    // MARK: Topology

    @Test(arguments: TopologyManagerPolicyRegistry.all)
    func `a preferred hint on one NUMA node is admitted as it is`(
        _ entry: TopologyManagerPolicyRegistry.Entry
    ) {
        let policy = entry.make()
        let hint = TopologyHint(NUMAMask(node: 1), isPreferred: true)
        let verdict = policy.verdict(on: hint, allNodes: NUMAMask(3))
        #expect(verdict.isAdmitted)
        if policy.question != nil { #expect(verdict.hint == hint) }
    }

    // MARK: The guide

    @Test func `the guide shows the policy that these tests run`() throws {
        let guide = try TextOfProject.file("docs/guides/add-a-policy.md")
        let copy = try TextOfProject.file(
            "Tests/NodeManagersTests/HighestFirstCPUPolicy.swift")
        // Inside the module nothing imports the module itself.
        let code = copy.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)[1]
        #expect(guide.contains("```swift\n\(code)```\n"))
    }
}
