public import Analysis
public import Metrics

/// What a check found: the first decision that differs, metrics that moved, and thresholds.
public struct CheckReport: Sendable {
    /// The first decision that two runs do not share.
    public struct FirstDifference: Sendable, Hashable {
        /// `1 h 12 min`.
        public var time: String
        public var pod: String
        /// Nil where nothing was decided.
        public var was: String?
        public var now: String?

        public init(time: String, pod: String, was: String?, now: String?) {
            self.time = time
            self.pod = pod
            self.was = was
            self.now = now
        }
    }

    public enum Format: String, Sendable, CaseIterable {
        case text, markdown, json, junit, sarif
        case smallerIsBetter = "github-smaller-is-better"
        case biggerIsBetter = "github-bigger-is-better"
    }

    /// Of the scenario.
    public var name: String
    public var seed: UInt64
    /// The scenario's file, for tools that point at one.
    public var file: String
    public var baseline: String
    public var candidate: String
    /// Of the candidate.
    public var metrics: [Metric]
    public var changes: [MetricChange]
    public var firstDifference: FirstDifference?
    public var thresholds: [MetricThreshold.Outcome]
    /// What else should be known, each a sentence without a full stop.
    public var notes: [String]

    public init(
        name: String, seed: UInt64, file: String, baseline: String, candidate: String,
        metrics: [Metric], changes: [MetricChange], firstDifference: FirstDifference?,
        thresholds: [MetricThreshold.Outcome], notes: [String] = []
    ) {
        self.name = name
        self.seed = seed
        self.file = file
        self.baseline = baseline
        self.candidate = candidate
        self.metrics = metrics
        self.changes = changes
        self.firstDifference = firstDifference
        self.thresholds = thresholds
        self.notes = notes
    }

    public func count(_ kind: MetricChange.Kind) -> Int { changes.count { $0.kind == kind } }

    public var brokenThresholds: [MetricThreshold.Outcome] { thresholds.filter { !$0.holds } }

    /// Whether the answer is no.
    public var fails: Bool { count(.regressed) > 0 || !brokenThresholds.isEmpty }

    /// Whether something became better and nothing worse.
    public var onlyImproves: Bool {
        !fails && count(.improved) > 0 && count(.withinTolerance) == 0
    }

    public func text(as format: Format) -> String {
        switch format {
        case .text: text
        case .markdown: markdown
        case .json: json
        case .junit: junit
        case .sarif: sarif
        case .smallerIsBetter: benchmark(.lower)
        case .biggerIsBetter: benchmark(.higher)
        }
    }

    /// `2 regressed, 1 improved, 3 changed`, or that nothing changed.
    var verdict: String {
        var parts = MetricChange.Kind.allCases.compactMap { kind in
            count(kind) > 0 ? "\(count(kind)) \(kind.rawValue)" : nil
        }
        if !thresholds.isEmpty {
            let broken = brokenThresholds.count
            parts.append(
                broken > 0
                    ? "\(broken) of \(thresholds.count) thresholds broken"
                    : "\(thresholds.count) thresholds hold")
        }
        if changes.isEmpty {
            parts.insert(
                firstDifference == nil ? "nothing changed" : "no metric changed", at: 0)
        }
        return parts.joined(separator: ", ")
    }

    static func mark(_ kind: MetricChange.Kind) -> String {
        switch kind {
        case .regressed: "✗"
        case .improved: "✓"
        case .withinTolerance, .changed: "·"
        }
    }

    /// `+12`, and by the baseline where that is not zero.
    static func difference(_ change: MetricChange) -> String {
        let difference = change.candidate - change.baseline
        guard difference.isFinite else { return "–" }
        let absolute = MetricFormat.difference(difference, interval: nil, unit: change.unit)
        guard change.baseline != 0 else { return absolute }
        let percent = difference / change.baseline.magnitude * 100
        return absolute + " ("
            + MetricFormat.signed(percent, places: percent.magnitude >= 99.95 ? 0 : 1) + " %)"
    }

    static func sentence(_ change: MetricChange) -> String {
        let values = MetricFormat.pair(change.baseline, change.candidate, unit: change.unit)
        return "\(change.metric) was \(values.0) and is \(values.1): \(change.kind.rawValue)"
    }

    static func sentence(_ outcome: MetricThreshold.Outcome) -> String {
        guard !outcome.value.isNaN else { return "\(outcome.threshold.text): not measured" }
        let value = MetricFormat.value(outcome.value, unit: outcome.unit)
        let isFamily = outcome.metric != nil && outcome.metric != outcome.threshold.pattern
        return "\(outcome.threshold.text): " + (isFamily ? "\(outcome.metric ?? "") " : "")
            + "is \(value)"
    }
}
