import HardwareModel
import Primitives
import Testing

struct MachineValidationTests {
    /// 2 sockets of one NUMA node and 2 cores with 2 CPUs each; cores 0-1 and CPUs 0-3 in socket 0.
    static func machine() throws -> Machine {
        try MachineShape(parsing: "2s1d2c2t").makeMachine(
            memoryPerNUMANode: 8 << 30,
            hugePagesPerNUMANode: [
                HugePagePool(pageSize: 2 << 20, count: 512),
                HugePagePool(pageSize: 1 << 30, count: 4),
            ])
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        var name: String
        var mistake: String
        var apply: @Sendable (inout Machine) -> Void
        var testDescription: String { name }
    }

    @Test(arguments: [
        Damage(name: "twin sockets", mistake: "two sockets have the OS index 0") {
            $0.sockets[1].osIndex = 0
        },
        Damage(name: "twin CPUs", mistake: "two CPUs have the OS index 3") {
            $0.cpus[7].osIndex = 3
        },
        Damage(name: "twin NUMA nodes", mistake: "two NUMA nodes have the OS index 1") {
            $0.numaNodes[0].osIndex = 1
        },
        Damage(
            name: "CPU past the last",
            mistake: "a CPU has the OS index 8192, and Linux' last is 8191"
        ) { $0.cpus[0].osIndex = 8192 },
        Damage(
            name: "NUMA node past the last",
            mistake: "a NUMA node has the OS index \(Int.max), and Linux' last is 1023"
        ) { $0.numaNodes[0].osIndex = Int.max },
        Damage(
            name: "core past the last",
            mistake: "a core has the OS index 2147483648, and Linux' last is 2147483647"
        ) { $0.cores[0].osIndex = 1 << 31 },
        Damage(name: "twin dies", mistake: "two dies of socket 0 have the OS index 0") {
            $0.dies.append(Die(osIndex: 0, socket: 0))
        },
        Damage(
            name: "negative CPU",
            mistake: "a CPU has the OS index -1, and OS indices are never negative"
        ) { $0.cpus[0].osIndex = -1 },
        Damage(
            name: "dangling core", mistake: "CPU 2 is in a core that the machine does not have"
        ) {
            $0.cpus[3].core = 9; $0.cpus[2].core = 4
        },
        Damage(
            name: "dangling cache and NUMA node",
            mistake: "CPU 0 is in a NUMA node and an uncore cache that the machine does not have"
        ) {
            $0.cpus[0].numaNode = 2; $0.cpus[0].uncoreCache = -1
        },
        Damage(
            name: "core over sockets",
            mistake: "core 0 of socket 0 spans sockets: CPU 1 is in socket 1"
        ) { $0.cpus[1].socket = 1 },
        Damage(
            name: "core over NUMA nodes",
            mistake:
                "core 0 of socket 0 spans NUMA nodes: of its CPUs 0-1, CPU 0 is on NUMA node 0 and "
                + "CPU 1 on NUMA node 1"
        ) { $0.cpus[1].numaNode = 1 },
        Damage(name: "empty core", mistake: "core 7 of socket 1 has no CPU") {
            $0.cores.append(Core(osIndex: 7, socket: 1))
        },
        Damage(
            name: "die elsewhere", mistake: "CPU 0 is in socket 0 but its die is in socket 1"
        ) { $0.cpus[0].die = 1 },
        Damage(name: "negative memory", mistake: "NUMA node 0 has negative memory: -4096 bytes") {
            $0.numaNodes[0].memory = -4096
        },
        Damage(
            name: "boundless memory",
            mistake: "the NUMA nodes together have more memory than 2^63 - 1 bytes"
        ) { $0.numaNodes[0].memory = .max },
        Damage(
            name: "too many pages",
            mistake:
                "the huge pages of NUMA node 1 (512 × 2Mi and 8 × 1Gi) are 9663676416 bytes, more "
                + "than its 8589934592 bytes of memory"
        ) { $0.numaNodes[1].hugePages[1].count = 8 },
        Damage(
            name: "boundless pages",
            mistake: "the huge pages of NUMA node 1 are more than 2^63 - 1 bytes"
        ) { $0.numaNodes[1].hugePages[1].count = .max },
        Damage(
            name: "odd page",
            mistake: "NUMA node 0 has huge pages of 3000000 bytes, which is not a power of two"
        ) { $0.numaNodes[0].hugePages[0].pageSize = 3_000_000 },
        Damage(name: "twin pools", mistake: "NUMA node 0 has more than one pool of 1Gi pages") {
            $0.numaNodes[0].hugePages[0].pageSize = 1 << 30
        },
        Damage(
            name: "negative pages", mistake: "NUMA node 0 has a negative number of 2Mi pages: -1"
        ) { $0.numaNodes[0].hugePages[0].count = -1 },
        Damage(
            name: "small table",
            mistake: "the distance table is for 1 NUMA nodes, and the machine has 2"
        ) { $0.distances = NUMADistances(count: 1, values: [10]) },
        Damage(
            name: "zero distance", mistake: "the distance table has 0, and distances are above 0"
        ) { $0.distances = NUMADistances(count: 2, values: [10, 0, 20, 10]) },
        Damage(
            name: "device nowhere",
            mistake: "device `eth0` is local to NUMA node 5, which the machine does not have"
        ) { $0.devices = [Device(name: "eth0", numaNodes: [0, 5])] },
        Damage(name: "no CPU", mistake: "the machine has no CPU") {
            $0.cpus = []; $0.cores = []
        },
    ])
    func `one broken part is told in one sentence`(_ damage: Damage) throws {
        var machine = try Self.machine()
        #expect(machine.validate() == [])
        damage.apply(&machine)
        #expect(machine.validate().contains(damage.mistake))
    }

