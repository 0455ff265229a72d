/// When a difference counts.
public struct ComparisonSettings: Sendable, Hashable {
    /// Of the interval; the error that verdicts together may make is what is left to 1.
    public var confidence = 0.95
    /// Resamples of the bootstrap.
    public var resamples = 9_999
    /// Below this there is no verdict.
    public var minimumPairs = 9
    /// The interval must lie beyond this on one side of zero.
    public var noise = Threshold.relative(0)
    /// The difference must be at least this.
    public var minimumEffect = Threshold.relative(0)

    public init() {}

    /// A size that a difference is held against.
    public enum Threshold: Sendable, Hashable {
        /// In the metric's unit.
        case absolute(Double)
        /// A share of the reference's mean.
        case relative(Double)

        /// In the metric's unit.
        public func size(reference: Double) -> Double {
            switch self {
            case .absolute(let size): size
            case .relative(let share): share * reference.magnitude
            }
        }
    }
}
