extension Distribution {
    /// What makes this distribution impossible to draw from, in a user's words; nil when nothing does.
    public func problem() -> String? {
        switch self {
        case .fixed(let value):
            return value >= 0 && value.isFinite
                ? nil : "a fixed duration must be 0 s or more, not \(value) s"
        case .exponential(let mean):
            return mean > 0 && mean.isFinite
                ? nil : "the mean of an exponential distribution must be above 0 s, not \(mean) s"
        case .weibull(let shape, let scale):
            if !(shape > 0 && shape.isFinite) {
                return "the shape of a Weibull distribution must be above 0, not \(shape)"
            }
            return scale > 0 && scale.isFinite
                ? nil : "the scale of a Weibull distribution must be above 0 s, not \(scale) s"
        case .lognormal(let median, let sigma):
            if !(median > 0 && median.isFinite) {
                return "the median of a lognormal distribution must be above 0 s, not \(median) s"
            }
            return sigma >= 0 && sigma.isFinite
                ? nil : "the sigma of a lognormal distribution must be 0 or more, not \(sigma)"
        case .uniform(let low, let high):
            return low >= 0 && low <= high && high.isFinite
                ? nil : "a uniform distribution needs 0 ≤ low ≤ high, not \(low) s and \(high) s"
        case .empirical(let values, let cumulativeWeights):
            return empiricalProblem(values, cumulativeWeights)
        }
    }

    private func empiricalProblem(_ values: [Double], _ cumulativeWeights: [Double]) -> String? {
        guard !values.isEmpty else { return "an empirical distribution needs at least one value" }
        guard values.count == cumulativeWeights.count else {
            return "an empirical distribution needs a weight for each value: it has "
                + "\(values.count) values and \(cumulativeWeights.count) weights"
        }
        var (value, weight) = (0.0, 0.0)
        for (nextValue, nextWeight) in zip(values, cumulativeWeights) {
            guard nextValue >= value, nextValue.isFinite else {
                return "the values of an empirical distribution must ascend from 0 s: "
                    + "\(nextValue) s comes after \(value) s"
            }
            guard nextWeight >= weight, nextWeight.isFinite else {
                return "the cumulative weights of an empirical distribution must not fall: "
                    + "\(nextWeight) comes after \(weight)"
            }
            (value, weight) = (nextValue, nextWeight)
        }
        return weight > 0 ? nil : "an empirical distribution needs a weight above 0"
    }
}
