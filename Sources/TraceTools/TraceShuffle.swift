import Primitives
import ScenarioInput
import WorkloadModel

/// What is put into another order, drawn from the stream `trace/shuffle` of a seed (Fisher and Yates).
package enum TraceShuffle: String, CaseIterable, Sendable {
    /// Pods, with what they ask for and how long they run, over the times of arrival: bursts stay, mixes do not.
    case pods
    /// The times between arrivals; pods stay in their order. The last arrival stays.
    case gaps
    /// How long pods run; what they ask for and when they arrive stays.
    case lifetimes
}

/// Writes a trace with something of it in another order. The whole trace is kept, in about 40 bytes a pod and its name.
///
/// - Returns: How many records were written.
@discardableResult
package func shuffle(
    _ source: inout TraceSource, _ subject: TraceShuffle, seed: UInt64, comments: [String] = [],
    to sink: @escaping ([UInt8]) throws -> Void
) throws -> Int {
    var records = KeptRecords()
    while let record = try source.next() { try records.add(record) }
    var random = RandomStream(seed: seed, name: "trace/shuffle")
    var writer = try StreamTraceWriter(
        resources: source.resources, comments: comments, sink: sink)
    func write(_ record: TraceRecord) throws {
        try writer.write(
            record, shapes: source.shapes, identifier: source.identifier(of: record.shape))
    }
    switch subject {
    case .pods:
        let order = permutation(of: records.count, using: &random)
        for index in 0..<records.count {
            try write(records.record(Int(order[index]), arrivingAt: records.arrivals[index]))
        }
    case .gaps:
        let order = permutation(of: records.count, using: &random)
        var arrival: Int64 = 0
        for index in 0..<records.count {
            let from = Int(order[index])
            arrival += records.arrivals[from] - (from == 0 ? 0 : records.arrivals[from - 1])
            try write(records.record(index, arrivingAt: arrival))
        }
    case .lifetimes:
        let order = permutation(of: records.count, using: &random)
        for index in 0..<records.count {
            var record = records.record(index, arrivingAt: records.arrivals[index])
            let other = records.record(
                Int(order[index]), arrivingAt: records.arrivals[index])
            record.lifetime = other.lifetime
            record.deletion = other.deletion
            try write(record)
        }
    }
    try writer.finish()
    return writer.rowCount
}

/// 0 ..< count in an order that is drawn, each as likely as any other.
private func permutation(of count: Int, using random: inout RandomStream) -> [UInt32] {
    var order = Array(0..<UInt32(count))
    for index in stride(from: count - 1, to: 0, by: -1) {
        order.swapAt(index, Int(random.below(UInt64(index + 1))))
    }
    return order
}

/// Records in a few bytes each: columns, and one text for all names and groups.
private struct KeptRecords {
    private(set) var arrivals: [Int64] = []
    /// -1 for ever.
    private var lifetimes: [Int64] = []
    /// From arrival to deletion, -1 for none.
    private var stays: [Int64] = []
    private var shapes: [UInt32] = []
    private var counts: [UInt32] = []
    private var text: [UInt8] = []
    /// Where the name and the group of each record end in `text`.
    private var nameEnds: [Int] = []
    private var groupEnds: [Int] = []

    var count: Int { arrivals.count }

    mutating func add(_ record: TraceRecord) throws {
        guard count < Int(Int32.max) else {
            throw TraceChangeError(message: "more than \(Int32.max) records cannot be shuffled")
        }
        arrivals.append(record.arrival.nanoseconds)
        lifetimes.append(record.lifetime?.nanoseconds ?? -1)
        stays.append(record.deletion.map { $0.nanoseconds - record.arrival.nanoseconds } ?? -1)
        shapes.append(record.shape.rawValue)
        counts.append(UInt32(record.count))
        text += record.name.utf8
        nameEnds.append(text.count)
        text += record.group.utf8
        groupEnds.append(text.count)
    }

    func record(_ index: Int, arrivingAt arrival: Int64) -> TraceRecord {
        let start = index == 0 ? 0 : groupEnds[index - 1]
        return TraceRecord(
            name: String(decoding: text[start..<nameEnds[index]], as: UTF8.self),
            arrival: SimTime(nanoseconds: arrival),
            lifetime: lifetimes[index] < 0 ? nil : SimDuration(nanoseconds: lifetimes[index]),
            deletion: stays[index] < 0 ? nil : SimTime(nanoseconds: arrival + stays[index]),
            shape: PodShapeIndex(rawValue: shapes[index]),
            group: String(decoding: text[nameEnds[index]..<groupEnds[index]], as: UTF8.self),
            count: Int(counts[index]))
    }
}
