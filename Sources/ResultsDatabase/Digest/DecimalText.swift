extension OutputSpan<UInt8> {
    /// Appends `value` in decimal.
    @inline(__always)
    mutating func append(decimal value: Int64) {
        var magnitude = value.magnitude
        if value < 0 { append(UInt8(ascii: "-")) }
        if magnitude < 10 {
            append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: magnitude))
            return
        }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var position = 20
            while magnitude > 0 {
                position &-= 1
                digits[position] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: magnitude % 10)
                magnitude /= 10
            }
            while position < 20 {
                append(digits[position])
                position &+= 1
            }
        }
    }
}

extension [UInt8] {
    /// Appends `value` in decimal.
    @inline(__always)
    mutating func append(decimal value: Int64) {
        append(addingCapacity: 20) { $0.append(decimal: value) }
    }
}
