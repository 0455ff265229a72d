public import Foundation

extension Conformance {
    /// Runs the node cases of `file` once more with every kubelet restart going through the texts of the
    /// checkpoint files, and counts the checksums that were compared at the end.
    public static func runThroughCheckpoints(
        file: URL
    ) throws -> (report: VectorReport, checksums: ChecksumCounts) {
        let machines = try VectorMachines(folder: file.deletingLastPathComponent())
        var report = VectorReport(name: file.lastPathComponent)
        var checksums = ChecksumCounts()
        let bytes = [UInt8](try Data(contentsOf: file))
        for (number, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            let json = try JSONParser.parse(line)
            guard NodeAdmissionVectors.recognizes(json) else { continue }
            let id = json["id"]?.text ?? "line \(number + 1)"
            let (verdict, compared) = verdict(onNode: json, machines)
            report.add(id, verdict)
            checksums.cpu += compared.cpu
            checksums.memory += compared.memory
        }
        return (report, checksums)
    }

    private static func verdict(
        onNode json: JSONValue, _ machines: VectorMachines
    ) -> (VectorVerdict, ChecksumCounts) {
        do throws(VectorStop) {
            let compared = try NodeAdmissionVectors.run(json, machines, restartsFromFiles: true)
            return (.passed, compared)
        } catch {
            return (VectorVerdict(error), ChecksumCounts())
        }
    }
}
