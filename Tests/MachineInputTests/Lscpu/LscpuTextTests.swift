import HardwareModel
import Primitives
import ScenarioInput
import Testing

/// What `lscpu` and `numactl -H` print, in each of their shapes.
struct LscpuTextTests {
    static let table = """
        # The following is the parsable format, which can be fed to other
        # programs. Each different item in every column has an unique ID
        # starting usually from zero.
        # CPU,Core,Socket,Node,,L1d,L1i,L2,L3
        0,0,0,0,,0,0,0,0
        1,1,1,1,,1,1,1,1
        2,2,0,0,,2,2,2,0
        3,3,1,1,,3,3,3,1
        4,0,0,0,,0,0,0,0
        5,1,1,1,,1,1,1,1
        6,2,0,0,,2,2,2,0
        7,3,1,1,,3,3,3,1
        """

    static let numactl = """
        available: 3 nodes (0-1,4)
        node 0 cpus: 0 2 4 6
        node 0 size: 7982 MB
        node 0 free: 120 MB
        node 1 cpus: 1 3 5 7
        node 1 size: 8000 MB
        node 1 free: 8 MB
        node 4 cpus:
        node 4 size: 1024 MB
        node 4 free: 1024 MB
        node distances:
        node   0   1   4
          0:  10  21  17
          1:  21  10  28
          4:  17  28  10
        """

    static let summary = """
        Architecture:                       x86_64
        CPU op-mode(s):                     32-bit, 64-bit
        CPU(s):                             8
        On-line CPU(s) list:                0-7
        Model name:                         Imaginary 9000
        Thread(s) per core:                 2
        Core(s) per socket:                 2
        Socket(s):                          2
        L3 cache:                           16 MiB (2 instances)
        NUMA node(s):                       2
        NUMA node0 CPU(s):                  0,2,4,6
        NUMA node1 CPU(s):                  1,3,5,7
        """

    private func read(_ text: String, numactl: String? = nil) throws(InputError) -> ImportedMachine
    {
        try readLscpu(
            lscpu: Array(text.utf8), file: "box.txt",
            numactl: numactl.map { (Array($0.utf8), "numactl.txt") })
    }

    private func cores(_ machine: Machine) -> [String] {
        machine.cores.indices.map { machine.cpus(ofCore: $0).description }
    }

