public import Foundation

/// Vectors in, verdicts out: what the kubelet's own code answered, against the node managers.
///
/// A file of vectors is JSON Lines, one case a line; machines come from `topologies.json` and
/// `upstream-topologies.json` beside it, and the kind of a case is told by its content.
public enum Conformance {
    /// Runs every case of `file`.
    public static func run(file: URL) throws -> VectorReport {
        let machines = try VectorMachines(folder: file.deletingLastPathComponent())
        return try run(file: file, machines: machines)
    }

    static func run(file: URL, machines: VectorMachines) throws -> VectorReport {
        var report = VectorReport(name: file.lastPathComponent)
        let bytes = [UInt8](try Data(contentsOf: file))
        for (number, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            let json = try JSONParser.parse(line)
            let id = json["id"]?.text ?? "line \(number + 1)"
            report.add(id, verdict(on: json, machines))
        }
        return report
    }

    static func verdict(on json: JSONValue, _ machines: VectorMachines) -> VectorVerdict {
        do throws(VectorStop) {
            guard let kind = VectorKindRegistry.all.first(where: { $0.recognizes(json) }) else {
                return .unsupported("an unknown kind of case")
            }
            try kind.run(json, machines)
            return .passed
        } catch {
            return VectorVerdict(error)
        }
    }
}

/// The machines of the topologies files in one folder, by name.
struct VectorMachines {
    private var machines: [String: VectorMachine] = [:]

    init(folder: URL) throws {
        for name in ["topologies.json", "upstream-topologies.json"] {
            let file = folder.appending(path: name)
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            let bytes = [UInt8](try Data(contentsOf: file))
            for json in try JSONParser.parse(bytes[...])["machines"]?.elements ?? [] {
                let machine = try VectorMachine(json)
                machines[machine.name] = machine
            }
        }
    }

    func machine(of json: JSONValue) throws(VectorStop) -> VectorMachine {
        let name = try required(json["topology"]?.text, "topology")
        guard let machine = machines[name] else {
            throw .malformed("there is no machine `\(name)` beside the file")
        }
        return machine
    }
}
