import HardwareModel
import Primitives
import ScenarioInput
import TestSupport
import Testing

/// NCCL's XML, ghw's JSON and groups of VM nodes, by small texts of our own.
struct OtherMachineFormatTests {
    static func read(_ text: String, named name: String = "some.json") throws(InputError)
        -> ImportedMachine
    {
        let file = MachineFile(name: name, bytes: Array(text.utf8))
        guard let format = MachineFormats.format(of: file) else {
            throw InputError([Diagnostic(file: name, message: "no format")])
        }
        return try format.read(file)[0]
    }

    static func cpus(_ machine: Machine) -> [String] {
        machine.numaNodes.indices.map { machine.cpus(ofNUMANode: $0).description }
    }

    static let nccl = """
        <!-- two cards behind a switch -->
        <system version="1">
          <cpu numaid="1" affinity="0000000f,00000000,0000000f" arch="x86_64" vendor="GenuineIntel">
            <pci busid="ffff:ff:01.0" class="0x060400" link_speed="8 GT/s" link_width="16">
              <pci busid="0000:10:1c.0" class="0x030200" vendor="0x10de" device="0x20b0" link_speed="8 GT/s" link_width="16">
                <gpu dev="0" sm="80"><nvlink target="0000:10:1d.0" count="12"/></gpu>
              </pci>
              <pci busid="0000:10:1b.0" class="0x020700" vendor="0x15b3" device="0x101b" link_speed="16.0 GT/s PCIe" link_width="16">
                <nic><net name="mlx5_0" dev="0" speed="200000"/></nic>
              </pci>
            </pci>
          </cpu>
          <cpu numaid="0" affinity="000000f0"><nic><net name="eth0" dev="1"/></nic></cpu>
        </system>
        """

