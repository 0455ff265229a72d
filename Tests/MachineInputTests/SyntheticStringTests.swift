import HardwareModel
import Primitives
import ScenarioInput
import Testing

/// Strings against what hwloc 2.9 itself makes of them.
struct SyntheticStringTests {
    static func read(_ text: String) throws(InputError) -> ImportedMachine {
        try readSyntheticMachine(bytes: Array(text.utf8), file: "some.synthetic")
    }

    struct Known: Sendable, CustomTestStringConvertible {
        var text: String
        /// OS indices in hwloc's order; empty where hwloc shows none.
        var sockets: [Int] = []
        var dies: [Int] = []
        var uncoreCaches: Int = 0
        var cores: [Int] = []
        var cpus: [Int]
        /// OS index, GiB and the CPUs that live there.
        var numaNodes: [(osIndex: Int, gibibytes: Int64, cpus: String)]
        var testDescription: String { text }
    }

    @Test(arguments: [
        Known(
            text: "Package:2 [NUMANode(memory=16GiB)] L3:1 Core:2 PU:2", sockets: [0, 1],
            uncoreCaches: 2, cores: [0, 1, 2, 3], cpus: Array(0..<8),
            numaNodes: [(0, 16, "0-3"), (1, 16, "4-7")]),
        // The second package has the lowest CPU.
        Known(
            text: "Package:2 die:1 NUMA:2 L3:1(size=16MiB) Core:1 PU:2(indexes=6,1,4,7,3,5,0,2)",
            sockets: [1, 0], dies: [0, 1], uncoreCaches: 4, cores: [3, 2, 0, 1],
            cpus: [0, 2, 3, 5, 1, 6, 4, 7],
            numaNodes: [(0, 1, "1,6"), (1, 1, "4,7"), (2, 1, "3,5"), (3, 1, "0,2")]),
        Known(
            text: "pack:2 numa:2(indexes=3,2,1,0) l3:1 core:2 pu:2(indexes=pack:core)",
            sockets: [0, 1], uncoreCaches: 4, cores: Array(0..<8),
            cpus: [0, 8, 2, 10, 4, 12, 6, 14, 1, 9, 3, 11, 5, 13, 7, 15],
            numaNodes: [
                (0, 1, "5,7,13,15"), (1, 1, "1,3,9,11"), (2, 1, "4,6,12,14"), (3, 1, "0,2,8,10"),
            ]),
        // hwloc numbers memory from the inside out; CPUs live on the smallest.
        Known(
            text: "[numanode(memory=3GiB)] pack:2 [numanode(memory=1GiB)] core:2 "
                + "[numanode(memory=2GiB)] pu:2",
            sockets: [0, 1], cores: [0, 1, 2, 3], cpus: Array(0..<8),
            numaNodes: [
                (0, 2, "0-1"), (1, 2, "2-3"), (2, 1, ""), (3, 2, "4-5"), (4, 2, "6-7"), (5, 1, ""),
                (6, 3, ""),
            ]),
        // What has the lowest CPU comes first.
        Known(
            text: "pack:2(indexes=36,138) die:2(indexes=0,1,0,1) core:1 pu:1(indexes=3,2,1,0)",
            sockets: [138, 36], dies: [1, 0, 1, 0], cores: [3, 2, 1, 0], cpus: [0, 1, 2, 3],
            numaNodes: [(0, 1, "0-3")]),
        Known(
            text: "2 2 2", sockets: [0, 1], cpus: Array(0..<8),
            numaNodes: [(0, 1, "0-1"), (1, 1, "2-3"), (2, 1, "4-5"), (3, 1, "6-7")]),
        Known(text: "2 3", cpus: Array(0..<6), numaNodes: [(0, 1, "0-2"), (1, 1, "3-5")]),
        Known(text: "4", cpus: Array(0..<4), numaNodes: [(0, 1, "0-3")]),
        Known(
            text: "2 1 1 1 1 2 2 2", sockets: [0, 1], uncoreCaches: 2, cores: Array(0..<8),
            cpus: Array(0..<16), numaNodes: [(0, 1, "0-7"), (1, 1, "8-15")]),
        Known(
            text: "pack:2 l3i:1 l2:2 core:1 pu:2", sockets: [0, 1], cores: [0, 1, 2, 3],
            cpus: Array(0..<8), numaNodes: [(0, 1, "0-7")]),
        Known(
            text: "Group0:2 pack:1 node:1 PU:2", sockets: [0, 1], cpus: Array(0..<4),
            numaNodes: [(0, 1, "0-1"), (1, 1, "2-3")]),
        Known(
            text: "node:2 pu:2(indexes=2*2)", cpus: [0, 2, 1, 3],
            numaNodes: [(0, 1, "0,2"), (1, 1, "1,3")]),
        Known(
            text: "pack:0x2 core:010 pu:1", sockets: [0, 1], cores: Array(0..<16),
            cpus: Array(0..<16), numaNodes: [(0, 1, "0-15")]),
        Known(
            text: "pack:2 [numa(memory=1GiB)] [numa(memory=4GiB indexes=2,0,3,1)] core:1 pu:1",
            sockets: [0, 1], cores: [0, 1], cpus: [0, 1],
            numaNodes: [(0, 4, "0"), (1, 4, "1"), (2, 1, ""), (3, 1, "")]),
    ])
    func `a string gives the machine that hwloc makes of it`(_ known: Known) throws {
        let machine = try Self.read(known.text).machine
        #expect(machine.sockets.map(\.osIndex) == (known.sockets.isEmpty ? [0] : known.sockets))
        #expect(machine.dies.map(\.osIndex).sorted() == known.dies.sorted())
        #expect(machine.uncoreCaches.count == known.uncoreCaches)
        #expect(machine.uncoreCaches.allSatisfy { $0.size == 16 << 20 })
        if !known.cores.isEmpty {
            #expect(machine.cores.map(\.osIndex) == known.cores)
        }
        #expect(machine.cpus.map(\.osIndex) == known.cpus)
        #expect(machine.numaNodes.map(\.osIndex) == known.numaNodes.map(\.osIndex))
        #expect(machine.numaNodes.map(\.memory) == known.numaNodes.map { $0.gibibytes << 30 })
        #expect(
            machine.numaNodes.indices.map { machine.cpus(ofNUMANode: $0).description }
                == known.numaNodes.map(\.cpus))
        #expect(machine.validate() == [])
    }

    @Test
    func `sizes are in units of 1,000 and of 1,024`() throws {
        let text = "numa:1(memory=2GB) l3:2(size=512kiB) core:1 pu:1"
        let machine = try Self.read(text).machine
        #expect(machine.numaNodes.map(\.memory) == [2_000_000_000])
        #expect(machine.uncoreCaches.map(\.size) == [512 << 10, 512 << 10])
    }

    @Test
    func `what was guessed and dropped is told`() throws {
        let report = try Self.read(
            "numa:2(memory=2GB memorysidecachesize=1GiB colour=red) l2:1 core:1 pu:2"
        ).report
        let dropped = report.notes.filter { $0.outcome == .dropped }.map(\.subject)
        #expect(dropped == ["1 levels", "memorysidecachesize", "attribute colour"])
        let guessed = report.notes.filter { $0.outcome == .guessed }.map(\.subject)
        #expect(guessed == ["socket 0", "huge pages, distances and devices"])
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var text: String
        var says: String
        var testDescription: String { String(text.prefix(60)) }
    }

    @Test(arguments: [
        Mistake(text: "NUMA:1000000 Core:1000000", says: "`NUMA:1000000` makes more than 8192"),
        Mistake(text: "Core:8192 PU:9223372036854775807", says: "makes more than 8192"),
        Mistake(text: "Core:4 PU:99999999999999999999", says: "is not a number that fits"),
        Mistake(text: "NUMA:2048 PU:1", says: "2048 NUMA nodes, and no machine has more than 1024"),
        Mistake(text: "PU:513 [numa] [numa]", says: "1026 NUMA nodes, and no machine has"),
        Mistake(text: "numa:1(memory=9999999999TiB) pu:1", says: "more than 2^63 - 1 bytes"),
        Mistake(text: "numa:1(memory=3Gi) pu:1", says: "`Gi` is no unit of memory"),
        Mistake(text: "Core:0 PU:1", says: "`Core:0` asks for none"),
        Mistake(text: "Core:2", says: "the last level must be PU"),
        Mistake(text: "Core:2 3 PU:1", says: "some levels have a part's name and some only"),
        Mistake(text: "Core:2 Core:2 PU:1", says: "a second level of Core"),
        Mistake(text: "numa:1 core:1 [numa] pu:1", says: "both as a level and in brackets"),
        Mistake(text: "Kettle:2 PU:1", says: "`Kettle:2` is no part of a machine"),
        Mistake(text: "L9:1 PU:1", says: "there are L1 to L5"),
        Mistake(text: "core 2 pu:1", says: "`:` and a number must follow `core`"),
        Mistake(text: "core:1(memory=1GB pu:1", says: "`pu:1` is no attribute"),
        Mistake(text: "core:1(memory=1GB", says: "`)` is missing"),
        Mistake(text: "[numa(memory=1GB) core:1 pu:1", says: "`]` is missing"),
        Mistake(text: "[core] pu:1", says: "only NUMA nodes can stand in brackets"),
        Mistake(text: "pu:4(indexes=0,1,2)", says: "3 numbers for 4 parts"),
        Mistake(text: "pu:4(indexes=0,1,2,2)", says: "the number 2 is given to two parts"),
        Mistake(text: "pu:2(indexes=0,9999999)", says: "the number 9999999, and the highest"),
        Mistake(text: "pu:4(indexes=3*2)", says: "is given to two parts"),
        Mistake(text: "pu:4(indexes=2*9)", says: "loops that do not number 4 parts"),
        Mistake(text: "pu:4(indexes=0*2)", says: "is empty"),
        Mistake(text: "core:2 pu:2(indexes=pack)", says: "names a part that the string has not"),
        Mistake(text: "core:2 pu:2(indexes=core:core)", says: "names a part twice"),
        Mistake(text: "   ", says: "no parts"),
        Mistake(
            text: String(repeating: "group:1 ", count: 200) + "pu:1", says: "more than 127 levels"),
        Mistake(
            text: String(repeating: " ", count: 300_000), says: "has 300000 bytes, and the limit"),
    ])
    func `a string that is no machine gives one error`(_ mistake: Mistake) {
        let error = #expect(throws: InputError.self) { try Self.read(mistake.text) }
        #expect(error?.diagnostics.count == 1)
        let message = error?.diagnostics.first?.message ?? ""
        #expect(message.contains(mistake.says), "\(message)")
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func `damaged strings never crash the reader`(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var bytes = Array(
            "pack:2(indexes=1,0) [numa(memory=4GiB indexes=2*2)] l3:1(size=1MB) core:2 pu:2".utf8)
        for _ in 0..<(1 + random.below(6)) {
            switch random.below(3) {
            case 0: bytes[random.below(bytes.count)] = UInt8(random.below(256))
            case 1: bytes.remove(at: random.below(bytes.count))
            default: bytes.insert(bytes[random.below(bytes.count)], at: random.below(bytes.count))
            }
        }
        do {
            _ = try readSyntheticMachine(bytes: bytes, file: "damaged").machine.validate()
        } catch {
            #expect(!error.diagnostics.isEmpty)
        }
    }
}
