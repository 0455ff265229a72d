import Primitives

/// An interval for the mean of paired differences: the studentised bootstrap, never narrower than Student's t.
///
/// The bootstrap-t is second-order correct and follows skewed differences (Efron and Tibshirani, "An Introduction to
/// the Bootstrap", 1993, section 12.5; Hall, "Theoretical comparison of bootstrap confidence intervals", 1988). Where
/// most differences are zero, as with counts of refusals, its resamples have few values and it is too narrow, so
/// each end is at least as far out as Student's.
struct BootstrapInterval {
    var low: Double
    var high: Double

    /// - Precondition: at least two differences, not all equal.
    init(
        of differences: [Double], confidence: Double, resamples: Int, stream: inout RandomStream
    ) {
        let count = differences.count
        let moments = SampleMoments(differences)
        let error = moments.standardError
        let tail = (1 - confidence) / 2
        // A resample of almost equal values would divide by nothing; it counts as one of a twentieth of the error.
        let leastError = error / 20
        var ratios = [Double](repeating: 0, count: resamples)
        differences.withUnsafeBufferPointer { differences in
            for resample in 0..<resamples {
                var (sum, squares) = (0.0, 0.0)
                for _ in 0..<count {
                    // From the mean, so that large values lose no digits.
                    let value = differences[Int(stream.below(UInt64(count)))] - moments.mean
                    sum += value
                    squares += value * value
                }
                let shift = sum / Double(count)
                let variance = (squares - sum * shift) / Double(count - 1) / Double(count)
                ratios[resample] = shift / max(max(variance, 0).squareRoot(), leastError)
            }
        }
        ratios.sort()
        let student = StudentDistribution.quantile(1 - tail, degrees: count - 1)
        let place = max(1, Int(tail * Double(resamples + 1)))
        let lowest = min(ratios[place - 1], -student)
        let highest = max(ratios[resamples - place], student)
        low = moments.mean - highest * error
        high = moments.mean - lowest * error
    }
}

/// Mean and deviation of a sample, by two passes.
struct SampleMoments {
    let count: Int
    let mean: Double
    /// With n - 1; zero of one value.
    let deviation: Double

    init(_ values: [Double]) {
        count = values.count
        let mean = values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
        self.mean = mean
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
    }

    var standardError: Double { deviation / Double(count).squareRoot() }
}
