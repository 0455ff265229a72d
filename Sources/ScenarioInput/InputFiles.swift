import Crypto
import Foundation

/// A file that a scenario was read from, and the proof of what was in it.
public struct InputFile: Hashable, Sendable {
    /// As the scenario names it; the scenario itself as the user named it.
    public var name: String
    /// Where it was found.
    public var path: String
    public var size: Int64
    /// SHA-256 of its bytes, in lower-case hexadecimal digits.
    public var sha256: String
}

/// What is wrong with a file as a whole.
struct FileProblem: Error {
    var message: String
    var hint: String?
    /// A folder that is not there is told once, not once for each file in it.
    var isKnown = false
}

/// The files of one reading: paths resolved, sizes checked, bytes hashed.
struct InputFiles {
    /// Where relative paths start.
    var folder: URL
    var environment: [String: String]
    private var missingFolders: Set<String> = []
    fileprivate(set) var files: [InputFile] = []

    init(folder: URL, environment: [String: String]) {
        self.folder = folder
        self.environment = environment
    }

    /// The bytes of a file of at most `limit` bytes.
    mutating func read(_ name: String, limit: Int) throws(FileProblem) -> [UInt8] {
        var bytes: [UInt8] = []
        try scan(name, limit: Int64(limit)) { bytes += $0 }
        return bytes
    }

    /// Hands over the bytes of a file, chunk by chunk, and keeps note of the file.
    ///
    /// - Returns: Where it was found.
    @discardableResult
    mutating func scan(
        _ name: String, limit: Int64, _ body: (Data) -> Void
    ) throws(FileProblem) -> URL {
        let url = try locate(name)
        let handle = try openForReading(url, name: name)
        defer { try? handle.close() }
        var hash = SHA256()
        var size: Int64 = 0
        while true {
            let chunk: Data?
            do { chunk = try handle.read(upToCount: 1 << 16) } catch {
                throw FileProblem(message: "cannot be read: \(reason(error))")
            }
            guard let chunk, !chunk.isEmpty else { break }
            size += Int64(chunk.count)
            if size > limit {
                throw FileProblem(
                    message:
                        "the file is larger than \(grouped(Int(limit))) bytes, the most that is read"
                )
            }
            hash.update(data: chunk)
            body(chunk)
        }
        let digest = hash.finalize().map(twoDigits)
        let file = InputFile(name: name, path: url.path, size: size, sha256: digest.joined())
        if !files.contains(file) { files.append(file) }
        return url
    }

    /// Where a file named in the scenario is.
    private mutating func locate(_ name: String) throws(FileProblem) -> URL {
        let (path, variable) = try expandVariables(in: name, from: environment)
        guard !path.isEmpty else { throw FileProblem(message: "an empty path") }
        let url =
            path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path).standardized
        if let variable {
            let start =
                variable.hasPrefix("/") ? URL(filePath: variable) : folder.appending(path: variable)
            guard FileManager.default.fileExists(atPath: start.path) else {
                let isNew = missingFolders.insert(variable).inserted
                throw FileProblem(
                    message: "the folder `\(variable)`, where the file is looked for, is not there",
                    hint: variableHint(name), isKnown: !isNew)
            }
        }
        return url
    }

    /// Where a folder named in the scenario is; nil when that is a file, or nothing.
    func existingFolder(_ name: String) -> URL? {
        // In a copy: a folder that is missing is told when the file in it is read.
        var copy = self
        guard let url = try? copy.locate(name) else { return nil }
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        return exists && isFolder.boolValue ? url : nil
    }

    private func variableHint(_ name: String) -> String {
        let variable = name.drop { $0 != "{" }.dropFirst().prefix { $0 != ":" && $0 != "}" }
        return "set the environment variable \(variable) to a folder that has it"
    }
}

/// Opens a file that can be read as one, or says why not.
func openForReading(_ url: URL, name: String) throws(FileProblem) -> FileHandle {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
        throw FileProblem(message: "no such file", hint: "it was looked for at `\(url.path)`")
    }
    if isFolder.boolValue { throw FileProblem(message: "a folder, where a file was expected") }
    do {
        return try FileHandle(forReadingFrom: url)
    } catch {
        throw FileProblem(message: "cannot be opened: \(reason(error))")
    }
}

/// The operating system's word for an error.
private func reason(_ error: any Error) -> String {
    let error = error as NSError
    let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
    if underlying.domain == NSPOSIXErrorDomain {
        return String(cString: strerror(Int32(underlying.code)))
    }
    return error.code == CocoaError.fileReadNoPermission.rawValue
        ? "permission denied" : error.localizedDescription
}

/// `${NAME}` and `${NAME:-default}` replaced, as a shell does; also what the first one became.
func expandVariables(
    in path: String, from environment: [String: String]
) throws(FileProblem) -> (path: String, firstVariable: String?) {
    var result = ""
    var first: String?
    var rest = Substring(path)
    while let dollar = rest.firstIndex(of: "$") {
        result += rest[..<dollar]
        let behind = rest[rest.index(after: dollar)...]
        guard behind.first == "{", let end = behind.firstIndex(of: "}") else {
            throw FileProblem(
                message: "`$` in the path `\(path)`",
                hint: "an environment variable is written `${NAME}` or `${NAME:-default}`")
        }
        let inside = behind[behind.index(after: behind.startIndex)..<end]
        let name = inside.prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
        let fallback = inside.dropFirst(name.count)
        guard !name.isEmpty, fallback.isEmpty || fallback.hasPrefix(":-") else {
            throw FileProblem(
                message: "`${\(inside)}` in the path `\(path)`",
                hint: "an environment variable is written `${NAME}` or `${NAME:-default}`")
        }
        var value = environment[String(name)] ?? ""
        if value.isEmpty {
            guard fallback.hasPrefix(":-") else {
                throw FileProblem(
                    message: "the environment variable `\(name)` of the path `\(path)` is not set",
                    hint: "set \(name), or write `${\(name):-default}`")
            }
            value = String(fallback.dropFirst(2))
        }
        if first == nil { first = value }
        result += value
        rest = behind[behind.index(after: end)...]
    }
    return (result + rest, first)
}

extension InputFiles {
    /// The bytes of the scenario itself, after which relative paths start at its folder; `-` is standard input.
    mutating func readScenarioFile(_ path: String, limit: Int) throws(FileProblem) -> [UInt8] {
        guard path == "-" else {
            let bytes = try read(path, limit: limit)
            folder =
                URL(
                    filePath: path,
                    relativeTo: folder.appending(path: "", directoryHint: .isDirectory)
                )
                .absoluteURL.deletingLastPathComponent()
            return bytes
        }
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            let chunk: Data?
            do { chunk = try FileHandle.standardInput.read(upToCount: 1 << 16) } catch {
                throw FileProblem(message: "standard input cannot be read: \(reason(error))")
            }
            guard let chunk, !chunk.isEmpty else { break }
            bytes += chunk
        }
        note(bytes, name: path)
        return bytes
    }

    /// Keeps note of a text that did not come from a file of its own.
    mutating func note(_ bytes: [UInt8], name: String) {
        files.append(
            InputFile(name: name, path: name, size: Int64(bytes.count), sha256: sha256(of: bytes)))
    }
}

/// SHA-256 in lower-case hexadecimal digits.
private func sha256(of bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map(twoDigits).joined()
}

private func twoDigits(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.count < 2 ? "0" + digits : digits
}
