import Foundation
import HardwareModel
import Primitives
import ScenarioInput
import Testing

struct MachineSourceTests {
    @Test
    func `a shape takes the settings beside it`() throws {
        var settings = MachineSource.ShapeSettings()
        settings.memoryPerNUMANode = 8 << 30
        settings.hugePagesPerNUMANode = [HugePagePool(pageSize: 1 << 30, count: 2)]
        settings.numbering = .alternate
        let machine = try loadMachine("2s2c2t", shapeSettings: settings)
        #expect(machine.cpus(ofNUMANode: 0).description == "0,2,4,6")
        #expect(machine.totalMemory == 16 << 30)
        #expect(machine.totalHugePages == [HugePagePool(pageSize: 1 << 30, count: 4)])
    }

    @Test
    func `a shape without settings has memory`() throws {
        #expect(try loadMachine("1s2c").totalMemory == MachineShape.defaultMemoryPerNUMANode)
    }

    @Test
    func `a file is told from a shape`() throws {
        let machine = try loadMachine(MachineFixture.path("two-sockets.v2.xml"))
        #expect(machine.name == "two-sockets.v2")
        #expect(machine.cpus.count == 7)
    }

    @Test
    func `a synthetic string may stand for a machine`() throws {
        let machine = try loadMachine("Package:2 [NUMANode(memory=4GiB)] Core:2 PU:2")
        #expect(machine.totalMemory == 8 << 30)
        #expect(machine.cpus(ofNUMANode: 1).description == "4-7")
        let error = #expect(throws: InputError.self) { try loadMachine("NUMA:100 Core:100") }
        #expect(error?.diagnostics.count == 1)
    }

    @Test
    func `host asks for this computer`() throws {
        let machine = try MachineShape(parsing: "1s3c").makeMachine(memoryPerNUMANode: 1)
        #expect(try loadMachine("host", hostMachine: { machine }) == machine)
    }

    @Test
    func `a host that cannot be read is one error`() {
        struct Broken: Error, CustomStringConvertible { var description: String { "no /sys" } }
        let error = #expect(throws: InputError.self) {
            try loadMachine("host", hostMachine: { throw Broken() })
        }
        #expect(error?.diagnostics.map(\.message) == ["this computer cannot be read: no /sys"])
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]?
        var says: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Mistake(
            name: "empty.xml", bytes: [], says: "the file is empty, where a machine was expected"),
        Mistake(name: "blank.xml", bytes: Array(" \n".utf8), says: "the file is empty"),
        Mistake(name: "info.json", bytes: Array("{\"a\": 1}".utf8), says: "the file is JSON"),
        Mistake(
            name: "machine.yaml", bytes: Array("kind: x".utf8),
            says: "the file is text of another kind"),
        Mistake(name: "machine.xml.gz", bytes: [0x1F, 0x8B, 8], says: "is not a whole gzip file"),
        Mistake(name: "machine.utf16", bytes: [0xFF, 0xFE, 0x3C, 0], says: "UTF-16"),
        Mistake(name: "missing.xml", bytes: nil, says: "no such file"),
    ])
    func `a file that is no machine says what it is`(_ mistake: Mistake) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "topsim-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: mistake.name).path
        if let bytes = mistake.bytes { try Data(bytes).write(to: URL(filePath: path)) }
        let error = #expect(throws: InputError.self) { try loadMachine(path) }
        #expect(error?.diagnostics.count == 1)
        let message = error?.diagnostics.first?.message ?? ""
        #expect(message.contains(mistake.says), "\(message)")
    }

    @Test
    func `a folder without /sys is refused with a hint`() {
        let error = #expect(throws: InputError.self) { try loadMachine("/usr/share/doc") }
        #expect(
            error?.diagnostics.first?.message
                == "the folder has no `sys/devices/system/cpu`, so no machine is in it")
        #expect(error?.diagnostics.first?.hint?.hasPrefix("name the folder") == true)
    }

    @Test(arguments: ["2s2n8x", "16cores"])
    func `a shape with a slip gets the shape's hint`(text: String) {
        let error = #expect(throws: InputError.self) { try loadMachine(text) }
        #expect(error?.diagnostics.first?.message == "no such file")
        #expect(error?.diagnostics.first?.hint == MachineShapeError.hint)
    }

    @Test
    func `a malformed shape is one error with a hint`() {
        let error = #expect(throws: InputError.self) { try loadMachine("2s2s4c") }
        #expect(error?.diagnostics.map(\.message) == ["machine shape `2s2s4c` has `s` twice"])
        #expect(error?.diagnostics.first?.hint == MachineShapeError.hint)
    }

    @Test
    func `a machine past the limits is refused when it is loaded`() throws {
        let cpus = (0..<1025).map { "<object type=\"PU\" os_index=\"\($0)\"/>" }.joined()
        let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).xml")
        defer { try? FileManager.default.removeItem(at: url) }
        try Data("<topology><object type=\"Machine\">\(cpus)</object></topology>".utf8).write(
            to: url)
        let error = #expect(throws: InputError.self) { try loadMachine(url.path) }
        #expect(
            error?.diagnostics.map(\.message) == [
                "the machine has 1025 CPUs, and the limit is 1024"
            ])
    }
}
