public import Analysis
public import ClusterSimulation

/// A scenario that can be run, and what it was made of.
public struct LoadedScenario: Sendable {
    public var scenario: Scenario
    /// Every file that was read, the scenario's own first, in the order of reading.
    public var files: [InputFile]
    /// The scenario as JSON with every default explicit, the tables' keys in their order. Reading it gives the
    /// same scenario again.
    public var canonicalJSON: String
    /// What must hold at the end of a run.
    public var thresholds: [MetricThreshold]
    /// What the reader wants people to know: keys without effect, how a trace was mapped.
    public var notes: [Diagnostic]
    /// What was taken, guessed and dropped of files that are not topsim's own.
    public var imports: ImportReport
    /// Every key with its value and meaning, as YAML; defaults are marked.
    public var explanation: String
}
