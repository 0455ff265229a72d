package import Primitives
package import ScenarioInput
import WorkloadModel

/// A part of a trace: pods that arrive within a time and are of certain shapes or namespaces.
///
/// A slice of a slice is the slice of what both want. Pods that arrived before `from` are left out even if they
/// would still run then.
package struct TraceSlice: TraceTransformation {
    /// Pods that arrive at or after it.
    package var from = SimTime.zero
    /// Pods that arrive before it.
    package var to: SimTime?
    /// At most so many pods, the earliest of those that all else wants.
    package var first: Int64?
    /// Identifiers of shapes; empty wants all.
    package var shapes: Set<String> = []
    package var namespaces: Set<String> = []
    /// Whether `from` becomes time 0.
    package var rebases = false
    private var taken: Int64 = 0

    package init() {}

    package mutating func records(
        for record: TraceRecord, of source: inout TraceSource, isDone: inout Bool
    ) -> [TraceRecord] {
        if let to, record.arrival >= to {
            isDone = true
            return []
        }
        guard record.arrival >= from,
            shapes.isEmpty || shapes.contains(source.identifier(of: record.shape)),
            namespaces.isEmpty || namespaces.contains(source.shapes[record.shape].namespace)
        else { return [] }
        var record = record
        if let first {
            if taken >= first {
                isDone = true
                return []
            }
            record.count = Int(min(Int64(record.count), first - taken))
            taken += Int64(record.count)
            isDone = taken == first
        }
        if rebases {
            let offset = from.nanoseconds
            record.arrival = SimTime(nanoseconds: record.arrival.nanoseconds - offset)
            record.deletion = record.deletion.map {
                SimTime(nanoseconds: $0.nanoseconds - offset)
            }
        }
        return [record]
    }
}
