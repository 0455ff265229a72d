import Foundation
import HardwareModel
import ScenarioInput
import TestSupport
import Testing

/// Whatever a format has words for comes back when its text is read again; the rest is listed.
struct MachineExportTests {
    /// What an export reads back as.
    static func readBack(_ text: String, _ format: MachineExportFormat, _ name: String) throws
        -> Machine
    {
        let bytes = Array(text.utf8)
        switch format {
        case .hwloc: return try readHwlocXML(bytes: bytes, file: name)
        case .machineinfo: return try CadvisorOracle.machine(text)
        case .nrt:
            return try #require(try readNodeTopologies(bytes: bytes, file: name).first).machine
        case .synthetic: return try readSyntheticMachine(bytes: bytes, file: name).machine
        }
    }

    /// What the registry of formats makes of an export; nil where it has no reader for it.
    static func readAsFile(_ text: String, _ format: MachineExportFormat) throws -> Machine? {
        let file = MachineFile(name: "some.file", bytes: Array(text.utf8))
        guard let reader = MachineFormats.format(of: file) else {
            #expect(format == .machineinfo, "\(format) is not recognised")
            return nil
        }
        return try reader.read(file).first?.machine
    }

    /// Checks one machine in one format.
    static func checkRoundTrip(_ machine: Machine, _ format: MachineExportFormat) throws {
        let export = try exportMachine(machine, as: format)
        let again = try readBack(export.text, format, machine.name)
        let lost = machineDifferences(between: machine, and: again, in: format.aspects)
        if let read = try readAsFile(export.text, format) {
            let aspects = format.aspects.subtracting([.name])
            #expect(machineDifferences(between: read, and: again, in: aspects) == [], "\(format)")
        }
        if format == .machineinfo, machine.cpus.contains(where: { $0.numaNode == nil }) {
            #expect(export.unsaid.contains { $0.hasSuffix("so they cannot be said") })
            return
        }
        let listed = lost.prefix(5).allSatisfy { export.unsaid.contains($0.description) }
        #expect(lost.isEmpty || listed, "\(format): \(lost.prefix(3))")
        // Of a machine that is not regular a synthetic string may leave anything out, and hwloc has parts in the order of
        // their lowest CPUs, which is not the hardware's where some are offline.
        if format != .synthetic {
            let rest = lost.filter { format != .hwloc || $0.aspect != .cpuOrder }
            #expect(rest.isEmpty, "\(format): \(rest.prefix(3))")
        }
        let wordless = MachineAspect.allCases.filter { !format.aspects.contains($0) }
        #expect(
            export.unsaid.count { $0.hasSuffix("cannot be said in this format") } <= wordless.count)
    }

    @Test(arguments: 0..<80 as Range<UInt64>)
    func `regular machines come back from every format`(_ seed: UInt64) throws {
        let machine = try RandomMachine.make(seed: seed, isRegular: true)
        try #require(machine.validate() == [])
        for format in MachineExportFormat.allCases {
            let export = try exportMachine(machine, as: format)
            let again = try Self.readBack(export.text, format, machine.name)
            let lost = machineDifferences(between: machine, and: again, in: format.aspects)
            #expect(lost.isEmpty, "\(format) of seed \(seed): \(lost.prefix(3))")
            #expect(export.unsaid.allSatisfy { $0.hasSuffix("cannot be said in this format") })
        }
    }

    @Test(arguments: 0..<80 as Range<UInt64>)
    func `irregular machines come back from every format that takes them`(_ seed: UInt64) throws {
        let machine = try RandomMachine.make(seed: seed, isRegular: false)
        try #require(machine.validate() == [])
        for format in MachineExportFormat.allCases {
            do {
                try Self.checkRoundTrip(machine, format)
            } catch let error as InputError where format == .synthetic {
                #expect(error.diagnostics.count == 1)
                #expect(error.diagnostics[0].message.hasPrefix("not a regular machine"))
            }
        }
    }

    @Test(arguments: ["two-sockets.v2.xml", "clusters.v1.xml"])
    func `our own files come back`(_ name: String) throws {
        let machine = try readHwlocXML(bytes: try MachineFixture.bytes(name), file: name)
        for format in MachineExportFormat.allCases where format != .synthetic {
            try Self.checkRoundTrip(machine, format)
        }
    }

    @Test
    func `what a format cannot say is listed`() throws {
        let machine = try readHwlocXML(
            bytes: try MachineFixture.bytes("two-sockets.v2.xml"), file: "two.xml")
        let unsaid = try exportMachine(machine, as: .nrt).unsaid
        #expect(unsaid.contains("the kinds of memory cannot be said in this format"))
        #expect(unsaid.contains("devices and where they are cannot be said in this format"))
        #expect(!unsaid.contains { $0.hasPrefix("distances") })
        #expect(
            try exportMachine(machine, as: .hwloc).unsaid == [
                "the name cannot be said in this format"
            ])
    }

    @Test(arguments: [
        (
            "2s1n2l2c2t",
            "Package:2 [NUMANode(memory=1073741824)] L3Cache:2 Core:2(indexes=0,1,2,3,0,1,2,3) PU:2"
        ),
        ("1s2d2l1c1t", "Package:1 [NUMANode(memory=1073741824)] Die:2 L3Cache:2 Core:1 PU:1"),
    ])
    func `a shape's synthetic string`(shape: String, text: String) throws {
        let machine = try MachineShape(parsing: shape).makeMachine(memoryPerNUMANode: 1 << 30)
        let export = try exportMachine(machine, as: .synthetic)
        #expect(export.text == text + "\n")
    }

    @Test
    func `a name that Kubernetes does not take is changed, and the change is listed`() throws {
        var machine = try MachineShape(parsing: "1s1c").makeMachine(memoryPerNUMANode: 1 << 30)
        machine.name = "Rack_3/node A"
        let export = try exportMachine(machine, as: .nrt)
        #expect(export.text.contains("name: \"rack-3-node-a\""))
        #expect(
            export.unsaid.contains(
                "the name, the machine: `Rack_3/node A` against `rack-3-node-a`"))
    }

    @Test
    func `an irregular machine has no synthetic string, and the reason is told`() throws {
        var machine = try MachineShape(parsing: "2s2c2t").makeMachine(memoryPerNUMANode: 1 << 30)
        machine.cpus.removeLast()
        let error = #expect(throws: InputError.self) { try exportMachine(machine, as: .synthetic) }
        #expect(
            error?.diagnostics.map(\.message) == [
                "not a regular machine, so no synthetic string can say it: core 0 and core 1 have 2 "
                    + "and 1 parts"
            ])
    }
}

