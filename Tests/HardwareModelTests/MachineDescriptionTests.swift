import HardwareModel
import Primitives
import Testing

struct MachineDescriptionTests {
    /// Two NUMA nodes, the second given first, and four cores of two CPUs.
    static var description: MachineDescription {
        var description = MachineDescription(name: "odd")
        description.sockets = [
            .init(osIndex: 36, model: "Example 1", cpus: [0, 1, 4, 5]),
            .init(osIndex: 138, model: "Example 1", cpus: [2, 3, 6, 7]),
        ]
        description.numaNodes = [
            .init(osIndex: 1, memory: 3 << 30, cpus: [2, 3, 6, 7]),
            .init(
                osIndex: 0, memory: 2 << 30,
                hugePages: [
                    .init(pageSize: 1 << 30, count: 1), .init(pageSize: 2 << 20, count: 8),
                ],
                cpus: [0, 1, 4, 5]),
            .init(osIndex: 4, kind: .hbm, memory: 1 << 30, socket: 138),
        ]
        description.uncoreCaches = [.init(size: 8 << 20, cpus: [0, 1, 4, 5])]
        description.cores = [[2, 6], [0, 4], [3, 7], [1, 5]].map { .init(cpus: $0) }
        description.distances = [[10, 21, 40], [22, 11, 50], [41, 51, 12]]
        return description
    }

    @Test
    func `groups become a machine in logical order`() throws {
        let machine = try Self.description.makeMachine()
        #expect(machine.cpus.map(\.osIndex) == [0, 4, 1, 5, 2, 6, 3, 7])
        #expect(machine.cores.map(\.osIndex) == [0, 1, 0, 1])
        #expect(machine.cores.map(\.socket) == [0, 0, 1, 1])
        #expect(machine.numaNodes.map(\.osIndex) == [0, 1, 4])
        #expect(machine.numaNodes.map(\.socket) == [0, 1, 1])
        #expect(machine.numaNodes[0].hugePages.map(\.pageSize) == [2 << 20, 1 << 30])
        #expect(machine.cpus(ofNUMANode: 2).isEmpty)
        #expect(machine.cpus.map(\.uncoreCache) == [0, 0, 0, 0, nil, nil, nil, nil])
    }

    @Test
    func `distances follow their NUMA nodes when these are sorted`() throws {
        let distances = try #require(try Self.description.makeMachine().distances)
        #expect(distances.values == [11, 22, 50, 21, 10, 40, 51, 41, 12])
    }

    @Test
    func `NUMA nodes alone are enough`() throws {
        var description = MachineDescription(name: "small")
        description.numaNodes = [
            .init(osIndex: 0, memory: 1, cpus: [5, 3]), .init(osIndex: 1, memory: 1, cpus: [4]),
        ]
        let machine = try description.makeMachine()
        #expect(machine.sockets == [Socket(osIndex: 0)])
        #expect(machine.cpus.map(\.osIndex) == [5, 3, 4])
        #expect(machine.cores.count == 3)
        #expect(!machine.isSMT)
        #expect(machine.numaNodes.map(\.socket) == [0, 0])
    }

    @Test
    func `every contradiction is told at once`() {
        var description = Self.description
        description.sockets[1].cpus = [2, 3, 6, 0]
        description.numaNodes[0].cpus = [2, 3, 6, 7, 4, 5]
        description.numaNodes[2].socket = 5
        description.uncoreCaches.append(.init(cpus: [2, 2]))
        description.cores[0].cpus = [2, 0]
        description.distances = [[10, 20], [20, 10]]
        description.dies = [.init(osIndex: 0, cpus: [0, 2])]
        let error = #expect(throws: MachineError.self) { try description.makeMachine() }
        #expect(
            error?.mistakes.prefix(9) == [
                "CPU 0 is in both socket 36 and socket 138",
                "CPU 7 is in no socket",
                "die 0 spans sockets 36,138",
                "NUMA node 4 is in socket 5, which the machine does not have",
                "CPUs 4-5 are in both NUMA node 0 and NUMA node 1",
                "the uncore cache of CPU 2 names CPU 2 more than once",
                "CPU 0 is in more than one core",
                "CPU 6 is in no core",
                "the distance table must be 3 × 3, one row and column a NUMA node, and is 2 × 2",
            ])
    }

    @Test
    func `validation's mistakes come along`() {
        var description = Self.description
        description.numaNodes[0].memory = -1
        description.distances = [[10, 20, 20], [20, 0, 20], [20, 20, 10]]
        let error = #expect(throws: MachineError.self) { try description.makeMachine() }
        #expect(
            error?.mistakes == [
                "NUMA node 1 has negative memory: -1 bytes",
                "the distance table has 0, and distances are above 0",
            ])
    }

    @Test
    func `nothing at all is no machine`() {
        let error = #expect(throws: MachineError.self) {
            try MachineDescription(name: "none").makeMachine()
        }
        #expect(error?.mistakes == ["the machine has no CPU"])
    }
}
