public import Foundation
public import HardwareModel

/// How a machine may be named on a command line, and how each kind is read.
public struct MachineSource {
    /// Memory, pages and numbering of a machine that is named by its shape.
    public struct ShapeSettings: Hashable, Sendable {
        /// Bytes, huge pages included.
        public var memoryPerNUMANode = MachineShape.defaultMemoryPerNUMANode
        public var hugePagesPerNUMANode: [HugePagePool] = []
        public var numbering = CPUNumbering.adjacent

        public init() {}
    }

    public var shapeSettings = ShapeSettings()
    /// Reads this computer, for `host`; nil where that is not possible.
    public var hostMachine: (() throws -> Machine)?
    /// Where relative paths start.
    public var folder = URL(filePath: FileManager.default.currentDirectoryPath)

    public init(hostMachine: (() throws -> Machine)? = nil) { self.hostMachine = hostMachine }
}

extension MachineSource {
    /// The machine that `text` names: `host`, a shape such as `2s2n8c2t`, a synthetic string of hwloc, a file of one of
    /// `MachineFormats` (`-` is standard input), or a folder that holds `sys`. A file called like a shape is written
    /// `./2s2n8c2t`.
    ///
    /// - Throws: Every mistake at once, `Machine.validate()`'s included.
    public func load(_ text: String) throws(InputError) -> Machine {
        if text == "host" { return try readHost() }
        if MachineShape.looksLikeShape(text) { return try build(shape: text) }
        if isSyntheticString(text) {
            let read = try readSyntheticMachine(bytes: Array(text.utf8), file: text)
            return try check(read.machine, file: text)
        }
        return try check(try readFile(text).machine, file: text)
    }

    /// A synthetic string, unless a file is called like that.
    private func isSyntheticString(_ text: String) -> Bool {
        looksLikeSyntheticString(text)
            && !FileManager.default.fileExists(
                atPath: URL(filePath: text, relativeTo: folder).path)
    }

    private func readHost() throws(InputError) -> Machine {
        let hint = "write its topology elsewhere with `lstopo machine.xml` and name that file"
        guard let hostMachine else {
            throw problem("host", "this computer cannot be read here", hint: hint)
        }
        let machine: Machine
        do {
            machine = try hostMachine()
        } catch {
            throw problem("host", "this computer cannot be read: \(error)", hint: hint)
        }
        return try check(machine, file: "host")
    }

    private func build(shape text: String) throws(InputError) -> Machine {
        let shape: MachineShape
        do throws(MachineShapeError) { shape = try MachineShape(parsing: text) } catch {
            throw problem(text, error.description, hint: MachineShapeError.hint)
        }
        do throws(MachineError) {
            return try shape.makeMachine(
                memoryPerNUMANode: shapeSettings.memoryPerNUMANode,
                hugePagesPerNUMANode: shapeSettings.hugePagesPerNUMANode,
                numbering: shapeSettings.numbering)
        } catch {
            throw InputError(error.mistakes.map { Diagnostic(file: text, message: $0) })
        }
    }

    /// The machine in the file or folder that `text` names, as it has it, with the report of its reading.
    ///
    /// `ARCHIVE#NAME` is the machine of that name among several.
    public func readFile(_ text: String) throws(InputError) -> ImportedMachine {
        let machines = try readMachines(text)
        return try theOne(of: machines, text)
    }

    /// Every machine in the file or folder that `text` names, or the one that is named behind `#`; at least one.
    public func readMachines(_ text: String) throws(InputError) -> [ImportedMachine] {
        let (path, part) = splitPart(text)
        let machines = try readAll(path, part: part)
        guard let part else { return machines }
        let wanted = machines.filter {
            $0.machine.name == part || $0.machine.name.hasSuffix("/" + part)
        }
        if wanted.isEmpty {
            throw problem(
                path, "no machine `\(part)` is in it", hint: "name one of \(list(machines, path))")
        }
        return wanted
    }

