extension Quantity {
    /// Subtracts exactly; the difference may be negative. One that starts from zero takes over the other's format.
    /// (Quantity.Sub)
    public mutating func subtract(_ other: Quantity) {
        add(other.negated)
    }

    /// The amount with the other sign.
    private var negated: Quantity {
        var result = self
        result.written = nil
        switch amount {
        case .scaled(let mantissa, let exponent) where mantissa != .min:
            result.amount = .scaled(mantissa: -mantissa, exponent: exponent)
        case .scaled, .exact:
            var number = decimal
            number.isNegative = number.sign > 0
            result.amount = .exact(number)
        }
        return result
    }

    /// As a whole number of 10^`exponent`, or nil where it is none or does not fit.
    public func exactUnits(exponent: Int) -> Int64? {
        guard let units = units(exponent: exponent) else { return nil }
        let back = Quantity(.scaled(mantissa: units, exponent: exponent), format: format)
        return back == self ? units : nil
    }
}
