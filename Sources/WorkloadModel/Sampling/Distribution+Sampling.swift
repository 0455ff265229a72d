public import Primitives

extension Distribution {
    /// Draws one duration, rounded to the nearest nanosecond; never negative, at most 292 years.
    public func sample(using random: inout RandomStream) -> SimDuration {
        SimDuration(nanoseconds: nanoseconds(seconds(using: &random)))
    }

    private func seconds(using random: inout RandomStream) -> Double {
        switch self {
        case .fixed(let seconds):
            return seconds
        case .exponential(let mean):
            return standardExponential(&random) * mean
        case .weibull(let shape, let scale):
            let power = ElementaryFunctions.log(standardExponential(&random)) / shape
            return scale * ElementaryFunctions.exp(power)
        case .lognormal(let median, let sigma):
            let deviate = ElementaryFunctions.normalQuantile(random.unit())
            return median * ElementaryFunctions.exp(sigma * deviate)
        case .uniform(let low, let high):
            return low + (high - low) * random.unit()
        case .empirical(let values, let cumulativeWeights):
            guard let total = cumulativeWeights.last else { return 0 }
            let point = random.unit() * total
            return values[firstIndex(in: cumulativeWeights, above: point)]
        }
    }

    /// The mean in seconds.
    public var mean: Double? {
        switch self {
        case .fixed(let seconds): seconds
        case .exponential(let mean): mean
        case .lognormal(let median, let sigma):
            median * ElementaryFunctions.exp(sigma * sigma / 2)
        case .uniform(let low, let high): (low + high) / 2
        case .empirical(let values, let cumulativeWeights):
            empiricalMean(values, cumulativeWeights)
        // The gamma function has no place here.
        case .weibull: nil
        }
    }

    private func empiricalMean(_ values: [Double], _ cumulativeWeights: [Double]) -> Double {
        guard let total = cumulativeWeights.last, total > 0 else { return 0 }
        var sum = 0.0
        var before = 0.0
        for (value, weight) in zip(values, cumulativeWeights) {
            sum += value * (weight - before)
            before = weight
        }
        return sum / total
    }
}

/// A standard exponential deviate by inversion: positive and finite.
func standardExponential(_ random: inout RandomStream) -> Double {
    -ElementaryFunctions.log(random.unit())
}

/// Seconds as whole nanoseconds, clamped to what a duration holds.
func nanoseconds(_ seconds: Double) -> Int64 {
    let exact = (seconds * 1e9).rounded(.toNearestOrAwayFromZero)
    guard exact > 0 else { return 0 }
    return exact < 0x1p63 ? Int64(exact) : .max
}

/// The first index whose value lies above `point`, by bisection; the last index when none does.
private func firstIndex(in ascending: [Double], above point: Double) -> Int {
    var low = 0
    var high = ascending.count - 1
    while low < high {
        let middle = (low + high) / 2
        if ascending[middle] > point { high = middle } else { low = middle + 1 }
    }
    return low
}