    @Test
    func `all mistakes are told at once`() throws {
        var machine = try Self.machine()
        machine.numaNodes[0].memory = -1
        machine.cpus[7].osIndex = 0
        machine.sockets[1].osIndex = 0
        machine.distances = NUMADistances(count: 3, values: [Int](repeating: -1, count: 9))
        #expect(machine.validate().count == 5)
    }

    @Test
    func `real tables that stray from ACPI are taken`() throws {
        var machine = try Self.machine()
        machine.distances = NUMADistances(count: 2, values: [1, 300, 20, 11])
        #expect(machine.validate() == [])
    }

    @Test
    func `a machine beyond the limits is refused`() {
        var machine = Machine(name: "big")
        machine.sockets = [Socket(osIndex: 0)]
        machine.cores = (0..<1025).map { Core(osIndex: $0, socket: 0) }
        machine.cpus = (0..<1025).map { CPU(osIndex: $0, core: $0, socket: 0, numaNode: 0) }
        machine.numaNodes = (0..<65).map { NUMANode(osIndex: $0, memory: 0) }
        #expect(
            machine.validate() == [
                "the machine has 1025 CPUs, and the limit is 1024",
                "the machine has 65 NUMA nodes, and the limit is 64",
            ])
    }

    @Test
    func `high OS indices are the kubelet's problem and not the machine's`() throws {
        var machine = try Self.machine()
        machine.numaNodes += [252, 253, 255].map { NUMANode(osIndex: $0, kind: .gpu, memory: 1) }
        machine.distances = nil
        machine.cpus[0].osIndex = 1024
        #expect(machine.validate() == [])
        #expect(
            machine.kubeletProblems() == [
                "a kubelet knows NUMA nodes by OS indices 0 to 63, and this machine has NUMA nodes "
                    + "252-253,255",
                "CPU sets hold OS indices 0 to 1023, and this machine has CPU 1024",
            ])
    }

    @Test
    func `a kubelet needs every CPU on a NUMA node`() throws {
        var machine = try Self.machine()
        machine.cpus[4].numaNode = nil
        machine.cpus[5].numaNode = nil
        #expect(machine.validate() == [])
        #expect(
            machine.kubeletProblems() == [
                "a kubelet finds CPUs through their NUMA node, and CPUs 4-5 are on none"
            ])
    }

    @Test
    func `totals add up over NUMA nodes`() throws {
        let machine = try Self.machine()
        #expect(machine.totalMemory == 16 << 30)
        #expect(
            machine.totalHugePages == [
                HugePagePool(pageSize: 2 << 20, count: 1024),
                HugePagePool(pageSize: 1 << 30, count: 8),
            ])
        #expect(machine.numaNodes[0].hugePageMemory == 5 << 30)
        #expect(machine.numaNodes[0].conventionalMemory == 3 << 30)
    }
}
