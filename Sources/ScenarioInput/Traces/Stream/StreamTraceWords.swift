/// Names and groups as words of a line: what would end a word is written as `%` and two hexadecimal digits.
enum StreamTraceWords {
    /// The text of a word.
    static func decoded(_ word: UnsafeBufferPointer<UInt8>) -> String {
        guard word.contains(UInt8(ascii: "%")) else { return String(decoding: word, as: UTF8.self) }
        var bytes: [UInt8] = []
        var position = 0
        while position < word.count {
            if word[position] == UInt8(ascii: "%"), position + 2 < word.count,
                let high = digit(word[position + 1]), let low = digit(word[position + 2])
            {
                bytes.append(high << 4 | low)
                position += 3
            } else {
                bytes.append(word[position])
                position += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the word for a text; `-` is none.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        if text.isEmpty { return bytes.append(UInt8(ascii: "-")) }
        if text == "-" { return bytes.append(contentsOf: "%2D".utf8) }
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        let isPlain = bytes[start...].allSatisfy {
            $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "%")
        }
        if isPlain { return }
        bytes.removeLast(bytes.count - start)
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            if byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: "%") {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            }
        }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
