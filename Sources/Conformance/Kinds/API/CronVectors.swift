import Primitives
import ScenarioInput
import WorkloadModel

/// The next five times of a CronJob's schedule, or why there are none.
enum CronVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        let expect = try required(json["expect"], "expect")
        let text = try required(json["schedule"]?.text, "schedule")
        let from = try required(
            json["from"]?.text.flatMap(UnixTime.seconds(fromRFC3339:)), "from")
        let schedule: CronSchedule
        do throws(CronError) {
            schedule = try CronSchedule(text, timeZone: json["timeZone"]?.text ?? "")
        } catch {
            return try requireEqual(
                "expect.error", expected: expect["error"]?.text, got: upstreamText(error, text))
        }
        try requireEqual("expect.error", expected: expect["error"]?.text, got: nil)
        let wanted = try required(expect["next"], "expect.next").elements.compactMap(\.text)
        var times: [String] = []
        var time = from
        // As many as are asked for: `never` ends the list.
        while times.count < wanted.count {
            guard let next = schedule.next(after: time) else {
                times.append("never")
                break
            }
            times.append(UnixTime.text(of: next))
            time = next
        }
        try requireEqual(
            "expect.next", expected: wanted.joined(separator: " "),
            got: times.joined(separator: " "))
    }

    /// The same reason in upstream's words.
    private static func upstreamText(_ error: CronError, _ schedule: String) -> String {
        switch error {
        case .empty: "empty spec string"
        case .unknownZone(let name): "unknown time zone \(name)"
        case .fieldCount(let count):
            "expected exactly 5 fields, found \(count): ["
                + schedule.split(whereSeparator: \.isWhitespace).joined(separator: " ") + "]"
        case .unknownDescriptor(let text): "unrecognized descriptor: \(text)"
        case .duration(let text):
            "failed to parse duration \(text): time: invalid duration \"\(text.dropFirst(7))\""
        case .notANumber(let text):
            "failed to parse int from \(text): strconv.Atoi: parsing \"\(text)\": invalid syntax"
        case .negative(let text): "negative number (\(text)) not allowed: \(text)"
        case .tooManyHyphens(let text): "too many hyphens: \(text)"
        case .tooManySlashes(let text): "too many slashes: \(text)"
        case .belowMinimum(let value, let minimum, let text):
            "beginning of range (\(value)) below minimum (\(minimum)): \(text)"
        case .aboveMaximum(let value, let maximum, let text):
            "end of range (\(value)) above maximum (\(maximum)): \(text)"
        case .backwards(let first, let last, let text):
            "beginning of range (\(first)) beyond end of range (\(last)): \(text)"
        case .noStep(let text): "step of range should be a positive number: \(text)"
        }
    }
}
