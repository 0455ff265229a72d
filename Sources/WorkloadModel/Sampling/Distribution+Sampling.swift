public import Primitives

extension Distribution {
    /// A duration drawn from this distribution, rounded to the nearest nanosecond, by inversion: one draw from the
    /// stream each, none for `fixed`, and never shorter for a larger draw.
    ///
    /// Durations beyond 292 years are 292 years, as far as `SimDuration` goes.
    ///
    /// - Precondition: the distribution has no `problem()`.
    public func sample(using random: inout RandomStream) -> SimDuration {
        SimDuration(roundingSeconds: seconds(using: &random))
    }

    private func seconds(using random: inout RandomStream) -> Double {
        switch self {
        case .fixed(let value):
            return value
        case .exponential(let mean):
            return mean * random.exponentialDeviate()
        case .weibull(let shape, let scale):
            return scale * .exp(.log(random.exponentialDeviate()) / shape)
        case .lognormal(let median, let sigma):
            return median * .exp(sigma * random.normalDeviate())
        case .uniform(let low, let high):
            return low + (high - low) * random.unit()
        case .empirical(let values, let cumulativeWeights):
            let wanted = random.unit() * (cumulativeWeights.last ?? 0)
            return values[firstIndex(in: cumulativeWeights, above: wanted)]
        }
    }

    /// The mean in seconds; infinite when it is beyond what a `Double` holds.
    ///
    /// A Weibull distribution's is scale Γ(1 + 1/shape), a lognormal's median e^(sigma²/2).
    public var mean: Double {
        switch self {
        case .fixed(let value): value
        case .exponential(let mean): mean
        case .weibull(let shape, let scale):
            // Γ of anything above 171 is more than a `Double` holds.
            1 / shape < 170 ? scale * .exp(.logGamma(1 + 1 / shape)) : .infinity
        case .lognormal(let median, let sigma): median * .exp(sigma * sigma / 2)
        case .uniform(let low, let high): low + (high - low) / 2
        case .empirical(let values, let cumulativeWeights):
            zip(values, weights(fromCumulative: cumulativeWeights))
                .reduce(0) { $0 + $1.0 * $1.1 } / (cumulativeWeights.last ?? 1)
        }
    }

    private func weights(fromCumulative cumulative: [Double]) -> [Double] {
        cumulative.indices.map { $0 == 0 ? cumulative[0] : cumulative[$0] - cumulative[$0 - 1] }
    }
}

extension SimDuration {
    /// The nearest whole nanosecond; 0 for a negative number, the longest duration for one too large.
    init(roundingSeconds seconds: Double) {
        let nanoseconds = seconds * 1e9 + 0.5
        // The comparisons are also false for NaN.
        self.init(
            nanoseconds: nanoseconds < 0x1p63 ? (nanoseconds > 0 ? Int64(nanoseconds) : 0) : .max)
    }
}

/// The first position of an ascending array whose element is greater than `value`; the last one when none is.
func firstIndex(in ascending: [Double], above value: Double) -> Int {
    var (low, high) = (0, ascending.count - 1)
    while low < high {
        let middle = (low + high) / 2
        if ascending[middle] > value { high = middle } else { low = middle + 1 }
    }
    return low
}
