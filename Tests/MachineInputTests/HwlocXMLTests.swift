import HardwareModel
import ScenarioInput
import TestSupport
import Testing

struct HwlocXMLTests {
    static func read(_ text: String) throws(InputError) -> Machine {
        try readHwlocXML(bytes: Array(text.utf8), file: "machines/some.xml")
    }

    @Test
    func `a 2.x file gives every part`() throws {
        let machine = try readHwlocXML(
            bytes: try MachineFixture.bytes("two-sockets.v2.xml"), file: "x/two-sockets.v2.xml")
        #expect(machine.name == "two-sockets.v2")
        #expect(machine.sockets.map(\.osIndex) == [0, 36])
        #expect(machine.sockets[0].model == "Example & Sons 4004 <2 GHz>")
        // CPU 7 is in the file, but no cgroup member may use it.
        #expect(machine.cpus.map(\.osIndex) == [0, 4, 2, 6, 1, 5, 3])
        #expect(machine.cores.map(\.osIndex) == [0, 1, 0, 1])
        #expect(machine.uncoreCaches.map(\.size) == [16 << 20, 16 << 20])
        #expect(machine.numaNodes.map(\.osIndex) == [0, 1, 4])
        #expect(machine.numaNodes.map(\.kind) == [.dram, .dram, .hbm])
        #expect(machine.numaNodes.map(\.socket) == [0, 1, 1])
        #expect(machine.numaNodes.map(\.memory) == [8 << 30, 8 << 30, 4 << 30])
        #expect(
            machine.numaNodes[1].hugePages == [
                HugePagePool(pageSize: 2 << 20, count: 512),
                HugePagePool(pageSize: 1 << 30, count: 2),
            ])
        #expect(machine.cpus.map(\.numaNode) == [0, 0, 0, 0, 1, 1, 1])
        // The file's rows are for 1, 0 and 4.
        #expect(machine.distances?.values == [10, 22, 23, 21, 10, 13, 24, 14, 11])
        #expect(
            machine.devices == [
                Device(
                    name: "ens1f0", pciBusID: "0000:18:00.0", pciClass: 0x0200, vendorID: 0x8086,
                    deviceID: 0x1592, numaNodes: [0], osNames: ["ens1f0", "irdma0"],
                    osKinds: [.network, .openFabrics], linkSpeed: 31_500_000),
                Device(
                    name: "0000:18:01.0", pciBusID: "0000:18:01.0", pciClass: 0x0200,
                    vendorID: 0x8086,
                    deviceID: 0x1889, numaNodes: [0]),
                Device(name: "sda", osNames: ["sda"], osKinds: [.storage]),
            ])
        #expect(machine.validate() == [])
    }

    @Test
    func `a 1.x file gives the same parts by their old names`() throws {
        let machine = try readHwlocXML(
            bytes: try MachineFixture.bytes("clusters.v1.xml"), file: "clusters.v1.xml")
        #expect(machine.sockets == [Socket(osIndex: 0, model: "Example Many-Core")])
        #expect(machine.cpus.map(\.numaNode) == [0, 0, 1, 1])
        #expect(machine.cpus.map(\.uncoreCache) == [0, 0, 1, 1])
        #expect(machine.numaNodes.map(\.kind) == [.dram, .dram, .hbm, .hbm])
        #expect(machine.numaNodes.map(\.memory) == [2 << 30, 4 << 30, 1 << 30, 1 << 30])
        #expect(machine.numaNodes.map(\.socket) == [0, 0, 0, 0])
        // Written in logical order, which is 0, 2, 1, 3, and in units of ten.
        #expect(
            machine.distances?.values == [
                10, 31, 21, 41,
                31, 10, 41, 41,
                21, 41, 10, 31,
                41, 41, 31, 10,
            ])
        #expect(machine.validate() == [])
    }

    @Test
    func `a 1.x machine without NUMA gets one NUMA node, as hwloc 2 shows it`() throws {
        let machine = try Self.read(
            """
            <topology><object type="Machine" os_index="0" cpuset="0x3" local_memory="1073741824">
            <page_type size="4096" count="1"/><page_type size="2097152" count="3"/>
            <object type="PU" os_index="1"/><object type="PU" os_index="0"/></object></topology>
            """)
        #expect(machine.sockets == [Socket(osIndex: 0)])
        #expect(machine.cores.count == 2)
        #expect(
            machine.numaNodes == [
                NUMANode(
                    osIndex: 0, memory: 1 << 30,
                    hugePages: [HugePagePool(pageSize: 2 << 20, count: 3)], socket: 0)
            ])
        #expect(machine.cpus.map(\.numaNode) == [0, 0])
    }

    @Test
    func `NUMA nodes past 63 are read, and only a kubelet refuses them`() throws {
        let machine = try Self.read(
            """
            <topology version="2.0"><object type="Machine" nodeset="0xf...f,0x80000000,,,,,,,0x1">
            <object type="NUMANode" os_index="255" cpuset="0x1" local_memory="17179869184" subtype="GPUMemory"/>
            <object type="NUMANode" os_index="0" cpuset="0xf...f,0x00000001" local_memory="34359738368"/>
            <object type="PU" os_index="0"/><object type="PU" os_index="2048"/></object></topology>
            """)
        #expect(machine.numaNodes.map(\.osIndex) == [0, 255])
        #expect(machine.numaNodes.map(\.kind) == [.dram, .gpu])
        #expect(machine.cpus.map(\.numaNode) == [0, 0])
        #expect(machine.validate() == [])
        #expect(machine.kubeletProblems().count == 2)
    }

    @Test(arguments: [
        ("65536 and 512Mi", [65536, 536_870_912], [536_870_912]),
        ("64Ki is huge where 4Ki is not", [4096, 65536], [65536]),
        ("no base page listed", [2_097_152], [2_097_152]),
    ])
    func `the smallest page is the base page`(name: String, sizes: [Int], pools: [Int64]) throws {
        let pages = sizes.map { "<page_type size=\"\($0)\" count=\"0\"/>" }.joined()
        let machine = try Self.read(
            """
            <topology version="2.1"><object type="Machine">
            <object type="NUMANode" os_index="0" cpuset="0x1" local_memory="1073741824">\(pages)</object>
            <object type="PU" os_index="0"/></object></topology>
            """)
        #expect(machine.numaNodes[0].hugePages.map(\.pageSize) == pools)
    }

    @Test
    func `every contradiction is told, with the file's name`() {
        let error = #expect(throws: InputError.self) {
            try Self.read(
                """
                <topology version="2.0"><object type="Machine">
                <object type="NUMANode" os_index="0" cpuset="0x3"/>
                <object type="Package" os_index="0"><object type="PU" os_index="0"/></object>
                <object type="PU" os_index="1"/><object type="PU" os_index="2"/>
                </object></topology>
                """)
        }
        #expect(error?.diagnostics.map(\.message) == ["CPUs 1-2 are in no socket"])
        #expect(error?.diagnostics.first?.file == "machines/some.xml")
    }
}

