/// When a CronJob starts Jobs: the times that match five fields, or one each so many seconds.
///
/// Built from text by ScenarioInput. `next(after:)` follows the CronJob controller's library step by step, with what it
/// does where clocks change: an hour that does not exist is skipped, one that comes twice counts twice for `*` and for
/// its own number. (github.com/robfig/cron/v3 v3.0.1 spec.go, constantdelay.go)
public struct CronSchedule: Hashable, Sendable {
    /// The values that a field allows, as bits.
    public struct Field: Hashable, Sendable {
        public var bits: UInt64
        /// It was written as `*` or `?`, which lets the other day field decide alone.
        public var isStar: Bool

        public init(bits: UInt64, isStar: Bool = false) {
            self.bits = bits
            self.isStar = isStar
        }

        func holds(_ value: Int64) -> Bool { bits & 1 << UInt64(value) != 0 }
    }

    public struct Fields: Hashable, Sendable {
        public var minute: Field
        public var hour: Field
        public var dayOfMonth: Field
        public var month: Field
        public var dayOfWeek: Field

        public init(
            minute: Field, hour: Field, dayOfMonth: Field, month: Field, dayOfWeek: Field
        ) {
            self.minute = minute
            self.hour = hour
            self.dayOfMonth = dayOfMonth
            self.month = month
            self.dayOfWeek = dayOfWeek
        }
    }

    public enum Rule: Hashable, Sendable {
        case fields(Fields)
        /// `@every`: whole seconds from one to the next, at least 1.
        case every(seconds: Int64)
    }

    public var rule: Rule
    public var zone: TimeZoneRules

    public init(_ rule: Rule, in zone: TimeZoneRules) {
        self.rule = rule
        self.zone = zone
    }

    /// The first time after an instant, both in Unix seconds; nil when there is none within five years.
    public func next(after second: Int64) -> Int64? {
        switch rule {
        case .every(let seconds): return second + seconds
        case .fields(let fields):
            var search = CronSearch(fields: fields, zone: zone, after: second)
            return search.run()
        }
    }
}

/// One search for the next time: goes forward field by field, from the largest to the smallest.
private struct CronSearch {
    let fields: CronSchedule.Fields
    let zone: TimeZoneRules
    /// The candidate.
    var second: Int64
    var civil: CivilTime
    let lastYear: Int64
    /// Whether the candidate has left the instant that the search began with, and so is the start of its unit.
    var hasMoved = false

    init(fields: CronSchedule.Fields, zone: TimeZoneRules, after start: Int64) {
        self.fields = fields
        self.zone = zone
        second = start + 1
        civil = CivilTime(second: second + zone.offset(at: second).offset)
        lastYear = civil.year + 5
    }

    mutating func run() -> Int64? {
        guard fields.minute.bits != 0, fields.hour.bits != 0, fields.month.bits != 0 else {
            return nil
        }
        while civil.year <= lastYear {
            if reachMonth() && reachDay() && reachHour() && reachMinute() && reachSecond() {
                return second
            }
        }
        return nil
    }

    /// The steps below answer whether the unit above is still the same; else all are tried again.
    private mutating func reachMonth() -> Bool {
        while !fields.month.holds(civil.month) {
            if begin() { set(month: civil.month, day: 1, hour: 0, minute: 0, second: 0) }
            set(
                month: civil.month + 1, day: civil.day, hour: civil.hour, minute: civil.minute,
                second: civil.second)
            if civil.month == 1 { return false }
        }
        return true
    }

    private mutating func reachDay() -> Bool {
        while !isDayWanted {
            if begin() { set(month: civil.month, day: civil.day, hour: 0, minute: 0, second: 0) }
            set(
                month: civil.month, day: civil.day + 1, hour: civil.hour, minute: civil.minute,
                second: civil.second)
            // Midnight does not exist where clocks change then: go to the nearest hour to it.
            if civil.hour != 0 {
                add((civil.hour > 12 ? 24 - civil.hour : -civil.hour) * 3600)
            }
            if civil.day == 1 { return false }
        }
        return true
    }

    private mutating func reachHour() -> Bool {
        while !fields.hour.holds(civil.hour) {
            if begin() {
                set(month: civil.month, day: civil.day, hour: civil.hour, minute: 0, second: 0)
            }
            add(3600)
            if civil.hour == 0 { return false }
        }
        return true
    }

    private mutating func reachMinute() -> Bool {
        while !fields.minute.holds(civil.minute) {
            if begin() { add(-((second % 60 + 60) % 60)) }
            add(60)
            if civil.minute == 0 { return false }
        }
        return true
    }

    /// The library's sixth field, which is always `0` here.
    private mutating func reachSecond() -> Bool {
        while civil.second != 0 {
            hasMoved = true
            add(1)
            if civil.second == 0 { return false }
        }
        return true
    }

    /// Both day fields must match, unless neither is a star: then one is enough.
    private var isDayWanted: Bool {
        let byDate = fields.dayOfMonth.holds(civil.day)
        let byWeekday = fields.dayOfWeek.holds(civil.weekday)
        return fields.dayOfMonth.isStar || fields.dayOfWeek.isStar
            ? byDate && byWeekday : byDate || byWeekday
    }

    /// True the first time that the candidate moves.
    private mutating func begin() -> Bool {
        if hasMoved { return false }
        hasMoved = true
        return true
    }

    private mutating func add(_ seconds: Int64) { move(to: second + seconds) }

    private mutating func move(to second: Int64) {
        self.second = second
        civil = CivilTime(second: second + zone.offset(at: second).offset)
    }

    /// Goes to a local time; a month or day beyond its range carries over.
    private mutating func set(
        month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64
    ) {
        let days = CivilTime.days(year: civil.year, month: month, day: day)
        var local = days * CivilTime.secondsOfDay + hour * 3600 + minute * 60 + second
        // Go's time.Date: a first guess of the offset, corrected when it does not hold at the result.
        let (offset, from, until) = zone.offset(at: local)
        if offset != 0 {
            let guess = local - offset
            let holds = guess >= from && guess < until
            local -= holds ? offset : zone.offset(at: guess).offset
        }
        move(to: local)
    }
}
