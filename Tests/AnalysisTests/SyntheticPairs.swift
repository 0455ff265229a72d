import Analysis
import Metrics
import Primitives

/// Paired runs whose true difference is known.
struct SyntheticPairs {
    enum Shape: String, CaseIterable {
        /// A common part of each seed, and noise of each run.
        case normal
        /// Long-tailed, as waits are.
        case lognormal
        /// Small whole numbers, as counts of refusals are.
        case discrete
        /// Shares of a hundred pods.
        case share
    }

    var sample: PairedSample
    /// Of the mean of twenty pairs.
    var trueError: Double

    /// - Parameter shift: The true difference in standard errors of the mean of `count` pairs.
    init(_ shape: Shape, number: Int, shift: Double, count: Int = 20) {
        var stream = RandomStream(seed: 2_026, name: "pairs/\(shape.rawValue)/\(number)/\(shift)")
        var (reference, candidate): ([Double], [Double]) = ([], [])
        for _ in 0..<count {
            let common = stream.normalDeviate()
            let run: () -> Double
            switch shape {
            case .normal: run = { 50 + 5 * common + 2 * stream.normalDeviate() }
            case .lognormal: run = { Double.exp(1 + common + 0.5 * stream.normalDeviate()) }
            case .discrete:
                run = {
                    Double((0..<40).count { _ in stream.unit() < 0.1 }) + (common * 2).rounded()
                }
            case .share:
                run = { Double((0..<100).count { _ in stream.unit() < 0.9 }) / 100 }
            }
            reference.append(run())
            candidate.append(run())
        }
        // Of one difference, by the formulas of the shapes.
        let variance: Double =
            switch shape {
            case .normal: 2 * 4
            case .lognormal:
                // exp(2 + 2) from the common part, times the variance of both exp(noise / 2).
                2 * Double.exp(4) * (Double.exp(0.5) - Double.exp(0.25))
            case .discrete: 2 * 40 * 0.1 * 0.9
            case .share: 2 * 0.9 * 0.1 / 100
            }
        trueError = (variance / Double(count)).squareRoot()
        let difference = shift * trueError
        sample = PairedSample(
            metric: "\(shape.rawValue).\(number)", polarity: .higher, reference: reference,
            candidate: candidate.map { $0 + difference })
    }

    /// Two hundred, the shapes in turn.
    static func twoHundred(shift: Double) -> [SyntheticPairs] {
        (0..<200).map { SyntheticPairs(Shape.allCases[$0 % 4], number: $0, shift: shift) }
    }
}
