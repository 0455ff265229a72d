public import Metrics
public import Primitives

/// One run of a study, as its files hold it.
public struct StudyRunRow: Sendable, Hashable {
    /// The run's place in the study: point by point, seed by seed.
    public var index: Int
    /// 64 hexadecimal digits over scenario, values, seed, input files and version: equal runs have equal ids.
    public var runID: String
    /// Position in the study's points.
    public var point: Int
    public var seed: UInt64
    /// A sentence when the run failed; it has no metrics then.
    public var failure: String?
    /// Simulated time at its end.
    public var ended: SimTime
    public var metrics: [Metric]

    public init(
        index: Int, runID: String, point: Int, seed: UInt64, failure: String? = nil,
        ended: SimTime = .zero, metrics: [Metric] = []
    ) {
        self.index = index
        self.runID = runID
        self.point = point
        self.seed = seed
        self.failure = failure
        self.ended = ended
        self.metrics = metrics
    }
}

/// What a study is, as its files hold it.
public struct StudyDescription: Sendable, Hashable {
    public var name: String
    public var description: String
    /// Two studies are the same when these are equal.
    public var studyJSON: String
    public var topsimVersion: String
    /// Paths and labels of what runs differ in.
    public var parameters: [Parameter]
    /// For each point the value of each parameter.
    public var points: [[String]]
    public var seeds: [UInt64]

    public struct Parameter: Sendable, Hashable {
        public var path: String
        public var label: String

        public init(path: String, label: String) {
            self.path = path
            self.label = label
        }
    }

    public init(
        name: String, description: String, studyJSON: String, topsimVersion: String,
        parameters: [Parameter], points: [[String]], seeds: [UInt64]
    ) {
        self.name = name
        self.description = description
        self.studyJSON = studyJSON
        self.topsimVersion = topsimVersion
        self.parameters = parameters
        self.points = points
        self.seeds = seeds
    }

    public var runCount: Int { points.count * seeds.count }
}
