import Foundation
import HardwareModel
import Primitives
import Reporting
import ScenarioInput
import TestSupport
import Testing

struct MachineDiagramTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        var name: String
        var machine: @Sendable () throws -> Machine
        var testDescription: String { name }
    }

    static func shape(
        _ text: String, memory: Int64 = 64 << 30, pages: [HugePagePool] = [],
        numbering: CPUNumbering = .adjacent, cache: Int64 = 0, devices: [Device] = []
    ) throws -> Machine {
        try MachineShape(parsing: text).makeMachine(
            memoryPerNUMANode: memory, hugePagesPerNUMANode: pages, numbering: numbering,
            uncoreCacheSize: cache, devices: devices)
    }

    static let samples: [Sample] = [
        Sample(name: "two-sockets-four-nodes") {
            try shape(
                "2s2n2l4c2t", memory: (31 << 30) + (400 << 20),
                pages: [.init(pageSize: 2 << 20, count: 512), .init(pageSize: 1 << 30, count: 8)],
                numbering: .split, cache: 16 << 20,
                devices: [
                    Device(name: "eth0", numaNodes: [0], osNames: ["eth0"]),
                    Device(name: "sda", osNames: ["sda"]),
                ]
                    + (0..<4).map {
                        Device(
                            name: "0000:18:0\($0).0", pciBusID: "0000:18:0\($0).0",
                            pciClass: 0x0200,
                            vendorID: 0x8086, deviceID: 0x154C, numaNodes: [2])
                    })
        },
        Sample(name: "small-virtual-machine") { try shape("4c", memory: 7_812_345_856) },
        Sample(name: "many-small-sockets") { try shape("1n12s1c", cache: 16 << 20) },
        Sample(name: "a-thousand-cpus") { try shape("64s8c2t", numbering: .split) },
        Sample(name: "dies-in-one-node") {
            try shape("1n2s3d4c2t", numbering: .split, cache: 32 << 20)
        },
        Sample(name: "memory-only-nodes") {
            try readHwlocXML(
                bytes: try MachineFixture.bytes("clusters.v1.xml"), file: "clusters.xml")
        },
        Sample(name: "shared-cache") { try shape("1s1l2n5c1t", cache: 40_370_176) },
    ]

    /// `TOPSIM_UPDATE_GOLDENS=1` writes the drawings anew; the difference is the review.
    @Test(arguments: samples)
    func `the drawing is as it was approved`(_ sample: Sample) throws {
        let drawing = machineDiagram(try sample.machine())
        let path = MachineFixture.path("../diagrams/\(sample.name).txt")
        if ProcessInfo.processInfo.environment["TOPSIM_UPDATE_GOLDENS"] == "1" {
            try Data(drawing.utf8).write(to: URL(filePath: path))
        }
        let approved = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        #expect(drawing == approved)
    }

    static func lines(_ drawing: String) -> [Substring] { drawing.split(separator: "\n") }

    @Test(arguments: samples, [40, 57, 80, 132])
    func `no line is wider than asked for, and boxes close`(_ sample: Sample, width: Int) throws {
        let lines = Self.lines(machineDiagram(try sample.machine(), width: width))
        #expect(lines.allSatisfy { $0.unicodeScalars.count <= width })
        // A line that starts a box ends one at the full width.
        for line in lines where line.hasPrefix("┌") || line.hasPrefix("│") || line.hasPrefix("└") {
            #expect(line.unicodeScalars.count == width)
        }
        let text = lines.joined(separator: "\n")
        #expect(text.count { $0 == "┌" } == text.count { $0 == "┘" })
        #expect(text.count { $0 == "┐" } == text.count { $0 == "└" })
    }

    @Test(arguments: samples)
    func `colour adds nothing but colour`(_ sample: Sample) throws {
        let machine = try sample.machine()
        let coloured = machineDiagram(machine, colour: true)
        #expect(coloured.contains("\u{1B}["))
        let pieces = coloured.split(separator: "\u{1B}[", omittingEmptySubsequences: false)
        let stripped = pieces.enumerated().map { $0 == 0 ? $1 : $1.drop { $0 != "m" }.dropFirst() }
            .joined()
        // Spaces at the end of a line are cut before colour, so they may differ.
        func trimmed(_ text: some StringProtocol) -> [String] {
            text.split(separator: "\n").map { line in
                var line = String(line)
                while line.last == " " { line.removeLast() }
                return line
            }
        }
        #expect(trimmed(stripped) == trimmed(machineDiagram(machine)))
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `every core of a random machine is drawn, or counted`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let text =
            "\(1 + random.below(3))s\(1 + random.below(3))n\(1 + random.below(3))l"
            + "\(1 + random.below(9))c\(1 + random.below(4))t"
        let numbering = CPUNumbering.allCases[random.below(3)]
        let machine = try Self.shape(text, numbering: numbering)
        let width = 40 + random.below(60)
        let drawing = machineDiagram(machine, width: width)
        #expect(Self.lines(drawing).allSatisfy { $0.unicodeScalars.count <= width }, "\(text)")
        if drawing.contains("…") || drawing.contains("⋮") { return }
        let words = Set(drawing.split { " \n│".contains($0) }.map(String.init))
        for core in machine.cores.indices {
            #expect(words.contains(machine.cpus(ofCore: core).description), "\(text) \(numbering)")
        }
    }

    @Test
    func `names from a file cannot drive the terminal`() throws {
        var machine = try Self.shape("1s2c")
        machine.name = "a\u{1B}[31mb\u{9B}c\u{202E}d\n"
        machine.devices = [Device(name: "e\u{7}th", osNames: ["e\u{7}th"])]
        let drawing = machineDiagram(machine)
        #expect(drawing.hasPrefix("a?[31mb?c?d? · 2 cores"))
        #expect(drawing.contains("e?th"))
    }

    @Test(arguments: [
        ("Intel(R) Xeon(R) Gold 6230R CPU @ 2.10GHz", "Intel Xeon Gold 6230R"),
        ("AMD EPYC 7451 24-Core Processor", "AMD EPYC 7451"),
        ("POWER9, altivec supported", "POWER9"),
        ("ThunderX2", "ThunderX2"),
    ])
    func `a processor is called by its name alone`(model: String, short: String) throws {
        var machine = try Self.shape("2s2c")
        for socket in machine.sockets.indices { machine.sockets[socket].model = model }
        #expect(machineDiagram(machine).hasPrefix("2 × \(short) · 4 cores, 4 CPUs"))
    }

    static let sizes: [(bytes: Int64, text: String)] = [
        (1, "1 B"), (1023, "1023 B"), (1024, "1 KiB"), (10_485_760, "10 MiB"),
        (33_714_864_128, "31.4 GiB"), (269_509_197_824, "251 GiB"), (1_649_267_441_664, "1.5 TiB"),
        (5_232_640, "4.99 MiB"), (4_611_686_018_427_387_904, "4 EiB"),
    ]

    @Test(arguments: sizes)
    func `memory has three digits`(bytes: Int64, text: String) throws {
        let machine = try Self.shape("1s1c", memory: bytes)
        #expect(Self.lines(machineDiagram(machine))[0].hasSuffix("1 NUMA node · \(text)"))
    }
}

