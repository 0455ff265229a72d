import Analysis
import Metrics
import Testing

@Suite struct PairedComparisonTests {
    /// Each pair a call of its own, with few resamples: debug builds are slow.
    private static func each(_ pairs: [SyntheticPairs]) -> [PairedComparison] {
        var settings = ComparisonSettings()
        settings.resamples = 1_999
        return pairs.map { compare([$0.sample], settings: settings)[0] }
    }

    @Test func `the interval covers a known difference as often as it says`() {
        let pairs = SyntheticPairs.twoHundred(shift: 2)
        let covered = zip(pairs, Self.each(pairs)).count { pair, comparison in
            comparison.interval?.contains(2 * pair.trueError) == true
        }
        #expect((180...198).contains(covered), "\(covered) of 200")
    }

    @Test(arguments: [4.0, -4.0])
    func `a difference of four standard errors is called in its direction`(shift: Double) {
        let called = Self.each(SyntheticPairs.twoHundred(shift: shift)).count {
            $0.verdict == (shift > 0 ? .improved : .regressed)
        }
        #expect(called >= 180, "\(called) of 200")
    }

    @Test func `where there is no difference hardly any is called`() {
        let called = Self.each(SyntheticPairs.twoHundred(shift: 0)).count {
            $0.verdict == .improved || $0.verdict == .regressed
        }
        #expect(called <= 14, "\(called) of 200")
    }

    @Test func `in one call of two hundred without a difference none is called`() {
        let samples = SyntheticPairs.twoHundred(shift: 0).map(\.sample)
        var settings = ComparisonSettings()
        settings.resamples = 1_999
        #expect(compare(samples, settings: settings).allSatisfy { $0.verdict == .noChange })
    }

    private static func sample(
        _ reference: [Double], _ candidate: [Double], _ polarity: MetricPolarity = .lower
    ) -> PairedSample {
        PairedSample(
            metric: "m", polarity: polarity, reference: reference, candidate: candidate)
    }

    private static let ten = (1...10).map(Double.init)

    @Test func `runs that are equal do not differ`() {
        let result = compare([Self.sample(Self.ten, Self.ten)])[0]
        #expect(result.verdict == .noChange)
        #expect(result.pValue == 1)
        #expect(result.interval == 0...0)
        #expect(result.effectSize == nil)
    }

    @Test func `a difference without spread is sure`() {
        let result = compare([Self.sample(Self.ten, Self.ten.map { $0 + 0.3 })])[0]
        #expect(result.verdict == .regressed)
        #expect(result.pValue == 0)
        #expect(abs(result.difference - 0.3) < 1e-9)
        #expect(result.effectSize == nil)
    }

    @Test func `a pair with a run that did not measure it is no pair`() {
        var candidate = Self.ten.map { $0 - 1 }
        candidate[3] = .nan
        let nine = compare([Self.sample(Self.ten, candidate)])[0]
        #expect(nine.pairs == 9)
        #expect(nine.missing == 1)
        #expect(nine.verdict == .improved)
        candidate[4] = .nan
        let eight = compare([Self.sample(Self.ten, candidate)])[0]
        #expect(eight.verdict == .notEnoughRuns)
        #expect(eight.difference == -1)
        let none = compare([Self.sample([.nan, .infinity], [1, 2])])[0]
        #expect(none.pairs == 0)
        #expect(none.verdict == .notEnoughRuns)
        #expect(none.interval == nil)
        #expect(compare([Self.sample([], [])])[0].verdict == .notEnoughRuns)
        #expect(compare([Self.sample([1], [2])])[0].interval == nil)
    }

    @Test func `what has no better side changed`() {
        let up = Self.ten.map { $0 + 2 }
        #expect(compare([Self.sample(Self.ten, up, .neither)])[0].verdict == .changed)
        #expect(compare([Self.sample(Self.ten, up, .higher)])[0].verdict == .improved)
        #expect(compare([Self.sample(Self.ten, up, .lower)])[0].verdict == .regressed)
    }

    @Test func `noise and a least effect hold a verdict back`() {
        let sample = Self.sample(Self.ten, Self.ten.map { $0 + 0.5 })
        var settings = ComparisonSettings()
        settings.noise = .absolute(0.6)
        #expect(compare([sample], settings: settings)[0].verdict == .noChange)
        settings.noise = .absolute(0.4)
        #expect(compare([sample], settings: settings)[0].verdict == .regressed)
        // The mean is 5.5, of which 0.5 is a little over nine per cent.
        settings.minimumEffect = .relative(0.1)
        #expect(compare([sample], settings: settings)[0].verdict == .noChange)
        settings.minimumEffect = .relative(0.09)
        #expect(compare([sample], settings: settings)[0].verdict == .regressed)
    }

    @Test func `the same samples give the same numbers`() {
        let samples = SyntheticPairs.twoHundred(shift: 1).prefix(8).map(\.sample)
        #expect(compare(samples) == compare(samples))
    }

    @Test func `Holm's correction is the textbook's`() {
        #expect(
            holmCorrected([0.01, 0.04, 0.03, 0.005, .nan]).prefix(4).map { ($0 * 1_000).rounded() }
                == [30, 60, 60, 20])
        #expect(holmCorrected([.nan])[0].isNaN)
        #expect(holmCorrected([0.9, 0.8]) == [1, 1])
    }

    @Test func `Student's interval is the narrowest that is given`() throws {
        // 9 and 1 in turn: mean 5, deviation 4.2164, error 1.3333; t of 9 degrees is 2.2622.
        let reference = [Double](repeating: 0, count: 10)
        let candidate = (0..<10).map { $0.isMultiple(of: 2) ? 9.0 : 1 }
        let interval = try #require(compare([Self.sample(reference, candidate)])[0].interval)
        #expect(interval.lowerBound <= 5 - 2.2621 * 4.0 / 3)
        #expect(interval.upperBound >= 5 + 2.2621 * 4.0 / 3)
    }

    @Test func `the p value is that of the t test`() {
        // As above, t = 5 / 1.3333 = 3.75 of 9 degrees: p = 0.0045547.
        let reference = [Double](repeating: 0, count: 10)
        let candidate = (0..<10).map { $0.isMultiple(of: 2) ? 9.0 : 1 }
        let p = compare([Self.sample(reference, candidate)])[0].pValue
        #expect(abs(p - 0.004_55) < 0.000_02, "\(p)")
    }

    @Test func `metrics that no run moved cost the others nothing`() {
        let moved = Self.sample(Self.ten, zip(Self.ten, 1...).map { $0 + 3 + Double($1 % 3) })
        let still = Self.sample(Self.ten, Self.ten)
        let alone = compare([moved])[0]
        let among = compare([still, moved, still, still])
        #expect(among[1].correctedPValue == alone.correctedPValue)
        #expect(among[0].correctedPValue == 1)
    }

    @Test func `the best of several is 1`() {
        #expect(relativeToBest([2, 4, 8], polarity: .lower) == [1, 2, 4])
        #expect(relativeToBest([2, 4, .nan], polarity: .higher) == [0.5, 1, nil])
        #expect(relativeToBest([0, 3], polarity: .lower) == [1, nil])
        #expect(relativeToBest([1, 2], polarity: .neither) == [nil, nil])
    }
}
