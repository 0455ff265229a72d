import Foundation
import TestSupport

/// One file of the project: where it lies, by its path from the checkout's folder, and what it says.
struct ProjectFile: Sendable {
    var path: String
    var text: String

    var name: String { String(path.split(separator: "/").last ?? "") }

    /// The folder under Sources or Tests: the module that the file belongs to.
    var module: String {
        let parts = path.split(separator: "/")
        guard parts.count > 2 else { return "" }
        return ProjectFile.otherNames[String(parts[1])] ?? String(parts[1])
    }

    /// `folders` of Package.swift, the other way round.
    private static let otherNames = ["Fuzz": "InputFuzz"]
}

/// The project's own files, read once.
enum ProjectFiles {
    static let sources = files(under: "Sources", withSuffix: ".swift")
    static let tests = files(under: "Tests", withSuffix: ".swift")
    static let documents =
        rootDocuments + files(under: "docs", withSuffix: ".md")
        + files(under: "results", withSuffix: ".md")
    static let manifests =
        ["Package.swift", "Benchmarks/Package.swift"].compactMap(file(at:))

    static let manifest = Manifest(contents("Package.swift"))

    /// Whether a path from the checkout's folder leads to a file or folder.
    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: Checkout.url.appending(path: path).path)
    }

    private static let rootDocuments = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
        .compactMap(file(at:))

    private static func contents(_ path: String) -> String { file(at: path)?.text ?? "" }

    private static func file(at path: String) -> ProjectFile? {
        let url = Checkout.url.appending(path: path)
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
        return ProjectFile(path: path, text: text)
    }

    private static func files(under folder: String, withSuffix suffix: String) -> [ProjectFile] {
        let root = Checkout.url.appending(path: folder)
        let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String }
        return (names ?? []).filter { $0.hasSuffix(suffix) && !$0.contains(".build") }.sorted()
            .compactMap { file(at: folder + "/" + $0) }
    }
}
