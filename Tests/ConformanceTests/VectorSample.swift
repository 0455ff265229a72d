import Foundation
import TestSupport

/// The vectors that are kept in the project, and how they were chosen from the whole folder.
///
/// Of every ten consecutive lines of a file the second shortest is kept (of a tie the earlier, of one line that
/// one), byte for byte and in order: a tenth of the cases of every file, and small. Topologies files are kept whole.
enum VectorSample {
    static let folder = Checkout.url.appending(path: "Tests/ConformanceTests/Vectors")

    /// Bytes of the sample, all in all.
    static let maximumBytes = 2_000_000

    static func choose(from text: Data) -> Data {
        let lines = text.split(separator: UInt8(ascii: "\n")).map { Data($0) }
        var chosen = Data()
        for start in stride(from: 0, to: lines.count, by: 10) {
            let group = lines[start..<min(lines.count, start + 10)].enumerated()
                .sorted { ($0.element.count, $0.offset) < ($1.element.count, $1.offset) }
            chosen += group[min(1, group.count - 1)].element + [UInt8(ascii: "\n")]
        }
        return chosen
    }

    /// The sample of a folder of vectors: contents by path below the folder.
    static func make(from source: URL) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try names(below: source) where name.hasSuffix(".jsonl") {
            files[name] = choose(from: try Data(contentsOf: source.appending(path: name)))
        }
        for name in try names(below: source) where name.hasSuffix("topologies.json") {
            files[name] = try Data(contentsOf: source.appending(path: name))
        }
        return files
    }

    /// What is kept today.
    static func kept() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try names(below: folder) where !name.hasSuffix(".md") {
            files[name] = try Data(contentsOf: folder.appending(path: name))
        }
        return files
    }

    static func write(_ files: [String: Data]) throws {
        for name in try kept().keys where files[name] == nil {
            try FileManager.default.removeItem(at: folder.appending(path: name))
        }
        for (name, bytes) in files {
            let url = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try bytes.write(to: url)
        }
    }

    private static func names(below folder: URL) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".jsonl") || $0.hasSuffix(".json") || $0.hasSuffix(".md") }
            .sorted()
    }
}
