import HardwareModel
import NodeManagers
import Primitives
import Testing

/// nri-plugins' topology-aware policy on the machine of its specification's example.
@Suite struct TopologyAwarePolicyTests {
    /// 2 sockets of 2 NUMA nodes of 4 cores of 2 threads: siblings c and c + 16, one uncore cache a socket.
    static let machine: Machine = {
        var machine = Machine(name: "W")
        for socket in 0..<2 {
            machine.sockets.append(Socket(osIndex: socket))
            machine.uncoreCaches.append(UncoreCache(size: 32 << 20))
        }
        for node in 0..<4 {
            machine.numaNodes.append(NUMANode(osIndex: node, memory: 8 << 30, socket: node / 2))
        }
        for core in 0..<16 { machine.cores.append(Core(osIndex: core, socket: core / 8)) }
        for cpu in 0..<32 {
            let core = cpu % 16
            machine.cpus.append(
                CPU(
                    osIndex: cpu, core: core, socket: core / 8, numaNode: core / 4,
                    uncoreCache: core / 8))
        }
        return machine
    }()

    static func policy(
        reserved: TopologyAwarePolicy.Reservation = .milliCPU(750), isolated: CPUSet = CPUSet()
    ) throws -> TopologyAwarePolicy {
        try TopologyAwarePolicy(CPUTopology(machine), reserved: reserved, isolated: isolated)
    }

