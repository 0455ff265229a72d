import Primitives
import WorkloadModel

/// A recording of any format as the pods of a workload: `count` equal pods become pods of their own, and time is
/// cut and scaled.
struct TraceRecordSource: PodTraceSource {
    let format: TraceFormat
    let input: TraceInput
    let options: TraceOptions
    /// Time of the recording that becomes 0; pods that arrive earlier are left out.
    var skip = SimDuration.zero
    /// How many times faster than recorded.
    var speed: Int64 = 1

    func makeReader(resources: ResourceTable) throws -> any PodTraceReader {
        // Every name that the recording uses was interned when it was inspected.
        var resources = resources
        return Reader(
            records: try format.open(input, options, &resources), skip: skip.nanoseconds,
            speed: speed)
    }

    /// One look at the whole recording.
    struct Inspection {
        var records = 0
        var pods = 0
        var skipped = 0
        var deletions = 0
        var report = ImportReport()
    }

    /// Reads all of it; resources that its pods ask for are interned.
    ///
    /// - Throws: up to 100 mistakes with their lines.
    func inspect(resources: inout ResourceTable) throws(InputError) -> Inspection {
        var reader = try format.open(input, options, &resources)
        var shapes = PodShapeTable()
        var inspection = Inspection()
        var mistakes: [Diagnostic] = []
        while mistakes.count < Diagnostics.limit {
            do throws(InputError) {
                guard let record = try reader.next(shapes: &shapes) else { break }
                guard record.arrival.nanoseconds >= skip.nanoseconds else {
                    inspection.skipped += record.count
                    continue
                }
                inspection.records += 1
                inspection.pods += record.count
                if record.deletion != nil { inspection.deletions += 1 }
            } catch {
                mistakes += error.diagnostics
            }
        }
        if !mistakes.isEmpty { throw InputError(mistakes) }
        inspection.report = reader.report
        if inspection.pods == 0 {
            throw InputError([
                Diagnostic(
                    file: input.name,
                    message: inspection.skipped == 0
                        ? "the file names no pod"
                        : "all \(grouped(inspection.skipped)) pods are left out by `skip`")
            ])
        }
        if inspection.skipped > 0 {
            inspection.report.dropped(
                "\(grouped(inspection.skipped)) pods", "arrive before `skip`", file: input.name)
        }
        return inspection
    }

    private struct Reader: PodTraceReader {
        var records: any TraceRecordReader
        let skip: Int64
        let speed: Int64
        var current: TraceRecord?
        /// Pods of the current record that are still to come.
        var left = 0

        mutating func next(shapes: inout PodShapeTable) throws -> TracePod? {
            while left == 0 {
                guard let record = try records.next(shapes: &shapes) else { return nil }
                if record.arrival.nanoseconds < skip { continue }
                current = record
                left = record.count
            }
            guard let record = current else { return nil }
            let ordinal = record.count - left
            left -= 1
            return TracePod(
                name: record.count == 1 ? record.name : "\(record.name)-\(ordinal)",
                arrival: scaled(record.arrival),
                lifetime: record.lifetime.map { SimDuration(nanoseconds: $0.nanoseconds / speed) },
                deletion: record.deletion.map(scaled), shape: record.shape)
        }

        private func scaled(_ time: SimTime) -> SimTime {
            SimTime(nanoseconds: (time.nanoseconds - skip) / speed)
        }
    }
}
