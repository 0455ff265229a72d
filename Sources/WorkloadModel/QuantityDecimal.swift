/// A decimal number of any length: ± digits × 10^exponent.
///
/// Only the quantities that an integer cannot hold come here, so plain long-hand arithmetic is enough.
struct QuantityDecimal: Hashable, Sendable {
    var isNegative: Bool
    /// 0 to 9, most significant first, without leading zeros; empty for zero.
    var digits: [UInt8]
    var exponent: Int

    /// Longer numbers are not aligned with one another; see `adding`.
    static let digitLimit = 10_000

    init(isNegative: Bool = false, digits: some Sequence<UInt8>, exponent: Int) {
        self.digits = Array(digits.drop { $0 == 0 })
        self.isNegative = isNegative && !self.digits.isEmpty
        self.exponent = exponent
    }

    init(_ value: Int64, exponent: Int) {
        self.init(
            isNegative: value < 0,
            digits: String(value.magnitude).utf8.map { $0 - UInt8(ascii: "0") },
            exponent: exponent)
    }

    var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    /// The same number without trailing zeros, so that equal numbers are equal values.
    var normalized: QuantityDecimal {
        guard let last = digits.lastIndex(where: { $0 != 0 }) else {
            return QuantityDecimal(digits: [], exponent: 0)
        }
        let zeros = digits.count - 1 - last
        return QuantityDecimal(
            isNegative: isNegative, digits: digits.dropLast(zeros), exponent: exponent + zeros)
    }

    /// A multiple of 10^`target`, rounded away from zero.
    func rounded(toExponent target: Int) -> QuantityDecimal {
        let places = target - exponent
        if places <= 0 || digits.isEmpty { return self }
        let kept = digits.dropLast(places)
        var result = QuantityDecimal(isNegative: isNegative, digits: kept, exponent: target)
        if digits.suffix(places).contains(where: { $0 != 0 }) {
            result.isNegative = isNegative
            result.addOne()
        }
        return result
    }

    /// The number with exactly this exponent, rounded away from zero; nil where that takes too many digits.
    func rescaled(toExponent target: Int) -> QuantityDecimal? {
        if digits.isEmpty || target >= exponent { return rounded(toExponent: target).with(target) }
        guard digits.count + exponent - target <= QuantityDecimal.digitLimit else { return nil }
        return with(target)
    }

    /// Zeros appended until the exponent is down to `target`.
    private func with(_ target: Int) -> QuantityDecimal {
        var result = self
        result.exponent = target
        if !digits.isEmpty && exponent > target {
            result.digits += repeatElement(0, count: exponent - target)
        }
        return result
    }

    private mutating func addOne() {
        for index in digits.indices.reversed() {
            if digits[index] < 9 {
                digits[index] += 1
                return
            }
            digits[index] = 0
        }
        digits.insert(1, at: 0)
    }

    /// Multiplies the digits by 2^`shift`.
    mutating func multiply(byPowerOfTwo shift: Int) {
        for _ in 0..<shift / 10 { multiply(by: 1024) }
        multiply(by: 1 << (shift % 10))
    }

    private mutating func multiply(by factor: Int) {
        var carry = 0
        for index in digits.indices.reversed() {
            carry += Int(digits[index]) * factor
            digits[index] = UInt8(carry % 10)
            carry /= 10
        }
        while carry > 0 {
            digits.insert(UInt8(carry % 10), at: 0)
            carry /= 10
        }
    }

    /// Divides the digits by `divisor`, and tells whether nothing remains.
    private func divided(by divisor: Int) -> (quotient: QuantityDecimal, isExact: Bool) {
        var remainder = 0
        var quotient: [UInt8] = []
        quotient.reserveCapacity(digits.count)
        for digit in digits {
            remainder = remainder * 10 + Int(digit)
            quotient.append(UInt8(remainder / divisor))
            remainder %= divisor
        }
        return (
            QuantityDecimal(isNegative: isNegative, digits: quotient, exponent: exponent),
            remainder == 0
        )
    }

    /// The digits without their factors of 1024, and how many there were.
    func removingFactorsOf1024() -> (QuantityDecimal, count: Int) {
        var result = self
        var count = 0
        while !result.digits.isEmpty {
            let (quotient, isExact) = result.divided(by: 1024)
            if !isExact { break }
            result = quotient
            count += 1
        }
        return (result, count)
    }

    /// The digits as text, with a minus sign when negative; the exponent is not in it.
    var mantissaText: String {
        (isNegative ? "-" : "")
            + String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
    }

    // MARK: Comparing and adding

