public import Primitives

/// Numbers as a person reads them: `1,204`, `4 min 10 s`, `83 %`, `1.2 GB`. Integer arithmetic; no locale.
public enum HumanFormat {
    /// Digits in groups of three: `1,204`.
    public static func count(_ value: Int64) -> String {
        let digits = Array("\(value.magnitude)")
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }

    /// Three significant digits, in groups of three: `412,000` of 412,345.6.
    public static func roundedCount(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 0x1p62 else { return "–" }
        let whole = Int64(value.rounded())
        var scale: Int64 = 1
        while whole.magnitude / scale.magnitude >= 1_000 { scale *= 10 }
        return count((whole + (whole < 0 ? -scale / 2 : scale / 2)) / scale * scale)
    }

    /// A share as per cent, one decimal below 10: `4.7 %`, `71 %`. Only all is `100 %`, and only none is `0 %`.
    public static func percent(_ share: Double) -> String {
        guard share.isFinite else { return "–" }
        if share == 0 { return "0 %" }
        if share < 0 { return "-" + percent(-share) }
        let tenths = Int64((share * 1_000).rounded())
        if tenths == 0 { return "< 0.1 %" }
        if tenths < 100 { return "\(decimal(tenths, places: 1)) %" }
        if tenths >= 995, share < 1 { return "\(decimal(min(tenths, 999), places: 1)) %" }
        return "\(count(Int64((share * 100).rounded()))) %"
    }

    /// `part` of `whole` as per cent; `–` of nothing.
    public static func percent(_ part: Int64, of whole: Int64) -> String {
        whole == 0 ? "–" : percent(Double(part) / Double(whole))
    }

    /// The two largest units that are not zero: `4 min 10 s`, `2 d 3 h`, `1.25 s`, `37 ms`.
    public static func duration(_ duration: SimDuration) -> String {
        let nanoseconds = duration.nanoseconds
        if nanoseconds < 0 { return "-" + self.duration(SimDuration(nanoseconds: -nanoseconds)) }
        if nanoseconds == 0 { return "0 s" }
        let fractions: [(unit: String, size: Int64)] = [
            ("ns", 1), ("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ]
        guard nanoseconds >= 59_950_000_000 else {
            // What rounds to 1,000 of a unit is 1 of the next.
            let unit = fractions.last { nanoseconds >= $0.size - $0.size / 2_000 } ?? fractions[0]
            return "\(threeDigits(nanoseconds, of: unit.size)) \(unit.unit)"
        }
        let roundedUp: Int64 = nanoseconds % 1_000_000_000 >= 500_000_000 ? 1 : 0
        return whole(seconds: nanoseconds / 1_000_000_000 + roundedUp)
    }

    /// Decimal multiples as file managers show them: `512 B`, `1.2 MB`, `34 GB`.
    public static func bytes(_ bytes: Int64) -> String {
        let units: [(unit: String, size: Int64)] = [
            ("B", 1), ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000),
            ("TB", 1_000_000_000_000),
        ]
        guard bytes >= 1_000, let unit = units.last(where: { bytes >= $0.size }) else {
            return "\(bytes) B"
        }
        let tenths = bytes / (unit.size / 10)
        let number = tenths < 100 ? decimal(tenths, places: 1) : count(tenths / 10)
        return "\(number) \(unit.unit)"
    }

    /// How many times something: two decimals at most, `1.62`.
    public static func factor(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 0x1p50 else { return "–" }
        let scaled = Int64((abs(value) * 100).rounded())
        return (value < 0 && scaled > 0 ? "-" : "") + decimal(scaled, places: 2)
    }

    private static func whole(seconds: Int64) -> String {
        let units: [(unit: String, size: Int64)] = [
            ("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1),
        ]
        // A day and less is told in hours: `24 h`.
        let first =
            seconds > 86_400
            ? 0 : units.firstIndex { $0.size < 86_400 && seconds >= $0.size } ?? 3
        var parts = ["\(count(seconds / units[first].size)) \(units[first].unit)"]
        if first + 1 < units.count {
            let rest = seconds % units[first].size / units[first + 1].size
            if rest > 0 { parts.append("\(rest) \(units[first + 1].unit)") }
        }
        return parts.joined(separator: " ")
    }

    /// Three significant digits of `value / size`, zeros at the end dropped.
    private static func threeDigits(_ value: Int64, of size: Int64) -> String {
        let places = size == 1 || value / size >= 100 ? 0 : value / size >= 10 ? 1 : 2
        let scale: Int64 = [1, 10, 100][places]
        return decimal((value * scale + size / 2) / size, places: places)
    }

    /// `scaled` / 10^places without trailing zeros.
    private static func decimal(_ scaled: Int64, places: Int) -> String {
        var scaled = scaled
        var places = places
        while places > 0, scaled.isMultiple(of: 10) {
            scaled /= 10
            places -= 1
        }
        guard places > 0 else { return "\(scaled)" }
        let scale: Int64 = places == 1 ? 10 : 100
        let fraction = "\(scaled % scale)"
        return "\(scaled / scale)."
            + String(repeating: "0", count: places - fraction.count) + fraction
    }
}
