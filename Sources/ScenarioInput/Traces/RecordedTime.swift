/// Times as recordings write them, exact to the nanosecond.
enum RecordedTime {
    /// Nanoseconds in one unit: `s`, `ms`, `us`, `ns`, `min`, `h`.
    static let units: [(name: String, nanoseconds: Int64)] = [
        ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
        ("min", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// `12`, `-1`, `18.25` of a unit in nanoseconds; what is below a nanosecond is dropped.
    static func nanoseconds(
        _ text: some Collection<UInt8>, unit: Int64 = 1_000_000_000
    ) -> Int64? {
        var rest = text[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        var total: Int64 = 0
        // The fraction as `fraction` / `scale`, so that a unit of 2³⁰ bytes is divided once, at the end.
        var fraction: Int64 = 0
        var scale: Int64 = 1
        var digits = 0
        var isFraction = false
        for byte in rest {
            if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
                continue
            }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let digit = Int64(byte - UInt8(ascii: "0"))
            digits += 1
            if isFraction {
                // Eighteen digits are finer than any unit is large.
                if scale < 1_000_000_000_000_000_000 {
                    fraction = fraction * 10 + digit
                    scale *= 10
                }
            } else {
                let (product, overflow) = total.multipliedReportingOverflow(by: 10)
                let (value, tooLarge) = digit.multipliedReportingOverflow(by: unit)
                let (sum, past) = product.addingReportingOverflow(value)
                if overflow || tooLarge || past { return nil }
                total = sum
            }
        }
        let below = Int64(Int128(unit) * Int128(fraction) / Int128(scale))
        let (sum, overflow) = total.addingReportingOverflow(below)
        return digits == 0 || overflow ? nil : isNegative ? -sum : sum
    }

    /// Nanoseconds since 1970 of `2023-11-16 18:17:03.9799600`, with `T` for the blank and `Z` or `+01:00` behind it.
    ///
    /// Without an offset it is taken as UTC. Years 1970 to 2261; a leap second counts as the next one.
    static func timestamp(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 19, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: " ") || bytes[10] | 0x20 == UInt8(ascii: "t"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
            let day = number(bytes[8..<10]), let hour = number(bytes[11..<13]),
            let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            (1970...2261).contains(year), (1...12).contains(month),
            (1...days(of: month, year)).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var rest = bytes[19...]
        var nanoseconds: Int64 = 0
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix { $0 >= 0x30 && $0 <= 0x39 }
            guard !fraction.isEmpty else { return nil }
            var unit: Int64 = 100_000_000
            for digit in fraction {
                nanoseconds += Int64(digit - 0x30) * unit
                unit /= 10
            }
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard let offset = offsetSeconds(rest) else { return nil }
        let seconds = daysSince1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
        return (seconds - offset) * 1_000_000_000 + nanoseconds
    }

    private static func offsetSeconds(_ text: ArraySlice<UInt8>) -> Int64? {
        if text.isEmpty { return 0 }
        let bytes = Array(text)
        if bytes.count == 1 { return bytes[0] | 0x20 == UInt8(ascii: "z") ? 0 : nil }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"),
            bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-"),
            let hours = number(bytes[1..<3]), let minutes = number(bytes[4..<6]), hours < 24,
            minutes < 60
        else { return nil }
        let seconds = hours * 3600 + minutes * 60
        return bytes[0] == UInt8(ascii: "-") ? -seconds : seconds
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            value = value * 10 + Int64(digit - 0x30)
        }
        return value
    }

    private static func isLeap(_ year: Int64) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    private static func days(of month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        var days = day - 1
        for past in 1970..<year { days += isLeap(past) ? 366 : 365 }
        for past in 1..<month { days += RecordedTime.days(of: past, year) }
        return days
    }
}
