public import Metrics

/// What a run must reach: `aligned.numa >= 0.95`, `wait.p99 < 10s`, `rejections.admission.* == 0`.
///
/// A name with `*` speaks of each metric that it matches.
public struct MetricThreshold: Sendable, Hashable {
    public enum Relation: String, Sendable, CaseIterable {
        case atLeast = ">="
        case atMost = "<="
        case equal = "=="
        case notEqual = "!="
        case above = ">"
        case below = "<"

        func holds(_ value: Double, _ bound: Double) -> Bool {
            switch self {
            case .atLeast: value >= bound
            case .atMost: value <= bound
            case .equal: value == bound
            case .notEqual: value != bound
            case .above: value > bound
            case .below: value < bound
            }
        }
    }

    /// Why an expression is none.
    public struct Mistake: Error, Hashable, Sendable {
        /// A sentence without a full stop.
        public var message: String
        public var hint: String
    }

    /// As it was written.
    public var text: String
    public var pattern: String
    public var relation: Relation
    /// In the metric's own unit.
    public var bound: Double

    public init(_ text: String) throws(Mistake) {
        let example = "for example `aligned.numa >= 0.95`, `wait.p99 < 10s`"
        guard
            let (range, relation) = Relation.allCases.lazy.compactMap({ relation in
                MetricThreshold.place(of: relation.rawValue, in: text).map { ($0, relation) }
            }).first
        else {
            throw Mistake(
                message: "`\(text)` compares nothing",
                hint: "a threshold is a metric, one of >= <= == != > <, and a number: " + example)
        }
        self.text = text
        self.relation = relation
        pattern = MetricThreshold.trimmed(text[..<range.lowerBound])
        let value = MetricThreshold.trimmed(text[range.upperBound...])
        guard let unit = MetricThreshold.unit(of: pattern) else {
            throw Mistake(
                message: "no metric is called `\(pattern)`",
                hint: "docs/concepts/metrics.md lists them; " + example)
        }
        guard let (number, isDuration) = MetricThreshold.number(value) else {
            throw Mistake(message: "`\(value)` is no number to compare with", hint: example)
        }
        guard isDuration == (unit == .nanoseconds) else {
            throw Mistake(
                message: isDuration
                    ? "`\(pattern)` is not a duration" : "`\(pattern)` is a duration",
                hint: isDuration
                    ? "write a plain number, or per cent: " + example
                    : "write its unit: ns, us, ms, s, m, h or d, as in `wait.p99 < 10s`")
        }
        bound = number
    }

    /// What became of a threshold in a run.
    public struct Outcome: Sendable, Hashable {
        public var threshold: MetricThreshold
        public var holds: Bool
        /// The metric that decided: the first by name that breaks it, or that it speaks of.
        public var metric: String?
        public var value: Double
        public var unit: MetricUnit
    }

    public func outcome(in metrics: [Metric]) -> Outcome {
        let matching = metrics.filter { MetricPattern.matches($0.name, pattern) }
            .sorted { $0.name < $1.name }
        let breaking = matching.first { !relation.holds($0.value, bound) }
        if let metric = breaking ?? matching.first {
            return Outcome(
                threshold: self, holds: breaking == nil, metric: metric.name, value: metric.value,
                unit: metric.unit)
        }
        // What never happened was not counted; what was not measured is not known to hold.
        let isZero = MetricDefinition.isZeroWhenAbsent(pattern)
        return Outcome(
            threshold: self, holds: isZero && relation.holds(0, bound), metric: nil,
            value: isZero ? 0 : .nan, unit: MetricThreshold.unit(of: pattern) ?? .count)
    }

    /// The unit of the catalogue's family that a name or pattern belongs to; nil when there is none.
    static func unit(of pattern: String) -> MetricUnit? {
        let fixed = pattern.prefix { $0 != "*" }
        return MetricDefinition.all.first { definition in
            let family = definition.name.prefix { $0 != "<" }
            if family.count == definition.name.count {
                return pattern == family || fixed.count < pattern.count && family.hasPrefix(fixed)
            }
            return fixed.hasPrefix(family) && pattern.count > family.count
                || fixed.count < pattern.count && family.hasPrefix(fixed)
        }?.unit
    }

    /// Where a relation stands; `<` of `<=` is none.
    private static func place(of relation: String, in text: String) -> Range<String.Index>? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(relation) {
                return start..<text.index(start, offsetBy: relation.count)
            }
            start = text.index(after: start)
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// A number with `%` or a unit of time, in ones or nanoseconds.
    private static func number(_ text: String) -> (value: Double, isDuration: Bool)? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || "+-.eE_".contains($0)) }
        guard let number = Double(digits.replacing("_", with: "")), number.isFinite else {
            return nil
        }
        let scales: [String: Double] = [
            "ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 6e10, "min": 6e10,
            "h": 3.6e12, "d": 8.64e13,
        ]
        let unit = trimmed(text[digits.endIndex...])
        if unit.isEmpty { return (number, false) }
        if unit == "%" { return (number / 100, false) }
        return scales[unit].map { (number * $0, true) }
    }
}