/// Bytes that nobody should trust: each gives one clear error with its line, at once.
struct HostileHwlocXMLTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        var name: String
        var line: Int
        /// Part of the message.
        var says: String
        var text: @Sendable () -> String
        var testDescription: String { name }
    }

    static func nested(_ inner: String) -> String {
        "<topology version=\"2.0\">\n<object type=\"Machine\">\n\(inner)</object></topology>"
    }

    @Test(arguments: [
        Attack(name: "nothing", line: 1, says: "ends before any element") { "" },
        Attack(name: "words", line: 1, says: "text before the first element") { "sockets: 2" },
        Attack(name: "other XML", line: 2, says: "`<svg>`") { "<?xml version='1.0'?>\n<svg/>" },
        Attack(name: "no CPU", line: 1, says: "no CPU") { "<topology/>" },
        Attack(name: "billion laughs", line: 1, says: "declares entities") {
            "<!DOCTYPE topology [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<topology/>"
        },
        Attack(name: "external entity", line: 1, says: "declares entities") {
            "<!DOCTYPE topology [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><topology>&x;</topology>"
        },
        Attack(name: "unknown entity", line: 3, says: "unknown reference `&x;`") {
            nested("<info name=\"CPUModel\" value=\"&x;\"/>")
        },
        Attack(name: "escape by number", line: 3, says: "unknown reference `&#27;`") {
            nested("<info name=\"CPUModel\" value=\"&#27;[2J\"/>")
        },
        Attack(name: "truncated in a tag", line: 3, says: "ends inside `<object>`") {
            "<topology>\n<object type=\"Machine\">\n<object type=\"PU"
        },
        Attack(
            name: "truncated between tags", line: 3, says: "ends inside `<object>`, which line 2"
        ) {
            "<topology>\n<object type=\"Machine\">\n"
        },
        Attack(name: "wrong close", line: 2, says: "stands where `<object>` of line 2") {
            "<topology>\n<object type=\"Machine\"></topology>"
        },
        Attack(name: "two roots", line: 2, says: "second element") {
            nested("<object type=\"PU\" os_index=\"0\"/>").replacing("\n", with: "")
                + "\n<topology/>"
        },
        Attack(name: "attribute twice", line: 3, says: "`type` is given twice") {
            nested("<object type=\"PU\" type=\"Core\"/>")
        },
        Attack(name: "bare attribute", line: 3, says: "needs a quoted value") {
            nested("<object type=PU/>")
        },
        Attack(name: "control character", line: 3, says: "control character") {
            nested("<object type=\"P\u{1}U\"/>")
        },
        Attack(name: "deep", line: 3, says: "deeper than 256") {
            nested(String(repeating: "<object type=\"Group\">", count: 100_000))
        },
        Attack(name: "many objects", line: 3, says: "more than 100000 objects") {
            nested(String(repeating: "<object type=\"Misc\"/>", count: 100_001))
        },
        Attack(name: "many elements", line: 3, says: "more than 250000 elements") {
            nested(String(repeating: "<a/>", count: 250_001))
        },
        Attack(name: "many attributes", line: 3, says: "more than 64 attributes") {
            nested("<a " + (0..<70).map { "a\($0)=\"\" " }.joined() + "/>")
        },
        Attack(name: "many CPUs", line: 2, says: "9000 CPUs") {
            nested((0..<9000).map { "<object type=\"PU\" os_index=\"\($0)\"/>" }.joined())
        },
        Attack(name: "huge number", line: 3, says: "`local_memory` is `9223372036854775808`") {
            nested(
                "<object type=\"NUMANode\" os_index=\"0\" local_memory=\"9223372036854775808\"/>")
        },
        Attack(name: "negative number", line: 3, says: "`os_index` is `-1`") {
            nested("<object type=\"PU\" os_index=\"-1\"/>")
        },
        Attack(name: "CPU without index", line: 3, says: "PU object without an `os_index`") {
            nested("<object type=\"PU\"/>")
        },
        Attack(name: "twin CPUs", line: 4, says: "a second PU object with the `os_index` 0") {
            nested("<object type=\"PU\" os_index=\"0\"/>\n<object type=\"PU\" os_index=\"0\"/>")
        },
        Attack(name: "bad bitmap", line: 3, says: "`0xzz` is not a bitmap") {
            nested(
                "<object type=\"NUMANode\" os_index=\"0\" cpuset=\"0xzz\"/>"
                    + "<object type=\"PU\" os_index=\"0\"/>")
        },
        Attack(name: "long bitmap", line: 3, says: "is not a bitmap") {
            nested(
                "<object type=\"NUMANode\" os_index=\"0\" cpuset=\"\(String(repeating: ",", count: 40_000))\"/>"
                    + "<object type=\"PU\" os_index=\"0\"/>")
        },
        Attack(name: "large table", line: 3, says: "distances for 4000000000 objects") {
            nested("<distances2 type=\"NUMANode\" name=\"NUMALatency\" nbobjs=\"4000000000\"/>")
        },
        Attack(name: "short table", line: 3, says: "has 1 values instead of 4") {
            nested(
                "<distances2 type=\"NUMANode\" name=\"NUMALatency\" nbobjs=\"2\">"
                    + "<u64values>10</u64values></distances2>")
        },
        Attack(name: "long table", line: 3, says: "more distances") {
            nested(
                "<distances2 type=\"NUMANode\" name=\"NUMALatency\" nbobjs=\"1\">"
                    + "<u64values>10 20</u64values></distances2>")
        },
        Attack(name: "words in a table", line: 3, says: "`ten` stands in a table") {
            nested(
                "<distances2 type=\"NUMANode\" name=\"NUMALatency\" nbobjs=\"1\">"
                    + "<u64values>ten</u64values></distances2>")
        },
        Attack(name: "a version to come", line: 1, says: "version `4.0`") {
            "<topology version=\"4.0\"/>"
        },
    ])
    func `bytes that are no machine give one error with its line`(_ attack: Attack) {
        let error = #expect(throws: InputError.self) { try HwlocXMLTests.read(attack.text()) }
        #expect(error?.diagnostics.count == 1)
        #expect(error?.diagnostics.first?.line == attack.line)
        let message = error?.diagnostics.first?.message ?? ""
        #expect(message.contains(attack.says), "\(message)")
    }

    @Test
    func `a long bitmap that many devices share is parsed once`() throws {
        let bitmap = [String](repeating: "0xffffffff", count: 32_000).joined(separator: ",")
        let devices = String(repeating: "<object type=\"PCIDev\"/>", count: 20_000)
        let start = ContinuousClock.now
        let machine = try HwlocXMLTests.read(
            Self.nested(
                "<object type=\"PU\" os_index=\"0\"/>"
                    + "<object type=\"Group\" nodeset=\"\(bitmap)\">\(devices)</object>"))
        #expect(machine.devices.count == 20_000)
        // Once for each device it would be many minutes.
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test
    func `a file cut anywhere is an error and never a machine`() throws {
        for name in ["two-sockets.v2.xml", "clusters.v1.xml"] {
            let bytes = try MachineFixture.bytes(name)
            let end = try #require(bytes.lastIndex(of: UInt8(ascii: ">")))
            for length in stride(from: 0, through: end, by: 41) {
                let error = #expect(throws: InputError.self) {
                    try readHwlocXML(bytes: Array(bytes[..<length]), file: name)
                }
                #expect(error?.diagnostics.count == 1)
            }
        }
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `flipped bytes never crash the reader`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var bytes = try MachineFixture.bytes(
            seed % 2 == 0 ? "two-sockets.v2.xml" : "clusters.v1.xml")
        for _ in 0..<(1 + random.below(20)) {
            bytes[random.below(bytes.count)] = UInt8(random.below(256))
        }
        // Either a machine that validates without a crash or at least one error.
        do {
            _ = try readHwlocXML(bytes: bytes, file: "flipped.xml").validate()
        } catch {
            #expect(!error.diagnostics.isEmpty)
        }
    }
}

