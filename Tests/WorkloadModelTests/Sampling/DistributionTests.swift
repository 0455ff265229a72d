import Foundation
import Primitives
import Testing
import WorkloadModel

/// A distribution with what is known of it in closed form.
struct KnownDistribution: Sendable, CustomTestStringConvertible {
    var name: String
    var distribution: Distribution
    var mean: Double
    var variance: Double
    /// The distribution function, for those that are continuous.
    var below: (@Sendable (Double) -> Double)?

    var testDescription: String { name }

    static let all: [KnownDistribution] = [
        KnownDistribution(
            name: "fixed 2.5", distribution: .fixed(2.5), mean: 2.5, variance: 0),
        KnownDistribution(
            name: "exponential 40", distribution: .exponential(mean: 40), mean: 40, variance: 1600,
            below: { 1 - Foundation.exp(-$0 / 40) }),
        KnownDistribution(
            name: "Weibull 2, 10", distribution: .weibull(shape: 2, scale: 10),
            mean: 5 * Double.pi.squareRoot(), variance: 100 * (1 - .pi / 4),
            below: { 1 - Foundation.exp(-($0 / 10) * ($0 / 10)) }),
        KnownDistribution(
            // Γ(3) = 2 and Γ(5) = 24.
            name: "Weibull 0.5, 3", distribution: .weibull(shape: 0.5, scale: 3), mean: 6,
            variance: 9 * (24 - 4), below: { 1 - Foundation.exp(-($0 / 3).squareRoot()) }),
        KnownDistribution(
            name: "lognormal 60, 0.5", distribution: .lognormal(median: 60, sigma: 0.5),
            mean: 60 * Foundation.exp(0.125),
            variance: 3600 * Foundation.exp(0.25) * (Foundation.exp(0.25) - 1),
            below: { erfc(-Foundation.log($0 / 60) / (0.5 * 2.0.squareRoot())) / 2 }),
        KnownDistribution(
            name: "uniform 10 to 30", distribution: .uniform(low: 10, high: 30), mean: 20,
            variance: 400.0 / 12, below: { min(1, max(0, ($0 - 10) / 20)) }),
        KnownDistribution(
            name: "empirical 1 1 4 9",
            distribution: .empirical(
                values: [1, 4, 9], cumulativeWeights: [2, 3, 4]), mean: 15.0 / 4,
            variance: (1 + 1 + 16 + 81) / 4.0 - 225.0 / 16),
    ]
}

@Suite struct DistributionTests {
    @Test(arguments: KnownDistribution.all, [1, 2, 3] as [UInt64])
    func `draws have the mean, the variance and the shape of the closed form`(
        _ known: KnownDistribution, _ seed: UInt64
    ) {
        var random = RandomStream(seed: seed, name: known.name)
        let count = 40_000
        let draws = (0..<count).map { _ in
            Double(known.distribution.sample(using: &random).nanoseconds) * 1e-9
        }.sorted()
        let n = Double(count)
        let mean = draws.reduce(0, +) / n
        let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
        #expect(abs(mean - known.mean) <= 5 * (known.variance / n).squareRoot() + 1e-9)
        // Heavy tails make a sample's variance uncertain: a tenth either way.
        #expect(abs(variance - known.variance) <= 0.1 * known.variance + 1e-12)
        #expect(abs(known.distribution.mean - known.mean) <= 1e-12 * known.mean)
        guard let below = known.below else { return }
        // Kolmogorov and Smirnov: exceeded by chance once in 40,000 tries or so.
        var distance = 0.0
        for (index, draw) in draws.enumerated() {
            let want = below(draw)
            distance = max(
                distance, want - Double(index) / n, Double(index + 1) / n - want)
        }
        #expect(distance < 2.3 / n.squareRoot(), "distance \(distance)")
    }

    @Test(arguments: KnownDistribution.all)
    func `the same seed and name give the same draws, another name gives others`(
        _ known: KnownDistribution
    ) {
        func draws(_ seed: UInt64, _ name: String) -> [SimDuration] {
            var random = RandomStream(seed: seed, name: name)
            return (0..<100).map { _ in known.distribution.sample(using: &random) }
        }
        #expect(draws(1, "a") == draws(1, "a"))
        if known.variance > 0 {
            #expect(draws(1, "a") != draws(1, "b"))
            #expect(draws(1, "a") != draws(2, "a"))
        }
    }

    @Test func `durations are rounded to the nearest nanosecond and stay in range`() {
        var random = RandomStream(seed: 1, name: "range")
        func sample(_ distribution: Distribution) -> Int64 {
            distribution.sample(using: &random).nanoseconds
        }
        #expect(sample(.fixed(1.4e-9)) == 1)
        #expect(sample(.fixed(1.6e-9)) == 2)
        #expect(sample(.fixed(0)) == 0)
        #expect(sample(.fixed(1e300)) == .max)
        for _ in 0..<1_000 {
            #expect(sample(.lognormal(median: 1e300, sigma: 300)) >= 0)
            #expect(sample(.weibull(shape: 1e-9, scale: 1)) >= 0)
            #expect(sample(.exponential(mean: 1e-300)) == 0)
        }
    }

    @Test func `an empirical distribution gives no value of weight 0`() {
        let distribution = Distribution.empirical(
            values: [1, 2, 3, 4], cumulativeWeights: [0, 1, 1, 2])
        #expect(distribution.problem() == nil)
        var random = RandomStream(seed: 9, name: "weights")
        var seen: Set<Int64> = []
        for _ in 0..<10_000 { seen.insert(distribution.sample(using: &random).nanoseconds) }
        #expect(seen == [2_000_000_000, 4_000_000_000])
    }

    @Test(arguments: [
        (Distribution.fixed(-1), "fixed duration"), (.fixed(.nan), "fixed duration"),
        (.fixed(.infinity), "fixed duration"), (.exponential(mean: 0), "mean"),
        (.weibull(shape: 0, scale: 1), "shape"), (.weibull(shape: 1, scale: -1), "scale"),
        (.lognormal(median: 0, sigma: 1), "median"), (.lognormal(median: 1, sigma: -1), "sigma"),
        (.uniform(low: 2, high: 1), "low"), (.uniform(low: -2, high: 1), "low"),
        (.empirical(values: [], cumulativeWeights: []), "at least one value"),
        (.empirical(values: [1], cumulativeWeights: [1, 2]), "1 values and 2 weights"),
        (.empirical(values: [2, 1], cumulativeWeights: [1, 2]), "ascend"),
        (.empirical(values: [1, 2], cumulativeWeights: [2, 1]), "must not fall"),
        (.empirical(values: [1, 2], cumulativeWeights: [0, 0]), "above 0"),
        (.empirical(values: [1, .infinity], cumulativeWeights: [1, 2]), "ascend"),
    ])
    func `an impossible distribution says why`(_ distribution: Distribution, _ word: String) {
        #expect(distribution.problem()?.contains(word) == true)
    }

    @Test(arguments: KnownDistribution.all)
    func `a possible distribution has no problem`(_ known: KnownDistribution) {
        #expect(known.distribution.problem() == nil)
    }
}
