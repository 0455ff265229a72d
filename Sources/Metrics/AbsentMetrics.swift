extension MetricDefinition {
    /// Whether a run without this metric had none of what it counts, rather than not having measured it.
    ///
    /// A refusal that never happened has no row; `wait.p99` without a row means that no pod started.
    public static func isZeroWhenAbsent(_ name: String) -> Bool {
        let families = ["rejections.", "rejection_rate.", "upstream_bugs.", "api_writes."]
        return families.contains { name.hasPrefix($0) }
    }
}
