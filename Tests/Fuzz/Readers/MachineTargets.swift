import HardwareModel
import ScenarioInput

extension InputTarget {
    /// Readers of one machine's description, and `machine`, which first has to find out whose description it is.
    static let machines: [InputTarget] =
        [
            machine("hwloc") { try [readHwlocMachine(bytes: $0, file: "fuzz.xml")] },
            machine("machineinfo") { try [readMachineInfo(bytes: $0, file: "fuzz.json")] },
            machine("synthetic", lengthLimit: 256) {
                try [readSyntheticMachine(bytes: $0, file: "fuzz.txt")]
            },
            machine("nccl") { try [readNCCLTopology(bytes: $0, file: "fuzz.xml")] },
            machine("ghw") { try [readGHWMachine(bytes: $0, file: "fuzz.json")] },
            machine("vmgroups") { try [readVMGroups(bytes: $0, file: "fuzz.yaml")] },
            machine("nrt") {
                try readNodeTopologies(bytes: $0, file: "fuzz.yaml").map {
                    ImportedMachine(machine: $0.machine, report: $0.report)
                }
            },
            machine("lscpu") { bytes in
                // A NUL byte parts what lscpu said from what numactl said.
                let parts = bytes.split(
                    separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
                return try [
                    readLscpu(
                        lscpu: Array(parts[0]), file: "fuzz.txt",
                        numactl: parts.count > 1 ? (Array(parts[1]), "fuzz.numactl") : nil)
                ]
            },
            // Sums of headers are put right first, or nothing that is spoiled would come past them.
            machine("sysfs", lengthLimit: 32768) {
                if $0.first == 0x1F || $0.first == 0xFD || $0.starts(with: "BZh".utf8) { return [] }
                return try readSysfsArchive(bytes: withRightSums($0), file: "fuzz.tar")
            },
            machine("archive", lengthLimit: 32768) {
                try readSysfsArchive(bytes: $0, file: "fuzz.tar.gz")
            },
            machine("machine") {
                let file = MachineFile(name: "fuzz", bytes: $0)
                return try MachineFormats.format(of: file)?.read(file) ?? []
            },
        ]

    private static func machine(
        _ name: String, lengthLimit: Int = 4096,
        _ read: @escaping @Sendable ([UInt8]) throws -> [ImportedMachine]
    ) -> InputTarget {
        InputTarget(name, lengthLimit: lengthLimit) { bytes in
            for imported in try read(bytes) {
                if let law = try brokenLaw(of: imported.machine) { return law }
            }
            return nil
        }
    }
}

/// What must hold of a machine that was read: it is refused by `validate()`, or every format takes it, and what is
/// written reads again as the same machine in everything that the format has words for.
func brokenLaw(of machine: Machine) throws -> String? {
    guard machine.validate().isEmpty else { return nil }
    for format in MachineExportFormat.allCases {
        let export: MachineExport
        do throws(InputError) {
            export = try exportMachine(machine, as: format)
        } catch {
            if let law = judge(error) { return "\(format.rawValue): \(law)" }
            continue
        }
        let bytes = Array(export.text.utf8)
        let again: Machine
        do throws(InputError) {
            switch format {
            case .hwloc: again = try readHwlocXML(bytes: bytes, file: machine.name)
            case .machineinfo:
                again = try readMachineInfo(bytes: bytes, file: machine.name).machine
            case .nrt:
                guard let first = try readNodeTopologies(bytes: bytes, file: machine.name).first
                else { return "nrt: the object that was written is not there" }
                again = first.machine
            case .synthetic:
                again = try readSyntheticMachine(bytes: bytes, file: machine.name).machine
            }
        } catch {
            return "\(format.rawValue): what was written is refused: \(error)"
        }
        // A synthetic string of an irregular machine says so in `unsaid`, and is another machine; so is a description
        // without its homeless CPUs.
        guard export.unsaid.allSatisfy({ $0.hasSuffix("cannot be said in this format") }) else {
            continue
        }
        let differences = machineDifferences(between: machine, and: again, in: format.aspects)
        if let first = differences.first { return "\(format.rawValue): \(first)" }
        let mistakes = again.validate()
        if !mistakes.isEmpty { return "\(format.rawValue): written and invalid: \(mistakes)" }
    }
    return nil
}

/// A tar archive whose headers have the sums of what is in them.
private func withRightSums(_ archive: [UInt8]) -> [UInt8] {
    var archive = archive
    for start in stride(from: 0, to: archive.count - 511, by: 512) {
        guard archive[(start + 257)...].starts(with: "ustar".utf8) else { continue }
        archive.replaceSubrange(
            (start + 148)..<(start + 156), with: [UInt8](repeating: 0x20, count: 8))
        let sum = archive[start..<(start + 512)].reduce(0) { $0 + Int($1) }
        let digits = String(sum, radix: 8)
        let text = String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "\0 "
        archive.replaceSubrange((start + 148)..<(start + 156), with: Array(text.utf8))
    }
    return archive
}
