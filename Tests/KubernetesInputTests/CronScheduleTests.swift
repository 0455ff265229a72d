import ScenarioInput
import Testing
import WorkloadModel

/// Schedules of CronJobs: laws, and times worked out by hand.
@Suite struct CronScheduleTests {
    /// Bits of the five fields by a reading that knows nothing of the one under test.
    private static let schedules = [
        "* * * * *", "*/7 * * * *", "5,35 */6 * * *", "0 0 1,15 * *", "30 4 * * 1-5",
        "0 12 13 * 5", "15 10 */9 2,7 *", "59 23 31 * *", "0 0 29 2 *", "10-20/5 8 * JAN MON",
    ]

    /// A minute by a slow reading: whether this minute of UTC is wanted.
    private static func isWanted(_ fields: [Set<Int>], _ stars: [Bool], _ second: Int64) -> Bool {
        let text = Array(UnixTime.text(of: second).utf8)
        func number(_ range: Range<Int>) -> Int {
            Int(String(decoding: text[range], as: UTF8.self)) ?? -1
        }
        let (minute, hour, day, month) = (
            number(14..<16), number(11..<13), number(8..<10), number(5..<7)
        )
        let weekday = Int((second / 86_400 + 4) % 7)
        guard fields[0].contains(minute), fields[1].contains(hour), fields[3].contains(month) else {
            return false
        }
        let (byDate, byWeekday) = (fields[2].contains(day), fields[4].contains(weekday))
        return stars[2] || stars[4] ? byDate && byWeekday : byDate || byWeekday
    }

    private static func slowFields(_ schedule: String) -> (fields: [Set<Int>], stars: [Bool]) {
        let ranges = [0...59, 0...23, 1...31, 1...12, 0...6]
        let words = ["JAN": "1", "MON": "1"]
        let parts = schedule.split(separator: " ").map { words[String($0)] ?? String($0) }
        var stars: [Bool] = []
        let fields = zip(parts, ranges).map { part, range in
            stars.append(part == "*")
            var values: Set<Int> = []
            for piece in part.split(separator: ",") {
                let halves = piece.split(separator: "/")
                let step = halves.count > 1 ? Int(halves[1])! : 1
                let ends = halves[0].split(separator: "-").compactMap { Int($0) }
                let low = ends.first ?? range.lowerBound
                let high = ends.count > 1 ? ends[1] : ends.isEmpty ? range.upperBound : low
                values.formUnion(stride(from: low, through: high, by: step))
            }
            return values
        }
        return (fields, stars)
    }

    @Test(arguments: schedules)
    func `the next time is the first minute that matches`(_ text: String) throws {
        let schedule = try CronSchedule(text, timeZone: "UTC")
        let slow = Self.slowFields(text)
        // 2027-12-30T23:58:20Z, so that a year, a leap day and an end of February are passed.
        var time: Int64 = 1_830_211_100
        for _ in 0..<6 {
            var minute = time / 60 * 60 + 60
            let end = time + 120 * 86_400
            while minute < end, !Self.isWanted(slow.fields, slow.stars, minute) { minute += 60 }
            let next = try #require(schedule.next(after: time))
            if minute < end { #expect(next == minute) } else { #expect(next >= end) }
            time = next
        }
    }

    @Test(arguments: [
        "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Chatham",
    ])
    func `asking again from a time between gives the same next time`(_ zone: String) throws {
        let schedule = try CronSchedule("17 3 * * 2", timeZone: zone)
        var time: Int64 = 1_700_000_000
        for step in 1...300 as ClosedRange<Int64> {
            let next = try #require(schedule.next(after: time))
            #expect(next > time)
            let between = time + (next - time) * step / 301
            #expect(schedule.next(after: between) == next)
            #expect(schedule.next(after: next - 1) == next)
            time = next
        }
    }

    /// Worked out by hand from the dates on which clocks change.
    @Test(arguments: [
        // 02:30 does not exist on 2026-03-29: that day is passed over.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"),
        // On 2026-10-25 it comes twice, an hour apart.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        ("0 0 * * *", "America/New_York", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
        // Clocks of Lord Howe go half an hour.
        ("0 12 * * *", "Australia/Lord_Howe", "2026-07-01T00:00:00Z", "2026-07-01T01:30:00Z"),
        ("0 12 * * *", "Australia/Lord_Howe", "2026-12-01T00:00:00Z", "2026-12-01T01:00:00Z"),
        ("30 5 * * *", "Asia/Kolkata", "2026-06-01T00:00:01Z", "2026-06-02T00:00:00Z"),
        ("@every 1h30m", "UTC", "2026-06-01T00:00:01Z", "2026-06-01T01:30:01Z"),
        (
            "TZ=Asia/Tokyo 0 9 * * *", "Europe/Berlin", "2026-06-01T00:00:00Z",
            "2026-06-02T00:00:00Z"
        ),
        ("CRON_TZ=Asia/Tokyo @daily", "UTC", "2026-06-01T00:00:00Z", "2026-06-01T15:00:00Z"),
    ])
    func `clocks that change are followed`(
        _ text: String, _ zone: String, _ from: String, _ wanted: String
    ) throws {
        let schedule = try CronSchedule(text, timeZone: zone)
        let start = try #require(UnixTime.seconds(fromRFC3339: from))
        #expect(schedule.next(after: start).map(UnixTime.text) == wanted)
    }

    @Test func `a date that never comes is never`() throws {
        for text in ["0 0 31 2 *", "0 0 30 2 *", ", * * * *"] {
            #expect(try CronSchedule(text, timeZone: "UTC").next(after: 0) == nil)
        }
    }

    @Test func `every zone has a rule that can be read`() {
        #expect(TimeZoneRules.names.count > 580)
        for name in TimeZoneRules.names { #expect(TimeZoneRules(named: name) != nil, "\(name)") }
    }

    @Test(arguments: [
        ("", CronError.empty), ("* * * *", .fieldCount(4)),
        ("@reboot", .unknownDescriptor("@reboot")),
        ("@every x", .duration("@every x")), ("x * * * *", .notANumber("x")),
        ("-1 * * * *", .notANumber("")), ("1-2-3 * * * *", .tooManyHyphens("1-2-3")),
        ("1/2/3 * * * *", .tooManySlashes("1/2/3")),
        ("* * 0 * *", .belowMinimum(0, minimum: 1, text: "0")),
        ("* 24 * * *", .aboveMaximum(24, maximum: 23, text: "24")),
        ("9-3 * * * *", .backwards(9, 3, text: "9-3")), ("*/0 * * * *", .noStep("*/0")),
        ("TZ=Mars/Base * * * * *", .unknownZone("Mars/Base")), ("TZ=UTC", .fieldCount(0)),
        ("*/-5 * * * *", .negative("-5")),
    ])
    func `what the controller refuses is refused for the same reason`(
        _ text: String, _ reason: CronError
    ) {
        #expect(throws: reason) { try CronSchedule(text, timeZone: "UTC") }
    }
}
