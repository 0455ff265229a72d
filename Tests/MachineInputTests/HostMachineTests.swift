import HardwareModel
import HostTopology
import Primitives
import Testing

struct HostMachineTests {
    /// Two sockets of two cores with siblings n and n + 4, CPUs alternating between sockets; CPU 7 is offline.
    static func dualSocket() throws -> FakeSystem {
        let system = try FakeSystem()
        try system.write("sys/devices/system/cpu/online", "0-6")
        for cpu in 0..<7 {
            let first = cpu % 4
            try system.cpu(
                cpu, socket: cpu % 2, core: first / 2, siblings: "\(first),\(first + 4)",
                l3: cpu % 2 == 0 ? "0,2,4,6" : "1,3,5")
        }
        try system.write("sys/devices/system/node/online", "0-1,4")
        let pages = [2048: 512, 1_048_576: 2]
        try system.node(0, cpus: "0,2,4,6", kilobytes: 8 << 20, distance: "10 21 17", pages: pages)
        try system.node(1, cpus: "1,3,5", kilobytes: 8 << 20, distance: "21 10 28", pages: pages)
        try system.node(4, cpus: "", kilobytes: 16 << 20, distance: "17 28 10")
        try system.pci("0000:18:00.0", code: "0x020000", node: 1, net: "ens1f0")
        try system.pci("0000:19:00.0", code: "0x010802", node: -1)
        try system.pci("0000:00:1f.0", code: "0x060100", node: 0)
        try system.write("proc/cpuinfo", "processor\t: 0\nmodel name\t: Example 4004\n")
        return system
    }

