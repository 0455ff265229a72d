import Foundation
import Primitives
import Testing

/// How many units in the last place of the true value `got` is away from it.
private func unitsInTheLastPlace(_ got: Double, from exact: Double) -> Double {
    if got == exact || (got.isNaN && exact.isNaN) { return 0 }
    return abs(got - exact) / exact.ulp
}

#if arch(x86_64)
    private func unitsInTheLastPlace(_ got: Double, from exact: Float80) -> Double {
        if got.isInfinite || got.isNaN { return Double(exact) == got ? 0 : .infinity }
        return Double(abs(Float80(got) - exact) / Float80(Double(exact).ulp))
    }
#endif

/// A million seeded values of many magnitudes.
private func values(_ name: String, _ draw: (inout RandomStream) -> Double) -> [Double] {
    var random = RandomStream(seed: 2_026, name: name)
    return (0..<1_000_000).map { _ in draw(&random) }
}

@Suite struct LogarithmTests {
    @Test func `the logarithm is within 1 unit in the last place`() {
        var worst = 0.0
        let numbers =
            values("log") { random in
                switch random.below(4) {
                case 0: Double(bitPattern: random.below(0x7ff0_0000_0000_0000))
                case 1: random.unit()
                case 2: 1 + (random.unit() - 0.5) * Double.exp(-40 * random.unit())
                default: Double(random.below(1 << 40))
                }
            } + [
                1, 1.0.nextUp, 1.0.nextDown, 2, 0.5, 2.0.squareRoot(), 0.5.squareRoot(),
                0.5.squareRoot().nextDown, .leastNormalMagnitude, .leastNonzeroMagnitude,
                .greatestFiniteMagnitude, 0, .infinity,
            ]
        for x in numbers {
            #if arch(x86_64)
                let error = unitsInTheLastPlace(.log(x), from: Foundation.log(Float80(x)))
            #else
                // The C library's own error is up to half a unit, which a count of whole units hides.
                let error = unitsInTheLastPlace(.log(x), from: Foundation.log(x)) / 2
            #endif
            worst = max(
                worst, x == 0 || x == 1 ? (Double.log(x) == Foundation.log(x) ? 0 : 9) : error)
        }
        #expect(worst < 1, "worst \(worst)")
        #expect(Double.log(-1).isNaN)
        #expect(Double.log(.nan).isNaN)
        #expect(Double.log(-0.0) == -.infinity)
        #expect(Double.log(-.infinity).isNaN)
    }

    @Test func `the exponential is within 1 unit in the last place`() {
        var worst = 0.0
        let numbers =
            values("exp") { random in
                switch random.below(3) {
                case 0: (random.unit() - 0.5) * 1_490
                case 1: (random.unit() - 0.5) * 2
                default: (random.unit() - 0.5) * Double.exp(-40 * random.unit())
                }
            } + [0, -0.0, 1, -1, 709.782, 709.783, -708.396, -708.397, -745.13, -745.14, 746, -746]
        for x in numbers {
            #if arch(x86_64)
                let error = unitsInTheLastPlace(.exp(x), from: Foundation.exp(Float80(x)))
            #else
                let error = unitsInTheLastPlace(.exp(x), from: Foundation.exp(x)) / 2
            #endif
            worst = max(worst, error)
        }
        #expect(worst < 1, "worst \(worst)")
        #expect(Double.exp(.infinity) == .infinity)
        #expect(Double.exp(-.infinity) == 0)
        #expect(Double.exp(.nan).isNaN)
    }

    @Test func `the logarithm never falls as its argument rises`() {
        var x = 0.5
        for _ in 0..<100_000 {
            #expect(Double.log(x) <= Double.log(x.nextUp))
            x += 1.5e-5
        }
    }

    @Test func `log gamma agrees with the C library`() {
        for step in 1...20_000 {
            let x = Double(step) * 0.01
            let want: Double = lgamma(x)
            #expect(abs(Double.logGamma(x) - want) <= 1e-14 * max(1, abs(want)), "at \(x)")
        }
        // Factorials.
        #expect(abs(Double.exp(.logGamma(6)) - 120) < 1e-10)
    }

    /// Golden bits: any platform that computes otherwise fails here, not in a user's comparison.
    @Test func `a million logarithms and exponentials have known bits`() {
        var digest: UInt64 = 0
        for x in values("bits", { Double(bitPattern: $0.below(0x7ff0_0000_0000_0000)) }) {
            let logarithm = Double.log(x)
            digest = digest &* 31 &+ logarithm.bitPattern
            digest = digest &* 31 &+ Double.exp(logarithm * 0.99).bitPattern
        }
        #expect(digest == 7_909_017_764_446_735_839)
    }
}

@Suite struct DeviateTests {
    @Test func `the normal quantile inverts the distribution function`() {
        for probability in values(
            "normal", { $0.below(2) == 0 ? $0.unit() : .exp(-36 * $0.unit()) }
        ).prefix(100_000)
        where probability < 1 {
            let z = normalQuantile(probability)
            // Both tails, each where it is exact.
            let back = z < 0 ? erfc(-z / 2.0.squareRoot()) / 2 : erfc(z / 2.0.squareRoot()) / 2
            let want = z < 0 ? probability : 1 - probability
            // A deviate's last place moves a tail's probability by z of its last places.
            #expect(abs(back - want) <= 1e-15 * (2 + z * z) * want, "at \(probability)")
        }
        #expect(normalQuantile(0.5) == 0)
        #expect(abs(normalQuantile(0.975) - 1.959_963_984_540_054) < 1e-15)
        #expect(abs(normalQuantile(1e-300) + 37.0471) < 1e-4)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `deviates have their moments`(_ seed: UInt64) {
        var random = RandomStream(seed: seed, name: "moments")
        let count = 200_000
        var (sum, squares, cubes, waits) = (0.0, 0.0, 0.0, 0.0)
        for _ in 0..<count {
            let z = random.normalDeviate()
            sum += z
            squares += z * z
            cubes += z * z * z
            waits += random.exponentialDeviate()
        }
        let n = Double(count)
        // Five standard errors of each.
        #expect(abs(sum / n) < 5 / n.squareRoot())
        #expect(abs(squares / n - 1) < 5 * (2 / n).squareRoot())
        #expect(abs(cubes / n) < 5 * (15 / n).squareRoot())
        #expect(abs(waits / n - 1) < 5 / n.squareRoot())
    }
}
