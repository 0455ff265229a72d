import Foundation
import HardwareModel
import HostTopology
import Primitives
import ScenarioInput
import TestSupport
import Testing

/// /sys of real hosts, read as if it were this computer's, against the hwloc file that lstopo made from it.
@Suite(.enabled(if: SharedFolder.isPresent))
struct SysfsDumpTests {
    struct Dump: Sendable, CustomTestStringConvertible {
        /// Below hw/.
        var archive: String
        /// Below hw/hwloc-xml-derived/.
        var xml: String
        var testDescription: String { xml }
    }

    static let dumps: [Dump] = [
        Dump(archive: "must-gather/nto_bm_worker1.sysinfo.tgz", xml: "nto_bm_worker1.xml"),
        Dump(
            archive: "sysfs/hwloc_48amd64-4pa2n6c-sparse.tar.bz2",
            xml: "hwloc_48amd64-4pa2n6c-sparse.xml"),
        Dump(
            archive: "sysfs/hwloc_128arm-2pa2n8cluster4co.tar.bz2",
            xml: "hwloc_128arm-2pa2n8cluster4co.xml"),
        Dump(
            archive: "sysfs/hwloc_offline-cpu0-node0.tar.bz2", xml: "hwloc_offline-cpu0-node0.xml"),
        Dump(
            archive: "sysfs/ghw_linux-amd64-offlineCPUs.tar.gz",
            xml: "ghw_linux-amd64-offlineCPUs.xml"),
    ]

    @Test(arguments: dumps)
    func `a host read from its /sys is the machine that hwloc sees`(_ dump: Dump) throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "topsim-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let root = try #require(try unpack(dump.archive, into: folder))
        let ours = try HostMachine.read(root: root.path, numa: nil)
        let bytes = [UInt8](try SharedFolder.contents("data/hw/hwloc-xml-derived/\(dump.xml)"))
        let hwloc = try readHwlocXML(bytes: bytes, file: dump.xml)
        #expect(cpuSets(of: ours) == cpuSets(of: hwloc))
        #expect(ours.numaNodes.map(\.osIndex) == hwloc.numaNodes.map(\.osIndex))
        #expect(ours.numaNodes.map(\.memory) == hwloc.numaNodes.map(\.memory))
        #expect(ours.numaNodes.map(\.hugePages) == hwloc.numaNodes.map(\.hugePages))
        // hwloc leaves out the table of a machine with one NUMA node.
        if hwloc.numaNodes.count > 1 { #expect(ours.distances == hwloc.distances) }
    }

    /// What share which CPUs, in no order.
    private func cpuSets(of machine: Machine) -> [String: Set<String>] {
        [
            "sockets": Set(machine.sockets.indices.map { machine.cpus(ofSocket: $0).description }),
            "cores": Set(machine.cores.indices.map { machine.cpus(ofCore: $0).description }),
            "NUMA nodes": Set(
                machine.numaNodes.indices.map { machine.cpus(ofNUMANode: $0).description }),
            "uncore caches": Set(
                machine.uncoreCaches.indices.map { machine.cpus(ofUncoreCache: $0).description }),
        ]
    }

    /// Unpacks an archive; the folder in it that holds `sys`.
    private func unpack(_ archive: String, into folder: URL) throws -> URL? {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = try #require(SharedFolder.url).appending(path: "data/hw/\(archive)")
        let tar = Process()
        tar.executableURL = URL(filePath: "/usr/bin/env")
        tar.arguments = ["tar", "-xf", file.path, "-C", folder.path]
        tar.standardError = FileHandle.nullDevice
        try tar.run()
        tar.waitUntilExit()
        let inside = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        return ([folder] + inside).first {
            FileManager.default.fileExists(atPath: $0.appending(path: "sys").path)
        }
    }
}
