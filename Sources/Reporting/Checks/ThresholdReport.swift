public import Analysis

/// The list of thresholds at the end of a run, and of a check.
public enum ThresholdReport {
    /// A line each: `✓ aligned.numa >= 0.95: is 98.2 %`.
    public static func text(_ outcomes: [MetricThreshold.Outcome]) -> String {
        outcomes.map { "\($0.holds ? "✓" : "✗") \(CheckReport.sentence($0))\n" }.joined()
    }

    public static func json(_ outcomes: [MetricThreshold.Outcome]) -> JSONValue {
        .array(
            outcomes.map { outcome in
                .object([
                    .init("threshold", .string(outcome.threshold.text)),
                    .init("holds", .bool(outcome.holds)),
                    .init("metric", outcome.metric.map(JSONValue.string) ?? .null),
                    .init("value", .number(outcome.value)),
                ])
            })
    }
}
