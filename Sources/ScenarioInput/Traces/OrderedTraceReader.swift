import Primitives
import WorkloadModel

/// Records in order of arrival, whatever the order of the source.
///
/// A source that is in order, which a first look tells, is handed on record by record. Another one is read into
/// memory and sorted, up to `limit` records.
struct OrderedTraceReader<Base: TraceRecordReader>: TraceRecordReader {
    /// Most records that are put in order here: some 400 MB.
    static var limit: Int { 4_000_000 }

    private var base: Base
    private let isOrdered: Bool
    /// The last one first, once they are read.
    private var sorted: [TraceRecord]?
    private var errors: [InputError] = []
    private let file: String

    /// - Parameter make: a reader at the beginning of the source; asked twice.
    init(
        file: String, _ make: () throws(InputError) -> Base
    ) throws(InputError) {
        var look = try make()
        var scratch = PodShapeTable()
        var latest = SimTime.zero
        var isOrdered = true
        while isOrdered {
            do throws(InputError) {
                guard let record = try look.next(shapes: &scratch) else { break }
                if record.arrival < latest { isOrdered = false }
                latest = record.arrival
            } catch {
                // Told when the record's turn has come.
                continue
            }
        }
        base = try make()
        self.isOrdered = isOrdered
        self.file = file
    }

    var report: ImportReport {
        var report = base.report
        if !isOrdered {
            report.guessed(
                "order", "the file is not in order of arrival; it is read in that order", file: file
            )
        }
        return report
    }

    mutating func next(shapes: inout PodShapeTable) throws(InputError) -> TraceRecord? {
        if isOrdered { return try base.next(shapes: &shapes) }
        if sorted == nil { try collect(&shapes) }
        if let error = errors.popLast() { throw error }
        return sorted?.popLast()
    }

    private mutating func collect(_ shapes: inout PodShapeTable) throws(InputError) {
        var records: [(position: Int, record: TraceRecord)] = []
        while true {
            do throws(InputError) {
                guard let record = try base.next(shapes: &shapes) else { break }
                guard records.count < Self.limit else {
                    sorted = []
                    errors = []
                    throw InputError([
                        Diagnostic(
                            file: file,
                            message:
                                "not in order of arrival, and more than \(grouped(Self.limit)) "
                                + "records, the most that are put in order here",
                            hint: "sort the file by its arrival times")
                    ])
                }
                records.append((records.count, record))
            } catch {
                if sorted != nil { throw error }
                if errors.count < Diagnostics.limit { errors.append(error) }
            }
        }
        errors.reverse()
        records.sort { ($0.record.arrival, $0.position) > ($1.record.arrival, $1.position) }
        sorted = records.map(\.record)
    }
}
