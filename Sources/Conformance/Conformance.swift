public import Foundation
public import ScenarioInput

/// Vectors in, verdicts out: what Kubernetes' own code answered, against what topsim answers.
///
/// A file of vectors is JSON Lines, one case a line; the kind of a case is told by its content
/// (`VectorKindRegistry`), and the machines it names stand in topologies files beside it (`VectorMachines`).
public enum Conformance {
    /// Runs every case of `file`.
    ///
    /// - Throws: `InputError` with all mistakes of the file.
    public static func run(
        file: URL, threads: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws(InputError) -> VectorReport {
        let suite = try VectorSuite(path: file.path, threads: threads)
        let reports = try suite.run(threads: threads)
        return reports.first ?? VectorReport(name: file.lastPathComponent)
    }

    static func verdict(
        on vector: VectorCase, in file: VectorFile
    ) -> VectorVerdict {
        guard let runner = vector.kind.runner else {
            return .unsupported("kind \(vector.kind.name)")
        }
        do throws(VectorStop) {
            try runner(try file.json(of: vector), file.machines)
            return .passed
        } catch {
            return VectorVerdict(error)
        }
    }
}
