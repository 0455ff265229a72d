import Metrics

/// What a comparison says of one metric.
public enum ComparisonVerdict: String, Sendable, CaseIterable {
    case improved
    case regressed
    /// It moved, and the metric has no better side.
    case changed
    case noChange = "no change"
    /// Too few pairs to say anything.
    case notEnoughRuns = "not enough runs"

    /// The word for a difference that is not chance.
    init(difference: Double, polarity: MetricPolarity) {
        switch polarity {
        case .neither: self = .changed
        case .higher: self = difference > 0 ? .improved : .regressed
        case .lower: self = difference < 0 ? .improved : .regressed
        }
    }
}