    private func readAll(
        _ path: String, part: String?
    ) throws(InputError) -> [ImportedMachine] {
        if let folder = folderURL(path) { return try readSysfsFolder(folder, file: path) }
        var files = InputFiles(folder: folder, environment: [:])
        let bytes: [UInt8]
        do throws(FileProblem) {
            bytes = try files.readScenarioFile(path, limit: hwlocXMLSizeLimit)
        } catch {
            throw problem(path, error.message, hint: hint(for: path) ?? error.hint)
        }
        let file = MachineFile(name: path, bytes: bytes, part: part)
        guard let format = MachineFormats.format(of: file) else {
            throw problem(
                path, "\(OtherFormat(bytes).rawValue), where a machine was expected",
                hint: "machines are read from "
                    + MachineFormats.all.map(\.name).joined(separator: ", "))
        }
        return try format.read(file)
    }

    /// `dump.tar.xz#server` names the machine `server` in `dump.tar.xz`, unless a file is called like that.
    private func splitPart(_ text: String) -> (path: String, part: String?) {
        let url = URL(filePath: text, relativeTo: folder)
        guard let hash = text.lastIndex(of: "#"), hash != text.startIndex,
            !FileManager.default.fileExists(atPath: url.path)
        else { return (text, nil) }
        return (String(text[..<hash]), String(text[text.index(after: hash)...]))
    }

    /// One of several machines must be named.
    private func theOne(
        of machines: [ImportedMachine], _ text: String
    ) throws(InputError) -> ImportedMachine {
        if machines.count == 1 { return machines[0] }
        let path = splitPart(text).path
        throw problem(
            path, "\(machines.count) machines are in it, and one is wanted",
            hint: "name one of \(list(machines, path))")
    }

    private func list(_ machines: [ImportedMachine], _ path: String) -> String {
        let shown = machines.prefix(10).map { "`\(path)#\($0.machine.name)`" }
        return shown.joined(separator: ", ") + (machines.count > 10 ? " …" : "")
    }

    private func folderURL(_ path: String) -> URL? {
        let url = URL(filePath: path, relativeTo: folder).absoluteURL
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        return exists && isFolder.boolValue ? url : nil
    }

    private func check(_ machine: Machine, file: String) throws(InputError) -> Machine {
        let mistakes = machine.validate()
        guard mistakes.isEmpty else {
            throw InputError(mistakes.map { Diagnostic(file: file, message: $0) })
        }
        return machine
    }

    /// What a person who wrote `2s8x` may have meant.
    private func hint(for path: String) -> String? {
        let first = path.unicodeScalars.first
        let isNearShape =
            !path.contains("/") && !path.contains(".")
            && first.map { ("0"..."9").contains($0) } == true
        return isNearShape ? MachineShapeError.hint : nil
    }

    private func problem(_ file: String, _ message: String, hint: String?) -> InputError {
        InputError([Diagnostic(file: file, message: message, hint: hint)])
    }
}

/// What a file is that no format knows, told by its first bytes.
private enum OtherFormat: String {
    case empty = "the file is empty"
    case json = "the file is JSON"
    case sixteenBit = "the file is UTF-16 text"
    case xml = "the file is XML of another kind"
    case other = "the file is text of another kind"

    init(_ bytes: [UInt8]) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            self = .sixteenBit
            return
        }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        switch text.first(where: { $0 > 0x20 }) {
        case nil: self = .empty
        case UInt8(ascii: "<"): self = .xml
        case UInt8(ascii: "{"), UInt8(ascii: "["): self = .json
        default: self = .other
        }
    }
}

/// Loads the machine that `text` names on a command line: `host`, a shape, a file or a folder.
///
/// - Parameters:
///   - shapeSettings: Memory, pages and numbering when `text` is a shape.
///   - hostMachine: Reads this computer, for `host`.
public func loadMachine(
    _ text: String, shapeSettings: MachineSource.ShapeSettings = .init(),
    hostMachine: (() throws -> Machine)? = nil
) throws(InputError) -> Machine {
    var source = MachineSource(hostMachine: hostMachine)
    source.shapeSettings = shapeSettings
    return try source.load(text)
}