    @Test func `pools are numbered children first`() throws {
        let pools = try TopologyAwarePolicyTests.policy().pools.pools
        #expect(
            pools.map(\.name) == [
                "NUMA node 0", "NUMA node 1", "socket 0", "NUMA node 2", "NUMA node 3",
                "socket 1", "root",
            ])
        #expect(pools.map(\.depth) == [2, 2, 1, 2, 2, 1, 0])
        #expect(try TopologyAwarePolicyTests.policy().reserved == CPUSet([0]))
    }

    /// The specification's table, step by step: every container's pool, and CPUs of those that a step mentions.
    @Test func `the example's containers get the table's pools and CPUs`() throws {
        let policy = try TopologyAwarePolicyTests.policy()
        var state = TopologyAwarePolicy.State()
        let (n0, n1, s0, n2, n3, s1, root) = (0, 1, 2, 3, 4, 5, 6)
        var grants: [Character: TopologyAwarePolicy.Grant] = [:]
        var steps = 0
        func number(_ name: Character) -> Int { Int(name.asciiValue ?? 0) }
        func create(
            _ name: Character, _ kind: TopologyAwareRequest.Class, _ milliCPU: Int, _ pool: Int,
            _ cpus: [Character: String]
        ) throws {
            let request = TopologyAwareRequest(kind, milliCPU: milliCPU)
            let grant = try #require(policy.create(number(name), request, in: &state), "\(name)")
            grants[name] = grant
            #expect(grant.pool == pool, "\(name)")
            try check(cpus)
        }
        func check(_ expected: [Character: String]) throws {
            for (name, cpus) in expected {
                let grant = try #require(grants[name])
                #expect("\(policy.cpus(of: grant, in: state))" == cpus, "\(name)")
            }
            steps += 1
        }
        try create("k", .reserved, 100, root, ["k": "0"])
        try create("a", .guaranteed, 4000, n1, ["a": "4-5,20-21"])
        try create("b", .guaranteed, 1500, n2, ["b": "8-11,24-27"])
        #expect(grants["b"]?.exclusive == CPUSet([8]))
        try create("c", .burstable(limit: 4000), 2000, n3, ["c": "12-15,28-31"])
        try create("d", .bestEffort, 0, n0, ["d": "1-3,16-19"])
        try create("e", .guaranteed, 2400, n0, ["e": "1-3,16-19"])
        try create(
            "f", .guaranteed, 12000, s1,
            ["f": "9-14,25-30", "b": "8,24", "c": "15,31"])
        try create("u", .burstable(limit: nil), 500, s0, ["u": "1-3,6-7,16-19,22-23"])
        policy.remove(number("a"), from: &state)
        try create(
            "h", .guaranteed, 3000, n1, ["h": "4-5,20", "u": "1-3,6-7,16-19,21-23"])
        let before = state.grants.count
        let refused = policy.create(
            number("i"), TopologyAwareRequest(.guaranteed, milliCPU: 14000), in: &state)
        #expect(refused == nil)
        #expect(state.grants.count == before)
        #expect(steps == 9)
    }

    @Test func `isolated CPUs go to single ones first`() throws {
        // CPU 0 is reserved by name: a quantity would take one of the socket with more CPUs that are not isolated.
        let policy = try TopologyAwarePolicyTests.policy(
            reserved: .cpus(CPUSet([0])), isolated: CPUSet([3, 7, 19, 23]))
        var state = TopologyAwarePolicy.State()
        let expected: [(Int, String, CPUSet)] = [
            (1000, "3", CPUSet([3])), (1000, "7", CPUSet([7])),
            (1500, "4-6,20-23", CPUSet([23])), (2000, "8,24", CPUSet([8, 24])),
        ]
        for (container, (milliCPU, cpus, exclusive)) in expected.enumerated() {
            let grant = try #require(
                policy.create(
                    container, TopologyAwareRequest(.guaranteed, milliCPU: milliCPU), in: &state))
            #expect(grant.exclusive == exclusive)
            #expect("\(policy.cpus(of: grant, in: state))" == cpus)
        }
    }

    // MARK: Classes

    @Test(
        arguments: [
            (1000, nil, nil, 1, 0, true), (1500, nil, nil, 1, 500, true),
            (500, nil, nil, 0, 500, false),
            (2000, nil, nil, 2, 0, false), (2000, true, nil, 2, 0, true),
            (2400, nil, nil, 0, 2400, false), (2400, nil, false, 2, 400, true),
            (1000, false, nil, 1, 0, false), (1000, nil, true, 0, 1000, false),
            (3000, nil, true, 0, 3000, false),
        ] as [(Int, Bool?, Bool?, Int, Int, Bool)])
    func `Guaranteed requests are split`(
        _ milliCPU: Int, _ isolated: Bool?, _ shared: Bool?, _ exclusive: Int, _ rest: Int,
        _ wantsIsolated: Bool
    ) {
        var preferences = TopologyAwareRequest.Preferences()
        preferences.annotatedIsolated = isolated
        preferences.annotatedShared = shared
        let request = TopologyAwareRequest(
            .guaranteed, milliCPU: milliCPU, preferences: preferences)
        #expect(request.exclusive == exclusive)
        #expect(request.shared == rest)
        #expect(request.wantsIsolated == wantsIsolated)
    }

    // MARK: Laws

    @Test(arguments: Array(1...40) as [UInt64])
    func `exclusive CPUs have one owner and lie in their pool`(
        _ seed: UInt64
    ) throws {
        var random = RandomNodes(seed: seed &+ 71_000)
        let isolated = CPUSet((1..<32).filter { _ in random.below(10) == 0 })
        let policy = try TopologyAwarePolicyTests.policy(isolated: isolated)
        var state = TopologyAwarePolicy.State()
        for container in 0..<60 {
            if random.below(3) == 0, let victim = state.grants.first?.container {
                policy.remove(victim, from: &state)
            }
            let kind: TopologyAwareRequest.Class = random.pick([
                .reserved, .bestEffort, .burstable(limit: nil), .burstable(limit: 6000),
                .guaranteed, .guaranteed, .guaranteed,
            ])
            let milliCPU = random.pick([250, 1000, 1500, 2000, 3000, 5000, 9000])
            _ = policy.create(
                container, TopologyAwareRequest(kind, milliCPU: milliCPU), in: &state)
            var seen = policy.reserved
            for (_, grant) in state.grants where grant.request.exclusive > 0 {
                #expect(grant.exclusive.count == grant.request.exclusive)
                #expect(grant.exclusive.isDisjoint(with: seen))
                #expect(grant.exclusive.isSubset(of: policy.pools.pools[grant.pool].cpus))
                seen.formUnion(grant.exclusive)
            }
        }
    }
}
