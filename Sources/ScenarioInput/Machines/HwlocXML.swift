public import HardwareModel

/// Largest hwloc XML file that is read, in bytes; the largest real one here is 326 kB.
public let hwlocXMLSizeLimit = 64 << 20

/// Reads a machine from hwloc XML of versions 1 to 3, as `lstopo --of xml` writes it.
///
/// CPUs that are offline or forbidden by a cgroup are left out, as hwloc itself does. The machine is as the file
/// has it: it may be larger than what can be simulated, so call `validate()` before using it.
///
/// - Parameters:
///   - bytes: The file's contents, which nobody needs to trust.
///   - file: How the user named the file; its last part without `.xml` becomes the machine's name.
/// - Throws: One error with its line for text that is not hwloc XML; for a machine that contradicts itself, every
///   contradiction.
public func readHwlocXML(bytes: [UInt8], file: String) throws(InputError) -> Machine {
    try readHwlocMachine(bytes: bytes, file: file).machine
}

/// Reads a machine from hwloc XML as `readHwlocXML` does, with what was guessed and dropped on the way.
public func readHwlocMachine(
    bytes: [UInt8], file: String
) throws(InputError) -> ImportedMachine {
    guard bytes.count <= hwlocXMLSizeLimit else {
        throw InputError([
            Diagnostic(
                file: file,
                message: "the file has \(bytes.count) bytes, and the limit is \(hwlocXMLSizeLimit)")
        ])
    }
    let description: MachineDescription
    var report = ImportReport()
    do throws(XMLError) {
        let reading = try HwlocMachine(try HwlocTopology(bytes))
        description = try reading.describe(name: machineName(ofFile: file))
        reading.tell(&report, file: file)
    } catch {
        throw InputError([diagnostic(of: error, in: bytes, file)])
    }
    let (machine, mistakes) = description.assemble()
    if !mistakes.isEmpty {
        throw InputError(mistakes.map { Diagnostic(file: file, message: $0) })
    }
    report.taken(
        "machine",
        "\(machine.sockets.count) sockets, \(machine.numaNodes.count) NUMA nodes, "
            + "\(machine.cores.count) cores, \(machine.cpus.count) CPUs and "
            + "\(machine.devices.count) devices", file: file)
    return ImportedMachine(machine: machine, report: report)
}

/// `epyc` for `machines/epyc.xml`.
private func machineName(ofFile file: String) -> String {
    if file == "-" { return "standard input" }
    let last = file.split(separator: "/").last.map(String.init) ?? file
    return last.hasSuffix(".xml") && last.count > 4 ? String(last.dropLast(4)) : last
}

/// The error with line and column, and the line itself when it is short enough to be shown.
func diagnostic(of error: XMLError, in bytes: [UInt8], _ file: String) -> Diagnostic {
    let newline = UInt8(ascii: "\n")
    let position = min(error.position, bytes.count)
    let line = bytes[..<position].reduce(1) { $0 + ($1 == newline ? 1 : 0) }
    let start = bytes[..<position].lastIndex(of: newline).map { $0 + 1 } ?? 0
    let end = bytes[position...].firstIndex(of: newline) ?? bytes.count
    let text = end - start <= 100 ? String(validating: bytes[start..<end], as: UTF8.self) : nil
    return Diagnostic(
        file: file, line: line, column: position - start + 1, message: error.message,
        hint: error.hint, sourceLine: text)
}
