import Primitives
import ScenarioInput
import WorkloadModel

extension InputTarget {
    /// Every format of recordings; `trace-<format>`.
    static let recordings: [InputTarget] = TraceFormats.all.map { format in
        let options = TraceOptions(words[format.name] ?? [:])
        return InputTarget("trace-\(format.name)") { bytes in
            _ = TraceFormats.recognised(bytes[...])
            let first = try records(of: bytes, format, options)
            let second = try records(of: bytes, format, options)
            return first.law ?? (first.records == second.records ? nil : "two unlike readings")
        }
    }

    /// Columns of `csv`, which has none of its own.
    private static let words = [
        "csv": [
            "columns.arrival": "at", "columns.lifetime": "for", "columns.cpu": "cpu",
            "columns.memory.column": "memory", "columns.memory.unit": "MiB", "columns.gpu": "gpu",
            "columns.priority": "priority", "columns.count": "count", "columns.name": "name",
            "missing": "none",
        ]
    ]
}

/// All records of a recording, and the first law that one of them breaks. Mistakes of single lines are passed over.
private func records(
    of bytes: [UInt8], _ format: TraceFormat, _ options: TraceOptions
) throws -> (records: [TraceRecord], law: String?) {
    var resources = ResourceTable()
    var shapes = PodShapeTable()
    var reader = try format.open(
        TraceInput(name: "fuzz", content: .bytes(bytes)), options, &resources)
    var records: [TraceRecord] = []
    var mistakes = 0
    var latest = SimTime.zero
    while true {
        do throws(InputError) {
            guard let record = try reader.next(shapes: &shapes) else { break }
            records.append(record)
            if record.arrival < latest { return (records, "\(record) comes before \(latest)") }
            latest = record.arrival
            if record.count < 1 { return (records, "\(record) counts \(record.count) pods") }
            if let lifetime = record.lifetime, lifetime.nanoseconds < 0 {
                return (records, "\(record) lives \(lifetime.nanoseconds) ns")
            }
            if let deletion = record.deletion, deletion < record.arrival {
                return (records, "\(record) is deleted before it comes")
            }
            if records.count > 1_000_000 { break }
        } catch {
            if let law = judge(error) { return (records, law) }
            mistakes += 1
            if mistakes > bytes.count + 100 { return (records, "a reader that never ends") }
        }
    }
    return (records, nil)
}
