import Analysis

extension ScenarioBuilder {
    /// The expressions under `thresholds`; each mistake is told where it stands.
    mutating func readThresholds() -> [MetricThreshold] {
        root.list("thresholds").compactMap { node in
            guard let text = node.text else { return nil }
            do throws(MetricThreshold.Mistake) {
                return try MetricThreshold(text)
            } catch {
                diagnostics.error(at: node, error.message, hint: error.hint)
                return nil
            }
        }
    }
}
