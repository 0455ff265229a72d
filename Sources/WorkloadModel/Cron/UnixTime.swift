/// Unix seconds as text in UTC, and back.
public enum UnixTime {
    /// `2026-03-29T01:00:00Z`.
    public static func text(of second: Int64) -> String {
        let civil = CivilTime(second: second)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(civil.year)-\(two(civil.month))-\(two(civil.day))T\(two(civil.hour)):"
            + "\(two(civil.minute)):\(two(civil.second))Z"
    }

    /// Reads `2026-03-29T01:00:00Z`, letters in either case; nil for anything else, other zones among it.
    public static func seconds(fromRFC3339 text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 20 else { return nil }
        for (position, sign) in zip([4, 7, 10, 13, 16, 19], "--t::z".utf8)
        where bytes[position] != sign && (sign < 0x60 || bytes[position] | 0x20 != sign) {
            return nil
        }
        func number(_ range: Range<Int>) -> Int64? {
            bytes[range].allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
                ? Int64(String(decoding: bytes[range], as: UTF8.self)) : nil
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            hour < 24, minute < 60, second < 60, (1...12).contains(month), day >= 1,
            day <= CivilTime.days(year: year, month: month + 1, day: 1)
                - CivilTime.days(year: year, month: month, day: 1)
        else { return nil }
        return CivilTime.second(year: year, month: month, day: day) + hour * 3600 + minute * 60
            + second
    }
}
