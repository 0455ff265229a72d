import HardwareModel
import ScenarioInput
import TestSupport
import Testing

/// Every real hwloc file of the shared folder against hwloc's own reading of it.
@Suite(.enabled(if: SharedFolder.isPresent))
struct HwlocOracleTests {
    /// NUMA nodes that hwloc lists with CPUs near them, while the kernel has them as memory only: in our machines
    /// their CPUs are on the DRAM node beside them.
    static let memoryOnly: [String: Set<Int>] = [
        // Knights Landing: the MCDRAM of each cluster. The 1.x file itself says that they have no CPUs.
        "hwloc-xml/mpibind_knl-snc4-flat-hwloc1.xml": [4, 5, 6, 7],
        "hwloc-xml/hwloc_64intel64-fakeKNL-SNC4-hybrid.xml": [4, 5, 6, 7],
        // Optane as memory, no subtype: cpulist is empty in the sysfs dump that the XML was made from.
        "hwloc-xml-derived/nri_sample2.xml": [4, 5, 6, 7],
        "hwloc-xml-derived/nri_topology-aware_sysfs__server.xml": [4, 5],
    ]

    /// Every file read once.
    static let machines: [String: Result<Machine, any Error>] = HwlocOracle.files.reduce(into: [:])
    {
        machines, file in
        machines[file] = Result {
            try readHwlocXML(
                bytes: [UInt8](try SharedFolder.contents("data/hw/\(file)")), file: file)
        }
    }

    static func machine(_ file: String) throws -> Machine { try #require(machines[file]).get() }

    @Test
    func `there are 53 files`() { #expect(HwlocOracle.files.count == 53) }

    @Test(arguments: HwlocOracle.files)
    func `sockets, dies, NUMA nodes, cores and CPUs are as many as hwloc counts`(_ file: String)
        throws
    {
        let machine = try Self.machine(file)
        let counts = try #require(HwlocOracle.counts[file])
        #expect(machine.sockets.count == counts.sockets)
        #expect(machine.dies.count == counts.dies)
        #expect(machine.numaNodes.count == counts.numaNodes)
        #expect(machine.cores.count == counts.cores)
        #expect(machine.cpus.count == counts.cpus)
        // Four L3 caches of CPUs that a cgroup forbids are counted by hwloc; ours are groups of CPUs.
        let withoutCPUs = file == "hwloc-xml-derived/hwloc_32amd64-4s2n4c-cgroup2.xml" ? 4 : 0
        #expect(machine.uncoreCaches.count == counts.uncoreCaches - withoutCPUs)
    }

    @Test(arguments: HwlocOracle.files)
    func `PCI devices and OS devices are as many as hwloc counts`(_ file: String) throws {
        let machine = try Self.machine(file)
        let counts = try #require(HwlocOracle.counts[file])
        let devices = machine.devices
        #expect(devices.count { $0.pciBusID != nil && isImportant($0) } == counts.pciDevices)
        #expect(
            devices.flatMap(\.osKinds).count { $0 != .dma } == counts.osDevices)
    }

    /// hwloc's tools show what a job may use, and neither DMA engines nor what belongs to the chip set; two files
    /// hold all. (hwloc include/private/private.h, hwloc_filter_check_pcidev_subtype_important)
    private func isImportant(_ device: Device) -> Bool {
        guard let code = device.pciClass else { return false }
        return [0x00, 0x01, 0x02, 0x03, 0x0B, 0x12].contains(code >> 8)
            || [0x0C04, 0x0C06, 0x0502, 0x0680].contains(code)
    }

    @Test(arguments: HwlocOracle.files)
    func `each NUMA node has hwloc's memory, kind, cores and CPUs`(_ file: String) throws {
        let machine = try Self.machine(file)
        let nodes = try #require(HwlocOracle.memory[file]).sorted { $0.osIndex < $1.osIndex }
        #expect(machine.numaNodes.map(\.osIndex) == nodes.map(\.osIndex))
        #expect(machine.numaNodes.map(\.memory) == nodes.map(\.bytes))
        for (position, node) in nodes.enumerated() {
            let isMemoryOnly = Self.memoryOnly[file]?.contains(node.osIndex) ?? false
            let ours = machine.cpus.filter { $0.numaNode == position }
            #expect(
                ours.map(\.osIndex) == (isMemoryOnly ? [] : node.cpus), "NUMA node \(node.osIndex)")
            #expect(Set(ours.map(\.core)).count == (isMemoryOnly ? 0 : node.cores))
            #expect((machine.numaNodes[position].kind == .hbm) == (node.subtype == "MCDRAM"))
        }
    }

    @Test(arguments: HwlocOracle.files)
    func `distances are hwloc's`(_ file: String) throws {
        let machine = try Self.machine(file)
        guard let tables = HwlocOracle.distances[file], !tables.isEmpty else {
            #expect(machine.distances == nil)
            return
        }
        let distances = try #require(machine.distances)
        let logical = try #require(HwlocOracle.memory[file]).sorted { $0.osIndex < $1.osIndex }
            .map(\.logicalIndex)
        let matches = tables.contains { table in
            logical.indices.allSatisfy { from in
                logical.indices.allSatisfy { to in
                    table[logical[from]]?[logical[to]] == distances[from, to]
                }
            }
        }
        #expect(matches)
    }

    /// The oracle has all devices of this file on NUMA node 0, though the file puts them inside the groups of NUMA
    /// nodes 0, 2 and 3. It asked for them by number among the few important ones, of 89 in the file.
    static let misnumbered = "hwloc-xml/prrte_test-topo2.xml"

    @Test(arguments: HwlocOracle.files)
    func `devices are where hwloc has them`(_ file: String) throws {
        let machine = try Self.machine(file)
        let all = machine.numaNodes.map(\.osIndex)
        func places(_ isWanted: (Device) -> Bool) -> [[Int]] {
            machine.devices.filter(isWanted).map { $0.numaNodes.isEmpty ? all : $0.numaNodes }
        }
        for pci in HwlocOracle.pciDevices[file] ?? [] {
            // One edited file has two devices at one address.
            let found = places { $0.pciBusID == pci.name }
            let wanted = file == Self.misnumbered ? found.first : pci.numaNodes.sorted()
            #expect(wanted.map { found.contains($0) } == true, "\(pci.name)")
        }
        for named in HwlocOracle.osDevices[file] ?? [] {
            let found = places { $0.osNames.contains(named.name) }
            let wanted = file == Self.misnumbered ? found.first : named.numaNodes.sorted()
            #expect(wanted.map { found.contains($0) } == true, "\(named.name)")
        }
    }

    @Test
    func `devices inside a NUMA node's group are on that node`() throws {
        let machine = try Self.machine(Self.misnumbered)
        let nodes = ["0000:02:00.0", "0000:43:00.0", "0000:63:00.0"].map { address in
            machine.devices.first { $0.pciBusID == address }?.numaNodes
        }
        #expect(nodes == [[0], [2], [3]])
    }

    @Test(arguments: HwlocOracle.files)
    func `a real machine has no mistake`(_ file: String) throws {
        #expect(try Self.machine(file).validate() == [])
    }
}
