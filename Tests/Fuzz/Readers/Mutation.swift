import Primitives

/// Spoils texts as hands, networks and attackers do: what libFuzzer does with coverage, without it and the same each time.
public struct Mutation {
    private var random: RandomStream
    /// What pieces are taken from.
    private let others: [[UInt8]]

    public init(seed: UInt64, name: String, others: [[UInt8]]) {
        random = RandomStream(seed: seed, name: name)
        self.others = others
    }

    private mutating func below(_ bound: Int) -> Int { Int(random.below(UInt64(max(1, bound)))) }

    /// Words that readers trip over.
    private static let words: [[UInt8]] = [
        "0", "-1", "1", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "18446744073709551616", "4294967295", "1e308", "1e-400", "0x", "0xf...f", "nan", "~",
        "null",
        "true", "{", "}", "[", "]", "[[[[", "{{{{", "<", ">", "/>", "&amp;", "&#0;", "&#x110000;",
        "\"",
        "'", "\\u0000", "\\ud800", ",", ":", ": ", "- ", "---\n", "\n", "\r\n", "\t", "*a", "&a ",
        "<<: *a",
        "!!binary ", "../", "Ki", "Ei", "m", "n", "%", "0-8191", "0-1048576", ",,", "-", "/2",
        "@every 1ns",
    ].map { Array($0.utf8) }

    private mutating func word() -> [UInt8] { Mutation.words[below(Mutation.words.count)] }

    /// `bytes`, spoiled in one to four places.
    public mutating func spoiled(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...below(4) { spoil(&bytes) }
        return bytes
    }

    private mutating func spoil(_ bytes: inout [UInt8]) {
        let position = below(bytes.count + 1)
        let end = min(bytes.count, position + 1 + below(below(3) == 0 ? 64 : 4))
        switch below(9) {
        case 0: bytes.removeSubrange(position..<end)
        case 1: bytes.insert(contentsOf: bytes[position..<end], at: position)
        case 2:
            bytes.replaceSubrange(position..<end, with: word())
        case 3: bytes.insert(contentsOf: word(), at: position)
        case 4 where position < bytes.count: bytes[position] ^= 1 << UInt8(below(8))
        case 5 where position < bytes.count: bytes[position] = UInt8(below(256))
        case 6: replaceNumber(in: &bytes, from: position)
        case 7:
            let other = others.isEmpty ? [] : others[below(others.count)]
            let start = below(other.count + 1)
            let length = below(min(200, other.count - start) + 1)
            bytes.replaceSubrange(position..<end, with: other[start..<(start + length)])
        default:
            if below(4) == 0 { bytes.removeSubrange(position...) }
        }
    }

    private mutating func replaceNumber(in bytes: inout [UInt8], from position: Int) {
        func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
        guard let start = bytes[position...].firstIndex(where: isDigit) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.endIndex
        let old = Int64(String(decoding: bytes[start..<end], as: UTF8.self)) ?? 0
        let numbers = [
            "0", "\(old &+ 1)", "\(old &- 1)", "\(old &* 2)", "\(old)\(old)", "1000000",
            "9223372036854775807", "9223372036854775808", "4294967296", "8192",
        ]
        bytes.replaceSubrange(start..<end, with: Array(numbers[below(numbers.count)].utf8))
    }
}