    @Test
    func `NCCL's topology gives NUMA nodes, CPUs and devices`() throws {
        let imported = try Self.read(Self.nccl, named: "host.xml")
        let machine = imported.machine
        #expect(machine.name == "host")
        #expect(machine.numaNodes.map(\.osIndex) == [0, 1])
        #expect(Self.cpus(machine) == ["4-7", "0-3,64-67"])
        // Two equal runs of CPUs are cores and their siblings; one run is cores alone.
        #expect(machine.cores.count == 8)
        #expect(machine.sockets.map(\.model) == ["GenuineIntel x86_64", ""])
        #expect(
            machine.devices == [
                Device(
                    name: "gpu0", pciBusID: "0000:10:1c.0", pciClass: 0x0302, vendorID: 0x10DE,
                    deviceID: 0x20B0, numaNodes: [1], osNames: ["gpu0"], osKinds: [.gpu],
                    linkSpeed: 15_753_846),
                Device(
                    name: "mlx5_0", pciBusID: "0000:10:1b.0", pciClass: 0x0207, vendorID: 0x15B3,
                    deviceID: 0x101B, numaNodes: [1], osNames: ["mlx5_0"], osKinds: [.network],
                    linkSpeed: 31_507_692),
                Device(name: "eth0", numaNodes: [0], osNames: ["eth0"], osKinds: [.network]),
            ])
        #expect(imported.report.count(of: .guessed) == 4)
        #expect(imported.report.count(of: .dropped) == 2)
        #expect(machine.validate() == [])
    }

    static let ghw = """
        {"cpu": {"total_cores": 4, "processors": [
          {"id": 0, "model": "Example 2", "cores": [
            {"id": 0, "logical_processors": [4, 0]}, {"id": 1, "logical_processors": [1, 5]}]},
          {"id": 1, "model": "Example 2", "cores": [
            {"id": 0, "logical_processors": [2, 6]}, {"id": 1, "logical_processors": [3, 7]}]}]},
         "topology": {"architecture": "numa", "nodes": [
          {"id": 0, "cores": [
            {"id": 0, "logical_processors": [4, 0]}, {"id": 1, "logical_processors": [1, 5]}],
           "caches": [
            {"level": 1, "type": "data", "size_bytes": 32768, "logical_processors": [0, 4]},
            {"level": 3, "type": "unified", "size_bytes": 1048576, "logical_processors": [0, 1, 4, 5]}],
           "distances": [10, 32],
           "memory": {"total_physical_bytes": 4294967296, "total_usable_bytes": 4000000000,
             "supported_page_sizes": [1073741824, 2097152]}},
          {"id": 1, "cores": [
            {"id": 0, "logical_processors": [2, 6]}, {"id": 1, "logical_processors": [3, 7]}],
           "caches": [], "distances": [32, 10],
           "memory": {"total_physical_bytes": 8589934592,
             "huge_page_amounts_by_size": {"2097152": {"total": 12, "free": 3}}}}]},
         "pci": {"Devices": [
          {"address": "0000:00:00.0", "class": {"id": "06"}, "vendor": {"id": "8086"}},
          {"address": "0000:18:00.0", "driver": "ice", "vendor": {"id": "8086"}, "product": {"id": "1592"},
           "class": {"id": "02"}, "subclass": {"id": "00"}, "node": {"id": 1}}]},
         "network": {"nics": [{"name": "ens1f0", "pci_address": "0000:18:00.0"}]}}
        """

    @Test
    func `ghw's JSON gives processors, nodes, caches, pages and devices`() throws {
        let imported = try Self.read(Self.ghw)
        let machine = imported.machine
        #expect(machine.sockets.map(\.model) == ["Example 2", "Example 2"])
        #expect(Self.cpus(machine) == ["0-1,4-5", "2-3,6-7"])
        #expect(machine.cores.map(\.osIndex) == [0, 1, 0, 1])
        #expect(machine.numaNodes.map(\.memory) == [4 << 30, 8 << 30])
        #expect(machine.numaNodes[0].hugePages.map(\.count) == [0, 0])
        #expect(machine.numaNodes[1].hugePages == [HugePagePool(pageSize: 2 << 20, count: 12)])
        #expect(machine.uncoreCaches.map(\.size) == [1 << 20])
        #expect(machine.distances?.values == [10, 32, 32, 10])
        #expect(
            machine.devices == [
                Device(
                    name: "ens1f0", pciBusID: "0000:18:00.0", pciClass: 0x0200, vendorID: 0x8086,
                    deviceID: 0x1592, numaNodes: [1], osNames: ["ens1f0"], osKinds: [.network],
                    driver: "ice")
            ])
        #expect(machine.validate() == [])
    }

    @Test
    func `VM groups are numbered through, with their distances`() throws {
        let machine = try Self.read(
            """
            [{"mem": "2G", "cores": 2, "nodes": 2, "dies": 2, "packages": 2, "dist-same-package": 15},
             {"nvmem": "16G", "node-dist": {"0": 17, "7": 28}},
             {"mem": "1G", "nodes": 2}]
            """
        ).machine
        #expect(machine.sockets.count == 2)
        #expect(machine.dies.map(\.osIndex) == [0, 1, 0, 1])
        #expect(machine.cores.count == 16)
        #expect(
            Self.cpus(machine) == [
                "0-3", "4-7", "8-11", "12-15", "16-19", "20-23", "24-27", "28-31", "", "", "",
            ])
        #expect(machine.numaNodes[8].kind == .persistent)
        #expect(machine.numaNodes[8].memory == 16 << 30)
        let distances = try #require(machine.distances)
        #expect(
            [distances[0, 0], distances[0, 1], distances[0, 2], distances[0, 4]] == [
                10, 11, 15, 21,
            ])
        #expect([distances[0, 8], distances[8, 7], distances[8, 1]] == [17, 28, 21])
        // Two nodes of memory alone in one group are as near as two of one die.
        #expect([distances[9, 10], distances[8, 9]] == [11, 21])
        #expect(machine.validate() == [])
    }

    @Test
    func `VM groups may leave CPUs out, and bring their own table`() throws {
        let imported = try Self.read(
            """
            [{"mem": "1G", "cores": 2, "threads": 1, "packages": 2, "cpus-present": 3,
              "dist-all": [[10, 40], [41, 10]]}, {"cxl": [[{"mem": "8G"}]]}]
            """)
        #expect(Self.cpus(imported.machine) == ["0-1", "2"])
        #expect(imported.machine.distances?.values == [10, 40, 41, 10])
        #expect(imported.report.count(of: .dropped) == 2)
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var says: [String]
        var testDescription: String { name }

        init(_ name: String, _ text: String, _ says: String...) {
            self.name = name
            self.text = text
            self.says = says
        }
    }

    @Test(arguments: [
        Mistake(
            "NCCL entities", "<!DOCTYPE system [<!ENTITY a \"b\">]><system>&a;</system>",
            "declares entities"),
        Mistake(
            "NCCL external",
            "<!DOCTYPE system [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><system/>",
            "declares entities"),
        Mistake("NCCL without CPU", "<system><pci busid=\"a\"/></system>", "no `<cpu>`"),
        Mistake(
            "NCCL affinity", "<system><cpu numaid=\"0\" affinity=\"xyz\"/></system>",
            "`affinity` is not a set"),
        Mistake(
            "NCCL infinite affinity", "<system><cpu numaid=\"0\" affinity=\"0xf...f\"/></system>",
            "`affinity` is not a set"),
        Mistake(
            "NCCL wide affinity",
            "<system><cpu affinity=\"\(String(repeating: "ffffffff,", count: 300))0\"/></system>",
            "`affinity` is not a set"),
        Mistake(
            "NCCL numaid", "<system><cpu numaid=\"99999999\" affinity=\"1\"/></system>",
            "`numaid` is `99999999`"),
        Mistake(
            "NCCL deep", "<system>" + String(repeating: "<pci class=\"0x060400\">", count: 5000),
            "deeper than 256"),
        Mistake(
            "NCCL twice",
            "<system><cpu numaid=\"0\" affinity=\"3\"/><cpu numaid=\"1\" affinity=\"2\"/></system>",
            "CPU 1 is in both socket 0", "CPU 1 is in both NUMA node 0",
            "CPU 1 is in more than one core"),
        Mistake(
            "ghw without nodes", "{\"topology\": {\"architecture\": \"smp\", \"nodes\": []}}",
            "has no NUMA node"),
        Mistake(
            "ghw of another type", "{\"topology\": {\"nodes\": [{\"id\": \"x\", \"cores\": 7}]}}",
            "`id` is `x`", "`cores` is `7`"),
        Mistake(
            "ghw memory",
            "{\"topology\": {\"nodes\": [{\"id\": 0, \"cores\": [{\"id\": 0, \"logical_processors\": [0]}], \"memory\": {\"total_physical_bytes\": 9223372036854775808}}]}}",
            "`total_physical_bytes` is `9223372036854775808`"),
        Mistake(
            "ghw CPU",
            "{\"topology\": {\"nodes\": [{\"cores\": [{\"logical_processors\": [-1]}]}]}}",
            "`logical_processors` is -1"),
        Mistake(
            "ghw distances",
            "{\"topology\": {\"nodes\": [{\"distances\": [10, 20], \"cores\": [{\"logical_processors\": [0]}]}]}}",
            "`distances` must have one value"),
        Mistake(
            "ghw deep", "{\"topology\": " + String(repeating: "[", count: 200_000),
            "more than 100 levels"),
        Mistake(
            "groups too many",
            "[{\"mem\": \"1G\", \"cores\": 8000, \"nodes\": 8000, \"dies\": 8000, \"packages\": 8000}]",
            "more than 1024 NUMA nodes"),
        Mistake(
            "groups too wide", "[{\"mem\": \"1G\", \"cores\": 8192, \"threads\": 8192}]",
            "more than 8192 CPUs"),
        Mistake(
            "groups memory", "[{\"mem\": \"9999999999T\", \"cores\": 1}]", "`mem` is `9999999999T`"),
        Mistake("groups memory type", "[{\"mem\": [1], \"cores\": 1}]", "`mem` is a list"),
        Mistake("groups key", "[{\"mem\": \"1G\", \"core\": 1}]", "has no key `core`"),
        Mistake(
            "groups negative", "[{\"mem\": \"1G\", \"cores\": -4}]",
            "`cores` is -4, which is not 0 to 8192"),
        Mistake("groups without CPU", "[{\"mem\": \"1G\"}]", "no group has `cores`"),
        Mistake(
            "groups threads", "[{\"mem\": \"1G\", \"threads\": 2}, {\"cores\": 1}]",
            "`threads` without `cores`"),
        Mistake(
            "groups unlike",
            "[{\"mem\": \"1G\", \"cores\": 1, \"threads\": 2}, {\"cores\": 1, \"threads\": 1}]",
            "`threads` is 1, and an earlier group has 2"),
        Mistake(
            "groups distance", "[{\"mem\": \"1G\", \"cores\": 1, \"node-dist\": {\"5\": 20}}]",
            "names NUMA node 5, and there are 1"),
        Mistake(
            "groups table", "[{\"mem\": \"1G\", \"cores\": 1, \"dist-all\": [[10, 20]]}]",
            "must be 1 rows of 1"),
    ])
    func `a file that is no machine gives clear errors`(_ mistake: Mistake) {
        let error = #expect(throws: InputError.self) {
            if mistake.name.hasPrefix("NCCL") {
                _ = try readNCCLTopology(bytes: Array(mistake.text.utf8), file: "some.xml")
            } else {
                _ = try Self.read(mistake.text)
            }
        }
        let messages = error?.diagnostics.map(\.message) ?? []
        #expect(messages.count == mistake.says.count, "\(messages)")
        for (message, part) in zip(messages, mistake.says) {
            #expect(message.contains(part), "\(message)")
        }
    }
}