    @Test
    func `a host with NUMA is read from its files`() throws {
        let system = try Self.dualSocket()
        let machine = try HostMachine.read(root: system.path, numa: nil)
        #expect(machine.sockets.map(\.model) == ["Example 4004", "Example 4004"])
        #expect(machine.cpuSet.description == "0-6")
        #expect(
            machine.cores.indices.map { machine.cpus(ofCore: $0).description } == [
                "0,4", "2,6", "1,5", "3",
            ])
        #expect(machine.dies.isEmpty)
        #expect(machine.uncoreCaches.map(\.size) == [16 << 20, 16 << 20])
        #expect(machine.numaNodes.map(\.osIndex) == [0, 1, 4])
        #expect(machine.numaNodes.map(\.memory) == [8 << 30, 8 << 30, 16 << 30])
        #expect(machine.cpus(ofNUMANode: 1).description == "1,3,5")
        #expect(machine.cpus(ofNUMANode: 2).isEmpty)
        #expect(
            machine.numaNodes[0].hugePages == [
                HugePagePool(pageSize: 2 << 20, count: 512),
                HugePagePool(pageSize: 1 << 30, count: 2),
            ])
        #expect(machine.distances?.values == [10, 21, 17, 21, 10, 28, 17, 28, 10])
        #expect(
            machine.devices == [
                Device(
                    name: "ens1f0", pciBusID: "0000:18:00.0", pciClass: 0x0200, vendorID: 0x8086,
                    deviceID: 0x1592, numaNodes: [1], osNames: ["ens1f0"]),
                Device(
                    name: "0000:19:00.0", pciBusID: "0000:19:00.0", pciClass: 0x0108,
                    vendorID: 0x8086,
                    deviceID: 0x1592),
            ])
    }

    @Test
    func `libnuma is asked first, and the files fill what it does not know`() throws {
        let system = try Self.dualSocket()
        var numa = FakeNUMALibrary()
        numa.memory = [0: 5 << 30]
        let partly = try HostMachine.read(root: system.path, numa: numa)
        #expect(partly.numaNodes.map(\.memory) == [5 << 30, 8 << 30, 16 << 30])
        #expect(partly.distances?[0, 1] == 21)

        for from in [0, 1, 4] {
            for to in [0, 1, 4] { numa.distances[[from, to]] = from == to ? 10 : 99 }
        }
        let fully = try HostMachine.read(root: system.path, numa: numa)
        #expect(fully.distances?.values == [10, 99, 99, 99, 10, 99, 99, 99, 10])

        numa.isAvailable = false
        let not = try HostMachine.read(root: system.path, numa: numa)
        #expect(not.numaNodes.map(\.memory) == [8 << 30, 8 << 30, 16 << 30])
        #expect(not.distances?[0, 1] == 21)
    }

    @Test
    func `without NUMA there is one NUMA node with everything`() throws {
        let system = try FakeSystem()
        try system.write("sys/devices/system/cpu/present", "0-3")
        for cpu in 0..<4 {
            // Ids of a small ARM board.
            try system.cpu(cpu, socket: -1, core: -1, die: -1, siblings: "\(cpu)")
        }
        try system.write("sys/devices/system/cpu/cpu3/online", "0")
        try system.write("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "7")
        try system.write("proc/meminfo", "MemTotal:        4194304 kB\nMemFree: 1 kB")
        try system.pci("0000:00:01.0", code: "0x020000", node: -1)
        let machine = try HostMachine.read(root: system.path, numa: FakeNUMALibrary())
        #expect(machine.sockets == [Socket(osIndex: 0)])
        #expect(machine.cpuSet.description == "0-2")
        #expect(machine.cores.count == 3)
        #expect(
            machine.numaNodes == [
                NUMANode(
                    osIndex: 0, memory: 4 << 30,
                    hugePages: [HugePagePool(pageSize: 2 << 20, count: 7)], socket: 0)
            ])
        #expect(machine.distances == nil)
        #expect(machine.devices.map(\.numaNodes) == [[]])
        #expect(machine.kubeletProblems() == [])
    }

    @Test
    func `a container without sysfs has as many CPUs as the C library counts`() throws {
        let system = try FakeSystem()
        let machine = try HostMachine.read(
            root: system.path + "/", numa: nil, processorCount: 6)
        #expect(machine.cpuSet.description == "0-5")
        #expect(machine.numaNodes.count == 1)
        #expect(machine.totalMemory == 0)
    }

    @Test
    func `nothing at all is an error`() throws {
        let system = try FakeSystem()
        let error = #expect(throws: HostMachineError.self) {
            try HostMachine.read(root: system.path, numa: nil)
        }
        #expect(error?.message.hasPrefix("no CPU is found in") == true)
    }

    @Test
    func `dies are told apart where a socket has several`() throws {
        let system = try FakeSystem()
        try system.write("sys/devices/system/cpu/online", "0-3")
        for cpu in 0..<4 {
            try system.cpu(cpu, socket: 0, core: 0, die: cpu / 2, siblings: "\(cpu)")
        }
        let machine = try HostMachine.read(root: system.path, numa: nil)
        #expect(machine.dies.map(\.osIndex) == [0, 1])
        #expect(machine.dies.indices.map { machine.cpus(ofDie: $0).description } == ["0-1", "2-3"])
        // Equal core ids in two dies are still four cores.
        #expect(machine.cores.count == 4)
    }

    @Test(arguments: ["3-1", "x", "0-", "-1", "0-9999999", "1-2-3"])
    func `a broken list of CPUs falls back to folders`(text: String) throws {
        let system = try FakeSystem()
        try system.write("sys/devices/system/cpu/online", text)
        try system.cpu(0, socket: 0, core: 0, siblings: "0")
        let machine = try HostMachine.read(root: system.path, numa: nil)
        #expect(machine.cpuSet.description == "0")
    }

    @Test
    func `this computer is read`() throws {
        let machine = try HostMachine.read()
        #expect(!machine.cpus.isEmpty)
        #expect(machine.numaNodes.count >= 1)
        #expect(machine.totalMemory > 0)
        #expect(machine.validate() == [])
    }
}
