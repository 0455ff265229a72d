import Foundation
import Primitives
import Testing

/// Measured against the platform's library, which is right to within about half a unit in the last place.
@Suite struct ElementaryFunctionsTests {
    /// Distance in units in the last place of `reference`.
    private func error(_ value: Double, _ reference: Double) -> Double {
        if value == reference { return 0 }
        return abs(value - reference) / max(reference.ulp, .leastNonzeroMagnitude)
    }

    @Test func `log is within two units of the platform's on wild and on ordinary numbers`() {
        var random = RandomStream(seed: 1, name: "log")
        var worst = 0.0
        for step in 0..<200_000 {
            let x =
                step % 2 == 0
                ? Double(bitPattern: random.next() & 0x7fef_ffff_ffff_ffff) : random.unit() * 4
            guard x > 0 else { continue }
            worst = max(worst, error(ElementaryFunctions.log(x), Foundation.log(x)))
        }
        // One unit of ours and up to one of the reference's.
        #expect(worst <= 1.5, "\(worst) units")
    }

    @Test func `exp is within two units of the platform's over its whole range`() {
        var random = RandomStream(seed: 2, name: "exp")
        var worst = 0.0
        for step in 0..<200_000 {
            let x = step % 2 == 0 ? (random.unit() - 0.5) * 1416 : (random.unit() - 0.5) * 4
            worst = max(worst, error(ElementaryFunctions.exp(x), Foundation.exp(x)))
        }
        #expect(worst <= 1.5, "\(worst) units")
    }

    @Test func `the edges are those of the exact functions`() {
        #expect(ElementaryFunctions.log(1) == 0)
        #expect(ElementaryFunctions.log(0) == -.infinity)
        #expect(ElementaryFunctions.log(-1).isNaN)
        #expect(ElementaryFunctions.log(.infinity) == .infinity)
        #expect(ElementaryFunctions.log(.leastNonzeroMagnitude) == -744.4400719213812)
        #expect(ElementaryFunctions.exp(0) == 1)
        #expect(ElementaryFunctions.exp(-.infinity) == 0)
        #expect(ElementaryFunctions.exp(.infinity) == .infinity)
        #expect(ElementaryFunctions.exp(710) == .infinity)
        #expect(ElementaryFunctions.exp(-746) == 0)
        #expect(ElementaryFunctions.exp(.nan).isNaN)
        #expect(ElementaryFunctions.exp(-745.13) > 0)
    }

    @Test func `the normal quantile inverts the normal distribution`() {
        for exponent in 1...300 {
            let probability = exp(-Double(exponent))
            let x = ElementaryFunctions.normalQuantile(probability)
            let back = erfc(-x / 2.0.squareRoot()) / 2
            #expect(abs(back / probability - 1) < 1e-11, "p = \(probability)")
        }
        for step in 1..<100 {
            let probability = Double(step) / 100
            let x = ElementaryFunctions.normalQuantile(probability)
            #expect(abs(erfc(-x / 2.0.squareRoot()) / 2 - probability) < 1e-15)
            #expect(abs(x + ElementaryFunctions.normalQuantile(1 - probability)) < 1e-14)
        }
        #expect(abs(ElementaryFunctions.normalQuantile(0.975) - 1.959963984540054) < 1e-14)
    }
}
