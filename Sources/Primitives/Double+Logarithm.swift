// Our own logarithm and exponential, so that a run is the same on every platform: additions, multiplications and
// divisions of IEEE 754 doubles only, which every platform rounds alike. Swift never contracts them into fused
// operations. What they cost and how exact they are: docs/decisions/0002-logarithm.md.

extension Double {
    /// The natural logarithm; -∞ of 0, NaN of a negative number. The error is below 1 unit in the last place.
    ///
    /// With x = 2^k (1 + f), √½ ≤ 1 + f < √2, and s = f / (2 + f), it is k ln 2 + 2 artanh s, by the Taylor series of
    /// artanh: s stays below 0.172, so the first term left out is below 2^-58 of the sum.
    public static func log(_ x: Double) -> Double {
        guard x >= leastNormalMagnitude, x < infinity else {
            if x > 0, x < infinity { return log(x * 0x1p54) - 54 * (ln2High + ln2Low) }
            return x == 0 ? -infinity : x < 0 ? nan : x
        }
        // Adding what 1 is above √½ carries into the exponent just where the significand reaches √2.
        let bits = x.bitPattern &+ (0x3ff0_0000_0000_0000 &- squareRootOfHalfBits)
        let k = Double(Int64(bits &>> 52) &- 1023)
        let f = Double(bitPattern: bits & 0x000f_ffff_ffff_ffff &+ squareRootOfHalfBits) - 1
        let s = f / (2 + f)
        // 2 artanh s = 2 s + s (2/3 z + 2/5 z² + …), in two sums that do not wait for each other.
        let z = s * s
        let w = z * z
        let a = 2.0 / 11 + w * (2.0 / 15 + w * (2.0 / 19 + w * (2.0 / 23)))
        let b = 2.0 / 9 + w * (2.0 / 13 + w * (2.0 / 17 + w * (2.0 / 21)))
        let series = z * (2.0 / 3 + w * (2.0 / 7 + w * a)) + w * (2.0 / 5 + w * b)
        // 2 s = f - s f and s f = f²/2 - s f²/2: what is rounded is small beside f, which is exact.
        let half = 0.5 * f * f
        return k * ln2High - ((half - (s * (half + series) + k * ln2Low)) - f)
    }

    /// e to the power x. The error is below 1 unit in the last place.
    ///
    /// With x = k ln 2 + r, |r| ≤ ½ ln 2, it is 2^k times the Taylor series of e^r, of which the first term left out is
    /// below 2^-57.
    public static func exp(_ x: Double) -> Double {
        guard x.magnitude < 746 else { return x.isNaN ? x : x > 0 ? infinity : 0 }
        // A number above 2^52 has no bits for a fraction, so this sum is the nearest whole number.
        let k = (x * 0x1.7154_7652_b82fep0 + 0x1.8p52) - 0x1.8p52
        let high = x - k * ln2High
        let low = k * ln2Low
        let r = high - low
        // e^r = 1 + r + z (1/2 + r/6 + z/24 + …), the odd and the even powers apart.
        let z = r * r
        let a = 1.0 / 362_880 + z * (1.0 / 39_916_800 + z * (1.0 / 6_227_020_800))
        let b = 1.0 / 40_320 + z * (1.0 / 3_628_800 + z * (1.0 / 479_001_600))
        let odd = 1.0 / 6 + z * (1.0 / 120 + z * (1.0 / 5_040 + z * a))
        let even = 1.0 / 24 + z * (1.0 / 720 + z * b)
        let rest = z * (0.5 + (r * odd + z * even))
        // `high - low` once more, as rounding `r` lost a little.
        let power = 1 + (high + (rest - low))
        return scale(power, byPowerOfTwo: Int64(k))
    }

    /// The logarithm of the gamma function. The error is below 10^-14 absolute or relative.
    ///
    /// Stirling's series from 12 up; below, Γ(x) = Γ(x + n) / (x (x + 1) … (x + n - 1)).
    ///
    /// - Precondition: `x` is positive.
    public static func logGamma(_ x: Double) -> Double {
        precondition(x > 0, "the logarithm of gamma is asked for positive numbers only")
        var (argument, product) = (x, 1.0)
        while argument < 12 {
            product *= argument
            argument += 1
        }
        let inverse = 1 / argument
        let z = inverse * inverse
        let a = 1.0 / 1_680 - z * (1.0 / 1_188 - z * (691.0 / 360_360 - z * (1.0 / 156)))
        let series = inverse * (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1_260 - z * a)))
        let halfLogOfTwoPi = 0.918_938_533_204_672_74
        return (argument - 0.5) * log(argument) - argument + halfLogOfTwoPi + series - log(product)
    }
}

/// `x` × 2^`k`, for -1,100 < k < 1,100.
private func scale(_ x: Double, byPowerOfTwo k: Int64) -> Double {
    func powerOfTwo(_ k: Int64) -> Double {
        Double(bitPattern: UInt64(bitPattern: k &+ 1023) &<< 52)
    }
    if k > 1023 { return x * powerOfTwo(1023) * powerOfTwo(k &- 1023) }
    if k < -1022 { return x * powerOfTwo(-1000) * powerOfTwo(k &+ 1000) }
    return x * powerOfTwo(k)
}

/// √½; significands run from it to √2.
private let squareRootOfHalfBits: UInt64 = 0x3fe6_a09e_667f_3bcd

/// ln 2 in two parts, the first so short that its product with an exponent is exact.
private let ln2High = 0x1.62e4_2fef_ap-1
private let ln2Low = 0x1.cf79_abc9_e3b3ap-40