/// Damaged texts of every format: a machine or an error, and never a crash.
struct DamagedMachineFileTests {
    static let texts = [
        OtherMachineFormatTests.nccl, OtherMachineFormatTests.ghw, NodeTopologyTests.example,
        """
        [{"mem": "2G", "cores": 2, "nodes": 2, "dies": 2, "packages": 2, "dist-same-package": 15},
         {"nvmem": "16G", "node-dist": {"0": 17, "7": 28}, "dimm": "unplugged"},
         {"mem": "1G", "nodes": 2, "cpus-present": 9, "dist-all": [[10]]}]
        """,
    ]

    @Test(arguments: 0..<400 as Range<UInt64>)
    func `damaged texts never crash a reader`(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var bytes = Array(Self.texts[Int(seed) % Self.texts.count].utf8)
        for _ in 0..<(1 + random.below(12)) {
            let place = random.below(bytes.count)
            switch random.below(4) {
            case 0: bytes[place] = UInt8(random.below(256))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[random.below(bytes.count)], at: place)
            // Numbers are where sizes are trusted.
            default:
                let digits = bytes.indices.filter { (48...57).contains(bytes[$0]) }
                if let digit = digits.dropFirst(random.below(digits.count)).first {
                    bytes.insert(contentsOf: Array("99999".utf8), at: digit)
                }
            }
        }
        do {
            _ = try Self.read(bytes, format: Int(seed) % Self.texts.count).validate()
        } catch {
            #expect(!error.diagnostics.isEmpty)
        }
    }

    private static func read(_ bytes: [UInt8], format: Int) throws(InputError) -> Machine {
        switch format {
        case 0: try readNCCLTopology(bytes: bytes, file: "damaged").machine
        case 1: try readGHWMachine(bytes: bytes, file: "damaged").machine
        case 2: try readNodeTopologies(bytes: bytes, file: "damaged")[0].machine
        default: try readVMGroups(bytes: bytes, file: "damaged").machine
        }
    }
}

