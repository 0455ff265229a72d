/// The sequence of Go's first `math/rand` generator: what simulators written in Go draw from.
///
/// An additive lagged Fibonacci generator over 64-bit words with lags 607 and 273, seeded by a linear congruence; here so
/// that an experiment whose seed was published can be replayed draw by draw. (Go 1, math/rand: Source, Intn, Perm, Shuffle)
public struct GoRandom: Sendable {
    private var words: [UInt64]
    private var tap = 0
    private var feed = GoRandom.length - GoRandom.lag

    private static let length = 607
    private static let lag = 273

    /// Any seed; those that differ by a multiple of 2³¹ − 1 give the same sequence.
    public init(seed: Int64) {
        let modulus: Int64 = (1 << 31) - 1
        var state = seed % modulus
        if state < 0 { state += modulus }
        if state == 0 { state = 89_482_311 }
        func step() -> UInt64 {
            state = 48271 * state % modulus
            return UInt64(state)
        }
        for _ in 0..<20 { _ = step() }
        words = GoRandom.seedingWords.map { word in
            let high = step() << 40
            let middle = step() << 20
            return high ^ middle ^ step() ^ word
        }
    }

    /// The next 64 bits.
    public mutating func uint64() -> UInt64 {
        tap = tap == 0 ? GoRandom.length - 1 : tap - 1
        feed = feed == 0 ? GoRandom.length - 1 : feed - 1
        words[feed] &+= words[tap]
        return words[feed]
    }

    /// 0 up to 2⁶³ − 1.
    public mutating func int63() -> Int64 { Int64(bitPattern: uint64() & (1 << 63 - 1)) }

    private mutating func uint32() -> UInt32 { UInt32(truncatingIfNeeded: int63() >> 31) }

    private mutating func int31() -> Int32 { Int32(truncatingIfNeeded: int63() >> 32) }

    /// 0 up to `bound` − 1, every number as likely.
    ///
    /// - Precondition: `bound` is positive.
    public mutating func intn(_ bound: Int) -> Int {
        precondition(bound > 0, "a bound is positive")
        return bound <= Int(Int32.max) ? int31n(bound) : int63n(bound)
    }

    private mutating func int31n(_ bound: Int) -> Int {
        if bound & (bound - 1) == 0 { return Int(int31()) & (bound - 1) }
        let limit = Int32.max - Int32((UInt32(1) << 31) % UInt32(bound))
        var number = int31()
        while number > limit { number = int31() }
        return Int(number) % bound
    }

    private mutating func int63n(_ bound: Int) -> Int {
        if bound & (bound - 1) == 0 { return Int(int63()) & (bound - 1) }
        let limit = Int64.max - Int64((UInt64(1) << 63) % UInt64(bound))
        var number = int63()
        while number > limit { number = int63() }
        return Int(number) % bound
    }

    /// 0 up to, but not including, 1.
    public mutating func float64() -> Double {
        while true {
            let number = Double(int63()) / 9_223_372_036_854_775_808
            if number < 1 { return number }
        }
    }

    /// The numbers 0 up to `count` − 1 in random order.
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(repeating: 0, count: count)
        for index in 0..<count {
            let other = intn(index + 1)
            order[index] = order[other]
            order[other] = index
        }
        return order
    }

    /// Puts elements into random order, fewer than 2³¹ of them.
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        guard elements.count > 1 else { return }
        for index in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(index, below(UInt32(index + 1)))
        }
    }

    /// The shuffle's own way to a bounded number: multiply and shift instead of a remainder.
    private mutating func below(_ bound: UInt32) -> Int {
        var product = UInt64(uint32()) * UInt64(bound)
        if UInt32(truncatingIfNeeded: product) < bound {
            let threshold = (0 &- bound) % bound
            while UInt32(truncatingIfNeeded: product) < threshold {
                product = UInt64(uint32()) * UInt64(bound)
            }
        }
        return Int(product >> 32)
    }
}
