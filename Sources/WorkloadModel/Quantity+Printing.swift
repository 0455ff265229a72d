extension Quantity: CustomStringConvertible {
    /// The canonical form: no fraction, the largest suffix that loses nothing, in the quantity's own format.
    ///
    /// A binary quantity below 1024, or with a fraction, is printed as a decimal one. A text that already has
    /// the canonical suffix is printed as written, so `+07m` stays `+07m`. (Quantity.String, CanonicalizeBytes)
    public var description: String {
        if let written { return written }
        if isZero { return "0" }
        let number = decimal
        if format == .binarySI {
            let isSmall = number.compareToWhole(-1024) > 0 && number.compareToWhole(1024) < 0
            if !isSmall, let whole = number.rescaled(toExponent: 0), whole.compare(number) == 0 {
                let (mantissa, count) = whole.removingFactorsOf1024()
                return mantissa.mantissaText + Quantity.suffix(binary: count * 10)
            }
        }
        var canonical = number.normalized
        let excess = (canonical.exponent % 3 + 3) % 3
        canonical.digits += repeatElement(0, count: excess)
        canonical.exponent -= excess
        return canonical.mantissaText + decimalSuffix(canonical.exponent)
    }

    /// Upstream prints an exponent that it has no letter for as nothing at all; so do we.
    private func decimalSuffix(_ exponent: Int) -> String {
        if format == .decimalExponent { return exponent == 0 ? "" : "e\(exponent)" }
        return Quantity.decimalSuffixes.first { $0.key == exponent }?.value ?? ""
    }

    private static func suffix(binary exponent: Int) -> String {
        binarySuffixes.first { $0.key == exponent }?.value ?? ""
    }
}

extension QuantityDecimal {
    fileprivate func compareToWhole(_ value: Int64) -> Int {
        compare(QuantityDecimal(value, exponent: 0))
    }
}