/// Every machine of the shared folder in every format, and exported objects against the API's own schema.
@Suite(.enabled(if: SharedFolder.isPresent))
struct MachineExportDataTests {
    static let files: [String] = [
        "hwloc-xml", "hwloc-xml-derived", "hwloc-xml-v3", "nccl-topo", "synthetic-vm",
        "machineinfo",
    ].flatMap { folder -> [String] in
        guard let url = SharedFolder.url?.appending(path: "data/hw/\(folder)") else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.sorted().map { "\(folder)/\($0)" }
    }

    static func machine(_ name: String) throws -> Machine? {
        let bytes = [UInt8](try SharedFolder.contents("data/hw/\(name)"))
        let file = MachineFile(name: name, bytes: bytes)
        var machine = try MachineFormats.format(of: file)?.read(file).first?.machine
        machine?.name = "worker-1"
        return machine
    }

    @Test(arguments: files)
    func `every machine comes back from every format that takes it`(_ name: String) throws {
        guard let machine = try Self.machine(name) else { return }
        for format in MachineExportFormat.allCases {
            do {
                try MachineExportTests.checkRoundTrip(machine, format)
            } catch let error as InputError where format == .synthetic {
                #expect(error.diagnostics.count == 1)
            }
        }
    }

    @Test(arguments: files)
    func `exported NodeResourceTopology objects are valid`(_ name: String) throws {
        guard let machine = try Self.machine(name) else { return }
        let schema = try Self.schema("v1alpha2")
        let text = try exportMachine(machine, as: .nrt).text
        let documents = try readSourceDocuments(text, file: name)
        #expect(documents.count == 1)
        #expect(schema.violations(of: documents[0]) == [])
        #expect(documents[0]["zones"]?.elements?.count == machine.numaNodes.count)
    }

    static func schema(_ version: String) throws -> StructuralSchema {
        let bytes = [UInt8](try SharedFolder.contents("data/k8s/nrt/nrt-api_crd.yaml"))
        let definition = try #require(try readSourceDocuments(bytes, file: "crd").first)
        return try #require(StructuralSchema(definition: definition, version: version))
    }

    @Test(arguments: [
        ("zones: {}", ": a mapping is not of type array"),
        ("metadata: {}", "`zones` is required"),
        ("zones: [{name: a}]", "`type` is required"),
        ("zones: [{name: a, type: Node, colour: red}]", "no field `colour`"),
        ("zones: [{name: 7, type: Node}]", "is not of type string"),
        ("zones: [{name: a, type: Node, costs: [{name: b, value: \"1\"}]}]", "not of type integer"),
        (
            "zones: [{name: a, type: N, resources: [{name: cpu, capacity: 1x, allocatable: 1, available: 1}]}]",
            "does not fit the pattern"
        ),
        (
            "zones: [{name: a, type: N, resources: [{name: cpu, capacity: [], allocatable: 1, available: 1}]}]",
            "none of the alternatives"
        ),
    ])
    func `the schema refuses what it should`(text: String, says: String) throws {
        let schema = try Self.schema("v1alpha2")
        let object = try #require(try readSourceDocuments(text, file: "object").first)
        let violations = schema.violations(of: object)
        #expect(violations.count == 1 && violations[0].contains(says), "\(violations)")
    }

    @Test(arguments: ["v1alpha1", "v1alpha2"])
    func `the example objects are valid by the same checker`(version: String) throws {
        let schema = try Self.schema(version)
        for name in ["nri-plugins_noderesourcetopology", "nrt-api_crd-instance-example"] {
            let bytes = [UInt8](try SharedFolder.contents("data/k8s/nrt/\(name).yaml"))
            for object in try readSourceDocuments(bytes, file: name)
            where object["apiVersion"]?.text?.hasSuffix(version) == true {
                #expect(schema.violations(of: object) == [])
            }
        }
    }
}
