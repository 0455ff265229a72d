/// One number about a run, with what is needed to read it without the documentation.
public struct Metric: Sendable, Hashable {
    /// The definition's name, and after a dot what it is for: `use.cpu`, `wait.p99`.
    public var name: String
    public var value: Double
    public var unit: MetricUnit
    public var polarity: MetricPolarity
    /// One line.
    public var definition: String

    public init(
        name: String, value: Double, unit: MetricUnit, polarity: MetricPolarity, definition: String
    ) {
        self.name = name
        self.value = value
        self.unit = unit
        self.polarity = polarity
        self.definition = definition
    }
}

public enum MetricUnit: String, Sendable, CaseIterable {
    case count
    case nanoseconds = "ns"
    /// A share or a quotient; 1 is all.
    case ratio
    case perThousandAttempts = "per 1,000 attempts"
}

/// Which way a planner wants the number to go.
public enum MetricPolarity: String, Sendable, CaseIterable {
    case higher, lower, neither
}
