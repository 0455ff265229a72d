/// Why a text is not a quantity.
public enum QuantityError: Error, Hashable, Sendable {
    /// It is not a number with a suffix at all.
    case shape
    /// There are no digits in front of the suffix.
    case number
    /// The suffix is none that Kubernetes knows.
    case suffix
    /// The number has too many digits to be held.
    case size

    /// A sentence without a full stop.
    public var explanation: String {
        switch self {
        case .shape: "a quantity is a number, perhaps with a suffix, as in `2`, `500m` or `16Gi`"
        case .number: "a quantity needs digits in front of its suffix"
        case .suffix:
            "the suffixes are n u m k M G T P E, Ki Mi Gi Ti Pi Ei, and e with an exponent"
        case .size: "a quantity has at most 10,000 digits"
        }
    }
}

extension Quantity {
    /// Reads a quantity as Kubernetes 1.36 does; no blanks around it. (resource.ParseQuantity)
    public init(_ text: some StringProtocol) throws(QuantityError) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { throw .shape }
        if bytes == [UInt8(ascii: "0")] {
            self.init(.scaled(mantissa: 0, exponent: 0), format: .decimalSI, written: "0")
            return
        }
        let parts = try QuantityParts(bytes)
        guard let suffix = Suffix(parts.suffix) else { throw .suffix }
        if let short = Quantity(short: parts, suffix: suffix, text: text) {
            self = short
            return
        }
        self = try Quantity(long: parts, suffix: suffix)
    }

    /// A number that an integer holds, by upstream's estimate of its length; nil for the rest.
    private init?(short parts: QuantityParts, suffix: Suffix, text: some StringProtocol) {
        let digits = Array(parts.whole + parts.fraction)
        var exponent = 0
        switch suffix.format {
        case .decimalSI, .decimalExponent:
            exponent = suffix.exponent - parts.fraction.count
            guard digits.count <= 18, exponent >= -9 else { return nil }
        case .binarySI:
            let room = 15 - digits.count - suffix.exponent * 3 / 10 - 1
            guard parts.fraction.isEmpty, room >= 0 else { return nil }
        }
        let number = digits.reduce(0 as Int64) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        var mantissa = number
        if suffix.format == .binarySI {
            let (product, overflow) = number.multipliedReportingOverflow(by: 1 << suffix.exponent)
            if overflow { return nil }
            mantissa = product
        }
        let isCanonical =
            switch suffix.format {
            case .binarySI: number & 7 != 0
            case .decimalSI, .decimalExponent:
                exponent % 3 == 0 && !digits.reversed().starts(with: "000".utf8)
                    && digits[0] != UInt8(ascii: "0")
            }
        self.init(
            .scaled(mantissa: parts.isNegative ? -mantissa : mantissa, exponent: exponent),
            format: suffix.format, written: isCanonical ? String(text) : nil)
    }

    private init(long parts: QuantityParts, suffix: Suffix) throws(QuantityError) {
        guard !parts.number.isEmpty else { throw .number }
        guard parts.number.count <= QuantityDecimal.digitLimit else { throw .size }
        var decimal = QuantityDecimal(
            digits: parts.number.map { $0 - UInt8(ascii: "0") }, exponent: -parts.fraction.count)
        var format = suffix.format
        if format == .binarySI {
            decimal.multiply(byPowerOfTwo: suffix.exponent)
        } else {
            decimal.exponent += suffix.exponent
        }
        if decimal.sign != 0 {
            guard let rounded = decimal.rescaled(toExponent: -9) else { throw .size }
            decimal = rounded
        }
        if format == .binarySI {
            let most = QuantityDecimal(.max, exponent: 0)
            if decimal.compare(most) > 0 { decimal = most }
            let one = QuantityDecimal(1, exponent: 0)
            if decimal.compare(one) < 0 && decimal.sign > 0 { format = .decimalSI }
        }
        decimal.isNegative = parts.isNegative && decimal.sign != 0
        self.init(.exact(decimal), format: format)
    }
}

/// A quantity's text cut into sign, number and suffix. (parseQuantityString)
private struct QuantityParts {
    var isNegative = false
    /// Digits before the point without leading zeros; one `0` when there are none.
    var whole: ArraySlice<UInt8> = [UInt8(ascii: "0")]
    /// Digits after the point.
    var fraction: ArraySlice<UInt8> = []
    /// Every digit of the number, for the reading that does not forgive a lack of them.
    var number: [UInt8] = []
    var suffix: ArraySlice<UInt8> = []

    init(_ text: [UInt8]) throws(QuantityError) {
        func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
        func isSign(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
        }

        var rest = text[...]
        if let first = rest.first, isSign(first) {
            isNegative = first == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        let digits = rest.prefix(while: isDigit)
        number += digits
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        if !significant.isEmpty { whole = significant }
        rest = rest[digits.endIndex...]
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: isDigit)
            number += fraction
            rest = rest[fraction.endIndex...]
        }
        suffix = rest
        let letters = Array("eEinumkKMGTP".utf8)
        rest = rest.drop { letters.contains($0) }
        if let first = rest.first, isSign(first) { rest = rest.dropFirst() }
        if !rest.allSatisfy(isDigit) { throw .shape }
        // Upstream takes a text of zeros alone, or of nothing, for 0 before it looks at digits.
        if number.isEmpty && digits.endIndex == text.endIndex { number = [UInt8(ascii: "0")] }
    }
}

/// What a suffix means: 10 or 2 to the power `exponent`. (suffix.go)
private struct Suffix {
    var exponent: Int
    var format: Quantity.Format

    init?(_ bytes: ArraySlice<UInt8>) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let exponent = Quantity.decimalSuffixes.first(where: { $0.value == text })?.key {
            self.exponent = exponent
            format = .decimalSI
        } else if let exponent = Quantity.binarySuffixes.first(where: { $0.value == text })?.key {
            self.exponent = exponent
            format = .binarySI
        } else if bytes.count > 1, "eE".utf8.contains(bytes[bytes.startIndex]),
            let written = Int64(text.dropFirst())
        {
            // Upstream keeps the low 32 bits.
            exponent = Int(Int32(truncatingIfNeeded: written))
            format = .decimalExponent
        } else {
            return nil
        }
    }
}

extension Quantity {
    static let decimalSuffixes: KeyValuePairs<Int, String> = [
        -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E",
    ]
    static let binarySuffixes: KeyValuePairs<Int, String> = [
        10: "Ki", 20: "Mi", 30: "Gi", 40: "Ti", 50: "Pi", 60: "Ei",
    ]
}
