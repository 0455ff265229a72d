package import Primitives

/// Times at which something arrived, from one column of a CSV file: an arrival process of a workload.
///
/// Times are time stamps (`2023-11-16 18:17:03.9799600`) or numbers of `unit`; the first arrival becomes 0.
package struct ArrivalList {
    /// Most arrivals that are read: 8 bytes each are kept.
    static let limit = 10_000_000

    /// Ascending, from the first arrival.
    package private(set) var times: [SimTime] = []
    package private(set) var report = ImportReport()

    /// - Parameters:
    ///   - column: the name in the header.
    ///   - unit: of times that are numbers; nil for time stamps.
    /// - Throws: up to 100 mistakes with their lines.
    package init(_ input: TraceInput, column: String, unit: Int64?) throws(InputError) {
        var file = try CSVFile(input)
        let columns = try CSVColumns(of: &file, needed: [column])
        let field = columns[column]
        var nanoseconds: [Int64] = []
        var mistakes: [Diagnostic] = []
        while mistakes.count < Diagnostics.limit {
            do throws(InputError) {
                guard let row = try file.next() else { break }
                try columns.check(row)
                nanoseconds.append(try ArrivalList.time(row, field, column, unit))
                if nanoseconds.count > ArrivalList.limit {
                    mistakes += row.error(
                        field, "more than \(grouped(ArrivalList.limit)) arrivals"
                    ).diagnostics
                    break
                }
            } catch {
                mistakes += error.diagnostics
            }
        }
        if !mistakes.isEmpty { throw InputError(mistakes) }
        guard let first = nanoseconds.min(), let last = nanoseconds.max() else {
            throw InputError([Diagnostic(file: input.name, message: "the file names no arrival")])
        }
        guard !last.subtractingReportingOverflow(first).overflow else {
            throw InputError([
                Diagnostic(file: input.name, message: "the first and the last arrival are too far apart")
            ])
        }
        report.taken(
            "column \(column)", "\(grouped(nanoseconds.count)) arrivals", file: input.name)
        for name in columns.names where name != column {
            report.dropped("column \(name)", "only arrivals are read", file: input.name)
        }
        report.guessed("origin", "the first arrival becomes time 0", file: input.name)
        if zip(nanoseconds, nanoseconds.dropFirst()).contains(where: { $0 > $1 }) {
            report.guessed(
                "order", "the file is not in order of arrival; it is read in that order",
                file: input.name)
            nanoseconds.sort()
        }
        times = nanoseconds.map { SimTime(nanoseconds: $0 - first) }
    }

    /// The time in a field.
    static func time(
        _ row: CSVRow, _ field: Int, _ column: String, _ unit: Int64?
    ) throws(InputError) -> Int64 {
        let text = row.text(field)
        let time =
            if let unit { RecordedTime.nanoseconds(text.utf8, unit: unit) } else {
                RecordedTime.timestamp(text)
            }
        guard let time else {
            throw row.error(
                field,
                unit == nil
                    ? "`\(column)` is `\(text)`, and a time stamp such as `2023-11-16 18:17:03.97` was expected"
                    : "`\(column)` is `\(text)`, and a number was expected",
                hint: unit == nil
                    ? "times that are numbers have a `unit`: `s`, `ms`, `us` or `ns`"
                    : "time stamps have no `unit`, or `unit: timestamp`")
        }
        return time
    }
}
