package import WorkloadModel

/// Why a CronJob's schedule is refused. (github.com/robfig/cron/v3 v3.0.1 parser.go)
package enum CronError: Error, Hashable, CustomStringConvertible {
    case empty
    case unknownZone(String)
    case fieldCount(Int)
    case unknownDescriptor(String)
    case duration(String)
    case notANumber(String)
    case negative(String)
    case tooManyHyphens(String)
    case tooManySlashes(String)
    case belowMinimum(Int, minimum: Int, text: String)
    case aboveMaximum(Int, maximum: Int, text: String)
    case backwards(Int, Int, text: String)
    case noStep(String)

    package var description: String {
        switch self {
        case .empty: "an empty schedule"
        case .unknownZone(let name): "unknown time zone `\(name)`"
        case .fieldCount(let count): "expected exactly 5 fields, found \(count)"
        case .unknownDescriptor(let text): "unknown descriptor `\(text)`"
        case .duration(let text): "`\(text)` is no duration"
        case .notANumber(let text): "`\(text)` is neither a number nor a name of this field"
        case .negative(let text): "`\(text)` is negative"
        case .tooManyHyphens(let text): "`\(text)` has more than one hyphen"
        case .tooManySlashes(let text): "`\(text)` has more than one slash"
        case .belowMinimum(let value, let minimum, let text):
            "\(value) in `\(text)` is below the field's minimum, \(minimum)"
        case .aboveMaximum(let value, let maximum, let text):
            "\(value) in `\(text)` is above the field's maximum, \(maximum)"
        case .backwards(let first, let last, let text):
            "the range `\(text)` begins at \(first) and ends at \(last)"
        case .noStep(let text): "the step of `\(text)` must be above 0"
        }
    }
}

extension CronSchedule {
    /// A schedule as a CronJob writes it: five fields, `@hourly` and its like, or `@every 90s`; in `timeZone`, which a
    /// prefix `TZ=…` or `CRON_TZ=…` replaces.
    package init(_ text: String, timeZone: String) throws(CronError) {
        guard let zone = TimeZoneRules(named: timeZone) else { throw .unknownZone(timeZone) }
        if text.isEmpty { throw .empty }
        var zoneRules = zone
        var rest = text
        for prefix in ["TZ=", "CRON_TZ="] where text.hasPrefix(prefix) {
            let parts = text.dropFirst(prefix.count).split(
                separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts.first ?? "")
            guard let own = TimeZoneRules(named: name) else { throw .unknownZone(name) }
            zoneRules = own
            rest =
                parts.count > 1
                ? parts[1].split(whereSeparator: isBlank).joined(separator: " ") : ""
        }
        if rest.hasPrefix("@") {
            self.init(try CronSchedule.rule(ofDescriptor: rest), in: zoneRules)
            return
        }
        let fields = rest.split(whereSeparator: isBlank).map(String.init)
        guard fields.count == 5 else { throw .fieldCount(fields.count) }
        self.init(
            .fields(
                Fields(
                    minute: try CronBounds.minute.field(fields[0]),
                    hour: try CronBounds.hour.field(fields[1]),
                    dayOfMonth: try CronBounds.dayOfMonth.field(fields[2]),
                    month: try CronBounds.month.field(fields[3]),
                    dayOfWeek: try CronBounds.dayOfWeek.field(fields[4]))), in: zoneRules)
    }

    /// Descriptors are known in lower case only.
    private static func rule(ofDescriptor text: String) throws(CronError) -> Rule {
        let fields: String
        switch text {
        case "@yearly", "@annually": fields = "0 0 1 1 *"
        case "@monthly": fields = "0 0 1 * *"
        case "@weekly": fields = "0 0 * * 0"
        case "@daily", "@midnight": fields = "0 0 * * *"
        case "@hourly": fields = "0 * * * *"
        default:
            guard text.hasPrefix("@every ") else { throw .unknownDescriptor(text) }
            guard let duration = GoDuration(String(text.dropFirst(7))) else {
                throw .duration(text)
            }
            return .every(seconds: max(1, duration.nanoseconds / 1_000_000_000))
        }
        return try CronSchedule(fields, timeZone: "UTC").rule
    }
}

private func isBlank(_ character: Character) -> Bool { character.isWhitespace }

/// What values a field takes, and the names of some.
private struct CronBounds {
    var minimum: Int
    var maximum: Int
    /// The first stands for `minimum`.
    var names: [String] = []

    static let minute = CronBounds(minimum: 0, maximum: 59)
    static let hour = CronBounds(minimum: 0, maximum: 23)
    static let dayOfMonth = CronBounds(minimum: 1, maximum: 31)
    static let month = CronBounds(
        minimum: 1, maximum: 12,
        names: [
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ])
    static let dayOfWeek = CronBounds(
        minimum: 0, maximum: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

    /// Ranges between commas; nothing between two of them is passed over.
    func field(_ text: String) throws(CronError) -> CronSchedule.Field {
        var field = CronSchedule.Field(bits: 0)
        for part in text.split(separator: ",") {
            let range = try range(String(part))
            field.bits |= range.bits
            field.isStar = field.isStar || range.isStar
        }
        return field
    }

    /// `*`, `?`, a value or `first-last`, each with `/step`; a single value with a step goes on to the maximum.
    private func range(_ text: String) throws(CronError) -> CronSchedule.Field {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
            .map(String.init)
        var isStar = ends[0] == "*" || ends[0] == "?"
        var (first, last) = (minimum, maximum)
        if !isStar {
            first = try value(ends[0])
            guard ends.count <= 2 else { throw .tooManyHyphens(text) }
            last = ends.count == 2 ? try value(ends[1]) : first
        }
        var step = 1
        switch parts.count {
        case 1: break
        case 2:
            step = try number(parts[1])
            if ends.count == 1 { last = maximum }
            if step > 1 { isStar = false }
        default: throw .tooManySlashes(text)
        }
        if first < minimum { throw .belowMinimum(first, minimum: minimum, text: text) }
        if last > maximum { throw .aboveMaximum(last, maximum: maximum, text: text) }
        if first > last { throw .backwards(first, last, text: text) }
        if step == 0 { throw .noStep(text) }
        var bits: UInt64 = 0
        var position = first
        while position <= last {
            bits |= 1 << UInt64(position)
            // A step may be as large as an integer.
            if step > last - position { break }
            position += step
        }
        return CronSchedule.Field(bits: bits, isStar: isStar)
    }

    private func value(_ text: String) throws(CronError) -> Int {
        if let position = names.firstIndex(of: text.lowercased()) { return minimum + position }
        return try number(text)
    }

    /// As Go's `strconv.Atoi` reads it: decimal digits behind an optional sign.
    private func number(_ text: String) throws(CronError) -> Int {
        guard let number = Int(text) else { throw .notANumber(text) }
        if number < 0 { throw .negative(text) }
        return number
    }
}
