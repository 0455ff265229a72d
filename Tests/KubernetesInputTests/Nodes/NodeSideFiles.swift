import Foundation
import HardwareModel
import ScenarioInput
import TestSupport
import Testing

/// Files of public repositories, and texts of the tests themselves.
enum NodeSideFiles {
    static func names(_ folder: String) throws -> [String] {
        let url = try #require(SharedFolder.url).appending(path: "data/k8s/\(folder)")
        return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    }

    static func read(_ path: String) throws -> (objects: NodeSideObjects, report: ImportReport) {
        try readNodeSideObjects(SharedFolder.contents("data/k8s/\(path)"), file: path)
    }

    static func machine(_ name: String) throws -> Machine {
        let path = "data/hw/hwloc-xml-derived/\(name).xml"
        return try readHwlocXML(bytes: Array(SharedFolder.contents(path)), file: path)
    }

    static func read(text: String) throws -> (objects: NodeSideObjects, report: ImportReport) {
        try readNodeSideObjects(Array(text.utf8), file: "objects.yaml")
    }

    /// The one object of a text.
    static func document(_ text: String) throws -> SourceNode {
        try #require(try readSourceDocuments(Array(text.utf8), file: "object.yaml").first)
    }

    /// What a text is refused for.
    static func refusals(_ text: String) -> [Diagnostic] {
        do {
            _ = try read(text: text)
            return []
        } catch let error as InputError {
            return error.diagnostics
        } catch {
            return []
        }
    }
}
