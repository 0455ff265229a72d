/// A JSON text in the making: objects keep the order of their keys, so that equal inputs give equal bytes.
public indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Infinite and undefined numbers are written as null.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    public struct Member: Sendable, Hashable {
        public var key: String
        public var value: JSONValue

        public init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The text, two spaces a level, ending without a newline. Arrays and objects that are empty stay on one line.
    public var text: String {
        var text = ""
        write(to: &text, indentation: "")
        return text
    }

    private func write(to text: inout String, indentation: String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += "\(value)"
        case .number(let value): text += JSONValue.digits(of: value)
        case .string(let value): JSONValue.write(value, to: &text)
        case .array(let elements):
            writeList("[", "]", elements, to: &text, indentation: indentation) {
                $0.write(to: &$1, indentation: $2)
            }
        case .object(let members):
            writeList("{", "}", members, to: &text, indentation: indentation) {
                JSONValue.write($0.key, to: &$1)
                $1 += ": "
                $0.value.write(to: &$1, indentation: $2)
            }
        }
    }

    private func writeList<Item>(
        _ open: String, _ close: String, _ items: [Item], to text: inout String,
        indentation: String, write: (Item, inout String, String) -> Void
    ) {
        text += open
        let inner = indentation + "  "
        for (index, item) in items.enumerated() {
            text += index == 0 ? "\n" : ",\n"
            text += inner
            write(item, &text, inner)
        }
        if !items.isEmpty { text += "\n" + indentation }
        text += close
    }

    /// Swift's shortest digits that read back as the same number, whole numbers without a point.
    private static func digits(of value: Double) -> String {
        guard value.isFinite else { return "null" }
        if value == value.rounded(), abs(value) < 0x1p53 { return "\(Int64(value))" }
        return "\(value)"
    }

    /// RFC 8259: quotes, backslashes and control characters are escaped, all else is UTF-8.
    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
    ExpressibleByStringLiteral
{
    public init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(members.map { Member($0.0, $0.1) })
    }

    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    public init(stringLiteral value: String) { self = .string(value) }
}
