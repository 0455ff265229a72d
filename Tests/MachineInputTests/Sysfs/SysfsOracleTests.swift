import Foundation
import HardwareModel
import ScenarioInput
import TestSupport
import Testing

/// Every dump of /sys in the shared folder, read by us, against what hwloc says of it.
@Suite(.enabled(if: SharedFolder.isPresent))
struct SysfsOracleTests {
    @Test
    func `every archive has a machine that hwloc read, too`() throws {
        let names = Set(SysfsDump.dumps.map(\.name))
        let derived = Set(
            SysfsDump.files(in: "hwloc-xml-derived").filter { $0.hasSuffix(".xml") }
                .map { String($0.dropLast(4)) })
        #expect(names == derived)
    }

    @Test(arguments: SysfsDump.dumps)
    func `a dump is the machine of the hwloc file made from it`(_ dump: SysfsDump) throws {
        let theirs = try readHwlocXML(
            bytes: [UInt8](try SharedFolder.contents(dump.derivedXML)), file: dump.name)
        compare(
            TopologyFacts(of: try dump.machine().machine), with: TopologyFacts(of: theirs), dump,
            source: .derived)
    }

    @Test(arguments: SysfsDump.dumps.filter { SysfsOracleTests.expected($0, "xml") != nil })
    func `a dump is the machine of hwloc's own expected XML`(_ dump: SysfsDump) throws {
        let path = try #require(Self.expected(dump, "xml"))
        let theirs = try readHwlocXML(
            bytes: [UInt8](try SharedFolder.contents(path)), file: dump.name)
        compare(
            TopologyFacts(of: try dump.machine().machine), with: TopologyFacts(of: theirs), dump,
            source: .expected)
    }

    @Test(arguments: SysfsDump.dumps.filter { SysfsOracleTests.expected($0, "console") != nil })
    func `a dump is the machine that hwloc is expected to print`(_ dump: SysfsDump) throws {
        let path = try #require(Self.expected(dump, "console"))
        let text = String(decoding: try SharedFolder.contents(path), as: UTF8.self)
        let console = HwlocConsole(text)
        let machine = try dump.machine().machine
        let ours = TopologyFacts(of: machine)
        compare(ours, with: console.facts, dump, source: .expected)
        for (node, printed) in console.memory {
            let bytes = try #require(ours.memory[node], "NUMA node \(node)")
            // lstopo rounds to the nearest unit.
            let half = printed.unit / 2
            #expect(abs(bytes - printed.count * printed.unit) <= half, "NUMA node \(node)")
        }
        // The summary at the end of the text, against the objects of the text and so against ours.
        #expect(console.counts["PU"] == machine.cpus.count)
        #expect(console.counts["Core"] == machine.cores.count)
        #expect(console.counts["Package"] == machine.sockets.count)
        #expect(console.counts["L3Cache"] ?? 0 == machine.uncoreCaches.count)
    }

    @Test(arguments: SysfsDump.dumps)
    func `a real machine has no mistake, and its report says what was read`(_ dump: SysfsDump)
        throws
    {
        let imported = try dump.machine()
        #expect(imported.machine.validate() == [])
        #expect(imported.report.count(of: .taken) == 1)
        #expect(
            imported.report.notes.allSatisfy { !$0.reason.isEmpty && !$0.reason.hasSuffix(".") })
    }

    static func expected(_ dump: SysfsDump, _ ending: String) -> String? {
        let path = "data/hw/sysfs/\(dump.name).expected.\(ending)"
        return (try? SharedFolder.contents(path)) == nil ? nil : path
    }

    /// Each fact that the other states is ours, but for the exceptions; and each exception is as its row says.
    private func compare(
        _ ours: TopologyFacts, with theirs: TopologyFacts, _ dump: SysfsDump,
        source: SysfsException.Source
    ) {
        let row = SysfsException.all.first {
            $0.dump == dump.name && $0.sources.contains(source)
        }
        for fact in TopologyFacts.Fact.allCases {
            guard let wanted = theirs.texts[fact] else { continue }
            guard let instead = row?.ours[fact] else {
                #expect(ours.texts[fact] == wanted, "\(fact)")
                continue
            }
            #expect(ours.texts[fact] == instead, "\(fact)")
            #expect(ours.texts[fact] != wanted, "no exception is needed for \(fact)")
        }
        let all = ours.memory.keys.sorted()
        var differing = 0
        for (address, nodes) in theirs.devices.sorted(by: { $0.key < $1.key }) {
            if let code = theirs.deviceClasses[address], !Self.isForPods(code) {
                // hwloc's own expected files list every device.
                #expect(ours.devices[address] == nil, "\(address)")
            } else if let rule = row?.devices, ours.devices[address] != nodes {
                differing += 1
                #expect(rule(ours.devices[address] ?? [], nodes, all), "\(address)")
            } else {
                #expect(ours.devices[address] == nodes, "\(address)")
            }
        }
        if row?.devices != nil { #expect(differing > 0, "no exception is needed for devices") }
    }

    @Test
    func `every exception is of a dump that there is`() {
        let names = Set(SysfsDump.dumps.map(\.name))
        #expect(SysfsException.all.allSatisfy { names.contains($0.dump) && !$0.cause.isEmpty })
    }

    @Test(arguments: Set(SysfsDump.dumps.map(\.archive)).sorted())
    func `each device is on the NUMA node that its own file names`(_ archive: String) throws {
        let machines = SysfsDump.all.filter { $0.dump.archive == archive }
        let machine = try #require(machines.first).result.get().machine
        // Only trees of several machines have no PCI in these dumps.
        guard machines.count == 1, !machine.devices.isEmpty else { return }
        let files = try SystemTar.numbers(called: "numa_node", in: archive)
        for device in machine.devices {
            let address = try #require(device.pciBusID)
            // Without one, the comparisons with hwloc tell.
            guard let node = files[address], node >= 0 else { continue }
            #expect(device.numaNodes == [node], "\(address)")
        }
    }

    /// Network, storage, displays, co-processors, accelerators, InfiniBand, Fibre Channel, CXL memory.
    private static func isForPods(_ code: Int) -> Bool {
        [0x01, 0x02, 0x03, 0x0B, 0x12].contains(code >> 8)
            || [0x0C04, 0x0C06, 0x0502].contains(code)
    }
}
