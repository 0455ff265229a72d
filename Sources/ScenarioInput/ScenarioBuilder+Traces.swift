import ClusterSimulation
import Foundation
import Primitives
import WorkloadModel

// Recordings of pods and of arrivals, each looked at once as a whole when the scenario is read.

extension ScenarioBuilder {
    /// Pods of a recording; nil after a mistake was told.
    mutating func recordedPods(_ node: SourceNode, of workload: SourceNode) -> Workload.Source? {
        guard let name = node.string("format"), let format = TraceFormats.named(name),
            let file = node.present("file") ?? node.present("pods"), let path = file.text
        else { return nil }
        do throws(InputError) {
            var source = TraceRecordSource(
                format: format,
                input: TraceInput(name: path, content: .file(try locate(file))),
                options: TraceOptions(flattening: node, without: ["format", "file", "pods", "skip", "speed"]))
            source.skip = node.duration("skip") ?? .zero
            source.speed = Int64(node.integer("speed") ?? 1)
            let inspection = try source.inspect(resources: &scenario.resources)
            if inspection.deletions > 0, let controller = workload.string("controller"),
                controller != ControllerKind.none.rawValue
            {
                diagnostics.error(
                    at: workload.present("controller") ?? workload,
                    "a recording that deletes pods, and a controller that would make others",
                    hint: "leave `controller` out")
            }
            tell(inspection.report, at: file)
            return .trace(source)
        } catch {
            tell(error, at: node)
            return nil
        }
    }

    /// Arrivals that a file lists; nil after a mistake was told.
    mutating func listedArrivals(
        _ node: SourceNode, start: SimTime, count: Int?
    ) -> ArrivalProcess? {
        guard let file = node.present("file"), let path = file.text,
            let column = node.string("column")
        else { return nil }
        let unit = RecordedTime.units.first { $0.name == node.string("unit") }?.nanoseconds
        let speed = Int64(node.integer("speed") ?? 1)
        do throws(InputError) {
            let list = try ArrivalList(
                TraceInput(name: path, content: .file(try locate(file))), column: column,
                unit: unit)
            tell(list.report, at: file)
            let times = list.times.prefix(count ?? .max).map {
                start + SimDuration(nanoseconds: $0.nanoseconds / speed)
            }
            return .list(Array(times))
        } catch {
            tell(error, at: node)
            return nil
        }
    }

    /// What was guessed and dropped, as notes.
    private mutating func tell(_ report: ImportReport, at node: SourceNode) {
        for note in report.notes where note.outcome != .taken {
            diagnostics.note(at: node, "\(note.subject): \(note.reason)")
        }
    }

    /// Mistakes in the options have no file of their own: they stand where the trace is named.
    mutating func tell(_ error: InputError, at node: SourceNode) {
        for var diagnostic in error.diagnostics {
            if diagnostic.file.isEmpty {
                diagnostic.file = node.mark.file
                diagnostic.line = node.mark.line
                diagnostic.column = node.mark.column
            }
            diagnostics.add(diagnostic)
        }
    }
}

extension TraceOptions {
    /// Every scalar of a mapping by the path of its keys.
    init(flattening node: SourceNode, without left: [String]) {
        self.init()
        for entry in node.entries ?? [] where !left.contains(entry.key) {
            add(entry.value, at: entry.key)
        }
    }

    private mutating func add(_ node: SourceNode, at path: String) {
        if let text = node.text { values[path] = text }
        for entry in node.entries ?? [] { add(entry.value, at: "\(path).\(entry.key)") }
    }
}
