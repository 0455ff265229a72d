import Primitives

/// How often chance alone moves the mean as far: the randomisation test of paired differences.
///
/// Without an effect, reference and candidate of a seed could as well be exchanged, which turns the sign of their
/// difference; so the share of sign patterns with a mean at least as far from zero is the p value, exactly, whatever
/// the shape (Fisher, "The Design of Experiments", 1935, section 21).
enum SignFlipTest {
    /// Up to here every pattern is tried.
    private static let exactLimit = 13

    static func pValue(
        of differences: [Double], resamples: Int, stream: inout RandomStream
    ) -> Double {
        let moved = differences.filter { $0 != 0 }
        guard !moved.isEmpty else { return 1 }
        let sum = moved.reduce(0, +).magnitude
        // Equal sums in another order differ in their last digits.
        let threshold = sum - 1e-12 * moved.reduce(0) { $0 + $1.magnitude }
        if moved.count <= exactLimit {
            let patterns = 1 << moved.count
            var asFar = 0
            for pattern in 0..<patterns where abs(flipped(moved, by: UInt64(pattern))) >= threshold
            {
                asFar += 1
            }
            return Double(asFar) / Double(patterns)
        }
        var asFar = 0
        for _ in 0..<resamples {
            var sum = 0.0
            var bits: UInt64 = 0
            for (index, value) in moved.enumerated() {
                if index & 63 == 0 { bits = stream.next() }
                sum += bits & 1 == 0 ? value : -value
                bits >>= 1
            }
            if sum.magnitude >= threshold { asFar += 1 }
        }
        // The pattern that happened is one of them (Davison and Hinkley, 1997, section 4.2).
        return Double(asFar + 1) / Double(resamples + 1)
    }

    private static func flipped(_ values: [Double], by pattern: UInt64) -> Double {
        var sum = 0.0
        for (index, value) in values.enumerated() {
            sum += pattern >> UInt64(index) & 1 == 0 ? value : -value
        }
        return sum
    }
}