/// SplitMix64, enough to damage files reproducibly.
struct SeededRandom {
    var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }
}

/// The newer format: the same machines where the shared folder has both, and sane counts otherwise.
@Suite(.enabled(if: SharedFolder.isPresent))
struct HwlocVersion3Tests {
    static func machine(_ file: String) throws -> Machine {
        try readHwlocXML(
            bytes: [UInt8](try SharedFolder.contents("data/hw/\(file)")), file: "machine.xml")
    }

    @Test(arguments: [
        ("hwloc-xml-v3/hwloc_nvidiaDGX2.xml", "hwloc-xml/hwloc_nvidiaDGX2.xml"),
        ("hwloc-xml-v3/hwloc_cxlmem+dax.v3.xml", "hwloc-xml/hwloc_cxlmem+dax.v2.xml"),
    ])
    func `3.0 and 2.0 files of one machine give equal CPUs, memory and devices`(
        new: String, old: String
    ) throws {
        let (new, old) = (try Self.machine(new), try Self.machine(old))
        // The 3.0 files have no page sizes, and the 2.0 files no huge page.
        #expect(new.totalHugePages == [] && old.totalHugePages.allSatisfy { $0.count == 0 })
        let aspects = Set(MachineAspect.allCases).subtracting([.hugePages])
        #expect(machineDifferences(between: new, and: old, in: aspects) == [])
        #expect(new.devices.map(\.name) == old.devices.map(\.name))
    }

