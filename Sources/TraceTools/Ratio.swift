/// A factor as a user writes it, held exactly: `1.5`, `2`, `1/3`.
package struct Ratio: Hashable, Sendable, CustomStringConvertible {
    package let numerator: Int64
    package let denominator: Int64

    package static let one = Ratio(1, 1)

    private init(_ numerator: Int64, _ denominator: Int64) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// Nil for what is no factor from 10⁻⁶ to 10⁶ with at most 6 digits behind the point.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        var (top, bottom): (Int64, Int64)
        if parts.count == 2 {
            guard let numerator = Ratio.digits(parts[0]), let denominator = Ratio.digits(parts[1])
            else { return nil }
            (top, bottom) = (numerator, denominator)
        } else {
            let halves = text.split(separator: ".", omittingEmptySubsequences: false)
            guard halves.count <= 2, let whole = Ratio.digits(halves[0]) else { return nil }
            (top, bottom) = (whole, 1)
            if halves.count == 2 {
                guard halves[1].utf8.count <= 6, let fraction = Ratio.digits(halves[1]) else {
                    return nil
                }
                for _ in halves[1].utf8 { bottom *= 10 }
                top = top * bottom + fraction
            }
        }
        guard top > 0, bottom > 0, top <= bottom * 1_000_000, bottom <= top * 1_000_000 else {
            return nil
        }
        let divisor = Ratio.greatestCommonDivisor(top, bottom)
        self.init(top / divisor, bottom / divisor)
    }

    private static func digits(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.count <= 9,
            text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
        else { return nil }
        return Int64(text)
    }

    private static func greatestCommonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }

    /// The product, rounded up; nil beyond Int64.
    func roundedUp(_ value: Int64) -> Int64? {
        let product = Int128(value) * Int128(numerator)
        return Int64(exactly: (product + Int128(denominator) - 1) / Int128(denominator))
    }

    /// The quotient, rounded down; nil beyond Int64.
    func dividing(_ value: Int64) -> Int64? {
        Int64(exactly: Int128(value) * Int128(denominator) / Int128(numerator))
    }

    package var description: String {
        denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)"
    }
}
