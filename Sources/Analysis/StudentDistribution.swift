import Primitives

/// Student's t distribution.
enum StudentDistribution {
    /// The value that a deviate stays below with `probability`, to about ten digits.
    ///
    /// - Precondition: 0.5 ≤ `probability` < 1 and `degrees` ≥ 1.
    static func quantile(_ probability: Double, degrees: Int) -> Double {
        var (low, high) = (0.0, 1.0)
        while below(high, degrees: degrees) < probability, high < 1e9 { high *= 2 }
        for _ in 0..<80 {
            let middle = (low + high) / 2
            if below(middle, degrees: degrees) < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The probability of a deviate below `t`, for t ≥ 0.
    static func below(_ t: Double, degrees: Int) -> Double {
        1 - beyond(t, degrees: degrees) / 2
    }

    /// The probability of a deviate farther from zero than `t`, on either side; small ones keep their digits.
    static func beyond(_ t: Double, degrees: Int) -> Double {
        let freedom = Double(degrees)
        return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5)
    }

    /// The regularised incomplete beta function, by its continued fraction.
    ///
    /// Source: NIST Digital Library of Mathematical Functions, 8.17.22, evaluated by Lentz's method.
    private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        // The fraction converges fast on this side; the other is its mirror image.
        if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
        let logFront =
            a * Double.log(x) + b * Double.log(1 - x) + Double.logGamma(a + b)
            - Double.logGamma(a) - Double.logGamma(b)
        let tiny = 1e-300
        var fraction = 1.0
        var (c, d) = (1.0, 0.0)
        for step in 0...300 {
            let m = Double(step / 2)
            let numerator: Double =
                if step == 0 {
                    1
                } else if step.isMultiple(of: 2) {
                    m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                } else {
                    -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
                }
            d = 1 + numerator * d
            if d.magnitude < tiny { d = tiny }
            d = 1 / d
            c = 1 + numerator / c
            if c.magnitude < tiny { c = tiny }
            fraction *= c * d
            if (c * d - 1).magnitude < 1e-15 { break }
        }
        return Double.exp(logFront) * (fraction - 1) / a
    }
}
