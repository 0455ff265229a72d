package import Primitives
package import WorkloadModel

/// A record that topsim's own format cannot say.
package struct StreamTraceProblem: Error {
    /// A sentence without a full stop.
    package var message: String
}

/// Writes topsim's own format, piece by piece: a shape's line stands before the first pod that has it.
///
/// - Parameter sink: Takes bytes as they come; pieces have about 256 KiB.
package struct StreamTraceWriter {
    private static let piece = 1 << 18

    private let resources: ResourceTable
    private let sink: ([UInt8]) throws -> Void
    private var buffer: [UInt8] = []
    /// The words by which shapes of the table are called, by index; empty for one without a line yet.
    private var identifiers: [[UInt8]] = []
    private var taken: Set<String> = []
    /// Shapes by their words: those that read alike share a line.
    private var byText: [String: [UInt8]] = [:]
    private var latest: Int64 = 0
    package private(set) var rowCount = 0

    /// Writes the header.
    ///
    /// - Parameters:
    ///   - resources: All that shapes may ask for.
    ///   - comments: Lines of text for people, without `#`.
    package init(
        resources: ResourceTable, comments: [String] = [], sink: @escaping ([UInt8]) throws -> Void
    ) throws {
        self.resources = resources
        self.sink = sink
        buffer.reserveCapacity(StreamTraceWriter.piece + (1 << 12))
        var header = "\(StreamTrace.magic) \(StreamTrace.version)\n"
        for comment in comments {
            let line = String(comment.unicodeScalars.map { $0.value < 0x20 ? " " : Character($0) })
            header += "# \(line)\n"
        }
        let names = resources.names.dropFirst(3)
        if !names.isEmpty { header += "resources \(names.joined(separator: " "))\n" }
        header += "columns arrival lifetime shape name group deletion count\n"
        buffer += header.utf8
    }

    /// - Parameter identifier: What the shape is called if it has no line yet and the name is free; else one is made.
    package mutating func write(
        _ record: TraceRecord, shapes: PodShapeTable, identifier: @autoclosure () -> String? = nil
    ) throws {
        guard record.arrival.nanoseconds >= latest else {
            throw StreamTraceProblem(
                message: "`\(record.name)` arrives at \(record.arrival.nanoseconds) ns, before "
                    + "the pod that was written last")
        }
        latest = record.arrival.nanoseconds
        let position = record.shape.position
        while identifiers.count <= position { identifiers.append([]) }
        if identifiers[position].isEmpty {
            identifiers[position] = try define(shapes[record.shape], wanted: identifier())
        }
        append(record.arrival.nanoseconds)
        buffer.append(0x20)
        if let lifetime = record.lifetime {
            append(lifetime.nanoseconds)
        } else {
            buffer.append(UInt8(ascii: "-"))
        }
        buffer.append(0x20)
        buffer += identifiers[position]
        buffer.append(0x20)
        StreamTraceWords.append(record.name, to: &buffer)
        appendRest(of: record)
        buffer.append(UInt8(ascii: "\n"))
        rowCount += 1
        if buffer.count >= StreamTraceWriter.piece { try flush() }
    }

    /// The last columns, as far as they say something.
    private mutating func appendRest(of record: TraceRecord) {
        let hasCount = record.count != 1
        let hasDeletion = record.deletion != nil
        guard hasCount || hasDeletion || !record.group.isEmpty else { return }
        buffer.append(0x20)
        StreamTraceWords.append(record.group, to: &buffer)
        guard hasCount || hasDeletion else { return }
        buffer.append(0x20)
        if let deletion = record.deletion {
            append(deletion.nanoseconds)
        } else {
            buffer.append(UInt8(ascii: "-"))
        }
        guard hasCount else { return }
        buffer.append(0x20)
        append(Int64(record.count))
    }

    /// Hands over what is left.
    package mutating func finish() throws { try flush() }

    private mutating func flush() throws {
        guard !buffer.isEmpty else { return }
        try sink(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func define(_ shape: PodShape, wanted: String?) throws -> [UInt8] {
        guard let text = StreamTraceShape.text(of: shape, resources: resources) else {
            throw StreamTraceProblem(
                message: "a pod's shape is none that Kubernetes would take, and cannot be written")
        }
        if let known = byText[text] { return known }
        var identifier = wanted ?? "s\(taken.count)"
        var number = taken.count
        while !taken.insert(identifier).inserted {
            number += 1
            identifier = "s\(number)"
        }
        buffer += "shape \(identifier)\(text.isEmpty ? "" : " ")\(text)\n".utf8
        let bytes = Array(identifier.utf8)
        byText[text] = bytes
        return bytes
    }

    private mutating func append(_ value: Int64) {
        var digits: InlineArray<20, UInt8> = .init(repeating: 0)
        var rest = UInt64(value.magnitude)
        var position = 20
        repeat {
            position -= 1
            digits[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for index in position..<20 { buffer.append(digits[index]) }
    }
}
