public import Metrics

/// A metric's number in few characters and one unit: `71 %`, `4.17 min`, `1,204`.
public enum MetricFormat {
    /// A value with three or four digits.
    public static func value(_ value: Double, unit: MetricUnit) -> String {
        guard value.isFinite else { return "–" }
        let scale = Scale(for: value.magnitude, unit: unit)
        let scaled = value / scale.size
        // Counts are exact, whatever their size.
        let places =
            unit == .count && value == value.rounded() ? 0 : decimals(threeDigitsOf: scaled)
        return text(scaled, places: places) + scale.suffix
    }

    /// Two values that differ, with as many digits as show it.
    public static func pair(_ first: Double, _ second: Double, unit: MetricUnit) -> (
        String, String
    ) {
        let short = (value(first, unit: unit), value(second, unit: unit))
        guard short.0 == short.1, first != second, first.isFinite, second.isFinite else {
            return short
        }
        let scale = Scale(for: max(first.magnitude, second.magnitude), unit: unit)
        for places in 1...12 {
            let longer = (
                text(first / scale.size, places: places), text(second / scale.size, places: places)
            )
            if longer.0 != longer.1 { return (longer.0 + scale.suffix, longer.1 + scale.suffix) }
        }
        return short
    }

    /// A difference and how sure it is: `+29.0 ± 1.1 %`, or with both ends where they are not alike: `−102 [−380, −1] s`.
    public static func difference(
        _ difference: Double, interval: ClosedRange<Double>?, unit: MetricUnit
    ) -> String {
        guard difference.isFinite else { return "–" }
        let half = interval.map {
            max($0.upperBound - difference, difference - $0.lowerBound)
        }
        let scale = Scale(for: max(difference.magnitude, half ?? 0), unit: unit)
        let scaled = difference / scale.size
        guard let half, half > 0 else {
            let places =
                unit == .count && scaled == scaled.rounded() ? 0 : decimals(threeDigitsOf: scaled)
            return signed(scaled, places: places) + scale.suffix
        }
        // Two digits of what is not sure; more would say nothing.
        let places = max(0, decimals(threeDigitsOf: half / scale.size) - 1)
        // A skewed interval is told by its ends: one number would claim a side that it does not have.
        if let interval {
            let (below, above) = (
                difference - interval.lowerBound, interval.upperBound - difference
            )
            if max(below, above) > 1.5 * min(below, above) {
                let ends = [interval.lowerBound, interval.upperBound].map {
                    signed($0 / scale.size, places: places)
                }
                return signed(scaled, places: places) + " [\(ends[0]), \(ends[1])]" + scale.suffix
            }
        }
        return signed(scaled, places: places) + " ± " + text(half / scale.size, places: places)
            + scale.suffix
    }

    /// With its sign: `+1.5`, `−0.2`, `0`.
    public static func signed(_ value: Double, places: Int) -> String {
        let digits = text(value.magnitude, places: places)
        let isZero = !digits.contains { $0 != "0" && $0 != "." && $0 != "," }
        return isZero ? digits : (value < 0 ? "−" : "+") + digits
    }

    /// In groups of three, with that many digits behind the point.
    public static func text(_ value: Double, places: Int) -> String {
        guard value.isFinite, value.magnitude < 1e15 else { return "–" }
        var power: Int64 = 1
        for _ in 0..<places { power *= 10 }
        let scaled = value.magnitude * Double(power)
        guard scaled < 0x1p62 else { return HumanFormat.roundedCount(value) }
        let whole = Int64(scaled.rounded())
        var result = (value < 0 && whole > 0 ? "−" : "") + HumanFormat.count(whole / power)
        if places > 0 {
            let fraction = "\(whole % power)"
            result += "." + String(repeating: "0", count: places - fraction.count) + fraction
        }
        return result
    }

    /// Digits behind the point that make three in all; at most nine.
    private static func decimals(threeDigitsOf value: Double) -> Int {
        let size = value.magnitude
        if size >= 99.95 || size == 0 { return 0 }
        var places = 1
        var least = 9.995
        while size < least, places < 9 {
            places += 1
            least /= 10
        }
        return places
    }

    /// What a number is divided by, and what then stands behind it.
    private struct Scale {
        var size: Double
        var suffix: String

        init(for magnitude: Double, unit: MetricUnit) {
            switch unit {
            case .count, .perThousandAttempts: (size, suffix) = (1, "")
            case .ratio: (size, suffix) = (0.01, " %")
            case .nanoseconds:
                let units: [(String, Double)] = [
                    ("ns", 1), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("min", 6e10), ("h", 3.6e12),
                    ("d", 8.64e13),
                ]
                // Up to 300 s and 48 h stay in the smaller unit, which people compare more easily.
                let fitting = units.last { name, size in
                    magnitude >= size * (name == "min" ? 5 : name == "d" ? 2 : 1)
                }
                let chosen = fitting ?? (magnitude == 0 ? units[3] : units[0])
                (size, suffix) = (chosen.1, " " + chosen.0)
            }
        }
    }
}
