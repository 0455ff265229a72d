/// Natural logarithm and exponential of our own, so that no result depends on a platform's mathematics library.
///
/// Only the four basic operations and square roots are used; IEEE 754 rounds those the same way everywhere. Both stay within
/// one unit in the last place of the exact value; tests measure it. Method and constants: Sun's fdlibm, `e_log.c` and
/// `e_exp.c` (docs/decisions/0002-logarithm.md).
public enum ElementaryFunctions {
    /// ln 2 in two parts: the first has trailing zero bits, so that its product with an exponent is exact.
    private static let ln2High = 6.93147180369123816490e-01
    private static let ln2Low = 1.90821492927058770002e-10

    /// The natural logarithm. Not a number for negative `x`, minus infinity for 0.
    public static func log(_ x: Double) -> Double {
        guard x > 0, x.isFinite else {
            if x == 0 { return -.infinity }
            return x == .infinity ? x : .nan
        }
        // x = 2^exponent · (1 + f) with √½ < 1 + f < √2.
        var exponent = Double(x.exponent)
        var significand = x.significand
        if significand > 2.0.squareRoot() {
            significand *= 0.5
            exponent += 1
        }
        let f = significand - 1
        if f == 0 { return exponent * ln2High + exponent * ln2Low }
        // ln(1 + f) = 2 artanh(s) with s = f / (2 + f): an odd series in s, folded to lose nothing near 0.
        let s = f / (2 + f)
        let z = s * s
        let w = z * z
        let even =
            w
            * (3.999999999940941908e-01 + w
                * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
        let odd =
            z
            * (6.666666666666735130e-01
                + w
                * (2.857142874366239149e-01
                    + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
        let half = 0.5 * f * f
        let tail = s * (half + (even + odd))
        return exponent * ln2High - ((half - (tail + exponent * ln2Low)) - f)
    }

    /// e to the power of `x`; infinity past 709.78, 0 below -745.13.
    public static func exp(_ x: Double) -> Double {
        guard !x.isNaN else { return x }
        if x > 709.782712893383973096 { return .infinity }
        if x < -745.13321910194110842 { return 0 }
        // x = exponent · ln 2 + r with |r| ≤ ½ ln 2.
        let exponent = (x * 1.44269504088896338700).rounded(.toNearestOrEven)
        let high = x - exponent * ln2High
        let low = exponent * ln2Low
        let r = high - low
        let t = r * r
        let c =
            r
            - t
            * (1.66666666666666019037e-01
                + t
                * (-2.77777777770155933842e-03
                    + t
                    * (6.61375632143793436117e-05
                        + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))))
        let y = 1 - ((low - (r * c) / (2 - c)) - high)
        // In two steps, so that a result below the normal range is rounded once, at the end.
        let power = Int(exponent)
        let first = power / 2
        return y * powerOfTwo(first) * powerOfTwo(power - first)
    }

    /// 2 to the power of an exponent in the normal range.
    private static func powerOfTwo(_ exponent: Int) -> Double {
        Double(sign: .plus, exponent: exponent, significand: 1)
    }

    /// The number that a standard normal deviate stays below with `probability`, for a probability in (0, 1).
    ///
    /// Relative error about 1e-16. Source: Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988).
    public static func normalQuantile(_ probability: Double) -> Double {
        let q = probability - 0.5
        if abs(q) <= 0.425 {
            let r = 0.180625 - q * q
            return q * polynomial(r, centreNumerator) / polynomial(r, centreDenominator)
        }
        let tail = q < 0 ? probability : 1 - probability
        var r = (-log(tail)).squareRoot()
        let size: Double
        if r <= 5 {
            r -= 1.6
            size = polynomial(r, middleNumerator) / polynomial(r, middleDenominator)
        } else {
            r -= 5
            size = polynomial(r, farNumerator) / polynomial(r, farDenominator)
        }
        return q < 0 ? -size : size
    }

    /// Horner's rule; coefficients from the highest power down.
    private static func polynomial(_ x: Double, _ coefficients: InlineArray<8, Double>) -> Double {
        var value = coefficients[0]
        for index in 1..<8 { value = value * x + coefficients[index] }
        return value
    }

    private static let centreNumerator: InlineArray<8, Double> = [
        2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
        4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
        1.3314166789178437745e+2, 3.3871328727963666080e+0,
    ]
    private static let centreDenominator: InlineArray<8, Double> = [
        5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4,
        2.1213794301586595867e+4, 5.3941960214247511077e+3, 6.8718700749205790830e+2,
        4.2313330701600911252e+1, 1.0,
    ]
    private static let middleNumerator: InlineArray<8, Double> = [
        7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
        1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
        4.63033784615654529590e+0, 1.42343711074968357734e+0,
    ]
    private static let middleDenominator: InlineArray<8, Double> = [
        1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
        1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e+0,
        2.05319162663775882187e+0, 1.0,
    ]
    private static let farNumerator: InlineArray<8, Double> = [
        2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
        2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e+0,
        5.46378491116411436990e+0, 6.65790464350110377720e+0,
    ]
    private static let farDenominator: InlineArray<8, Double> = [
        2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
        7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
        5.99832206555887937690e-1, 1.0,
    ]
}
