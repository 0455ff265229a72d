/// Date and time of day, of the proleptic Gregorian calendar.
struct CivilTime: Hashable, Sendable {
    static let secondsOfDay: Int64 = 86_400

    var year: Int64
    /// 1 to 12, and 1 to 31.
    var month: Int64
    var day: Int64
    var hour: Int64
    var minute: Int64
    var second: Int64
    /// From 0 for Sunday.
    var weekday: Int64

    /// What a clock of UTC shows, `second` seconds after 1970 began.
    init(second total: Int64) {
        let days = total.floorDivided(by: CivilTime.secondsOfDay)
        let rest = total - days * CivilTime.secondsOfDay
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
        weekday = CivilTime.weekday(ofDay: days)
        // Years here begin with March, so that the leap day is a year's last; eras have 400 of them.
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days from 1970-01-01; months and days beyond their ranges carry over, as in Go's `time.Date`.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let carried = (month - 1).floorDivided(by: 12)
        let monthInYear = month - 1 - carried * 12
        let marchYear = year + carried - (monthInYear < 2 ? 1 : 0)
        let era = marchYear.floorDivided(by: 400)
        let yearOfEra = marchYear - era * 400
        let marchMonth = (monthInYear + 10) % 12
        let dayOfYear = (153 * marchMonth + 2) / 5
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468 + day - 1
    }

    /// Seconds from 1970 until a midnight of UTC.
    static func second(year: Int64, month: Int64, day: Int64) -> Int64 {
        days(year: year, month: month, day: day) * secondsOfDay
    }

    /// 1970-01-01 was a Thursday.
    static func weekday(ofDay days: Int64) -> Int64 {
        let weekday = (days + 4) % 7
        return weekday < 0 ? weekday + 7 : weekday
    }

    static func isLeap(_ year: Int64) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
