import Foundation
import Primitives

/// One look at every line of an openb pod list: mistakes, order, and how many pods each mapping touches.
struct OpenbInspection {
    /// Most lines of a file that is not in order of creation time, whose order is kept in memory.
    static let unorderedLimit = 4_000_000

    private(set) var pods = 0
    private(set) var skipped = 0
    private(set) var shares = 0
    private(set) var modelsIgnored = 0
    private(set) var endless = 0
    private(set) var instant = 0
    private(set) var withoutMemory = 0
    private(set) var isOrdered = true
    /// Lines by creation time; nil when the file is in that order.
    private(set) var order: [OpenbTraceLine]?

    /// - Throws: Up to 20 mistakes with their lines.
    init(url: URL, name: String, mapping: OpenbMapping) throws(InputError) {
        try count(url: url, name: name, mapping: mapping)
        if pods == 0 {
            throw InputError([
                Diagnostic(
                    file: name,
                    message: skipped == 0
                        ? "the file names no pod"
                        : "all \(grouped(skipped)) pods are left out by `skip`")
            ])
        }
        if !isOrdered { order = try sortedLines(url: url, name: name) }
    }

    private mutating func count(
        url: URL, name: String, mapping: OpenbMapping
    ) throws(InputError) {
        var file = try CSVFile(url: url, name: name)
        let columns = try OpenbColumns(of: &file)
        var mistakes: [Diagnostic] = []
        var latest: Int64 = 0
        while let row = try file.next() {
            do throws(InputError) {
                let pod = try OpenbPod(row, columns)
                if pod.creation < latest { isOrdered = false }
                latest = max(latest, pod.creation)
                add(pod, mapping)
            } catch {
                mistakes += error.diagnostics
                if mistakes.count >= 20 { break }
            }
        }
        if !mistakes.isEmpty { throw InputError(mistakes) }
    }

    private mutating func add(_ pod: OpenbPod, _ mapping: OpenbMapping) {
        guard pod.creation * 1_000_000_000 >= mapping.skip.nanoseconds else {
            skipped += 1
            return
        }
        pods += 1
        if pod.share != nil { shares += 1 }
        if pod.models.count > 1 || pod.models.count == 1 && mapping.gpuSpec == .ignore {
            modelsIgnored += 1
        }
        if pod.deletion == nil { endless += 1 }
        if pod.deletion == pod.creation { instant += 1 }
        if pod.memoryMiB == 0 { withoutMemory += 1 }
    }

    private func sortedLines(url: URL, name: String) throws(InputError) -> [OpenbTraceLine] {
        guard pods + skipped <= OpenbInspection.unorderedLimit else {
            throw InputError([
                Diagnostic(
                    file: name,
                    message:
                        "not in order of `creation_time`, and too long to be put in order here",
                    hint: "sort the file by that column")
            ])
        }
        var file = try CSVFile(url: url, name: name)
        let columns = try OpenbColumns(of: &file)
        var lines: [OpenbTraceLine] = []
        lines.reserveCapacity(pods + skipped)
        var offset = file.offset
        while let row = try file.next() {
            let creation = try OpenbPod(row, columns).creation
            lines.append(OpenbTraceLine(offset: offset, line: row.line, creation: creation))
            offset = file.offset
        }
        return lines.sorted { ($0.creation, $0.line) < ($1.creation, $1.line) }
    }

    /// What a reader of the results should know.
    func notes(_ mapping: OpenbMapping) -> [String] {
        var notes: [String] = []
        func add(_ count: Int, _ what: String) {
            if count > 0 {
                notes.append("pods that \(what): \(grouped(count)) of \(grouped(pods))")
            }
        }
        add(
            shares,
            mapping.gpuShare == .whole
                ? "share a GPU in the trace and take a whole one here (`gpuShare: whole`)"
                : "share a GPU in the trace and take none here (`gpuShare: ignore`)")
        add(modelsIgnored, "name GPU models, which are not looked at (`gpuSpec`)")
        add(endless, "have no deletion time and run until the end")
        add(instant, "are deleted as they are created, and end as they start")
        add(withoutMemory, "ask for no memory")
        if skipped > 0 { notes.append("pods that `skip` leaves out: \(grouped(skipped))") }
        if !isOrdered {
            notes.append("the file is not in order of creation time; it is read in that order")
        }
        return notes
    }
}
