import Foundation

/// A folder on disk as the root of a system: a dump, or `/` itself.
///
/// Each file is read once, and only regular files are opened, so that no pipe or device makes the reader wait.
final class DiskFolder: FileTree {
    private let root: String
    private var known: [String: [UInt8]?] = [:]

    init(_ root: URL) {
        var path = root.path
        while path.hasSuffix("/") { path.removeLast() }
        self.root = path
    }

    private func place(_ path: String) -> String { root + "/" + path }

    func entry(at path: String) -> FileTreeEntry? {
        var status = stat()
        guard lstat(place(path), &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFREG: return .file
        case S_IFLNK:
            return (try? FileManager.default.destinationOfSymbolicLink(atPath: place(path)))
                .map { .link($0) }
        default: return nil
        }
    }

    func bytes(ofFile path: String) -> [UInt8]? {
        if let bytes = known[path] { return bytes }
        let bytes = read(path)
        known[path] = .some(bytes)
        return bytes
    }

    /// Files of /sys say that they have 4,096 bytes and have fewer, so nothing is believed of their size.
    private func read(_ path: String) -> [UInt8]? {
        guard let handle = FileHandle(forReadingAtPath: place(path)) else { return nil }
        defer { try? handle.close() }
        var bytes: [UInt8] = []
        while bytes.count < FileTreeLimits.fileBytes {
            let chunk: Data?
            do {
                chunk = try handle.read(upToCount: FileTreeLimits.fileBytes - bytes.count)
            } catch { return nil }
            guard let chunk, !chunk.isEmpty else { break }
            bytes += chunk
        }
        return bytes
    }

    func names(ofFolder path: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place(path))) ?? []
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Path, length and bytes of every file that was read, by path: what the machine was made from.
    var digestedBytes: [UInt8] {
        var all: [UInt8] = []
        for path in known.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            guard let bytes = known[path] ?? nil else { continue }
            all += Array("\(path)\n\(bytes.count)\n".utf8) + bytes
        }
        return all
    }
}