    func compare(_ other: QuantityDecimal) -> Int {
        if sign != other.sign { return sign < other.sign ? -1 : 1 }
        if sign == 0 { return 0 }
        let magnitude = compareMagnitude(other)
        return isNegative ? -magnitude : magnitude
    }

    /// By the place of the first digit, then digit by digit: no alignment, whatever the exponents.
    private func compareMagnitude(_ other: QuantityDecimal) -> Int {
        let place = digits.count + exponent
        let otherPlace = other.digits.count + other.exponent
        if place != otherPlace { return place < otherPlace ? -1 : 1 }
        for index in 0..<max(digits.count, other.digits.count) {
            let left = index < digits.count ? digits[index] : 0
            let right = index < other.digits.count ? other.digits[index] : 0
            if left != right { return left < right ? -1 : 1 }
        }
        return 0
    }

    /// The exact sum. Where aligning the two would take more than `digitLimit` digits the smaller one vanishes.
    func adding(_ other: QuantityDecimal) -> QuantityDecimal {
        if digits.isEmpty { return other }
        if other.digits.isEmpty { return self }
        let target = min(exponent, other.exponent)
        guard let left = rescaled(toExponent: target),
            let right = other.rescaled(toExponent: target)
        else { return compareMagnitude(other) < 0 ? other : self }
        if left.isNegative == right.isNegative {
            return QuantityDecimal(
                isNegative: left.isNegative, digits: sum(left.digits, right.digits),
                exponent: target)
        }
        let isLess = left.compareMagnitude(right) < 0
        let (larger, smaller) = isLess ? (right, left) : (left, right)
        return QuantityDecimal(
            isNegative: larger.isNegative, digits: difference(larger.digits, smaller.digits),
            exponent: target)
    }

    // MARK: As an integer

    /// The whole number, or nil where it is fractional or does not fit.
    var int64: Int64? {
        let whole = normalized
        guard whole.exponent >= 0, whole.digits.count + whole.exponent <= 19 else { return nil }
        var value: Int64 = 0
        for index in 0..<whole.digits.count + whole.exponent {
            let digit = index < whole.digits.count ? Int64(whole.digits[index]) : 0
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (next, overflow) = product.subtractingReportingOverflow(digit)
            if tooLarge || overflow { return nil }
            value = next
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// The digits in 64 bits, wrapped around, with the sign put on afterwards. (big.Int.Int64)
    private var wrappedMantissa: Int64 {
        let magnitude = digits.reduce(0 as UInt64) { $0 &* 10 &+ UInt64($1) }
        let value = Int64(bitPattern: magnitude)
        return isNegative ? 0 &- value : value
    }

    /// Multiples of 10^`target` as upstream computes them: rounded up, and wrapped around where they do not fit.
    ///
    /// (scaledValue in k/k staging apimachinery/pkg/api/resource/scale_int.go, 1.36; every negative number
    /// takes its path for short ones.)
    func wrappedValue(exponent target: Int) -> Int64 {
        let places = target - exponent
        if places == 0 { return wrappedMantissa }
        if places < 0 {
            return wrappedMantissa &* (-places <= 18 ? Quantity.powerOfTen(-places) : .min)
        }
        let isShort = isNegative || compareMagnitude(.int64Max(exponent: exponent)) < 0
        if isShort && places < 19 {
            let divisor = Quantity.powerOfTen(places)
            let value = wrappedMantissa
            return value / divisor &+ (value % divisor != 0 ? 1 : 0)
        }
        // Rounded up: for negative numbers that is towards zero.
        var quotient = QuantityDecimal(
            isNegative: isNegative, digits: digits.dropLast(places), exponent: target)
        let isExact = digits.suffix(places).allSatisfy { $0 == 0 }
        if !isExact && !isNegative { quotient.addOne() }
        return quotient.wrappedMantissa
    }

    private static func int64Max(exponent: Int) -> QuantityDecimal {
        QuantityDecimal(.max, exponent: exponent)
    }
}

/// The digits of a sum.
private func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var carry: UInt8 = 0
    for offset in 1...max(left.count, right.count) {
        let digit =
            carry + (offset <= left.count ? left[left.count - offset] : 0)
            + (offset <= right.count ? right[right.count - offset] : 0)
        result.append(digit % 10)
        carry = digit / 10
    }
    if carry > 0 { result.append(carry) }
    return result.reversed()
}

/// The digits of a difference; `left` is not the smaller one.
private func difference(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var borrow: UInt8 = 0
    for offset in 1...left.count {
        let take = borrow + (offset <= right.count ? right[right.count - offset] : 0)
        let digit = left[left.count - offset]
        borrow = digit < take ? 1 : 0
        result.append(digit + borrow * 10 - take)
    }
    return result.reversed()
}
