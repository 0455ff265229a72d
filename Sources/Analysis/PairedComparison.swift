public import Metrics
import Primitives

/// A metric of two variants, run with the same seeds.
public struct PairedSample: Sendable {
    public var metric: String
    public var polarity: MetricPolarity
    /// By seed; NaN where a run did not measure it.
    public var reference: [Double]
    /// By seed, in the order of `reference`.
    public var candidate: [Double]

    public init(
        metric: String, polarity: MetricPolarity, reference: [Double], candidate: [Double]
    ) {
        self.metric = metric
        self.polarity = polarity
        self.reference = reference
        self.candidate = candidate
    }
}

/// What paired runs say of one metric: by how much the candidate differs, how sure that is, and a word.
public struct PairedComparison: Sendable, Hashable {
    /// Pairs of which both runs measured the metric.
    public var pairs: Int
    /// Pairs of which one did not.
    public var missing: Int
    /// Over those pairs; NaN of none.
    public var referenceMean: Double
    public var candidateMean: Double
    /// Candidate less reference.
    public var difference: Double
    /// Nil of one pair, which has no spread.
    public var interval: ClosedRange<Double>?
    /// By the reference's mean; nil when that is zero.
    public var relativeDifference: Double?
    /// The difference in standard deviations of paired differences, corrected for few pairs; nil without spread.
    ///
    /// Source: Hedges, "Distribution Theory for Glass's Estimator of Effect Size", 1981.
    public var effectSize: Double?
    /// Of the paired t test, two-sided: 1 when no pair differs, 0 when all differ by the same. NaN of one pair.
    public var pValue: Double
    /// After the correction for all comparisons of one call.
    public var correctedPValue: Double
    public var verdict: ComparisonVerdict
}

/// Compares variants metric by metric; the correction covers all samples of the call.
///
/// Equal samples give equal results: the resampling is seeded by the metric's name.
public func compare(
    _ samples: [PairedSample], settings: ComparisonSettings = ComparisonSettings()
) -> [PairedComparison] {
    var comparisons = samples.map { PairedComparison($0, settings: settings) }
    // Without a verdict there is no error to bound; nor where no pair differs, which no test could call
    // (Tarone, "A Modified Bonferroni Method for Discrete Data", Biometrics 46, 1990).
    let tested = comparisons.map {
        $0.pairs >= settings.minimumPairs && $0.pValue < 1 ? $0.pValue : .nan
    }
    let corrected = holmCorrected(tested)
    for index in comparisons.indices {
        comparisons[index].correctedPValue =
            comparisons[index].pValue == 1 ? 1 : corrected[index]
        comparisons[index].verdict = comparisons[index].judge(
            polarity: samples[index].polarity, settings: settings)
    }
    return comparisons
}

extension PairedComparison {
    /// Everything but the correction and the verdict.
    fileprivate init(_ sample: PairedSample, settings: ComparisonSettings) {
        let both = zip(sample.reference, sample.candidate).filter {
            $0.isFinite && $1.isFinite
        }
        let differences = both.map { $1 - $0 }
        let moments = SampleMoments(differences)
        pairs = both.count
        missing = max(sample.reference.count, sample.candidate.count) - both.count
        referenceMean = SampleMoments(both.map(\.0)).mean
        candidateMean = SampleMoments(both.map(\.1)).mean
        difference = moments.mean
        relativeDifference =
            referenceMean == 0 || both.isEmpty
            ? nil : moments.mean / referenceMean.magnitude
        pValue = .nan
        correctedPValue = .nan
        verdict = .notEnoughRuns
        guard pairs >= 2 else { return }

        // A hundred thousand seeds need no ten thousand resamples.
        let resamples = min(settings.resamples, max(999, 20_000_000 / pairs))
        var stream = RandomStream(seed: 0, name: "compare/\(sample.metric)")
        // Rounding leaves a trace of deviation where all differ by the same.
        let isConstant = moments.deviation <= 1e-12 * moments.mean.magnitude
        if isConstant {
            interval = moments.mean...moments.mean
            pValue = moments.mean == 0 ? 1 : 0
            return
        }
        let t = (moments.mean / moments.standardError).magnitude
        pValue = StudentDistribution.beyond(t, degrees: pairs - 1)
        let freedom = Double(pairs - 1)
        effectSize = moments.mean / moments.deviation * (1 - 3 / (4 * freedom - 1))
        let bounds = BootstrapInterval(
            of: differences, confidence: settings.confidence, resamples: resamples, stream: &stream)
        interval = bounds.low...bounds.high
    }

    fileprivate func judge(
        polarity: MetricPolarity, settings: ComparisonSettings
    ) -> ComparisonVerdict {
        guard pairs >= settings.minimumPairs, let interval else { return .notEnoughRuns }
        let noise = settings.noise.size(reference: referenceMean)
        let effect = settings.minimumEffect.size(reference: referenceMean)
        let isBeyond = interval.lowerBound > noise || interval.upperBound < -noise
        guard isBeyond, difference.magnitude >= effect,
            correctedPValue <= 1 - settings.confidence + 1e-12
        else { return .noChange }
        return ComparisonVerdict(difference: difference, polarity: polarity)
    }
}

/// Each mean as a multiple of the best; nil without a better side, without a number, or of a best of zero.
public func relativeToBest(_ means: [Double], polarity: MetricPolarity) -> [Double?] {
    let numbers = means.filter(\.isFinite)
    let best: Double? =
        switch polarity {
        case .higher: numbers.max()
        case .lower: numbers.min()
        case .neither: nil
        }
    guard let best else { return means.map { _ in nil } }
    return means.map { mean in
        if mean == best { return 1 }
        return best == 0 || !mean.isFinite ? nil : mean / best
    }
}
