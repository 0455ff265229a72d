import ClusterSimulation
import Crypto
import Foundation
import HostTopology
import Metrics
import Primitives
import Records
import ResultsDatabase
import ScenarioInput
import Synchronization
import WorkloadModel

/// Runs of a study on several threads. What comes out does not depend on how many there are.
struct StudyRunner {
    let study: Study
    let threads: Int
    /// Where each run's own results go; nil keeps only the summary.
    var runsFolder: String?

    var description: StudyDescription {
        StudyDescription(
            name: study.name, description: study.description, studyJSON: study.canonicalJSON,
            topsimVersion: Version.topsim,
            parameters: study.parameters.map {
                StudyDescription.Parameter(path: $0.path, label: $0.label)
            },
            points: study.points.map { $0.map(Study.plain) }, seeds: study.seeds)
    }

    /// A scenario of a point, without its seed.
    struct LoadedPoint: Sendable {
        var loaded: LoadedScenario
        /// Over everything that decides a run but its seed.
        var hash: String
    }

    /// Reads the scenario of a point; every mistake says which values were set.
    func load(point: Int) throws(InputError) -> LoadedPoint {
        let overrides = study.overrides(ofPoint: point) + ["seed=0"]
        let loaded = try readScenario(
            path: study.scenarioPath, overrides: overrides,
            surroundings: ScenarioSurroundings(hostMachine: { try HostMachine.read() }))
        var hash = SHA256()
        hash.update(data: Data("\(Version.text)\n\(loaded.canonicalJSON)\n".utf8))
        // The scenario's own text is in the JSON; comments in it change nothing.
        for file in loaded.files.dropFirst() { hash.update(data: Data("\(file.sha256)\n".utf8)) }
        return LoadedPoint(loaded: loaded, hash: StudyRunner.text(hash.finalize()))
    }

    static func runID(_ point: LoadedPoint, seed: UInt64) -> String {
        text(SHA256.hash(data: Data("\(point.hash)\nseed \(seed)\n".utf8)))
    }

    private static func text(_ digest: SHA256.Digest) -> String {
        digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// What the caller hears, one call at a time, from any thread.
    enum Event {
        case finished(StudyRunRow)
        /// The run was done before: its id is that of a known one.
        case known(index: Int, id: String)
    }

    /// Runs what `indices` name and `known` does not have, and hands every result over.
    ///
    /// - Parameters:
    ///   - known: Ids of runs that are done, by index; the same index may have been run with other input.
    ///   - heard: Called under a lock. When it throws, no further run begins, and the error comes out here.
    func run(
        _ indices: [Int], known: [Int: Set<String>], heard: (Event) throws -> Void
    ) throws {
        let queue = WorkQueue(indices: indices, seedCount: study.seeds.count)
        let failure = Mutex<(any Error)?>(nil)
        // `concurrentPerform` wants a closure that may go to other threads; the lock serialises what it does.
        try withoutActuallyEscaping(heard) { heard in
            let hearing = Hearing(heard)
            DispatchQueue.concurrentPerform(iterations: max(1, threads)) { worker in
                if threads > 1 { ThreadBinding.bindToNUMANode(worker: worker) }
                while failure.withLock({ $0 == nil }), Signals.pending == nil,
                    let index = queue.next()
                {
                    do {
                        let point = index / study.seeds.count
                        let loaded = try queue.point(point) { try load(point: point) }
                        let seed = study.seeds[index % study.seeds.count]
                        let id = StudyRunner.runID(loaded, seed: seed)
                        if known[index]?.contains(id) == true {
                            try hearing.tell(.known(index: index, id: id))
                            continue
                        }
                        let row = try StudyRunner.run(
                            loaded, index: index, point: point, seed: seed, id: id,
                            folder: runsFolder)
                        if let row { try hearing.tell(.finished(row)) }
                    } catch {
                        failure.withLock { if $0 == nil { $0 = error } }
                    }
                }
            }
            if let error = failure.withLock({ $0 }) { throw error }
        }
    }

    /// One run; nil when a signal ended it.
    private static func run(
        _ point: LoadedPoint, index: Int, point position: Int, seed: UInt64, id: String,
        folder: String?
    ) throws -> StudyRunRow? {
        var loaded = point.loaded
        loaded.scenario.seed = seed
        var row = StudyRunRow(index: index, runID: id, point: position, seed: seed)
        let metrics = RunMetrics(
            resources: loaded.scenario.resources,
            targetMix: loaded.scenario.record.targetMix.map {
                MixDemand(weight: $0.weight, requests: $0.shape.requests)
            })
        var recorder: ResultsRecorder?
        do {
            if let folder {
                let setup = try RunSetup(loaded)
                recorder = try ResultsRecorder(
                    to: "\(folder)/\(id).sqlite", describing: setup.description,
                    level: setup.level)
            }
            let sink: any RecordSink =
                if let recorder { CompositeSink([metrics, recorder]) } else { metrics }
            var simulation = try Simulation(scenario: loaded.scenario, sink: sink)
            while try simulation.advance(events: 50_000) {
                if Signals.pending != nil { return nil }
                recorder?.describe(shapes: simulation.knownShapes)
            }
            recorder?.describe(shapes: simulation.knownShapes)
            simulation.finish(interrupted: false)
            let summary = metrics.summary(of: simulation)
            row.ended = simulation.time
            row.metrics = summary.metrics
            _ = try recorder?.finish(RunEnding(status: .complete, summary))
        } catch let error as SimulationError {
            // A combination that no kubelet starts with is an answer, and the study goes on.
            guard case .kubeletDoesNotStart(let group, let message) = error else { throw error }
            row.failure = "the kubelets of node group `\(group)` do not start: \(message)"
        }
        return row
    }
}

/// Serialises what workers tell.
private final class Hearing: Sendable {
    private let heard: Mutex<(StudyRunner.Event) throws -> Void>

    init(_ heard: @escaping (StudyRunner.Event) throws -> Void) {
        // The closure is only ever called under the lock and while its owner waits.
        nonisolated(unsafe) let heard = heard
        self.heard = Mutex({ event in try heard(event) })
    }

    func tell(_ event: StudyRunner.Event) throws {
        try heard.withLock { try $0(event) }
    }
}

/// What is left to run, and the scenarios of the points that runs are being made of.
private final class WorkQueue: Sendable {
    private struct State {
        var next = 0
        var points: [Int: StudyRunner.LoadedPoint] = [:]
    }

    private let indices: [Int]
    private let seedCount: Int
    private let state = Mutex(State())

    init(indices: [Int], seedCount: Int) {
        self.indices = indices
        self.seedCount = seedCount
    }

    func next() -> Int? {
        state.withLock { state in
            guard state.next < indices.count else { return nil }
            state.next += 1
            return indices[state.next - 1]
        }
    }

    /// The scenario of a point; two threads that ask at once may both read it, and read the same.
    func point(
        _ point: Int, load: () throws -> StudyRunner.LoadedPoint
    ) throws -> StudyRunner.LoadedPoint {
        if let known = state.withLock({ $0.points[point] }) { return known }
        let loaded = try load()
        state.withLock { state in
            state.points[point] = loaded
            // Runs go point by point; what lies far behind is not asked for again.
            if state.points.count > 64 {
                let current = indices[max(0, state.next - 1)] / seedCount
                state.points = state.points.filter { $0.key > current - 32 }
            }
        }
        return loaded
    }
}
