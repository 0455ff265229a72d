public import Foundation
public import ScenarioInput

extension Conformance {
    /// Runs the node cases of `file` once more with every kubelet restart going through the texts of the
    /// checkpoint files, and counts the checksums that were compared at the end.
    ///
    /// - Throws: `InputError` with all mistakes of the file.
    public static func runThroughCheckpoints(
        file: URL, threads: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws(InputError) -> (report: VectorReport, checksums: ChecksumCounts) {
        let suite = try VectorSuite(
            path: file.path, only: "node-admission", threads: threads)
        return suite.runNodesThroughCheckpoints(threads: threads)
    }

    static func verdict(
        onNode vector: VectorCase, in file: VectorFile
    ) -> (verdict: VectorVerdict, checksums: ChecksumCounts) {
        do throws(VectorStop) {
            let compared = try NodeAdmissionVectors.run(
                try file.json(of: vector), file.machines, restartsFromFiles: true)
            return (.passed, compared)
        } catch {
            return (VectorVerdict(error), ChecksumCounts())
        }
    }
}
