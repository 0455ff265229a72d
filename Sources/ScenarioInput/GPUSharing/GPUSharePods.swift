import ClusterScheduler
import ClusterSimulation
import Foundation

/// Pods with shares of GPUs from a CSV file in openb's columns; times and classes are not looked at.
struct GPUSharePods {
    static let limit = 4_000_000

    private struct Line {
        var name: String
        var milliCPU: Int64
        var memoryMiB: Int64
        var gpus: Int
        var milli: Int
        var spec: String
    }

    /// - Throws: Up to 20 mistakes with their lines.
    static func read(
        url: URL, name file: String, models: inout GPUModels
    ) throws(InputError) -> [GPUShareStudy.Pod] {
        var csv = try CSVFile(url: url, name: file)
        let columns = try CSVColumns(
            of: &csv, needed: ["name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli"])
        var lines: [Line] = []
        var names: Set<String> = []
        var mistakes: [Diagnostic] = []
        while let row = try csv.next() {
            do throws(InputError) {
                let line = try line(row, columns)
                guard names.insert(line.name).inserted else {
                    throw row.error(columns["name"], "the pod `\(line.name)` is here twice")
                }
                guard lines.count < limit else {
                    throw row.error(0, "more than \(grouped(limit)) pods")
                }
                lines.append(line)
            } catch {
                mistakes += error.diagnostics
                if mistakes.count >= 20 { break }
            }
        }
        if !mistakes.isEmpty { throw InputError(mistakes) }
        guard !lines.isEmpty else {
            throw InputError([Diagnostic(file: file, message: "the file names no pod")])
        }
        return try pods(lines, file: file, models: &models)
    }

    private static func line(_ row: CSVRow, _ columns: CSVColumns) throws(InputError) -> Line {
        try columns.check(row)
        let name = row.text(columns["name"])
        guard isObjectName(name) else {
            throw row.error(columns["name"], "`\(name)` cannot name a pod")
        }
        let gpus = Int(try row.integer(columns["num_gpu"], "num_gpu", in: 0...64))
        let milli = Int(try row.integer(columns["gpu_milli"], "gpu_milli", in: 0...1_000_000))
        if gpus > 1, milli < 1000 {
            throw row.error(
                columns["gpu_milli"], "`gpu_milli` is \(milli) for \(gpus) GPUs",
                hint: "only a pod with one GPU has a share of it")
        }
        if gpus == 1, milli == 0 {
            throw row.error(columns["gpu_milli"], "a pod with one GPU, and nothing of it")
        }
        return Line(
            name: name,
            milliCPU: try row.integer(columns["cpu_milli"], "cpu_milli", in: 0...1_000_000_000),
            memoryMiB: try row.integer(columns["memory_mib"], "memory_mib", in: 0...1 << 30),
            gpus: gpus, milli: min(milli, 1000),
            spec: columns.optional("gpu_spec").map(row.text) ?? "")
    }

    private static func pods(
        _ lines: [Line], file: String, models: inout GPUModels
    ) throws(InputError) -> [GPUShareStudy.Pod] {
        let texts = Set(lines.map(\.spec)).union([""]).sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        var places: [String: (place: UInt16, models: UInt64)] = [:]
        for (place, text) in texts.enumerated() {
            var mask: UInt64 = 0
            for model in text.split(separator: "|") {
                guard let number = models.number(of: String(model)), place <= Int(UInt16.max) else {
                    throw InputError([Diagnostic(file: file, message: GPUModels.tooMany)])
                }
                mask |= 1 << UInt64(number)
            }
            places[text] = (UInt16(place), mask)
        }
        return lines.map { line in
            GPUShareStudy.Pod(
                name: line.name,
                request: GPUShareRequest(
                    milliCPU: line.milliCPU, memory: line.memoryMiB << 20, gpuCount: line.gpus,
                    gpuMilli: line.milli, models: places[line.spec]?.models ?? 0,
                    modelsText: places[line.spec]?.place ?? 0))
        }
        .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}
