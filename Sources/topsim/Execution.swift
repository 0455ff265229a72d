import ClusterSimulation
import Metrics
import Primitives
import Records
import Reporting
import ResultsDatabase

/// Drives a simulation in slices: between two of them progress is drawn and signals are looked for.
struct Execution {
    let setup: RunSetup
    let recorder: ResultsRecorder
    let progress: ProgressMode
    var explainer: PodExplainer?

    /// About a tenth of a second of work.
    private static let eventsPerSlice = 20_000

    /// How the run ended.
    struct End {
        /// The signal that ended it early.
        var signal: Int32?
        var summary: RunSummary
        var engine: [EngineFact]
    }

    func run(_ metrics: RunMetrics) throws -> End {
        Signals.watch()
        let watch = Stopwatch()
        var line = ProgressLine(progress)
        var simulation = try Simulation(
            scenario: setup.scenario, sink: CompositeSink([metrics, recorder]),
            explainer: explainer)
        while try simulation.advance(events: Execution.eventsPerSlice) {
            if Signals.pending != nil { break }
            try recorder.checkFailure()
            recorder.describe(shapes: simulation.knownShapes)
            line.show(
                ProgressReport(
                    pods: simulation.counters.arrived, totalPods: setup.expectedPods.exact,
                    simulated: simulation.time, end: setup.end, elapsed: watch.elapsed))
        }
        let signal = Signals.pending
        line.clear()
        if simulation.isStalled {
            Messages.warn(
                "the run ended where it only went round: for an hour of simulated time pods were "
                    + "refused and re-created, and nothing else happened",
                hint: "give it an end with `until`, or see what is refused and why")
        }
        recorder.describe(shapes: simulation.knownShapes)
        simulation.finish(interrupted: signal != nil)
        try recorder.checkFailure()

        let facts = ProcessFacts.now
        let counters = simulation.counters
        let elapsed = watch.elapsed
        line.close(
            "\(HumanFormat.count(counters.arrived)) pods in \(HumanFormat.duration(elapsed)), "
                + "\(HumanFormat.bytes(facts.peakMemoryBytes)) of memory")
        return End(
            signal: signal,
            summary: metrics.summary(of: simulation),
            engine: Execution.engine(counters, elapsed: elapsed, facts))
    }

    private static func engine(
        _ counters: SimulationCounters, elapsed: SimDuration, _ facts: ProcessFacts
    ) -> [EngineFact] {
        let seconds = Double(elapsed.nanoseconds) / 1e9
        return [
            EngineFact(name: "events", value: Double(counters.events), unit: "count"),
            EngineFact(
                name: "events_per_second", value: Double(counters.events) / max(seconds, 1e-9),
                unit: "1/s"),
            EngineFact(name: "wall_time", value: seconds, unit: "s"),
            EngineFact(name: "cpu_time", value: facts.cpuSeconds, unit: "s"),
            EngineFact(name: "peak_memory", value: Double(facts.peakMemoryBytes), unit: "bytes"),
        ]
    }

    /// Marks the results as those of a run that failed, as far as that still can be written.
    func fail(_ error: any Error) {
        let ending = RunEnding(status: .failed, ended: .zero, failure: "\(error)")
        // The error that ended the run is the one to tell.
        _ = try? recorder.finish(ending)
    }
}
