import HardwareModel
import Primitives
import Testing

struct MachineShapeTests {
    struct Count: Sendable, CustomTestStringConvertible {
        var shape: String
        var sockets: Int
        var dies = 0
        var numaNodes: Int
        var uncoreCaches: Int
        var cores: Int
        var cpus: Int
        var testDescription: String { shape }
    }

    @Test(arguments: [
        Count(shape: "2s2n8c2t", sockets: 2, numaNodes: 4, uncoreCaches: 4, cores: 32, cpus: 64),
        Count(shape: "4c", sockets: 1, numaNodes: 1, uncoreCaches: 1, cores: 4, cpus: 4),
        Count(shape: "3t", sockets: 1, numaNodes: 1, uncoreCaches: 1, cores: 1, cpus: 3),
        Count(shape: "2s8c2t", sockets: 2, numaNodes: 2, uncoreCaches: 2, cores: 16, cpus: 32),
        Count(shape: "2n4l2c", sockets: 1, numaNodes: 2, uncoreCaches: 8, cores: 16, cpus: 16),
        Count(shape: "2n4u2c", sockets: 1, numaNodes: 2, uncoreCaches: 8, cores: 16, cpus: 16),
        // An L3 over two NUMA nodes, and a NUMA node over two sockets.
        Count(shape: "2s1l2n4c", sockets: 2, numaNodes: 4, uncoreCaches: 2, cores: 16, cpus: 16),
        Count(shape: "1n2s4c2t", sockets: 2, numaNodes: 1, uncoreCaches: 2, cores: 8, cpus: 16),
        // Dies around NUMA nodes, dies inside them, and dies with none written.
        Count(
            shape: "2s2d2n2c", sockets: 2, dies: 4, numaNodes: 8, uncoreCaches: 8, cores: 16,
            cpus: 16),
        Count(
            shape: "1s2n2d3c", sockets: 1, dies: 4, numaNodes: 2, uncoreCaches: 4, cores: 12,
            cpus: 12),
        Count(
            shape: "2s2d3c", sockets: 2, dies: 4, numaNodes: 2, uncoreCaches: 4, cores: 12, cpus: 12
        ),
        Count(
            shape: "16s4n16c", sockets: 16, numaNodes: 64, uncoreCaches: 64, cores: 1024, cpus: 1024
        ),
    ])
    func `a shape counts per parent, and what is left out is one`(_ want: Count) throws {
        for numbering in CPUNumbering.allCases {
            let machine = try MachineShape(parsing: want.shape)
                .makeMachine(memoryPerNUMANode: 1 << 30, numbering: numbering)
            #expect(machine.name == want.shape)
            #expect(machine.sockets.count == want.sockets)
            #expect(machine.dies.count == want.dies)
            #expect(machine.numaNodes.count == want.numaNodes)
            #expect(machine.uncoreCaches.count == want.uncoreCaches)
            #expect(machine.cores.count == want.cores)
            #expect(machine.cpus.count == want.cpus)
            #expect(machine.cpuSet == CPUSet(0..<want.cpus))
            #expect(machine.numaNodes.map(\.osIndex) == Array(0..<want.numaNodes))
            #expect(machine.totalMemory == Int64(want.numaNodes) << 30)
            #expect(machine.validate() == [])
            #expect(machine.kubeletProblems() == [])
        }
    }

    @Test(arguments: [
        // Shape, numbering, CPUs of each NUMA node, CPUs of the first core.
        ("2s2c2t", CPUNumbering.adjacent, ["0-3", "4-7"], "0-1"),
        ("2s2c2t", .split, ["0-1,4-5", "2-3,6-7"], "0,4"),
        ("2s2c2t", .alternate, ["0,2,4,6", "1,3,5,7"], "0,4"),
        ("2s2n2c1t", .alternate, ["0,4", "2,6", "1,5", "3,7"], "0"),
        ("1n2s2c", .alternate, ["0-3"], "0"),
        ("1s3n1c2t", .split, ["0,3", "1,4", "2,5"], "0,3"),
    ])
    func `numbering decides which CPUs are siblings`(
        shape: String, numbering: CPUNumbering, numaNodes: [String], firstCore: String
    ) throws {
        let machine = try MachineShape(parsing: shape)
            .makeMachine(memoryPerNUMANode: 1, numbering: numbering)
        let lists = machine.numaNodes.indices.map { machine.cpus(ofNUMANode: $0).description }
        #expect(lists == numaNodes)
        #expect(machine.cpus(ofCore: 0).description == firstCore)
    }

