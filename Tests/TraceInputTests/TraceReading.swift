import ClusterSimulation
import Foundation
import Primitives
import Records
import ScenarioInput
import WorkloadModel

/// All records of a recording, with the shapes that they name.
struct ReadTrace {
    var records: [TraceRecord] = []
    var shapes = PodShapeTable()
    var resources = ResourceTable()
    var report = ImportReport()

    init(_ format: String, _ input: TraceInput, _ options: [String: String] = [:]) throws {
        let format = try requireFormat(format)
        var reader = try format.open(input, TraceOptions(options), &resources)
        while let record = try reader.next(shapes: &shapes) { records.append(record) }
        report = reader.report
    }

    init(_ format: String, text: String, _ options: [String: String] = [:]) throws {
        try self.init(
            format, TraceInput(name: "trace", content: .bytes(Array(text.utf8))), options)
    }

    init(_ format: String, file: URL, _ options: [String: String] = [:]) throws {
        try self.init(
            format, TraceInput(name: file.lastPathComponent, content: .file(file)), options)
    }

    func shape(_ record: TraceRecord) -> PodShape { shapes[record.shape] }

    func cpu(_ record: TraceRecord) -> Int64 { shape(record).request(ResourceTable.cpu) }

    func memory(_ record: TraceRecord) -> Int64 { shape(record).request(ResourceTable.memory) }
}

struct NoSuchFormat: Error { var name: String }

func requireFormat(_ name: String) throws -> TraceFormat {
    guard let format = TraceFormats.named(name) else { throw NoSuchFormat(name: name) }
    return format
}

/// Keeps what a run records.
final class RecordKeeper: RecordSink {
    let wantsPlacements: Bool
    let wantsNodeSamples = false
    var pods: [PodRecord] = []
    var placements: [PlacementRecord] = []
    var rejections: [RejectionRecord] = []

    init(placements: Bool = false) { wantsPlacements = placements }

    func placed(_ placement: PlacementRecord) { placements.append(placement) }
    func rejected(_ rejection: RejectionRecord) { rejections.append(rejection) }
    func ended(_ pod: PodRecord) { pods.append(pod) }
    func sampled(_ sample: NodeSample) {}
    func sampled(_ sample: ClusterSample) {}
}

/// Reads a scenario and runs it to its end.
func run(
    _ text: String, folder: URL, placements: Bool = false
) throws -> (scenario: Scenario, notes: [String], keeper: RecordKeeper) {
    let loaded = try readScenario(text: text, file: "s.yaml", folder: folder.path)
    let keeper = RecordKeeper(placements: placements)
    var simulation = try Simulation(scenario: loaded.scenario, sink: keeper)
    while try simulation.advance(events: 1_000_000) {}
    simulation.finish()
    return (loaded.scenario, loaded.notes.map(\.message), keeper)
}

/// A folder of small files that is gone with the value.
final class TemporaryFolder {
    let url: URL

    init(_ files: [String: [UInt8]]) throws {
        url = FileManager.default.temporaryDirectory.appending(
            path: "topsim-traces-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for (name, bytes) in files { try Data(bytes).write(to: url.appending(path: name)) }
    }

    convenience init(texts: [String: String]) throws {
        try self.init(texts.mapValues { Array($0.utf8) })
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}

/// Control-plane steps that take no time, so that a wait is the queue's alone.
let noDelays =
    "{watch: 0s, schedulingCycle: 0s, nodeExamined: 0s, bind: 0s, admission: 0s, statusUpdate: 0s}"
