import Foundation
import HardwareModel
import ScenarioInput
import TestSupport
import Testing

/// Two real hosts, each told by four sources of other people's making, and one more tool's word on both.
@Suite(.enabled(if: SharedFolder.isPresent))
struct FourSourcesTests {
    struct Host: Sendable, CustomTestStringConvertible {
        var name: String
        /// As the fifth source calls it.
        var expectedName: String
        var testDescription: String { name }
    }

    static let hosts = [
        Host(name: "nto_bm_worker1", expectedName: "worker1.internal"),
        Host(name: "nto_bm_master", expectedName: "master.internal"),
    ]

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try SharedFolder.contents("data/" + path))
    }

    /// /sys, cadvisor, hwloc and the Node object, in that order.
    static func statements(_ host: Host) throws -> [MachineStatement] {
        let sysfs = try readSysfsArchive(
            bytes: bytes("hw/must-gather/\(host.name).sysinfo.tgz"), file: "sysinfo.tgz")
        let info = try readMachineInfo(
            bytes: bytes("hw/machineinfo/\(host.name).machineinfo.json"), file: "info.json")
        let xml = ImportedMachine(
            machine: try readHwlocXML(
                bytes: bytes("hw/hwloc-xml-derived/\(host.name).xml"), file: "hwloc.xml"))
        let nodes = try readNodeStatements(
            bytes: bytes("k8s/nodes/\(host.name).node.yaml"), file: "node.yaml")
        return [
            MachineStatement(of: sysfs[0], source: "sysinfo.tgz"),
            MachineStatement(of: info, source: "info.json"),
            MachineStatement(of: xml, source: "hwloc.xml"),
        ] + nodes
    }

    /// Where a source is of another day.
    ///
    /// worker1 was started again between the dumps (MachineInfo is of 13:40, the Node became ready at 14:33), and
    /// the kernel kept three pages more for itself that time.
    static let exceptions: [String: [ComparedFact: String]] = [
        "nto_bm_worker1": [
            .memory: "memory: 201352896512 bytes in sysinfo.tgz, info.json and hwloc.xml, "
                + "201352884224 bytes in node.yaml"
        ]
    ]

    @Test(arguments: hosts)
    func `four sources of a host agree`(_ host: Host) throws {
        let comparison = MachineComparison(try Self.statements(host))
        #expect(comparison.sources.count == 4)
        for row in comparison.differences {
            switch row.fact {
            case .device:
                // hwloc places a device by local_cpus, a file that these dumps do not have.
                #expect(
                    row.values[2]?.description.hasSuffix("no one NUMA node") == true, "\(row)")
            default:
                #expect(Self.exceptions[host.name]?[row.fact] == row.description)
            }
        }
        #expect(
            Set(Self.exceptions[host.name, default: [:]].keys).isSubset(
                of: comparison.differences.map(\.fact)))
        // Nobody is silent on everything: what each fact of the whole is said by.
        func stated(_ fact: ComparedFact) -> [Bool] {
            comparison.rows.first { $0.fact == fact }?.values.map { $0 != nil } ?? []
        }
        #expect(stated(.cpuCount) == [true, true, true, true])
        #expect(stated(.memory) == [true, true, true, true])
        #expect(stated(.numaNodeCPUs(0)) == [true, true, true, false])
        #expect(stated(.numaNodeMemory(1)) == [true, true, true, false])
        #expect(stated(.cores) == [true, true, true, false])
        #expect(stated(.uncoreCaches) == [true, true, true, false])
        #expect(stated(.socketCPUs(1)) == [true, true, true, false])
        // cadvisor left them null in these dumps.
        #expect(stated(.distances(0)) == [true, false, true, false])
        if host.name == "nto_bm_worker1" {
            #expect(stated(.hugePages(size: 2 << 20)) == [true, false, true, true])
        }
        #expect(comparison.agreements.count > 10)
    }

    /// Archives of hosts, below hw/must-gather, whose Node object is in k8s/nodes.
    static let gathered: [String] =
        SysfsDump.files(in: "must-gather").filter { $0.hasSuffix(".sysinfo.tgz") }
        .map { String($0.dropLast(".sysinfo.tgz".count)) }
        .filter { (try? SharedFolder.contents("data/k8s/nodes/\($0).node.yaml")) != nil }

    @Test
    func `there are gathered hosts`() { #expect(Self.gathered.count >= 3) }

    /// Of pao_bm_worker2, whose NUMA node has no meminfo of its own, this says that /proc/meminfo is the kubelet's word.
    @Test(arguments: gathered)
    func `a gathered host has the capacity of its Node`(_ name: String) throws {
        let sysfs = try readSysfsArchive(
            bytes: Self.bytes("hw/must-gather/\(name).sysinfo.tgz"), file: "sysinfo.tgz")
        let nodes = try readNodeStatements(
            bytes: Self.bytes("k8s/nodes/\(name).node.yaml"), file: "node.yaml")
        let comparison = MachineComparison(
            [MachineStatement(of: sysfs[0], source: "sysinfo.tgz")] + nodes)
        let excepted = Self.exceptions[name, default: [:]]
        #expect(comparison.differences.filter { excepted[$0.fact] == nil }.map(\.description) == [])
        #expect(comparison.agreements.contains { $0.fact == .cpuCount })
        if excepted.isEmpty { #expect(comparison.agreements.contains { $0.fact == .memory }) }
    }

    @Test(arguments: hosts)
    func `the fifth source agrees, too`(_ host: Host) throws {
        struct Pool: Decodable { var nodes: [Node] }
        struct Node: Decodable {
            var name: String
            var smt_enabled: Bool
            var cpus_count: Int
            var numa_cells: [Cell]
        }
        struct Cell: Decodable {
            var id: Int
            var cores: [Int]
        }
        let pools = try JSONDecoder().decode(
            [Pool].self,
            from: try SharedFolder.contents("data/hw/must-gather/nto_expected-info.bare-metal.json")
        )
        let node = try #require(
            pools.flatMap(\.nodes).first { $0.name == host.expectedName })
        let info = try readMachineInfo(
            bytes: Self.bytes("hw/machineinfo/\(host.name).machineinfo.json"), file: "info.json")
        let sysfs = try readSysfsArchive(
            bytes: Self.bytes("hw/must-gather/\(host.name).sysinfo.tgz"), file: "sysinfo.tgz")
        for machine in [info.machine, sysfs[0].machine] {
            #expect(machine.isSMT == node.smt_enabled)
            #expect(machine.cpus.count == node.cpus_count)
            #expect(machine.numaNodes.map(\.osIndex) == node.numa_cells.map(\.id))
            for (position, cell) in node.numa_cells.enumerated() {
                #expect(machine.cpus(ofNUMANode: position).sorted() == cell.cores.sorted())
            }
        }
    }

    /// The machine inside the archive, as the host's own kubelet saw it, is the file that lies beside it.
    @Test(arguments: hosts)
    func `MachineInfo says what it leaves out`(_ host: Host) throws {
        let info = try readMachineInfo(
            bytes: Self.bytes("hw/machineinfo/\(host.name).machineinfo.json"), file: "info.json")
        #expect(info.unstated == [.dies, .devices, .hugePages, .distances])
        let guessed = info.report.notes.filter { $0.outcome == .guessed }.map(\.subject)
        #expect(guessed == ["huge pages", "distances"])
        let dropped = info.report.notes.filter { $0.outcome == .dropped }.map(\.subject)
        #expect(dropped == ["`network_devices`", "`disk_map`"])
        #expect(info.machine.name == host.name || info.machine.name == "info")
    }

    /// A machine compared with another one: each difference by name.
    @Test
    func `the two hosts differ, and it is told in what`() throws {
        let one = try Self.statements(Self.hosts[0])
        let other = try Self.statements(Self.hosts[1])
        let comparison = MachineComparison([one[0], other[1]])
        let names = comparison.differences.map(\.fact.description)
        #expect(names.contains("number of CPUs"))
        #expect(names.contains("memory of NUMA node 0"))
        #expect(names.contains("cores"))
        #expect(!names.contains("NUMA nodes"))
    }
}
