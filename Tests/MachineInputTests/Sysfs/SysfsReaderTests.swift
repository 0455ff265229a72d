import Foundation
import HardwareModel
import Primitives
import ScenarioInput
import Testing

/// A machine that we made up, through every door: archives of each packing, a folder, one of several.
struct SysfsReaderTests {
    private func read(_ files: SmallSystem.Files) throws -> ImportedMachine {
        try readSysfsArchive(bytes: TarFixture(files).bytes, file: "dumps/small.tar")[0]
    }

    private func read(changing changes: [String: String?]) throws -> ImportedMachine {
        try read(SmallSystem.files(changing: changes))
    }

    @Test
    func `every part of a small machine is found`() throws {
        let imported = try read(SmallSystem.files)
        let machine = imported.machine
        #expect(machine.name == "small")
        #expect(machine.sockets.map(\.osIndex) == [3, 5])
        #expect(machine.sockets.map(\.model) == ["Imaginary 9000", "Imaginary 9000"])
        #expect(machine.cpus(ofSocket: 1).description == "1,3,5,7,9,11,13,15")
        #expect(machine.dies.map(\.osIndex) == [0, 1, 0, 1])
        #expect(machine.cpus(ofDie: 1).description == "4,6,12,14")
        #expect(machine.cores.map(\.osIndex) == [0, 1, 2, 3, 0, 1, 2, 3])
        #expect(machine.cpus.prefix(4).map(\.osIndex) == [0, 8, 2, 10])
        #expect(machine.uncoreCaches.map(\.size) == [8 << 20, 8 << 20, 8 << 20, 8 << 20])
        #expect(machine.cpus(ofUncoreCache: 0).description == "0,2,8,10")
        #expect(machine.numaNodes.map(\.osIndex) == [0, 1, 4])
        #expect(machine.numaNodes.map(\.memory) == [8 << 30, 4 << 30, 1 << 30])
        #expect(
            machine.numaNodes[0].hugePages == [
                HugePagePool(pageSize: 2 << 20, count: 512),
                HugePagePool(pageSize: 1 << 30, count: 1),
            ])
        // Nearest to node 0, which is socket 3.
        #expect(machine.numaNodes.map(\.socket) == [0, 1, 0])
        #expect(machine.distances?.values == [10, 21, 17, 21, 10, 28, 17, 28, 10])
        #expect(
            machine.devices == [
                Device(
                    name: "ens1", pciBusID: "0000:3b:00.0", pciClass: 0x0200, vendorID: 0x8086,
                    deviceID: 0x1592, numaNodes: [1], osNames: ["ens1"], osKinds: [.network],
                    linkSpeed: 984_615 * 16)
            ])
        #expect(machine.validate() == [])
        #expect(imported.unstated == [])
    }

    @Test
    func `the report names what was guessed and dropped`() throws {
        let notes = try read(SmallSystem.files).report.notes
        #expect(
            notes.map { "\($0.outcome.rawValue) \($0.subject)" } == [
                "guessed NUMA node 4", "dropped 1 PCI devices",
                "dropped sriov_totalvfs of 1 PCI devices",
                "dropped `isolcpus=2-7` of the kernel's command line", "taken machine",
            ])
        #expect(notes.allSatisfy { $0.file == "dumps/small.tar" })
    }

    @Test(arguments: ["gzip", "bzip2", "xz"])
    func `a packed archive is the same machine`(tool: String) throws {
        let packed = try TarFixture(SmallSystem.files).packed(by: tool)
        let machines = try readSysfsArchive(bytes: packed, file: "small.tar.\(tool)")
        #expect(machines.count == 1)
        var machine = machines[0].machine
        machine.name = "small"
        #expect(machine == (try read(SmallSystem.files)).machine)
    }

    @Test
    func `a folder is the same machine, from wherever it is named`() throws {
        let system = try FakeSystem()
        for file in SmallSystem.files { try system.write("small/\(file.path)", file.text) }
        let wanted = try read(SmallSystem.files).machine
        for path in ["small", "", "small/sys"] {
            let folder = system.root.appending(path: path)
            var machine = try readSysfsFolder(folder, file: "x")[0].machine
            machine.name = wanted.name
            #expect(machine == wanted, "\(path)")
        }
        #expect(try loadMachine(system.path + "/small").cpus.count == 16)
    }

    /// Containers may hide parts of /sys; what is shown is a machine, or one error.
    @Test
    func `this computer's own root is read like a dump`() {
        do throws(InputError) {
            let machines = try readSysfsFolder(URL(filePath: "/"), file: "/")
            #expect(machines.count == 1)
            #expect(machines.first?.machine.cpus.isEmpty == false)
        } catch {
            #expect(error.diagnostics.count == 1)
        }
    }

    @Test
    func `long names are read in both ways of writing them`() throws {
        let prefix = (0..<12).map { "a-folder-with-a-name-\($0)" }.joined(separator: "/")
        var gnu = TarFixture()
        var pax = TarFixture()
        for file in SmallSystem.files {
            let name = "\(prefix)/\(file.path)"
            gnu.add("././@LongLink", type: "L", body: Array(name.utf8) + [0])
            gnu.add("cut", file.text)
            let record = " path=\(name)\n"
            var length = record.utf8.count + 1
            while "\(length)".utf8.count + record.utf8.count != length { length += 1 }
            pax.add("header", type: "x", body: Array("\(length)\(record)".utf8))
            pax.add("cut", file.text)
        }
        for archive in [gnu, pax] {
            let machine = try readSysfsArchive(bytes: archive.bytes, file: "small.tar")[0].machine
            #expect(machine == (try read(SmallSystem.files)).machine)
        }
    }

    @Test
    func `one of several machines is named by its folder`() throws {
        var files: SmallSystem.Files = []
        for name in ["racks/left", "racks/right"] {
            files += SmallSystem.files.map { ("\(name)/\($0.path)", $0.text) }
        }
        let url = FileManager.default.temporaryDirectory.appending(
            path: "\(UUID().uuidString).tar")
        try Data(TarFixture(files).bytes).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        let source = MachineSource()
        #expect(
            try source.readMachines(url.path).map(\.machine.name) == ["racks/left", "racks/right"])
        #expect(try source.readFile(url.path + "#right").machine.name == "racks/right")
        #expect(try source.readFile(url.path + "#racks/left").machine.name == "racks/left")
        let several = #expect(throws: InputError.self) { try source.readFile(url.path) }
        #expect(
            several?.diagnostics.map(\.message) == ["2 machines are in it, and one is wanted"])
        #expect(several?.diagnostics.first?.hint?.contains("#racks/right") == true)
        let none = #expect(throws: InputError.self) { try source.readFile(url.path + "#middle") }
        #expect(none?.diagnostics.map(\.message) == ["no machine `middle` is in it"])
    }

    // MARK: What kernels leave out

    struct Variant: Sendable, CustomTestStringConvertible {
        var name: String
        var changes: [String: String?]
        var cpus = "0-15"
        var sockets = [3, 5]
        var nodes = [0, 1, 4]
        var guesses: [String] = []
        var drops: [String] = []
        var unstated: Set<MachineFactKind> = []
        var testDescription: String { name }
    }

    private static let cpuFolder = "sys/devices/system/cpu"
    private static let nodeFolder = "sys/devices/system/node"

    /// The same change on every CPU.
    private static func onAll(_ name: String, _ text: String?) -> [String: String?] {
        Dictionary(uniqueKeysWithValues: (0..<16).map { ("\(cpuFolder)/cpu\($0)/\(name)", text) })
    }

    static let variants: [Variant] = [
        Variant(name: "no online list", changes: ["\(cpuFolder)/online": nil]),
        Variant(
            name: "no online list, two CPUs switched off",
            changes: [
                "\(cpuFolder)/online": nil, "\(cpuFolder)/cpu6/online": "0",
                "\(cpuFolder)/cpu14/online": "0", "\(cpuFolder)/cpu7/online": "1",
            ], cpus: "0-5,7-13,15", drops: ["CPUs 6,14"]),
        Variant(
            name: "offline CPUs", changes: ["\(cpuFolder)/online": "0-6,8-14"], cpus: "0-6,8-14",
            drops: ["CPUs 7,15"]),
        Variant(
            name: "a socket whose CPUs are all offline keeps its memory",
            changes: ["\(cpuFolder)/online": "0,2,4,6,8,10,12,14"], cpus: "0,2,4,6,8,10,12,14",
            drops: ["CPUs 1,3,5,7,9,11,13,15"]),
        Variant(
            name: "ids of -1", changes: onAll("topology/physical_package_id", "-1"),
            sockets: [0, 1], guesses: ["sockets"]),
        Variant(
            name: "no siblings of sockets", changes: onAll("topology/core_siblings", nil)),
        Variant(
            name: "nothing of sockets",
            changes: onAll("topology/core_siblings", nil).merging(
                onAll("topology/physical_package_id", nil)
            ) { first, _ in first },
            sockets: [0], guesses: ["sockets"], unstated: [.sockets]),
        Variant(
            name: "no node list", changes: ["\(nodeFolder)/online": nil]),
        Variant(
            name: "no distances of one node", changes: ["\(nodeFolder)/node1/distance": nil],
            unstated: [.distances]),
        Variant(
            name: "a row of distances that is too long",
            changes: ["\(nodeFolder)/node1/distance": "21 10 28 40"], drops: ["distances"],
            unstated: [.distances]),
        Variant(
            name: "a node without meminfo", changes: ["\(nodeFolder)/node1/meminfo": nil],
            guesses: ["memory of NUMA node 1"]),
        Variant(
            name: "cgroup v2",
            changes: [
                "proc/mounts": "none /sys/fs/cgroup cgroup2 rw 0 0",
                "proc/self/cgroup": "0::/job",
                "sys/fs/cgroup/cgroup.controllers": "cpu cpuset io",
                "sys/fs/cgroup/job/cpuset.cpus.effective": "0-3,8-11",
                "sys/fs/cgroup/job/cpuset.mems.effective": "0-1",
            ], cpus: "0-3,8-11", nodes: [0, 1], drops: ["CPUs 4-7,12-15", "NUMA nodes 4"]),
        Variant(
            name: "cgroup v1",
            changes: [
                "proc/mounts": "c /cg/cpuset cgroup rw,relatime,cpuset 0 0",
                "proc/self/cgroup": "3:memory:/m\n2:cpuset:/job",
                "cg/cpuset/job/cpuset.cpus": "8-15", "cg/cpuset/job/cpuset.mems": "0-4",
            ], cpus: "8-15", drops: ["CPUs 0-7"]),
        Variant(
            name: "cpuset file system",
            changes: [
                "proc/mounts": "none /dev/cpuset cpuset rw 0 0", "proc/self/cpuset": "/torque",
                "dev/cpuset/torque/cpus": "0-7", "dev/cpuset/torque/mems": "0,1,4",
            ], cpus: "0-7", drops: ["CPUs 8-15"]),
        Variant(
            name: "cgroup without a cpuset controller",
            changes: [
                "proc/mounts": "none /sys/fs/cgroup cgroup2 rw 0 0",
                "proc/self/cgroup": "0::/job", "sys/fs/cgroup/cgroup.controllers": "cpu io",
                "sys/fs/cgroup/job/cpuset.cpus.effective": "0-3",
            ]),
    ]

    @Test(arguments: variants)
    func `what a kernel leaves out is made up for`(_ variant: Variant) throws {
        let usual = ["NUMA node 4", "1 PCI devices", "sriov_totalvfs of 1 PCI devices"]
        let imported = try read(changing: variant.changes)
        let machine = imported.machine
        #expect(machine.cpuSet.description == variant.cpus)
        #expect(machine.sockets.map(\.osIndex) == variant.sockets)
        #expect(machine.numaNodes.map(\.osIndex) == variant.nodes)
        #expect(imported.unstated == variant.unstated)
        #expect(machine.validate() == [])
        func subjects(_ outcome: ImportNote.Outcome) -> [String] {
            imported.report.notes.filter { $0.outcome == outcome }.map(\.subject)
                .filter { !usual.contains($0) && !$0.hasPrefix("`isolcpus") }
        }
        #expect(subjects(.guessed) == variant.guesses)
        #expect(subjects(.dropped) == variant.drops)
    }

    @Test
    func `a kernel without NUMA has one node with all memory`() throws {
        let files =
            SmallSystem.files.filter { !$0.path.hasPrefix("sys/devices/system/node") } + [
                (
                    "proc/meminfo",
                    "MemTotal:  1024 kB\nHugePages_Total:  3\nHugepagesize:   2048 kB"
                )
            ]
        let machine = try read(files).machine
        #expect(machine.numaNodes.map(\.osIndex) == [0])
        #expect(machine.numaNodes.map(\.memory) == [1 << 20])
        #expect(machine.numaNodes[0].hugePages == [HugePagePool(pageSize: 2 << 20, count: 3)])
        #expect(machine.cpus(ofNUMANode: 0).description == "0-15")
    }

    /// AMD's compute units: the kernel calls the halves siblings, and gives each a core id of its own.
    @Test
    func `siblings with core ids of their own are cores`() throws {
        var changes: [String: String?] = [:]
        for cpu in 8..<16 {
            changes["\(Self.cpuFolder)/cpu\(cpu)/topology/core_id"] = "\(10 + cpu)"
        }
        let imported = try read(changing: changes)
        #expect(imported.machine.cores.count == 16)
        #expect(imported.report.notes.contains { $0.outcome == .guessed && $0.subject == "cores" })
    }

    @Test
    func `memory of GPUs and of DAX devices is of its kind`() throws {
        let gpu = try read(changing: [
            "proc/driver/nvidia/gpus/0004:05:00.0/numa_status": "Node:      4\nStatus:    online"
        ])
        #expect(gpu.machine.numaNodes.map(\.kind) == [.dram, .dram, .gpu])
        let phi = try read(changing: [
            "proc/cpuinfo":
                "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 87\nmodel name\t: Phi"
        ])
        #expect(phi.machine.numaNodes.map(\.kind) == [.dram, .dram, .hbm])
        var archive = TarFixture()
        for file in SmallSystem.files { archive.add(file.path, file.text) }
        let place = "sys/devices/LNXSYSTM:00/ndbus0/region0/dax0.0/dax0.0"
        archive.add("\(place)/target_node", "4\n")
        archive.link("sys/bus/dax/drivers/kmem/dax0.0", to: "/\(place)")
        let dax = try readSysfsArchive(bytes: archive.bytes, file: "x.tar")[0]
        #expect(dax.machine.numaNodes.map(\.kind) == [.dram, .dram, .persistent])
    }

    @Test
    func `a device's driver, physical function and names come from links`() throws {
        var archive = TarFixture()
        for file in SmallSystem.files { archive.add(file.path, file.text) }
        let card = "sys/devices/pci0000:3a/0000:3a:00.0"
        let function = "\(card)/0000:3b:02.0"
        archive.add("\(function)/class", "0x020000\n")
        archive.add("\(function)/numa_node", "-1\n")
        archive.add("\(function)/local_cpulist", "1,3,9,11\n")
        archive.link("\(function)/physfn", to: "../../../../bus/pci/devices/0000:3b:00.0")
        archive.link("\(function)/driver", to: "../../../../bus/pci/drivers/iavf")
        archive.link(
            "sys/bus/pci/devices/0000:3b:02.0",
            to: "../../../devices/pci0000:3a/0000:3a:00.0/0000:3b:02.0")
        archive.add("\(function)/net/ens1v0/type", "1\n")
        archive.link(
            "sys/class/net/ens1v0",
            to: "../../devices/pci0000:3a/0000:3a:00.0/0000:3b:02.0/net/ens1v0")
        let device = try readSysfsArchive(bytes: archive.bytes, file: "x.tar")[0].machine.devices
            .first { $0.pciBusID == "0000:3b:02.0" }
        #expect(device?.driver == "iavf")
        #expect(device?.physicalFunction == "0000:3b:00.0")
        #expect(device?.osNames == ["ens1v0"])
        #expect(device?.osKinds == [.network])
        #expect(device?.numaNodes == [1])
    }
}
