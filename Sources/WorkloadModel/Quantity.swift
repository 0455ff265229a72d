/// An amount of a resource as Kubernetes writes it, such as `1500m`, `0.5Gi` or `1e3`, held exactly.
///
/// ```swift
/// let half = try Quantity("0.5Gi")
/// half.description       // "512Mi": the canonical form
/// half.value             // 536_870_912
/// try Quantity("1500m").milliValue    // 1_500
/// ```
///
/// Rules are those of Kubernetes 1.36, quirks included (k/k staging apimachinery/pkg/api/resource): a quantity
/// remembers how it was written, parts below one nano are rounded up, and a binary quantity stops at 2^63 − 1.
public struct Quantity: Sendable {
    /// How a quantity is written, which it keeps when it is printed.
    public enum Format: String, Sendable, CaseIterable {
        /// `1500m`, `2`, `100M`.
        case decimalSI = "DecimalSI"
        /// `512Mi`.
        case binarySI = "BinarySI"
        /// `1e3`.
        case decimalExponent = "DecimalExponent"
    }

    /// The number: small ones in an integer, the rest digit by digit. Which of the two is used decides what
    /// `value` does with a number that does not fit, as upstream.
    enum Amount: Sendable, Hashable {
        /// `mantissa` × 10^`exponent`.
        case scaled(mantissa: Int64, exponent: Int)
        case exact(QuantityDecimal)
    }

    var amount: Amount
    public internal(set) var format: Format
    /// The text, when it counts as canonical as it was written.
    var written: String?

    init(_ amount: Amount, format: Format, written: String? = nil) {
        self.amount = amount
        self.format = format
        self.written = written
    }

    /// `units` whole units.
    public init(units: Int64, format: Format = .decimalSI) {
        self.init(.scaled(mantissa: units, exponent: 0), format: format)
    }

    /// `milli` thousandths of a unit.
    public init(milli: Int64, format: Format = .decimalSI) {
        self.init(.scaled(mantissa: milli, exponent: -3), format: format)
    }

    public static let zero = Quantity(units: 0)
}

// MARK: As integers

extension Quantity {
    /// −1, 0 or 1.
    public var sign: Int {
        switch amount {
        case .scaled(let mantissa, _): Int(mantissa.signum())
        case .exact(let decimal): decimal.sign
        }
    }

    public var isZero: Bool { sign == 0 }

    /// Whole units, rounded up, as Kubernetes computes them.
    ///
    /// A number beyond Int64 gives what upstream's arithmetic gives, which is no sensible value (`10E` is 0).
    /// Use `units(exponent:)` to be told. (Quantity.Value)
    public var value: Int64 { scaledValue(exponent: 0) }

    /// Thousandths, rounded up; see `value` on numbers that do not fit. (Quantity.MilliValue)
    public var milliValue: Int64 { scaledValue(exponent: -3) }

    /// Multiples of 10^`exponent`, rounded away from zero, or nil where they do not fit.
    public func units(exponent: Int) -> Int64? {
        var multiple = decimal.rounded(toExponent: exponent)
        multiple.exponent -= exponent
        return multiple.int64
    }

    /// The number, exactly.
    var decimal: QuantityDecimal {
        switch amount {
        case .scaled(let mantissa, let exponent):
            QuantityDecimal(mantissa, exponent: exponent)
        case .exact(let decimal): decimal
        }
    }

    /// Upstream's ScaledValue, overflow and all.
    func scaledValue(exponent: Int) -> Int64 {
        switch amount {
        case .scaled(let mantissa, let own):
            own < exponent
                ? Quantity.scaledDown(mantissa, by: exponent - own)
                : Quantity.scaledUp(mantissa, by: own - exponent)
        case .exact(let decimal): decimal.wrappedValue(exponent: exponent)
        }
    }

