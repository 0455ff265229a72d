import Foundation
import HardwareModel
import ScenarioInput
import TestSupport
import Testing

/// Formats are told by content, whatever a file is called.
struct MachineFormatsTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        /// Below data/hw, and how the names of its files end.
        var folder: String
        var endings: [String]
        var format: String
        var testDescription: String { "\(folder) \(endings)" }
    }

    static let kinds = [
        Kind(folder: "hwloc-xml", endings: [".xml"], format: "hwloc XML"),
        Kind(folder: "hwloc-xml-v3", endings: [".xml"], format: "hwloc XML"),
        Kind(folder: "hwloc-xml-derived", endings: [".xml"], format: "hwloc XML"),
        Kind(
            folder: "sysfs", endings: [".tar.gz", ".tar.bz2", ".tar.xz"],
            format: "an archive of /sys and /proc"),
        Kind(folder: "must-gather", endings: [".tgz"], format: "an archive of /sys and /proc"),
        Kind(folder: "lscpu", endings: [".tar.gz"], format: "an archive of /sys and /proc"),
        Kind(folder: "lscpu", endings: [".txt"], format: "lscpu with numactl -H"),
        Kind(
            folder: "machineinfo", endings: [".machineinfo.json"],
            format: "cadvisor's MachineInfo"),
    ]

    @Test(.enabled(if: SharedFolder.isPresent), arguments: kinds)
    func `every real file is told by its content, and gives a machine`(_ kind: Kind) throws {
        let names = SysfsDump.files(in: kind.folder).filter { name in
            kind.endings.contains { name.hasSuffix($0) }
        }
        #expect(!names.isEmpty)
        for name in names {
            let bytes = [UInt8](try SharedFolder.contents("data/hw/\(kind.folder)/\(name)"))
            // The name tells nothing.
            let file = MachineFile(name: "machine", bytes: bytes)
            let format = try #require(MachineFormats.format(of: file), "\(name)")
            #expect(format.name == kind.format, "\(name)")
            let machines = try format.read(file)
            #expect(!machines.isEmpty)
            #expect(machines.allSatisfy { !$0.machine.cpus.isEmpty }, "\(name)")
        }
    }

    /// Whatever is fed to whichever reader ends in an error or a machine.
    @Test(arguments: [
        [], Array("{".utf8), Array("{\"topology\": 1, \"num_cores\": []}".utf8),
        Array("<topology".utf8), Array("# CPU,\n0".utf8), Array("available: x nodes (".utf8),
        [0x1F, 0x8B], [0x42, 0x5A, 0x68, 0x39], [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00],
        [UInt8](repeating: 0xFF, count: 2000), [UInt8](repeating: 0x0A, count: 2000),
        Array("\u{FEFF}{\"lscpu\": [{\"field\": {}, \"data\": []}]}".utf8),
    ])
    func `any bytes end in an error or a machine`(bytes: [UInt8]) {
        let file = MachineFile(name: "machine", bytes: bytes)
        for format in MachineFormats.all {
            do throws(InputError) {
                #expect(!(try format.read(file)).isEmpty)
            } catch {
                #expect(!error.diagnostics.isEmpty)
            }
        }
    }

    @Test(arguments: [
        ("{\"a\": {\"topology\": 1}, \"b\\\"c\": [\"x\", {\"d\": 2}]}", ["a", "b\\\"c"]),
        ("[{\"a\": 1}]", []), ("", []), ("{\"a\" 1}", []), ("{\"a\": \"b:c\"", ["a"]),
    ])
    func `the outermost keys of JSON are found without parsing it`(text: String, keys: [String]) {
        #expect(MachineFile(name: "x", bytes: Array(text.utf8)).outermostKeys == Set(keys))
    }

    @Test(arguments: [
        (
            "<?xml version=\"1.0\"?>\n<!DOCTYPE topology SYSTEM \"x\">\n<!-- > -->\n<topology a='1'>",
            "topology"
        ),
        ("\u{FEFF}<system/>", "system"), ("{}", nil), ("<!-- never ends", nil), ("", nil),
    ])
    func `the first element of XML is found without parsing it`(text: String, element: String?) {
        #expect(MachineFile(name: "x", bytes: Array(text.utf8)).rootElement == element)
    }
}
