import Foundation
import HardwareModel
import ScenarioInput
import Testing

/// Archives and files that nobody's kernel wrote: one clear error each, and nothing read outside the tree.
struct HostileSysfsTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        var says: String
        var testDescription: String { name }
    }

    private static let honest = TarFixture(SmallSystem.files).bytes

    private static func archive(_ add: (inout TarFixture) -> Void) -> [UInt8] {
        var archive = TarFixture()
        for file in SmallSystem.files { archive.add(file.path, file.text) }
        add(&archive)
        archive.end()
        return archive.bytes
    }

    private static func changed(_ path: String, _ text: String) -> [UInt8] {
        TarFixture(SmallSystem.files(changing: [path: text])).bytes
    }

    private static func packed(_ tool: String) -> [UInt8] {
        (try? TarFixture.pack(honest, by: tool)) ?? []
    }

    private static let cpu = "sys/devices/system/cpu"
    private static let node = "sys/devices/system/node"
    private static let pci = "sys/bus/pci/devices/0000:3b:00.0"

    static let attacks: [Attack] = [
        Attack(name: "no bytes", bytes: [], says: "the archive is empty"),
        Attack(
            name: "no archive", bytes: Array(repeating: 0x41, count: 4096),
            says: "no tar archive, or a damaged one"),
        Attack(
            name: "only zeros", bytes: Array(repeating: 0, count: 4096),
            says: "no folder `sys/devices/system/cpu`"),
        Attack(
            name: "cut in a header", bytes: Array(honest.prefix(5120 + 100)),
            says: "ends in the middle of a file"),
        Attack(
            name: "cut in a file", bytes: Array(archive { $0.add("x/online", "1") }.dropLast(1536)),
            says: "ends in the middle of a file"),
        Attack(
            name: "a damaged header",
            bytes: honest.enumerated().map { $0.offset == 1024 + 5 ? $0.element ^ 1 : $0.element },
            says: "no tar archive, or a damaged one"),
        Attack(
            name: "cut gzip", bytes: Array(packed("gzip").dropLast(20)),
            says: "is not a whole gzip file"),
        Attack(
            name: "cut bzip2", bytes: Array(packed("bzip2").dropLast(20)),
            says: "is not a whole bzip2 file"),
        Attack(
            name: "cut xz", bytes: Array(packed("xz").dropLast(20)),
            says: "is not a whole xz file"),
        Attack(
            name: "gzip of rubbish", bytes: [0x1F, 0x8B, 8, 0, 1, 2, 3, 4, 5],
            says: "is not a whole gzip file"),
        Attack(
            name: "a bomb of gzip",
            // A packed megabyte of zeros, 700 times.
            bytes: ((try? TarFixture.pack([UInt8](repeating: 0, count: 1 << 20), by: "gzip")) ?? [])
                .repeated(700),
            says: "unpacks to more than 536,870,912 bytes"),
        Attack(
            name: "a size of 8 GiB", bytes: archive { $0.add("x", type: "0", size: "77777777777") },
            says: "a file of 8,589,934,591 bytes"),
        Attack(
            name: "a size beyond 64 bits",
            bytes: archive {
                $0.add("x", type: "0", size: String(repeating: "7", count: 12))
            }, says: "a file of 68,719,476,735 bytes"),
        Attack(
            name: "a size that is no number",
            bytes: archive { $0.add("x", type: "0", size: "12x45") },
            says: "a file whose size is no number"),
        Attack(
            name: "a small file that is large",
            bytes: archive { $0.add("a/online", type: "0", size: "00100000000") },
            says: "`a/online` has 16,777,216 bytes"),
        Attack(
            name: "up and out", bytes: archive { $0.add("sys/../../etc/passwd", "x") },
            says: "`sys/../../etc/passwd` has `..` in it"),
        Attack(
            name: "absolute", bytes: archive { $0.add("/etc/passwd", "x") },
            says: "`/etc/passwd` is an absolute path"),
        Attack(
            name: "absolute in an extension",
            bytes: archive {
                $0.add("x", type: "L", body: Array("/etc/cron.d/evil\0".utf8))
                $0.add("y", "x")
            }, says: "`/etc/cron.d/evil` is an absolute path"),
        Attack(
            name: "hard link out",
            bytes: archive { $0.add("a/online", type: "1", link: "../../x") },
            says: "`../../x` has `..` in it"),
        Attack(
            name: "a long name",
            bytes: archive { $0.add("x", type: "L", body: Array(repeating: 0x61, count: 70_000)) },
            says: "a name of 70,000 bytes"),
        Attack(
            name: "a name of 5,000 bytes",
            bytes: archive {
                $0.add("x", type: "L", body: Array(repeating: 0x61, count: 5_000))
                $0.add("y", "x")
            }, says: "a name of 5,000 bytes"),
        Attack(
            name: "deep",
            bytes: archive {
                let name = (0..<200).map { _ in "d" }.joined(separator: "/")
                $0.add("x", type: "L", body: Array(name.utf8))
                $0.add("y", "x")
            }, says: "is 200 folders deep, and the limit is 64"),
        Attack(
            name: "a damaged extended header",
            bytes: archive { $0.add("x", type: "x", body: Array("999 path=a\n".utf8)) },
            says: "a damaged extended header"),
        Attack(
            name: "an extended size",
            bytes: archive {
                $0.add("x", type: "x", body: Array("22 size=999999999999\n\n".utf8))
                $0.add("y", "x")
            }, says: "a file of 999,999,999,999 bytes"),
        Attack(
            name: "links in a circle",
            bytes: {
                var archive = TarFixture()
                archive.link("sys/devices/system", to: "../system")
                archive.link("sys/system", to: "devices/system")
                archive.end()
                return archive.bytes
            }(), says: "no folder `sys/devices/system/cpu`"),
        Attack(
            name: "an absurd CPU", bytes: changed("\(cpu)/cpu4294967295/topology/core_id", "0"),
            says: "cpu4294967295: a number past 8191"),
        Attack(
            name: "a CPU past 64 bits",
            bytes: changed("\(cpu)/cpu99999999999999999999/topology/core_id", "0"),
            says: "a number past 8191"),
        Attack(
            name: "an absurd list of CPUs", bytes: changed("\(cpu)/online", "0-4000000000"),
            says: "`0-4000000000` names CPUs past 8191"),
        Attack(
            name: "a list that runs backwards", bytes: changed("\(cpu)/online", "7-3"),
            says: "`7-3` has a range that runs backwards"),
        Attack(
            name: "a list of words", bytes: changed("\(cpu)/online", "all of them"),
            says: "`all of them` is no list of CPUs"),
        Attack(
            name: "a list that is negative", bytes: changed("\(cpu)/online", "-1"),
            says: "`-1` is no list of CPUs"),
        Attack(
            name: "an absurd list of a node's CPUs",
            bytes: changed("\(node)/node0/cpulist", "0-3,99999999999999999999"),
            says: "names CPUs past 8191"),
        Attack(
            name: "a mask of words", bytes: changed("\(node)/node1/cpumap", "000000zz"),
            says: "`000000zz` is no set of CPUs"),
        Attack(
            name: "a mask beyond any CPU",
            bytes: changed(
                "\(node)/node1/cpumap", String(repeating: "ffffffff,", count: 600) + "ffffffff"),
            says: "names CPUs past 8191"),
        Attack(
            name: "an absurd node", bytes: changed("\(node)/node70000/cpulist", ""),
            says: "node70000: a number past 1023"),
        Attack(
            name: "absurd siblings",
            bytes: changed("\(cpu)/cpu0/topology/thread_siblings_list", "0-4294967295"),
            says: "names CPUs past 8191"),
        Attack(
            name: "a cache that is shared absurdly",
            bytes: changed("\(cpu)/cpu0/cache/index3/shared_cpu_list", "0-4294967295"),
            says: "names CPUs past 8191"),
        Attack(
            name: "a CPU on two nodes", bytes: changed("\(node)/node0/cpulist", "0-15"),
            says: "the kernel contradicts itself"),
        Attack(
            name: "a device whose CPUs are absurd",
            bytes: TarFixture(
                SmallSystem.files(changing: [
                    "\(pci)/numa_node": "-1", "\(pci)/local_cpulist": "0-99999",
                ])
            ).bytes, says: "names CPUs past 8191"),
    ]

    @Test(arguments: attacks)
    func `an archive that nobody's kernel wrote is one error`(_ attack: Attack) {
        let error = #expect(throws: InputError.self) {
            try readSysfsArchive(bytes: attack.bytes, file: "evil.tar")
        }
        let messages = error?.diagnostics.map(\.message) ?? []
        #expect(messages.contains { $0.contains(attack.says) }, "\(messages)")
        #expect(error?.diagnostics.allSatisfy { $0.file == "evil.tar" } == true)
        if !attack.says.contains("contradicts") { #expect(messages.count == 1) }
    }

    /// Values that are no sizes or ids do no harm: they count as unknown.
    @Test(arguments: [
        ("\(cpu)/cpu0/topology/core_id", "99999999999999999999"),
        ("\(cpu)/cpu0/topology/physical_package_id", "-9223372036854775808"),
        ("\(cpu)/cpu0/cache/index3/size", "9223372036854775807K"),
        ("\(node)/node0/hugepages/hugepages-9223372036854775807kB/nr_hugepages", "1"),
        ("\(node)/node1/distance", "21 10 x"),
        ("\(pci)/class", "0xffffffffffffffff"),
        ("\(pci)/numa_node", "70000"),
        ("proc/cpuinfo", String(repeating: "x", count: 1 << 16)),
        ("proc/cmdline", String(repeating: "isolcpus=1 ", count: 5000)),
        ("proc/mounts", String(repeating: "a b cgroup2 d e\n", count: 5000)),
    ])
    func `an absurd value is no value`(path: String, text: String) throws {
        let machine = try readSysfsArchive(bytes: Self.changed(path, text), file: "x.tar")[0]
            .machine
        #expect(machine.cpus.count == 16)
        for mistake in machine.validate() { #expect(mistake.contains("distance")) }
    }

    @Test
    func `memory and pages past 64 bits are refused before they are used`() throws {
        for (path, text) in [
            ("\(Self.node)/node0/meminfo", "Node 0 MemTotal: 9007199254740991 kB"),
            ("\(Self.node)/node0/hugepages/hugepages-2048kB/nr_hugepages", "9223372036854775807"),
        ] {
            let url = FileManager.default.temporaryDirectory.appending(
                path: "\(UUID().uuidString).tar")
            defer { try? FileManager.default.removeItem(at: url) }
            try Data(Self.changed(path, text)).write(to: url)
            let error = #expect(throws: InputError.self, "\(text)") { try loadMachine(url.path) }
            #expect(error?.diagnostics.isEmpty == false)
        }
    }

    /// Links of archives and folders are followed inside the tree, whatever they say.
    @Test
    func `no link leads out of the tree`() throws {
        let secret = FileManager.default.temporaryDirectory.appending(
            path: "topsim-secret-\(UUID().uuidString)")
        try Data("0-3\n".utf8).write(to: secret)
        defer { try? FileManager.default.removeItem(at: secret) }
        let climb = String(repeating: "../", count: 40) + secret.path.dropFirst()
        for target in [secret.path, climb] {
            var archive = TarFixture()
            let system = try FakeSystem()
            for file in SmallSystem.files where file.path != "\(Self.cpu)/online" {
                archive.add(file.path, file.text)
                try system.write(file.path, file.text)
            }
            archive.link("\(Self.cpu)/online", to: target)
            try FileManager.default.createSymbolicLink(
                atPath: system.path + "/\(Self.cpu)/online", withDestinationPath: target)
            // Had the secret been read, there would be 4 CPUs.
            let packed = try readSysfsArchive(bytes: archive.bytes, file: "x.tar")[0].machine
            #expect(packed.cpus.count == 16)
            let unpacked = try readSysfsFolder(system.root, file: "x")[0].machine
            #expect(unpacked.cpus.count == 16)
        }
    }

    @Test
    func `an absolute link starts at the tree's root`() throws {
        var archive = TarFixture()
        for file in SmallSystem.files where file.path != "\(Self.cpu)/online" {
            archive.add("here/\(file.path)", file.text)
        }
        archive.add("here/etc/online", "0-7\n")
        archive.link("here/\(Self.cpu)/online", to: "/etc/online")
        #expect(
            try readSysfsArchive(bytes: archive.bytes, file: "x.tar")[0].machine.cpus.count == 8)
    }

    @Test
    func `pipes in a folder do not make the reader wait`() throws {
        let system = try FakeSystem()
        for file in SmallSystem.files where file.path != "\(Self.cpu)/online" {
            try system.write(file.path, file.text)
        }
        mkfifo(system.path + "/\(Self.cpu)/online", 0o600)
        #expect(try readSysfsFolder(system.root, file: "x")[0].machine.cpus.count == 16)
    }

    /// Bits flipped at seeded places: an error or a machine, never a crash.
    @Test(arguments: 0..<40)
    func `damaged archives end in an error or a machine`(seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var bytes = Self.honest
        for _ in 0..<(1 + next(20)) { bytes[next(bytes.count)] ^= UInt8(1 << next(8)) }
        if next(4) == 0 { bytes.removeLast(next(bytes.count)) }
        do {
            let machines = try readSysfsArchive(bytes: bytes, file: "x.tar")
            #expect(!machines.isEmpty)
        } catch {
            #expect(!error.diagnostics.isEmpty)
        }
    }
}

extension [UInt8] {
    fileprivate func repeated(_ count: Int) -> [UInt8] {
        var all: [UInt8] = []
        all.reserveCapacity(self.count * count)
        for _ in 0..<count { all += self }
        return all
    }
}
