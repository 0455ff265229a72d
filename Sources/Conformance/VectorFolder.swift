import Foundation
import ScenarioInput

/// Where vectors are: the files under a path.
enum VectorFolder {
    /// Files under one path are not larger together.
    static let maximumBytes = 1 << 30
    private static let maximumFiles = 10_000

    struct Found {
        /// Below the path that was given.
        var name: String
        var shownPath: String
        var url: URL

        func read(room: Int) throws(InputError) -> [UInt8] {
            let size = (try? url.resolvingSymlinksInPath().resourceValues(forKeys: [.fileSizeKey]))?
                .fileSize
            guard size ?? 0 <= room else {
                throw refusal(
                    shownPath, "more than \(maximumBytes >> 20) MiB of vectors under one path",
                    hint: "name a smaller folder, or one file")
            }
            do {
                return [UInt8](try Data(contentsOf: url))
            } catch {
                throw refusal(shownPath, "cannot be read", hint: "may this user read it?")
            }
        }
    }

    /// The file at `path`, or the files `*.jsonl` in the folder there and in its subfolders, by path.
    ///
    /// Names that begin with a dot are skipped, and links to folders are not followed.
    static func files(at path: String) throws(InputError) -> [Found] {
        let url = URL(filePath: path)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw refusal(
                path, "no such file or folder", hint: "it was looked for at `\(url.path)`")
        }
        guard isFolder.boolValue else {
            guard isRegular(url) else { throw refusal(path, "neither a file nor a folder") }
            return [Found(name: url.lastPathComponent, shownPath: path, url: url)]
        }
        var names: [String] = []
        let prefix = path.hasSuffix("/") ? path : path + "/"
        for case let name as String in FileManager.default.enumerator(atPath: url.path) ?? .init() {
            let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
            guard name.hasSuffix(".jsonl"), !isHidden, isRegular(url.appending(path: name)) else {
                continue
            }
            names.append(name)
            guard names.count <= maximumFiles else {
                throw refusal(path, "more than \(maximumFiles) files of vectors in one folder")
            }
        }
        guard !names.isEmpty else {
            throw refusal(
                path, "no file *.jsonl in the folder or below it",
                hint: "vectors are JSON Lines; docs/reference/vectors.md describes them")
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { name in
            Found(name: name, shownPath: prefix + name, url: url.appending(path: name))
        }
    }

    private static func isRegular(_ url: URL) -> Bool {
        let values = try? url.resolvingSymlinksInPath()
            .resourceValues(forKeys: [.isRegularFileKey])
        return values?.isRegularFile == true
    }

    private static func refusal(
        _ file: String, _ message: String, hint: String? = nil
    ) -> InputError {
        InputError([Diagnostic(file: file, message: message, hint: hint)])
    }
}
