import Foundation
import TestSupport

/// A session at a shell: commands, and for each what it said and how it ended. The commands share a folder.
///
/// ```
/// $ topsim validate nosuch.yaml
/// exit 2
/// stderr:
///   | error: `nosuch.yaml`: no such file
/// ```
struct Snapshot {
    static let folder = Checkout.url.appending(path: "Tests/CommandLineTests/Snapshots")

    /// Names of all sessions, without `.txt`.
    static let names: [String] = {
        let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (files ?? []).filter { $0.hasSuffix(".txt") }.map { String($0.dropLast(4)) }.sorted()
    }()

    let file: URL
    let text: String
    /// What stands before the first command.
    let comment: String
    let commands: [String]

    init(named name: String) throws {
        file = Snapshot.folder.appending(path: "\(name).txt")
        text = try String(contentsOf: file, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        comment = lines.prefix { !$0.hasPrefix("$ ") }.joined(separator: "\n")
        commands = lines.filter { $0.hasPrefix("$ ") }.map { String($0.dropFirst(2)) }
    }

    /// The session as it goes today.
    func replay() throws -> (text: String, results: [FinishedCommand]) {
        let scratch = try ScratchFolder()
        var blocks: [String] = []
        var results: [FinishedCommand] = []
        for command in commands {
            let result = try RunTopsim.run(shell: command, in: scratch)
            results.append(result)
            var block = "$ \(command)\nexit \(result.exitCode)\n"
            block += Snapshot.section("stdout", result.standardOutput, scratch)
            block += Snapshot.section("stderr", result.standardError, scratch)
            blocks.append(block)
        }
        return ((comment.isEmpty ? "" : comment + "\n") + blocks.joined(separator: "\n"), results)
    }

    private static func section(_ name: String, _ text: String, _ scratch: ScratchFolder) -> String
    {
        guard !text.isEmpty else { return "" }
        var lines = filtered(text, scratch).split(separator: "\n", omittingEmptySubsequences: false)
        let endsInNewline = lines.last == ""
        if endsInNewline { lines.removeLast() }
        let shown = lines.map { $0.isEmpty ? "  |\n" : "  | \($0)\n" }.joined()
        return "\(name):\n\(shown)" + (endsInNewline ? "" : "  (no newline at the end)\n")
    }

    /// What differs from one place, day or library version to the next is replaced by a word.
    private static func filtered(_ text: String, _ scratch: ScratchFolder) -> String {
        text.replacing(scratch.url.path, with: "<folder>")
            .replacing(Checkout.url.path, with: "<checkout>")
            .replacing(/\b[0-9a-f]{64}\b/, with: "<digest>")
            .replacing(/\.sqlite   [0-9.,]+ [kMG]?B\b/, with: ".sqlite   <size>")
            .replacing(/"bytes": [0-9]+/, with: "\"bytes\": <size>")
            .replacing(/pods in [0-9.]+ (ms|s|min)/, with: "pods in <time>")
            .replacing(/[0-9.,]+ [kMG]?B of memory/, with: "<size> of memory")
    }
}
