extension TimeZoneRules {
    /// `CET-1CEST,M3.5.0,M10.5.0/3`: standard time, and with a comma when it is not; nil for anything else.
    init?(posix text: String) {
        var scan = RuleScan(rest: text.utf8[...])
        guard scan.name(), let west = scan.clock() else { return nil }
        standardOffset = -west
        summer = nil
        if scan.isAtEnd { return }
        guard scan.name() else { return nil }
        var offset = standardOffset + 3600
        if !scan.isNext(",") {
            guard let west = scan.clock() else { return nil }
            offset = -west
        }
        guard scan.take(","), let start = scan.change(), scan.take(","), let end = scan.change(),
            scan.isAtEnd
        else { return nil }
        summer = Summer(offset: offset, start: start, end: end)
    }
}

/// Takes a rule's text apart, from left to right.
private struct RuleScan {
    var rest: Substring.UTF8View

    var isAtEnd: Bool { rest.isEmpty }

    func isNext(_ character: Unicode.Scalar) -> Bool { rest.first == UInt8(ascii: character) }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard isNext(character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// A zone's abbreviation: letters, or anything between `<` and `>`.
    mutating func name() -> Bool {
        if take("<") {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
            rest = rest[rest.index(after: end)...]
            return true
        }
        let letters = rest.prefix { byte in
            UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
        }
        rest = rest[letters.endIndex...]
        return letters.count >= 3
    }

    mutating func number(_ range: ClosedRange<Int64>) -> Int64? {
        let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard digits.count <= 3, let number = Int64(Substring(digits)), range.contains(number)
        else { return nil }
        rest = rest[digits.endIndex...]
        return number
    }

    /// `[+-]hours[:minutes[:seconds]]` in seconds; hours go up to 167.
    mutating func clock() -> Int64? {
        let sign: Int64 = take("-") ? -1 : 1
        if sign > 0 { _ = take("+") }
        guard let hours = number(0...167) else { return nil }
        var total = hours * 3600
        if take(":") {
            guard let minutes = number(0...59) else { return nil }
            total += minutes * 60
            if take(":") {
                guard let seconds = number(0...59) else { return nil }
                total += seconds
            }
        }
        return sign * total
    }

    mutating func change() -> TimeZoneRules.Change? {
        let day: TimeZoneRules.ChangeDay
        if take("M") {
            guard let month = number(1...12), take("."), let week = number(1...5), take("."),
                let weekday = number(0...6)
            else { return nil }
            day = .weekday(month: month, week: week, weekday: weekday)
        } else if take("J") {
            guard let number = number(1...365) else { return nil }
            day = .julian(number)
        } else {
            guard let number = number(0...365) else { return nil }
            day = .dayOfYear(number)
        }
        guard take("/") else { return TimeZoneRules.Change(day: day, second: 7200) }
        guard let second = clock() else { return nil }
        return TimeZoneRules.Change(day: day, second: second)
    }
}