    @Test(arguments: CPUNumbering.allCases)
    func `parts of one kind share out all CPUs`(_ numbering: CPUNumbering) throws {
        let machine = try MachineShape(parsing: "2s3n2l4c2t")
            .makeMachine(memoryPerNUMANode: 1, numbering: numbering)
        let partitions = [
            machine.sockets.indices.map { machine.cpus(ofSocket: $0) },
            machine.numaNodes.indices.map { machine.cpus(ofNUMANode: $0) },
            machine.uncoreCaches.indices.map { machine.cpus(ofUncoreCache: $0) },
            machine.cores.indices.map { machine.cpus(ofCore: $0) },
        ]
        for sets in partitions {
            var union = CPUSet()
            for set in sets {
                #expect(union.isDisjoint(with: set))
                #expect(set.count == machine.cpus.count / sets.count)
                union.formUnion(set)
            }
            #expect(union == machine.cpuSet)
        }
        #expect(machine.isSMT)
    }

    @Test
    func `default distances tell local, same socket and elsewhere apart`() throws {
        let machine = try MachineShape(parsing: "2s2n1c").makeMachine(memoryPerNUMANode: 1)
        let distances = try #require(machine.distances)
        #expect(
            distances.values == [
                10, 12, 21, 21,
                12, 10, 21, 21,
                21, 21, 10, 12,
                21, 21, 12, 10,
            ])
    }

    @Test(arguments: [
        ("", MachineShapeError.Reason.empty),
        ("s2n", .missingCount(before: "s")),
        ("2", .missingLetter),
        ("2s8", .missingLetter),
        ("2s8x", .unknownLetter("x")),
        ("2s-8c", .unknownLetter("-")),
        ("2S8c", .unknownLetter("S")),
        ("0s8c", .countOutOfRange("0")),
        ("99999999999999999999c", .countOutOfRange("99999999999999999999")),
        ("1025t", .countOutOfRange("1025")),
        ("2s2s8c", .repeatedLetter("s")),
        ("2l2u8c", .repeatedLetter("u")),
        ("8c2n", .wrongOrder("n", after: "c")),
        ("2t8c", .wrongOrder("c", after: "t")),
        ("2d2s8c", .wrongOrder("s", after: "d")),
        ("2s2n", .withoutCores),
        ("1024s1024n1024l1024c1024t", .tooManyCPUs),
        ("2s513c", .tooManyCPUs),
        ("65n1c", .tooManyNUMANodes),
    ])
    func `a malformed shape says what is wrong with it`(
        text: String, reason: MachineShapeError.Reason
    ) {
        let error = #expect(throws: MachineShapeError.self) { try MachineShape(parsing: text) }
        #expect(error?.reason == reason)
        #expect(error?.description.isEmpty == false)
    }

    @Test
    func `a shape with more huge pages than memory is refused`() throws {
        let shape = try MachineShape(parsing: "2s2c")
        let error = #expect(throws: MachineError.self) {
            try shape.makeMachine(
                memoryPerNUMANode: 8 << 30,
                hugePagesPerNUMANode: [HugePagePool(pageSize: 1 << 30, count: 16)])
        }
        #expect(error?.mistakes.count == 2)
        #expect(
            error?.mistakes.first
                == "the huge pages of NUMA node 0 (16 × 1Gi) are 17179869184 bytes, more than its "
                + "8589934592 bytes of memory")
    }

    @Test(arguments: [
        ("2s2n8c2t", true), ("16c", true), ("host", false), ("machine.xml", false),
        ("./2s2c", false), ("2s 2c", false), ("", false), ("s", false),
    ])
    func `a shape is told from a file's name`(text: String, isShape: Bool) {
        #expect(MachineShape.looksLikeShape(text) == isShape)
    }
}
