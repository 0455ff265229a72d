/// A duration as Go programs write it: `1h30m`, `100ms`, `-1s`, `0`. (time.ParseDuration, Duration.String)
package struct GoDuration: Hashable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Nil for what Go refuses: a number without unit other than 0, an unknown unit, more than 292 years.
    package init?(_ text: String) {
        var rest = text.utf8[...]
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        guard !rest.isEmpty else { return nil }
        if Array(rest) == [UInt8(ascii: "0")] {
            nanoseconds = 0
            return
        }
        var total: Int64 = 0
        while !rest.isEmpty {
            guard let part = GoDuration.part(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            if overflow { return nil }
            total = sum
        }
        nanoseconds = isNegative ? -total : total
    }

    /// The next number with its unit, in nanoseconds.
    private static func part(_ rest: inout Substring.UTF8View) -> Int64? {
        func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
        let whole = rest.prefix(while: isDigit)
        rest = rest[whole.endIndex...]
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: isDigit)
            rest = rest[fraction.endIndex...]
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let unit = rest.prefix { !isDigit($0) && $0 != UInt8(ascii: ".") }
        rest = rest[unit.endIndex...]
        guard let size = units.first(where: { $0.key == String(Substring(unit)) })?.value,
            let count = whole.isEmpty ? 0 : Int64(String(Substring(whole)))
        else { return nil }
        var (total, overflow) = count.multipliedReportingOverflow(by: size)
        if overflow { return nil }
        var place = size
        for digit in fraction.prefix(14) {
            let share = Int64(digit - UInt8(ascii: "0")) * place / 10
            (total, overflow) = total.addingReportingOverflow(share)
            if overflow { return nil }
            place /= 10
        }
        return total
    }

    private static let units: KeyValuePairs<String, Int64> = [
        "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000, "s": 1_000_000_000,
        "m": 60_000_000_000, "h": 3_600_000_000_000,
    ]
}

extension GoDuration: CustomStringConvertible {
    /// `5m0s`, `1h30m0s`, `1.5s`, `100ms`.
    package var description: String {
        if nanoseconds == 0 { return "0s" }
        let sign = nanoseconds < 0 ? "-" : ""
        let size = nanoseconds.magnitude
        if size < 1000 { return "\(sign)\(size)ns" }
        if size < 1_000_000 { return sign + decimal(size, unit: 1000) + "µs" }
        if size < 1_000_000_000 { return sign + decimal(size, unit: 1_000_000) + "ms" }
        let minutes = size / 60_000_000_000
        let seconds = decimal(size % 60_000_000_000, unit: 1_000_000_000) + "s"
        if minutes == 0 { return sign + seconds }
        let hours = minutes / 60
        return sign + (hours > 0 ? "\(hours)h" : "") + "\(minutes % 60)m" + seconds
    }

    /// `size` in units, with as many places as are not zero.
    private func decimal(_ size: UInt64, unit: UInt64) -> String {
        var text = "\(size / unit)"
        var rest = size % unit
        if rest > 0 { text += "." }
        var place = unit
        while rest > 0 {
            place /= 10
            text += "\(rest / place)"
            rest %= place
        }
        return text
    }
}