/// The drawings of all real machines.
@Suite(.enabled(if: SharedFolder.isPresent))
struct RealMachineDiagramTests {
    @Test(arguments: HwlocOracle.files)
    func `a real machine is drawn within 80 columns`(_ file: String) throws {
        let machine = try HwlocOracleTests.machine(file)
        let lines = MachineDiagramTests.lines(machineDiagram(machine))
        #expect(lines.allSatisfy { $0.unicodeScalars.count <= 80 })
        #expect(lines.count <= 125)
        for node in machine.numaNodes {
            #expect(lines.contains { $0.contains("NUMA node \(node.osIndex) ") }, "\(node.osIndex)")
        }
    }
}

struct MachineJSONTests {
    @Test
    func `JSON holds every part, by OS index`() throws {
        let machine = try readHwlocXML(
            bytes: try MachineFixture.bytes("two-sockets.v2.xml"), file: "two-sockets.v2.xml")
        let text = machineJSON(machine)
        #expect(text == machineJSON(machine))
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let counts = try #require(json["counts"] as? [String: Int])
        #expect(
            counts == [
                "sockets": 2, "dies": 0, "numaNodes": 3, "uncoreCaches": 2, "cores": 4, "cpus": 7,
            ])
        let nodes = try #require(json["numaNodes"] as? [[String: Any]])
        #expect(nodes.map { $0["cpus"] as? String } == ["0,2,4,6", "1,3,5", ""])
        #expect(nodes.map { $0["kind"] as? String } == ["dram", "dram", "hbm"])
        #expect(nodes.map { $0["socket"] as? Int } == [0, 36, 36])
        #expect(nodes.map { $0["memoryBytes"] as? Int } == [8 << 30, 8 << 30, 4 << 30])
        #expect(json["distances"] as? [[Int]] == [[10, 22, 23], [21, 10, 13], [24, 14, 11]])
        let cpus = try #require(json["cpus"] as? [[String: Any]])
        #expect(cpus.map { $0["osIndex"] as? Int } == [0, 4, 2, 6, 1, 5, 3])
        #expect(cpus.map { $0["numaNode"] as? Int } == [0, 0, 0, 0, 1, 1, 1])
        let devices = try #require(json["devices"] as? [[String: Any]])
        #expect(devices.map { $0["name"] as? String } == ["ens1f0", "0000:18:01.0", "sda"])
    }
}
