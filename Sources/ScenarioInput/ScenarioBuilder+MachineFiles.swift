import Foundation
import HardwareModel

// Machines from files of others than hwloc: a dump of /sys, cadvisor's MachineInfo, what lscpu and numactl print.

extension ScenarioBuilder {
    /// The machine in a dump of /sys, a folder or an archive, `#name` behind it for one of several.
    mutating func machine(ofSysfs node: SourceNode) -> Machine? {
        guard let text = node.text else { return nil }
        var (path, part) = (text, String?.none)
        if let hash = text.lastIndex(of: "#"), hash != text.startIndex {
            path = String(text[..<hash])
            part = String(text[text.index(after: hash)...])
        }
        var machines: [ImportedMachine]?
        if let folder = files.existingFolder(path) {
            do throws(InputError) {
                let read = try readSysfsFolderNotingFiles(folder, file: path)
                files.note(read.bytes, name: path)
                machines = read.machines
            } catch {
                for diagnostic in error.diagnostics { diagnostics.add(diagnostic) }
            }
        } else {
            machines = read(node, path, limit: sysfsArchiveSizeLimit) { bytes throws(InputError) in
                try readSysfsArchive(bytes: bytes, file: path)
            }
        }
        guard let machines else { return nil }
        let wanted = machines.filter { machine in
            part.map { machine.machine.name == $0 || machine.machine.name.hasSuffix("/" + $0) }
                ?? true
        }
        if wanted.count == 1 { return noting(wanted[0]) }
        let names = machines.prefix(10).map { "`\(path)#\($0.machine.name)`" }
        diagnostics.error(
            at: node,
            part.map { "no machine `\($0)` is in `\(path)`" }
                ?? "\(machines.count) machines are in `\(path)`, and one is wanted",
            hint: "name one of \(names.joined(separator: ", "))")
        return nil
    }

    /// The machine in a file of cadvisor's MachineInfo.
    mutating func machine(ofMachineInfo node: SourceNode) -> Machine? {
        guard let path = node.text else { return nil }
        let machines = read(node, path, limit: machineInfoSizeLimit) { bytes throws(InputError) in
            [try readMachineInfo(bytes: bytes, file: path)]
        }
        return machines.map { noting($0[0]) }
    }

    /// The machine that lscpu prints, and numactl where its text is a file of its own.
    mutating func machine(ofLscpu node: SourceNode, numactl: SourceNode?) -> Machine? {
        guard let path = node.text else { return nil }
        var second: (bytes: [UInt8], file: String)?
        if let numactl, let other = numactl.text {
            guard let bytes = bytes(of: numactl, other, limit: lscpuSizeLimit) else { return nil }
            second = (bytes, other)
        }
        let machines = read(node, path, limit: lscpuSizeLimit) { bytes throws(InputError) in
            [try readLscpu(lscpu: bytes, file: path, numactl: second)]
        }
        return machines.map { noting($0[0]) }
    }

    // MARK: Steps

    /// What a source did not say is told once as a note, so that nobody simulates a guess unawares.
    private mutating func noting(_ imported: ImportedMachine) -> Machine {
        for note in imported.report.notes where note.outcome == .guessed && !diagnostics.isFull {
            diagnostics.add(
                Diagnostic(
                    severity: .note, file: note.file, line: note.line,
                    message: "\(note.subject): \(note.reason)"))
        }
        return imported.machine
    }

    private mutating func bytes(of node: SourceNode, _ path: String, limit: Int) -> [UInt8]? {
        do throws(FileProblem) { return try files.read(path, limit: limit) } catch {
            if !error.isKnown {
                diagnostics.error(at: node, "`\(path)`: \(error.message)", hint: error.hint)
            }
            return nil
        }
    }

    private mutating func read(
        _ node: SourceNode, _ path: String, limit: Int,
        _ reader: ([UInt8]) throws(InputError) -> [ImportedMachine]
    ) -> [ImportedMachine]? {
        guard let bytes = bytes(of: node, path, limit: limit) else { return nil }
        do throws(InputError) { return try reader(bytes) } catch {
            for diagnostic in error.diagnostics { diagnostics.add(diagnostic) }
            return nil
        }
    }
}
