import Foundation
import TestSupport
import Testing

/// The system's `tar`, an archive reader that is not ours.
enum SystemTar {
    /// The numbers in all files of one name, by the name of the folder that each is in.
    static func numbers(called name: String, in archive: String) throws -> [String: Int] {
        let file = try #require(SharedFolder.url).appending(path: "data/hw/\(archive)")
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "topsim-tar-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let tar = Process()
        tar.executableURL = URL(filePath: "/usr/bin/env")
        tar.arguments = ["tar", "-xf", file.path, "-C", folder.path, "--wildcards", "*/\(name)"]
        tar.standardError = FileHandle.nullDevice
        try tar.run()
        tar.waitUntilExit()
        var numbers: [String: Int] = [:]
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        while let url = files?.nextObject() as? URL {
            guard url.lastPathComponent == name,
                let text = try? String(contentsOf: url, encoding: .utf8),
                let number = Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
            else { continue }
            numbers[url.deletingLastPathComponent().lastPathComponent] = number
        }
        return numbers
    }
}
