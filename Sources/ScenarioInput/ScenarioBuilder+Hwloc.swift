import Foundation
import HardwareModel

extension ScenarioBuilder {
    /// The machine in a file of hwloc XML; nil after a mistake was told.
    mutating func machine(ofXML node: SourceNode, name: String) -> Machine? {
        guard let path = node.text else { return nil }
        do throws(FileProblem) {
            let bytes = try files.read(path, limit: hwlocXMLSizeLimit)
            do throws(InputError) {
                return try readHwlocXML(bytes: bytes, file: path)
            } catch {
                for diagnostic in error.diagnostics { diagnostics.add(diagnostic) }
            }
        } catch {
            guard !error.isKnown else { return nil }
            diagnostics.error(at: node, "`\(path)`: \(error.message)", hint: error.hint)
        }
        return nil
    }
}