    @Test
    func `a table with numactl beside it is a whole machine`() throws {
        let imported = try read(Self.table, numactl: Self.numactl)
        let machine = imported.machine
        #expect(machine.name == "box")
        #expect(machine.sockets.map(\.osIndex) == [0, 1])
        #expect(cores(machine) == ["0,4", "2,6", "1,5", "3,7"])
        #expect(machine.cpus(ofUncoreCache: 1).description == "1,3,5,7")
        #expect(machine.numaNodes.map(\.osIndex) == [0, 1, 4])
        #expect(machine.numaNodes.map(\.memory) == [7982 << 20, 8000 << 20, 1024 << 20])
        #expect(machine.cpus(ofNUMANode: 0).description == "0,2,4,6")
        #expect(machine.distances?.values == [10, 21, 17, 21, 10, 28, 17, 28, 10])
        #expect(imported.unstated == [.dies, .devices, .hugePages])
        #expect(imported.memoryUnit == 1 << 20)
        #expect(
            imported.report.notes.filter { $0.outcome == .guessed }.map(\.subject)
                == ["size of the L3 caches", "memory", "huge pages"])
    }

    @Test(arguments: [
        table + "\n" + numactl, numactl + "\n\n" + table, summary + "\n\n" + table + "\n" + numactl,
    ])
    func `one file may hold what both print`(text: String) throws {
        let file = MachineFile(name: "box.txt", bytes: Array(text.utf8))
        let format = try #require(MachineFormats.format(of: file))
        let machine = try #require(try format.read(file).first).machine
        let apart = try read(Self.table, numactl: Self.numactl).machine
        #expect(machine.cores == apart.cores)
        #expect(machine.cpus == apart.cpus)
        #expect(machine.numaNodes == apart.numaNodes)
        #expect(machine.distances == apart.distances)
    }

    @Test(arguments: [
        // lscpu -e
        """
        CPU NODE SOCKET CORE L1d:L1i:L2:L3 ONLINE    MAXMHZ   MINMHZ
          0    0      0    0 0:0:0:0          yes 4000.0000 800.0000
          1    1      1    1 1:1:1:1          yes 4000.0000 800.0000
          2    0      0    2 2:2:2:0          yes 4000.0000 800.0000
          3    1      1    3 3:3:3:1          yes 4000.0000 800.0000
          4    0      0    0 0:0:0:0          yes 4000.0000 800.0000
          5    1      1    1 1:1:1:1          yes 4000.0000 800.0000
          6    0      0    2 2:2:2:0          yes 4000.0000 800.0000
          7    1      1    3 3:3:3:1          yes 4000.0000 800.0000
          8    -      -    - -                 no 4000.0000 800.0000
        """,
        // lscpu -J -e
        """
        {"cpus": [
          {"cpu": 0, "node": 0, "socket": 0, "core": 0, "l1d:l1i:l2:l3": "0:0:0:0", "online": true},
          {"cpu": 1, "node": 1, "socket": 1, "core": 1, "l1d:l1i:l2:l3": "1:1:1:1", "online": true},
          {"cpu": 2, "node": 0, "socket": 0, "core": 2, "l1d:l1i:l2:l3": "2:2:2:0", "online": true},
          {"cpu": 3, "node": 1, "socket": 1, "core": 3, "l1d:l1i:l2:l3": "3:3:3:1", "online": true},
          {"cpu": 4, "node": 0, "socket": 0, "core": 0, "l1d:l1i:l2:l3": "0:0:0:0", "online": true},
          {"cpu": "5", "node": "1", "socket": "1", "core": "1", "l3": "1", "online": "yes"},
          {"cpu": 6, "node": 0, "socket": 0, "core": 2, "l1d:l1i:l2:l3": "2:2:2:0", "online": true},
          {"cpu": 7, "node": 1, "socket": 1, "core": 3, "l1d:l1i:l2:l3": "3:3:3:1", "online": true},
          {"cpu": 8, "node": null, "socket": null, "core": null, "online": false}
        ]}
        """,
        // lscpu -p=CPU,NODE,SOCKET,CORE,CACHE,ONLINE of a newer version
        """
        # CPU,Node,Socket,Core,L1d:L1i:L2:L3,Online
        0,0,0,0,0:0:0:0,Y
        1,1,1,1,1:1:1:1,Y
        2,0,0,2,2:2:2:0,Y
        3,1,1,3,3:3:3:1,Y
        4,0,0,0,0:0:0:0,Y
        5,1,1,1,1:1:1:1,Y
        6,0,0,2,2:2:2:0,Y
        7,1,1,3,3:3:3:1,Y
        """,
    ])
    func `every shape of the table is the same machine`(text: String) throws {
        let machine = try read(text).machine
        let wanted = try read(Self.table).machine
        #expect(machine.cpus == wanted.cpus)
        #expect(machine.cores == wanted.cores)
        #expect(machine.uncoreCaches == wanted.uncoreCaches)
    }

    @Test
    func `cores of the kernel's numbers are told apart by socket`() throws {
        let machine = try read("# CPU,Core,Socket,Node\n0,0,0,0\n1,0,8,1\n2,4,0,0\n3,4,8,1\n")
            .machine
        #expect(machine.sockets.map(\.osIndex) == [0, 8])
        #expect(cores(machine) == ["0", "2", "1", "3"])
    }

    @Test(arguments: [
        LscpuTextTests.summary,
        """
        {"lscpu": [
          {"field": "CPU(s):", "data": "8", "children": [
            {"field": "On-line CPU(s) list:", "data": "0-7"}]},
          {"field": "Model name:", "data": "Imaginary 9000", "children": [
            {"field": "Thread(s) per core:", "data": "2"}, {"field": "Socket(s):", "data": "2"}]},
          {"field": "L3:", "data": "16 MiB (2 instances)"},
          {"field": "NUMA:", "data": null, "children": [
            {"field": "NUMA node(s):", "data": "2"},
            {"field": "NUMA node0 CPU(s):", "data": "0,2,4,6"},
            {"field": "NUMA node1 CPU(s):", "data": "1,3,5,7"}]}
        ]}
        """,
    ])
    func `a summary only counts, and siblings are guessed`(text: String) throws {
        let imported = try read(text)
        let machine = imported.machine
        #expect(machine.sockets.count == 2)
        #expect(machine.sockets.map(\.model) == ["Imaginary 9000", "Imaginary 9000"])
        #expect(cores(machine) == ["0,4", "2,6", "1,5", "3,7"])
        #expect(machine.cpus(ofNUMANode: 1).description == "1,3,5,7")
        #expect(imported.unstated.isSuperset(of: [.cores, .memory, .distances]))
        #expect(imported.report.notes.contains { $0.outcome == .guessed && $0.subject == "cores" })
    }

    @Test
    func `numactl alone is a machine without siblings`() throws {
        let machine = try read(Self.numactl).machine
        #expect(machine.cpus.count == 8)
        #expect(machine.cores.count == 8)
        #expect(machine.totalMemory == (7982 + 8000 + 1024) << 20)
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var numactl: String?
        var says: [String]
        var testDescription: String { name }
    }

    @Test(arguments: [
        Mistake(name: "nothing", text: "", says: ["no CPU is in the text"]),
        Mistake(name: "prose", text: "It is a fine machine.", says: ["no CPU is in the text"]),
        Mistake(
            name: "short rows", text: "# CPU,Core,Socket,Node\n0,0,0\n1,0\n",
            says: ["a row of 3 values under 4 columns", "a row of 2 values under 4 columns"]),
        Mistake(
            name: "an absurd CPU", text: "# CPU,Core,Socket,Node\n4294967295,0,0,0\n",
            says: ["`4294967295` in the column CPU is no number below 8192"]),
        Mistake(
            name: "an absurd node", text: "# CPU,Core,Socket,Node\n0,0,0,70000\n",
            says: ["`70000` in the column NODE is no number below 1024"]),
        Mistake(
            name: "a CPU twice", text: "# CPU,Core,Socket,Node\n0,0,0,0\n0,1,0,0\n",
            says: ["CPU 0 has two rows"]),
        Mistake(
            name: "words for numbers", text: "# CPU,Core,Socket,Node\n0,zero,0,0\n",
            says: ["`zero` in the column CORE is no number below 2147483648"]),
        Mistake(
            name: "another node by numactl", text: table,
            numactl: numactl.replacing("cpus: 0 2 4 6", with: "cpus: 0 2 4 6 7"),
            says: ["CPU 7 is on NUMA node 0 here, and elsewhere on 1"]),
        Mistake(
            name: "a CPU of numactl alone", text: table,
            numactl: numactl.replacing("cpus: 0 2 4 6", with: "cpus: 0 2 4 6 9"),
            says: ["CPU 9 has no row in the table of CPUs"]),
        Mistake(
            name: "absurd CPUs of numactl", text: table,
            numactl: numactl.replacing("cpus: 0 2 4 6", with: "cpus: 0 4000000000"),
            says: ["the CPUs of NUMA node 0 are no list of CPU numbers below 8192"]),
        Mistake(
            name: "an absurd size", text: table,
            numactl: numactl.replacing("size: 7982 MB", with: "size: 99999999999999999999 MB"),
            says: ["the size of NUMA node 0 is no number of MB"]),
        Mistake(
            name: "short distances", text: table,
            numactl: numactl.replacing("0:  10  21  17", with: "0:  10  21"),
            says: ["a row of 2 distances for 3 NUMA nodes"]),
        Mistake(
            name: "an absurd list in a summary",
            text: summary.replacing("list:                0-7", with: "list: 0-4000000000"),
            says: ["`0-4000000000` names CPUs past 8191, the last that Linux can have"]),
        Mistake(
            name: "absurd sockets",
            text: summary.replacing(
                "Socket(s):                          2", with: "Socket(s): 99999999"),
            says: ["`Socket(s)` is `99999999`, and it is 1 to 8192"]),
        Mistake(
            name: "JSON of other types", text: "{\"lscpu\": 3}",
            says: ["a list of fields was expected, and this is `3`"]),
        Mistake(
            name: "CPUs of other types", text: "{\"cpus\": [1, \"x\"]}",
            says: [
                "expected a CPU, an object, found `1`", "expected a CPU, an object, found `x`",
            ]),
        Mistake(
            name: "cut JSON", text: "{\"cpus\": [",
            says: ["the JSON text ends where a value is expected"]),
    ])
    func `a text that neither prints is refused, all its mistakes at once`(_ mistake: Mistake) {
        let error = #expect(throws: InputError.self) {
            try read(mistake.text, numactl: mistake.numactl)
        }
        #expect(error?.diagnostics.map(\.message) == mistake.says)
    }

    @Test
    func `a text that is not UTF-8 is refused`() {
        let error = #expect(throws: InputError.self) {
            try readLscpu(lscpu: [0x43, 0xFF, 0xFE], file: "x")
        }
        #expect(error?.diagnostics.map(\.message) == ["the file is not UTF-8 text"])
    }
}