    /// `mantissa` / 10^`places`, rounded away from zero. (negativeScaleInt64)
    private static func scaledDown(_ mantissa: Int64, by places: Int) -> Int64 {
        var quotient = mantissa
        var isExact = true
        for _ in 0..<places {
            if quotient == 0 { break }
            if quotient % 10 != 0 { isExact = false }
            quotient /= 10
        }
        return isExact ? quotient : quotient + mantissa.signum()
    }

    /// `mantissa` × 10^`places`. On overflow upstream multiplies on and wraps where it knows the power as a
    /// constant, and gives 0 elsewhere. (positiveScaleInt64)
    private static func scaledUp(_ mantissa: Int64, by places: Int) -> Int64 {
        var product = mantissa
        for _ in 0..<places {
            if product == 0 { return 0 }
            let (next, overflow) = product.multipliedReportingOverflow(by: 10)
            if overflow {
                let wraps = [1, 2, 3, 6, 9].contains(places)
                return wraps ? mantissa &* powerOfTen(places) : 0
            }
            product = next
        }
        return product
    }

    /// 10^`exponent` for 0 to 18.
    static func powerOfTen(_ exponent: Int) -> Int64 {
        var power: Int64 = 1
        for _ in 0..<exponent { power *= 10 }
        return power
    }
}

// MARK: Comparing and adding

extension Quantity: Comparable {
    public static func == (lhs: Quantity, rhs: Quantity) -> Bool { lhs.compare(rhs) == 0 }

    public static func < (lhs: Quantity, rhs: Quantity) -> Bool { lhs.compare(rhs) < 0 }

    /// −1, 0 or 1 as this amount is less than, equal to or greater than the other. (Quantity.Cmp)
    public func compare(_ other: Quantity) -> Int {
        if case .scaled(let left, let exponent) = amount,
            case .scaled(let right, exponent) = other.amount
        {
            return left == right ? 0 : left < right ? -1 : 1
        }
        return decimal.compare(other.decimal)
    }

    /// Adds exactly. A sum that starts from zero takes over the other's format. (Quantity.Add)
    public mutating func add(_ other: Quantity) {
        written = nil
        if isZero { format = other.format }
        if case .scaled(let left, let leftExponent) = amount,
            case .scaled(let right, let rightExponent) = other.amount
        {
            if right == 0 { return }
            if left == 0 {
                amount = other.amount
                return
            }
            let exponent = min(leftExponent, rightExponent)
            if let left = Quantity.aligned(left, by: leftExponent - exponent),
                let right = Quantity.aligned(right, by: rightExponent - exponent)
            {
                let (sum, overflow) = left.addingReportingOverflow(right)
                if !overflow {
                    amount = .scaled(mantissa: sum, exponent: exponent)
                    return
                }
            }
        }
        amount = .exact(decimal.adding(other.decimal))
    }

    public static func + (lhs: Quantity, rhs: Quantity) -> Quantity {
        var sum = lhs
        sum.add(rhs)
        return sum
    }

    private static func aligned(_ mantissa: Int64, by places: Int) -> Int64? {
        if places > 18 { return nil }
        let (product, overflow) = mantissa.multipliedReportingOverflow(by: powerOfTen(places))
        return overflow ? nil : product
    }
}

extension Quantity: Hashable {
    /// Equal amounts hash alike, however they are written.
    public func hash(into hasher: inout Hasher) { hasher.combine(decimal.normalized) }
}

// MARK: Rounding

extension Quantity {
    /// Rounds away from zero to a multiple of 10^`exponent`. (Quantity.RoundUp)
    public mutating func roundUp(toExponent exponent: Int) {
        switch amount {
        case .scaled(let mantissa, let own):
            guard own < exponent else { return }
            written = nil
            amount = .scaled(
                mantissa: Quantity.scaledDown(mantissa, by: exponent - own), exponent: exponent)
        case .exact(let decimal):
            written = nil
            if let rounded = decimal.rescaled(toExponent: exponent) { amount = .exact(rounded) }
        }
    }
}
