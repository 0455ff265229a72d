extension [UInt8] {
    /// Appends `value` in decimal.
    mutating func append(decimal value: Int64) {
        if value >= 0 && value < 10 {
            append(UInt8(truncatingIfNeeded: value) &+ UInt8(ascii: "0"))
            return
        }
        var magnitude = value.magnitude
        if value < 0 { append(UInt8(ascii: "-")) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var position = 20
            while magnitude >= 10 {
                let (quotient, digit) = magnitude.quotientAndRemainder(dividingBy: 10)
                position -= 1
                digits[position] = UInt8(truncatingIfNeeded: digit) &+ UInt8(ascii: "0")
                magnitude = quotient
            }
            position -= 1
            digits[position] = UInt8(truncatingIfNeeded: magnitude) &+ UInt8(ascii: "0")
            append(contentsOf: digits[position...])
        }
    }
}
