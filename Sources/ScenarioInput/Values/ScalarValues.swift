import WorkloadModel

/// Durations, rates, instants and numbers as scenarios write them: text in, exact values out.
enum ScalarValues {
    /// A whole number in decimal, with an optional sign.
    static func integer(_ text: String) -> Int64? {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.dropFirst() : Substring(text)
        guard isDigits(digits) else { return nil }
        return Int64(text)
    }

    static func seed(_ text: String) -> UInt64? {
        isDigits(Substring(text)) ? UInt64(text) : nil
    }

    /// A finite number: `2`, `0.5`, `1e3`.
    static func number(_ text: String) -> Double? {
        guard let first = text.utf8.first(where: { $0 != UInt8(ascii: "-") }),
            isDigit(first) || first == UInt8(ascii: "."),
            text.utf8.allSatisfy({ isDigit($0) || "+-.eE".utf8.contains($0) }),
            let number = Double(text), number.isFinite
        else { return nil }
        return number
    }

    static func boolean(_ text: String) -> Bool? {
        text == "true" ? true : text == "false" ? false : nil
    }

    /// Nanoseconds of `1h30m`, `1.5s`, `500ms`, `0`; units are d, h, m, s, ms, us (µs) and ns.
    ///
    /// Fractions are exact to the nanosecond, rounded down.
    static func nanoseconds(_ text: String) -> Int64? {
        if text == "0" { return 0 }
        var rest = Substring(text)
        var total: Int64 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let whole = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(whole.count)
            var fraction = Substring()
            if rest.first == "." {
                fraction = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
                rest = rest.dropFirst(1 + fraction.count)
            }
            guard !whole.isEmpty || !fraction.isEmpty else { return nil }
            let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            rest = rest.dropFirst(unit.count)
            guard let size = units[unit],
                let part = product(whole: whole, fraction: fraction, unit: size)
            else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            if overflow { return nil }
            total = sum
        }
        return total
    }

    private static let units: [Substring: Int64] = [
        "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000,
        "m": 60_000_000_000, "h": 3_600_000_000_000, "d": 86_400_000_000_000,
    ]

    private static func product(whole: Substring, fraction: Substring, unit: Int64) -> Int64? {
        guard let count = whole.isEmpty ? 0 : Int64(whole) else { return nil }
        let (wholePart, overflow) = count.multipliedReportingOverflow(by: unit)
        if overflow { return nil }
        var rest = unit
        var part: Int64 = 0
        // Each digit is worth a tenth of the one before it; what is below a nanosecond is dropped.
        for digit in fraction.utf8 {
            part += Int64(digit - UInt8(ascii: "0")) * rest / 10
            rest /= 10
        }
        let (sum, tooLarge) = wholePart.addingReportingOverflow(part)
        return tooLarge ? nil : sum
    }

    /// Events per second of `30/h`, `2.5/s`, `10/min`, `1/d`.
    static func ratePerSecond(_ text: String) -> Double? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = number(String(parts[0])), count >= 0 else { return nil }
        let seconds: Double
        switch parts[1] {
        case "s", "second": seconds = 1
        case "m", "min", "minute": seconds = 60
        case "h", "hour": seconds = 3600
        case "d", "day": seconds = 86_400
        default: return nil
        }
        return count / seconds
    }

    /// Seconds since 1970-01-01T00:00:00Z of an RFC 3339 time in UTC, or of a whole number.
    static func unixSeconds(_ text: String) -> Int64? {
        if let seconds = integer(text) { return abs(seconds) <= 1 << 40 ? seconds : nil }
        return UnixTime.seconds(fromRFC3339: text)
    }

    /// OS indices of `0-3,8` in the order written; empty for an empty text, nil when it is no list.
    ///
    /// Numbers are below 1,048,576 and there are at most 4,096 of them, whatever the text says.
    static func cpuList(_ text: String) -> [Int]? {
        if text.isEmpty { return [] }
        var cpus: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count <= 2, let first = osIndex(ends[0]),
                let last = ends.count == 2 ? osIndex(ends[1]) : first, first <= last,
                cpus.count + last - first < 4096
            else { return nil }
            cpus += first...last
        }
        return cpus
    }

    private static func osIndex(_ text: Substring) -> Int? {
        let digits = text.drop { $0 == " " }
        guard isDigits(digits), let index = Int(digits), index < 1 << 20 else { return nil }
        return index
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isDigit)
    }
}

private func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}
