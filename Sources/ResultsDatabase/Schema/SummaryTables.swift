import Metrics

extension Schema {
    /// What the run amounts to.
    static let summaryTables = [
        TableDefinition(
            "histogram",
            "a bucket of a distribution; runs merge by adding the counts of equal buckets",
            key: ["metric", "low"],
            [
                .text("metric", "what is distributed, such as `wait`"),
                .integer("low", "the lowest value of the bucket"),
                .integer("high", "the highest value of the bucket"),
                .text("unit", "the unit of low and high"),
                .integer("count", "how many values"),
            ]),
        TableDefinition(
            "metric", "a number about the run", key: ["name"],
            [
                .text("name", "the metric, such as `use.cpu`"),
                .real("value", "its value; none when it is undefined").optional,
                .word("unit", MetricUnit.self, "its unit"),
                .word("polarity", MetricPolarity.self, "which way a planner wants it to go"),
                .text("definition", "what it is, in one line"),
            ]),
    ]
}
