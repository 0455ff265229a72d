/// How far a time zone is from UTC at each instant, by the rule that holds now, at all times.
///
/// `Europe/Berlin` is one hour ahead, and two from the last Sunday of March to the last Sunday of October. What a zone
/// did in earlier years is not known here. Seconds are Unix seconds, offsets seconds east of UTC.
/// (IEEE 1003.1 section 8.3, the variable TZ; as Go's time/zoneinfo.go `tzset` reads it)
public struct TimeZoneRules: Hashable, Sendable {
    /// A day of a year on which clocks change.
    enum ChangeDay: Hashable, Sendable {
        /// 1 to 365; 29 February is never counted.
        case julian(Int64)
        /// 0 to 365.
        case dayOfYear(Int64)
        /// Month 1 to 12, week 1 to 5 (5 is the last), weekday from 0 for Sunday.
        case weekday(month: Int64, week: Int64, weekday: Int64)
    }

    struct Change: Hashable, Sendable {
        var day: ChangeDay
        /// Seconds after the day's midnight, by the clock that ends; may be negative or beyond the day.
        var second: Int64
    }

    struct Summer: Hashable, Sendable {
        var offset: Int64
        var start: Change
        var end: Change
    }

    var standardOffset: Int64
    var summer: Summer?

    public static let utc = TimeZoneRules(standardOffset: 0, summer: nil)

    /// The zone of a name of the IANA database; nil when there is none.
    public init?(named name: String) {
        guard let rule = TimeZoneRules.rule(of: name), let rules = TimeZoneRules(posix: rule) else {
            return nil
        }
        self = rules
    }

    init(standardOffset: Int64, summer: Summer?) {
        self.standardOffset = standardOffset
        self.summer = summer
    }

    /// Every name that `init(named:)` knows, sorted.
    public static var names: [String] {
        named.flatMap { splitNames($0.value) }.sorted()
    }

    private static func rule(of name: String) -> String? {
        // Go takes an empty name for UTC.
        if name.isEmpty { return "UTC0" }
        return named.first { splitNames($0.value).contains(name) }?.key
    }

    private static func splitNames(_ text: String) -> [String] {
        text.split { $0 == " " || $0 == "\n" }.map(String.init)
    }

    /// The offset at an instant, and from when until when it holds at least.
    func offset(at second: Int64) -> (offset: Int64, from: Int64, until: Int64) {
        guard let summer else { return (standardOffset, .min, .max) }
        let year = CivilTime(second: second).year
        let yearStart = CivilTime.second(year: year, month: 1, day: 1)
        let start = yearStart + summer.start.second(of: year) - standardOffset
        let end = yearStart + summer.end.second(of: year) - summer.offset
        // In the south summer begins in one year and ends in the next.
        let (first, last) = (min(start, end), max(start, end))
        let (outer, inner) =
            start <= end ? (standardOffset, summer.offset) : (summer.offset, standardOffset)
        if second < first { return (outer, yearStart, first) }
        if second < last { return (inner, first, last) }
        return (outer, last, yearStart + 365 * CivilTime.secondsOfDay)
    }
}

extension TimeZoneRules.Change {
    /// Seconds from the year's first midnight until clocks change.
    fileprivate func second(of year: Int64) -> Int64 {
        let isLeap = CivilTime.isLeap(year)
        let days: Int64
        switch day {
        case .julian(let number): days = number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .dayOfYear(let number): days = number
        case .weekday(let month, let week, let weekday):
            let first = CivilTime.days(year: year, month: month, day: 1)
            let skip = (weekday - CivilTime.weekday(ofDay: first) + 7) % 7
            let length = CivilTime.days(year: year, month: month + 1, day: 1) - first
            var date = skip + 7 * (week - 1)
            while date >= length { date -= 7 }
            days = first + date - CivilTime.days(year: year, month: 1, day: 1)
        }
        return days * CivilTime.secondsOfDay + second
    }
}
