import Metrics
import Primitives
import Records

extension RunReport {
    /// The run as JSON for programs, ending with a newline. Keys are only ever added.
    public var json: String { json(adding: []) }

    /// The same with more members at the end.
    public func json(adding more: [JSONValue.Member]) -> String {
        let value: JSONValue = [
            "scenario": .string(heading.scenario),
            "seed": .string("\(heading.seed)"),
            "status": .string(result.isInterrupted ? "interrupted" : "complete"),
            "nodes": .integer(heading.nodes),
            "cpus": .integer(heading.cpus),
            "numaNodes": .integer(heading.numaNodes),
            "kubelets": .array(heading.kubelets.map { .string($0) }),
            "scheduler": .string(heading.scheduler),
            "endNanoseconds": .integer(summary.end.nanoseconds),
            "rejections": .array(
                summary.rejections.map { rejection in
                    [
                        "stage": .string(rejection.stage.rawValue),
                        "reason": .string(rejection.reason),
                        "count": .integer(rejection.count),
                    ]
                }),
            "nodeEvents": .array(
                summary.nodeEvents.map {
                    ["kind": .string($0.kind.rawValue), "count": .integer($0.count)]
                }),
            "metrics": .array(
                summary.metrics.map { metric in
                    [
                        "name": .string(metric.name),
                        "value": .number(metric.value),
                        "unit": .string(metric.unit.rawValue),
                        "polarity": .string(metric.polarity.rawValue),
                        "definition": .string(metric.definition),
                    ]
                }),
            "file": .string(result.file),
            "bytes": .integer(result.bytes),
            "digest": result.digest.map { .string($0) } ?? .null,
        ]
        guard case .object(let members) = value else { return value.text + "\n" }
        return JSONValue.object(members + more).text + "\n"
    }
}
