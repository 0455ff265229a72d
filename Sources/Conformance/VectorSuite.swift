import Foundation
public import ScenarioInput

/// The vectors under one path, read and found in order, ready to run.
public struct VectorSuite: Sendable {
    private var files: [VectorFile] = []

    /// Reads a file, or every `*.jsonl` under a folder in the order of their paths.
    ///
    /// - Parameters:
    ///   - only: A kind, a file (its name with or without `.jsonl`, or its path below `path`) or the id of a case;
    ///     other cases are read and not run. Nil runs all.
    ///   - threads: How many may work at once; nothing else depends on it.
    /// - Throws: all mistakes of all files at once.
    public init(path: String, only: String? = nil, threads: Int) throws(InputError) {
        var mistakes: [Diagnostic] = []
        var total = 0
        for found in try VectorFolder.files(at: path) {
            do throws(InputError) {
                let bytes = try found.read(room: VectorFolder.maximumBytes - total)
                total += bytes.count
                files.append(
                    try VectorFile(
                        name: found.name, shownPath: found.shownPath, url: found.url,
                        bytes: bytes, threads: threads))
            } catch {
                // A topologies file may be beside several.
                mistakes += error.diagnostics.filter { !mistakes.contains($0) }
            }
        }
        if !mistakes.isEmpty { throw InputError(mistakes) }
        if let only { try select(only, path: path) }
    }

    /// Keeps the cases that `name` names.
    private mutating func select(_ name: String, path: String) throws(InputError) {
        let kinds = Set(files.flatMap(\.cases).map(\.kindIndex)).sorted()
            .map { VectorKindRegistry.all[$0].name }
        let chosen = files.map { file -> VectorFile in
            let own = file.name.split(separator: "/").last.map(String.init) ?? file.name
            if [file.name, own, own.replacing(".jsonl", with: "")].contains(name) { return file }
            var file = file
            file.cases.removeAll { $0.id != name && $0.kind.name != name }
            return file
        }
        files = chosen.filter { !$0.cases.isEmpty }
        guard files.isEmpty else { return }
        throw InputError([
            Diagnostic(
                file: "--only \(name)",
                message: "no kind, file or id of a case under `\(path)` is called `\(name)`",
                hint: "kinds there are " + kinds.map { "`\($0)`" }.joined(separator: ", "))
        ])
    }

    /// Runs every case that is selected.
    ///
    /// - Parameter finished: Told of each file as soon as its cases have run.
    /// - Returns: A report a file, in order, the same for any number of threads.
    /// - Throws: the places at which cases turned out not to have the shape of their kind.
    public func run(
        threads: Int, finished: (VectorReport) -> Void = { _ in }
    ) throws(InputError) -> [VectorReport] {
        var reports: [VectorReport] = []
        var mistakes: [Diagnostic] = []
        for file in files {
            let verdicts = parallelMap(file.cases.count, threads: threads) { index in
                Conformance.verdict(on: file.cases[index], in: file)
            }
            var report = VectorReport(name: file.name)
            var malformed: [Diagnostic] = []
            for (vector, verdict) in zip(file.cases, verdicts) {
                if case .malformed(let message) = verdict {
                    malformed.append(
                        Diagnostic(
                            file: file.shownPath, line: vector.line, column: 1,
                            message: "case `\(vector.id)`: \(message)",
                            hint: "docs/reference/vectors.md says what a case of kind "
                                + "`\(vector.kind.name)` has"))
                }
                report.add(vector, verdict)
            }
            do throws(InputError) {
                try VectorFile.tell(malformed, file.shownPath)
            } catch {
                mistakes += error.diagnostics
            }
            reports.append(report)
            finished(report)
        }
        if !mistakes.isEmpty { throw InputError(mistakes) }
        return reports
    }

    /// Runs the selected cases, which are nodes, with restarts through the texts of the checkpoint files.
    func runNodesThroughCheckpoints(
        threads: Int
    ) -> (report: VectorReport, checksums: ChecksumCounts) {
        var report = VectorReport(name: files.first?.name ?? "no cases")
        var checksums = ChecksumCounts()
        for file in files {
            let results = parallelMap(file.cases.count, threads: threads) { index in
                Conformance.verdict(onNode: file.cases[index], in: file)
            }
            for (vector, result) in zip(file.cases, results) {
                report.add(vector, result.verdict)
                checksums.cpu += result.checksums.cpu
                checksums.memory += result.checksums.memory
            }
        }
        return (report, checksums)
    }
}
