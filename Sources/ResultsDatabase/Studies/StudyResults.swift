public import Metrics
public import Primitives

/// The runs of a study that are done, in the study's order.
public struct StudyResults: Sendable {
    public var study: StudyDescription
    /// What the numbers of `Run.values` are, by name.
    public private(set) var metrics: [MetricInfo] = []
    /// Ascending by index, none twice.
    public private(set) var runs: [Run] = []
    private var positions: [String: Int] = [:]

    /// A metric without a value.
    public struct MetricInfo: Sendable, Hashable {
        public var name: String
        public var unit: MetricUnit
        public var polarity: MetricPolarity
        public var definition: String

        public init(name: String, unit: MetricUnit, polarity: MetricPolarity, definition: String) {
            self.name = name
            self.unit = unit
            self.polarity = polarity
            self.definition = definition
        }
    }

    public struct Run: Sendable, Hashable {
        public var index: Int
        public var runID: String
        public var point: Int
        public var seed: UInt64
        public var failure: String?
        public var ended: SimTime
        /// By position in `metrics`; NaN where the run did not measure it, as all that are missing at the end.
        public var values: [Double]
    }

    public init(_ study: StudyDescription) { self.study = study }

    public var isComplete: Bool { runs.count == study.runCount }

    public func metric(_ name: String) -> Int? { positions[name] }

    /// The value of a metric in a run; nil where it was not measured.
    public func value(_ metric: Int, of run: Run) -> Double? {
        guard metric < run.values.count, !run.values[metric].isNaN else { return nil }
        return run.values[metric]
    }

    /// Takes a run in. One of the same index stays and must be the same, or gives way.
    ///
    /// - Returns: Whether it was taken.
    @discardableResult
    public mutating func add(
        _ row: StudyRunRow, replacing: Bool = false
    ) throws(StudyConflict) -> Bool {
        var run = Run(
            index: row.index, runID: row.runID, point: row.point, seed: row.seed,
            failure: row.failure, ended: row.ended, values: [])
        for metric in row.metrics {
            let position = intern(
                MetricInfo(
                    name: metric.name, unit: metric.unit, polarity: metric.polarity,
                    definition: metric.definition))
            while run.values.count <= position { run.values.append(.nan) }
            run.values[position] = metric.value
        }
        return try insert(run, replacing: replacing)
    }

    mutating func intern(_ metric: MetricInfo) -> Int {
        if let known = positions[metric.name] { return known }
        positions[metric.name] = metrics.count
        metrics.append(metric)
        return metrics.count - 1
    }

    mutating func insert(_ run: Run, replacing: Bool = false) throws(StudyConflict) -> Bool {
        // Mostly in order: look from the end.
        var place = runs.count
        if let last = runs.last, last.index >= run.index {
            var low = 0
            while low < place {
                let middle = (low + place) / 2
                if runs[middle].index < run.index { low = middle + 1 } else { place = middle }
            }
            if runs[place].index == run.index {
                if runs[place].runID == run.runID { return false }
                guard replacing else { throw StudyConflict(run: run.index) }
                runs[place] = run
                return true
            }
        }
        runs.insert(run, at: place)
        return true
    }

    /// The run of that index, if it is done.
    public func run(_ index: Int) -> Run? {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].index < index { low = middle + 1 } else { high = middle }
        }
        return low < runs.count && runs[low].index == index ? runs[low] : nil
    }

    /// Takes the runs of another part of the same study in, those that are wanted.
    public mutating func add(
        _ other: StudyResults, where isWanted: (Run) -> Bool = { _ in true }
    ) throws(StudyConflict) {
        let translation = other.metrics.map { intern($0) }
        for run in other.runs where isWanted(run) {
            var own = run
            own.values = []
            for (position, value) in run.values.enumerated() where !value.isNaN {
                while own.values.count <= translation[position] { own.values.append(.nan) }
                own.values[translation[position]] = value
            }
            _ = try insert(own)
        }
    }
}

/// One run of a study is there twice and differs: another version made it, or input files changed.
public struct StudyConflict: Error, Hashable, Sendable {
    /// Its place in the study.
    public var run: Int
}
