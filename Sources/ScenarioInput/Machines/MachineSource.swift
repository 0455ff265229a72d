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
    /// The machine that `text` names: `host`, a shape such as `2s2n8c2t`, or a file of hwloc XML (`-` is standard
    /// input). A file called like a shape is written `./2s2n8c2t`.
    ///
    /// - Throws: Every mistake at once, `Machine.validate()`'s included.
    public func load(_ text: String) throws(InputError) -> Machine {
        if text == "host" { return try readHost() }
        if MachineShape.looksLikeShape(text) { return try build(shape: text) }
        return try check(try readFile(text), file: text)
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

    private func readFile(_ text: String) throws(InputError) -> Machine {
        let (path, part) = splitPart(text)
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
        return try theOne(of: try format.read(file), file: file)
    }

    /// `dump.tar.xz#server` names the machine `server` in `dump.tar.xz`, unless a file is called like that.
    private func splitPart(_ text: String) -> (path: String, part: String?) {
        let url = URL(filePath: text, relativeTo: folder)
        guard let hash = text.lastIndex(of: "#"), hash != text.startIndex,
            !FileManager.default.fileExists(atPath: url.path)
        else { return (text, nil) }
        return (String(text[..<hash]), String(text[text.index(after: hash)...]))
    }

    /// The machine that is asked for; one of several must be.
    private func theOne(
        of machines: [ImportedMachine], file: MachineFile
    ) throws(InputError) -> Machine {
        let wanted = file.part.map { part in machines.filter { $0.machine.name == part } }
        let found = wanted ?? machines
        if found.count == 1 { return found[0].machine }
        let names = machines.map { "`\(file.name)#\($0.machine.name)`" }.joined(separator: ", ")
        throw problem(
            file.name,
            file.part.map { "the file has no machine `\($0)`" }
                ?? "the file has \(machines.count) machines, and one is wanted",
            hint: "name one of \(names)")
    }

    private func check(_ machine: Machine, file: String) throws(InputError) -> Machine {
        let mistakes = machine.validate()
        guard mistakes.isEmpty else {
            throw InputError(mistakes.map { Diagnostic(file: file, message: $0) })
        }
        return machine
    }

    private static let xmlHint = "`lstopo --of xml machine.xml` writes the machine that it runs on"

    /// What a person who wrote `2s8x` or the name of a folder may have meant.
    private func hint(for path: String) -> String? {
        let first = path.unicodeScalars.first
        let isNearShape =
            !path.contains("/") && !path.contains(".")
            && first.map { ("0"..."9").contains($0) } == true
        if isNearShape { return MachineShapeError.hint }
        let url = URL(filePath: path, relativeTo: folder)
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        return exists && isFolder.boolValue ? "name a file in it; " + MachineSource.xmlHint : nil
    }

    private func problem(_ file: String, _ message: String, hint: String?) -> InputError {
        InputError([Diagnostic(file: file, message: message, hint: hint)])
    }
}

/// What a file is that no format knows, told by its first bytes.
private enum OtherFormat: String {
    case empty = "the file is empty"
    case json = "the file is JSON"
    case compressed = "the file is compressed"
    case sixteenBit = "the file is UTF-16 text"
    case xml = "the file is XML of another kind"
    case other = "the file is text of another kind"

    init(_ bytes: [UInt8]) {
        if bytes.starts(with: [0x1F, 0x8B]) || bytes.starts(with: [0x42, 0x5A, 0x68])
            || bytes.starts(with: [0xFD, 0x37, 0x7A])
        {
            self = .compressed
            return
        }
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

/// Loads the machine that `text` names on a command line: `host`, a shape or a file of hwloc XML.
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
