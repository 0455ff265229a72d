import Primitives

/// How far ahead of the event that left the next one is pushed.
enum Delays: String, CaseIterable {
    case exponential
    case uniform
    /// Nine in ten within a millisecond, the others about an hour ahead.
    case bimodal
    /// Magnitudes from 1 ns to 18 minutes, all equally likely.
    case heavyTailed = "heavy-tailed"
    /// Every event at the same instant.
    case equal
    /// A few instants that many events share.
    case stepped

    func table(count: Int) -> [Int64] {
        var random = RandomStream(seed: 1, name: rawValue)
        return (0..<count).map { _ in draw(&random) }
    }

    private func draw(_ random: inout RandomStream) -> Int64 {
        switch self {
        case .exponential: Int64(1e9 * -naturalLogarithm(random.unit()))
        case .uniform: Int64(random.below(2_000_000_000))
        case .bimodal:
            random.below(10) == 0
                ? Int64(3_600_000_000_000 + random.below(1_000_000_000_000))
                : Int64(random.below(1_000_000))
        case .heavyTailed: Int64(random.next() >> (24 + random.below(40)))
        case .equal: 0
        case .stepped: Int64(random.below(10)) * 1_000_000_000
        }
    }

    /// Good to six digits, which is plenty for a benchmark's delays.
    private func naturalLogarithm(_ value: Double) -> Double {
        let ratio = (value.significand - 1) / (value.significand + 1)
        var (term, sum, odd) = (ratio, 0.0, 1.0)
        while odd < 25 {
            sum += term / odd
            term *= ratio * ratio
            odd += 2
        }
        return 2 * sum + Double(value.exponent) * 0.693_147_180_559_945_3
    }
}
