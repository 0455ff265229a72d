import Foundation
import Primitives
import ScenarioInput
import TraceTools
import WorkloadModel

/// Traces as texts, for tests.
enum TraceText {
    static func input(_ text: String, name: String = "t") -> TraceInput {
        TraceInput(name: name, content: .bytes(Array(text.utf8)))
    }

    static func source(_ texts: String...) throws -> TraceSource {
        try TraceSource(texts.enumerated().map { input($0.element, name: "t\($0.offset)") })
    }

    /// All records of a trace, with the shapes themselves in place of their numbers.
    struct Pod: Hashable {
        var name: String
        var arrival: Int64
        var lifetime: Int64?
        var deletion: Int64?
        var shape: PodShape
        var identifier: String
        var group: String
        var count: Int
    }

    static func pods(_ text: String) throws -> [Pod] {
        var source = try source(text)
        return try pods(&source)
    }

    static func pods(_ source: inout TraceSource) throws -> [Pod] {
        var pods: [Pod] = []
        while let record = try source.next() {
            pods.append(
                Pod(
                    name: record.name, arrival: record.arrival.nanoseconds,
                    lifetime: record.lifetime?.nanoseconds,
                    deletion: record.deletion?.nanoseconds, shape: source.shapes[record.shape],
                    identifier: source.identifier(of: record.shape), group: record.group,
                    count: record.count))
        }
        return pods
    }

    /// What a transformation makes of a text.
    static func changed(
        _ text: String, by transformation: inout some TraceTransformation
    ) throws -> String {
        var source = try source(text)
        let sink = Sink()
        try transform(&source, by: &transformation, to: sink.take)
        return sink.text
    }

    static func shuffled(
        _ text: String, _ subject: TraceShuffle, seed: UInt64
    ) throws -> String {
        var source = try source(text)
        let sink = Sink()
        try shuffle(&source, subject, seed: seed, to: sink.take)
        return sink.text
    }

    final class Sink {
        var bytes: [UInt8] = []
        func take(_ piece: [UInt8]) { bytes += piece }
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }
}

/// Traces drawn from a seed.
struct RandomTrace {
    var random: RandomStream

    init(seed: UInt64) { random = RandomStream(seed: seed, name: "random trace") }

    mutating func chance(_ part: UInt64, of whole: UInt64) -> Bool { random.below(whole) < part }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(random.below(UInt64(elements.count)))]
    }

    /// A trace of plain shapes in topsim's format.
    mutating func text(pods: Int) -> String {
        var text = "topsim-trace 1\nresources example.com/vf\n"
        let shapes = 1 + Int(random.below(6))
        for shape in 0..<shapes {
            text += "shape k\(shape) cpu=\(1 + random.below(8000))m"
            if chance(3, of: 4) { text += " memory=\(1 + random.below(64))Gi" }
            if chance(1, of: 3) { text += " limits=equal" }
            if chance(1, of: 3) { text += " example.com/vf=\(1 + random.below(4))" }
            if chance(1, of: 3) { text += " hugepages-2Mi=\(2 * (1 + random.below(50)))Mi" }
            if chance(1, of: 2) { text += " namespace=\(pick(["ran", "core", "edge"]))" }
            text += " label:app=a\(shape)\n"
        }
        text += "columns arrival lifetime shape name group deletion count\n"
        var arrival: Int64 = 0
        for pod in 0..<pods {
            if chance(4, of: 5) { arrival += Int64(random.below(10_000_000_000)) }
            let lifetime = chance(1, of: 8) ? "-" : "\(random.below(60_000_000_000))"
            text += "\(arrival) \(lifetime) k\(random.below(UInt64(shapes))) pod-\(pod)"
            text += chance(1, of: 3) ? " job-\(random.below(4))" : " -"
            text += chance(1, of: 6) ? " \(arrival + Int64(random.below(5_000_000_000)))" : " -"
            text += chance(1, of: 6) ? " \(1 + random.below(5))" : ""
            text += "\n"
        }
        return text
    }
}