    struct ByHand: Sendable, CustomTestStringConvertible {
        var file: String
        var dies: Int
        var uncoreCaches: Int
        var cacheSize: Int64
        /// By socket: the first CPU of its first core and the first sibling, and how many cores.
        var runs: [(first: Int, sibling: Int, cores: Int)]
        var testDescription: String { file }
    }

    @Test(arguments: [
        // Package 0 has the cpuset 0xffffffff,0xffffffff,0xffffffff,,,,0xffffffff,0xffffffff,0xffffffff: three words of
        // 32 CPUs are 0-95, then three empty words, then words 6 to 8 are 192-287. So 192 CPUs a package; core 0 is
        // CPUs 0 and 192, hence 96 cores of two. Package 1 is the same three words higher: 96-191 and 288-383.
        // A die and its L3 are `0x000000ff,,,,,,0x000000ff`: eight cores. 96 / 8 = 12 a package, 24 in all, 32 MiB each
        // (cache_size 33554432), as the Epyc 9654's 12 chiplets with 384 MiB.
        ByHand(
            file: "hwloc-xml-v3/hwloc_AMD-19h-Zen4-2xEpyc-9654.xml", dies: 24, uncoreCaches: 24,
            cacheSize: 32 << 20, runs: [(0, 192, 96), (96, 288, 96)]),
        // Package 0 has 0x00ffffff,0xffff0000,0x000000ff,0xffffffff: word 0 is 0-31 and word 1 is 32-39, forty CPUs;
        // word 2's upper half is 80-95 and word 3's lower 24 bits are 96-119, forty more. Core 0 is CPUs 0 and 80
        // (0x00010000,,0x1: bit 16 of word 2), so 40 cores of two. Package 1 is 40-79 and 120-159. Each package has one
        // L3 of 102236160 bytes, 97.5 MiB, as the Xeon Max 9460 has; no dies. The x86 backend read CPUID alone, so the
        // HBM and the sub-NUMA clusters are not in the file: one NUMA node around all, of unknown size.
        ByHand(
            file: "hwloc-xml-v3/hwloc_Intel-SapphireRapids-2xXeonMax9460.xml", dies: 0,
            uncoreCaches: 2, cacheSize: 102_236_160, runs: [(0, 80, 40), (40, 120, 40)]),
    ])
    func `other 3.0 files have the counts that their cpusets spell out`(_ known: ByHand) throws {
        let machine = try Self.machine(known.file)
        let cpus = known.runs.flatMap { run in
            (0..<run.cores).flatMap { [run.first + $0, run.sibling + $0] }
        }
        #expect(machine.cpus.map(\.osIndex) == cpus)
        #expect(machine.sockets.map(\.osIndex) == Array(known.runs.indices))
        #expect(machine.cores.count == known.runs.reduce(0) { $0 + $1.cores })
        for (socket, run) in known.runs.enumerated() {
            #expect(machine.cpus.count { $0.socket == socket } == 2 * run.cores)
        }
        #expect(machine.dies.count == known.dies)
        #expect(machine.uncoreCaches.count == known.uncoreCaches)
        #expect(machine.uncoreCaches.allSatisfy { $0.size == known.cacheSize })
        let perCache = machine.cpus.count / known.uncoreCaches
        for cache in machine.uncoreCaches.indices {
            #expect(machine.cpus.count { $0.uncoreCache == cache } == perCache)
        }
        #expect(machine.numaNodes == [NUMANode(osIndex: 0, memory: 0)])
        #expect(machine.cpus.allSatisfy { $0.numaNode == 0 })
        #expect(machine.validate() == [])
    }
}
