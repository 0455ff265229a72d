public import Analysis
public import Metrics

/// Variants side by side, the first being the reference of all others.
public struct ComparisonReport: Sendable {
    /// One metric of all variants.
    public struct Row: Sendable {
        public var metric: String
        public var unit: MetricUnit
        public var polarity: MetricPolarity
        public var definition: String
        /// A mean for each variant, over its own runs; NaN where no run measured it.
        public var means: [Double]
        /// For each variant but the first.
        public var comparisons: [PairedComparison]

        public init(
            metric: String, unit: MetricUnit, polarity: MetricPolarity, definition: String,
            means: [Double], comparisons: [PairedComparison]
        ) {
            self.metric = metric
            self.unit = unit
            self.polarity = polarity
            self.definition = definition
            self.means = means
            self.comparisons = comparisons
        }

        /// Each mean as a multiple of the best.
        public var factors: [Double?] { relativeToBest(means, polarity: polarity) }
    }

    public enum Format: String, Sendable, CaseIterable {
        case text, markdown, json, csv, latex
    }

    /// Of the scenario or study.
    public var name: String
    public var variants: [String]
    public var rows: [Row]
    /// Seeds that all variants were run with.
    public var pairs: Int
    public var settings: ComparisonSettings
    /// Metrics that were measured and are not among the rows.
    public var hiddenMetrics = 0
    /// What else should be known, each a sentence without a full stop.
    public var notes: [String] = []

    public init(
        name: String, variants: [String], rows: [Row], pairs: Int, settings: ComparisonSettings
    ) {
        self.name = name
        self.variants = variants
        self.rows = rows
        self.pairs = pairs
        self.settings = settings
    }

    public func text(as format: Format) -> String {
        switch format {
        case .text: text
        case .markdown: markdown
        case .json: json
        case .csv: csv
        case .latex: latex
        }
    }

    /// `quickstart · 20 paired seeds · 95 % intervals of the paired difference`
    var heading: String {
        guard pairs >= 2 else { return "\(name) · 1 run each" }
        let confidence = MetricFormat.value(settings.confidence, unit: .ratio)
            .replacing(".0", with: "")
        return
            "\(name) · \(HumanFormat.count(Int64(pairs))) paired seeds · \(confidence) intervals "
            + "of the paired difference"
    }

    /// What stands below the table, a line each.
    var remarks: [String] {
        var remarks = notes
        if pairs < settings.minimumPairs {
            remarks.append(
                "a verdict needs \(settings.minimumPairs) seeds; "
                    + "topsim compare SCENARIO --vary PATH=A,B --seeds 20 makes them")
        }
        if hiddenMetrics > 0 {
            remarks.append("\(hiddenMetrics) more metrics with --all")
        }
        return remarks
    }

    /// `1.00` of the best; nothing without a better side.
    static func factor(_ factor: Double?) -> String {
        guard let factor else { return "" }
        return MetricFormat.text(factor, places: factor >= 99.95 ? 0 : factor >= 9.995 ? 1 : 2)
    }

    static func relative(_ comparison: PairedComparison) -> String {
        guard let share = comparison.relativeDifference else { return "–" }
        let percent = share * 100
        return MetricFormat.signed(percent, places: percent.magnitude >= 99.95 ? 0 : 1) + " %"
    }

    static func effect(_ comparison: PairedComparison) -> String {
        comparison.effectSize.map { MetricFormat.signed($0, places: 2) } ?? "–"
    }

    static func pValue(_ value: Double) -> String {
        guard !value.isNaN else { return "–" }
        return value < 0.000_95 ? "< 0.001" : MetricFormat.text(value, places: 3)
    }
}
