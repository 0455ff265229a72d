public import Metrics

/// How far a metric may move in its bad direction: `wait.p99=1%`, `pods.failed=3`.
public struct MetricTolerance: Sendable, Hashable {
    /// A metric, `*` for any part of its name.
    public var pattern: String
    public var allowed: ComparisonSettings.Threshold

    public init(pattern: String, allowed: ComparisonSettings.Threshold) {
        self.pattern = pattern
        self.allowed = allowed
    }

    /// Nil when the text is none.
    public init?(_ text: String) {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        let pattern = text[..<equals].filter { !$0.isWhitespace }
        let value = text[text.index(after: equals)...].filter { !$0.isWhitespace }
        let isShare = value.hasSuffix("%")
        guard !pattern.isEmpty, let number = Double(isShare ? String(value.dropLast()) : value),
            number.isFinite, number >= 0
        else { return nil }
        self.init(
            pattern: pattern, allowed: isShare ? .relative(number / 100) : .absolute(number))
    }
}

/// A metric that is not what it was.
public struct MetricChange: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        case regressed
        case withinTolerance = "within tolerance"
        case improved
        /// There is no better side, or it was measured in one run only.
        case changed
    }

    public var metric: String
    public var unit: MetricUnit
    public var polarity: MetricPolarity
    public var definition: String
    /// NaN where it was not measured.
    public var baseline: Double
    public var candidate: Double
    /// In the metric's unit.
    public var tolerance: Double
    public var kind: Kind
}

/// The metrics of two runs that differ, in the catalogue's order as the runs have it. Placement is exact, so any difference counts.
///
/// - Parameter tolerances: The last that matches a metric holds; without one nothing is tolerated.
public func changes(
    from baseline: [Metric], to candidate: [Metric], tolerances: [MetricTolerance] = []
) -> [MetricChange] {
    let before = Dictionary(baseline.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let after = Dictionary(candidate.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let all = baseline + candidate.filter { before[$0.name] == nil }
    return all.compactMap { metric in
        let absent: Double = MetricDefinition.isZeroWhenAbsent(metric.name) ? 0 : .nan
        let (old, new) = (
            before[metric.name]?.value ?? absent, after[metric.name]?.value ?? absent
        )
        if old == new || old.isNaN && new.isNaN { return nil }
        let allowed =
            tolerances.last { MetricPattern.matches(metric.name, $0.pattern) }?.allowed
            ?? .absolute(0)
        let tolerance = old.isNaN ? 0 : allowed.size(reference: old)
        let difference = new - old
        let isBad = metric.polarity == .higher ? difference < 0 : difference > 0
        let kind: MetricChange.Kind =
            if metric.polarity == .neither || difference.isNaN {
                .changed
            } else if !isBad {
                .improved
            } else {
                difference.magnitude > tolerance ? .regressed : .withinTolerance
            }
        return MetricChange(
            metric: metric.name, unit: metric.unit, polarity: metric.polarity,
            definition: metric.definition, baseline: old, candidate: new, tolerance: tolerance,
            kind: kind)
    }
}