/// The files of the shared folder.
@Suite(.enabled(if: SharedFolder.isPresent))
struct OtherMachineFormatDataTests {
    struct Known: Sendable, CustomTestStringConvertible {
        var file: String
        var format: String
        var sockets: Int
        var cores: Int
        /// By NUMA node.
        var cpus: [String]
        /// By NUMA node: GPUs (0x0302) and network cards (0x0200, 0x0207).
        var gpus: [Int] = []
        var nics: [Int] = []
        var testDescription: String { file }
    }

    @Test(arguments: [
        Known(
            file: "nccl-topo/aws_p4d-24xl-topo.xml", format: "NCCL topology XML", sockets: 2,
            cores: 48, cpus: ["0-23,48-71", "24-47,72-95"], gpus: [4, 4], nics: [2, 2]),
        Known(
            file: "nccl-topo/azure_ncv4-topo.xml", format: "NCCL topology XML", sockets: 4,
            cores: 96, cpus: ["0-23", "24-47", "48-71", "72-95"], gpus: [1, 1, 1, 1],
            nics: [0, 0, 0, 0]),
        Known(
            file: "nccl-topo/azure_ndv4-topo.xml", format: "NCCL topology XML", sockets: 4,
            cores: 96, cpus: ["0-23", "24-47", "48-71", "72-95"], gpus: [2, 2, 2, 2],
            nics: [2, 2, 2, 2]),
        Known(
            file: "machineinfo/ghw_amd_epyc9654.json", format: "ghw JSON", sockets: 2, cores: 192,
            cpus: ["0-95,192-287", "96-191,288-383"]),
        Known(
            file: "synthetic-vm/criresmgr_c4pmem4.json", format: "VM groups", sockets: 4, cores: 4,
            cpus: ["0", "1", "2", "3", "", "", "", ""]),
        Known(
            file: "synthetic-vm/criresmgr_n4c32.json", format: "VM groups", sockets: 2, cores: 16,
            cpus: ["0-3", "4-7", "8-11", "12-15", "16-19", "20-23", "24-27", "28-31"]),
        Known(
            file: "synthetic-vm/nri_n6-hbm-cxl.json", format: "VM groups", sockets: 2, cores: 4,
            cpus: ["0-3", "4-7", "", "", "", ""]),
    ])
    func `every file is read as its format and has its parts`(_ known: Known) throws {
        let bytes = [UInt8](try SharedFolder.contents("data/hw/\(known.file)"))
        let file = MachineFile(name: known.file, bytes: bytes)
        let format = try #require(MachineFormats.format(of: file))
        #expect(format.name == known.format)
        let machine = try #require(try format.read(file).first).machine
        #expect(machine.sockets.count == known.sockets)
        #expect(machine.cores.count == known.cores)
        #expect(OtherMachineFormatTests.cpus(machine) == known.cpus)
        func counts(_ classes: Set<Int>) -> [Int] {
            machine.numaNodes.map { node in
                machine.devices.count {
                    $0.numaNodes == [node.osIndex] && classes.contains($0.pciClass ?? 0)
                }
            }
        }
        if !known.gpus.isEmpty {
            #expect(counts([0x0302]) == known.gpus)
            #expect(counts([0x0200, 0x0207]) == known.nics)
        }
        #expect(machine.validate() == [])
    }

    @Test
    func `distances of VM groups are those that their nodes name`() throws {
        let bytes = [UInt8](try SharedFolder.contents("data/hw/synthetic-vm/nri_n6-hbm-cxl.json"))
        let machine = try readVMGroups(bytes: bytes, file: "n6").machine
        #expect(
            machine.distances?.values == [
                10, 21, 15, 30, 60, 70,
                21, 10, 30, 15, 70, 60,
                15, 30, 10, 35, 62, 72,
                30, 15, 35, 10, 72, 62,
                60, 70, 62, 72, 10, 75,
                70, 60, 72, 62, 75, 10,
            ])
    }
}
