/// A seeded stream of random numbers for one purpose (xoshiro256**, seeded through SplitMix64).
///
/// Streams are derived from (seed, name), so a new consumer of randomness never shifts the others.
/// Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021.
public struct RandomStream: RandomNumberGenerator, Sendable {
    @usableFromInline var s0: UInt64
    @usableFromInline var s1: UInt64
    @usableFromInline var s2: UInt64
    @usableFromInline var s3: UInt64

    /// The stream called `name` of a run's seed.
    public init(seed: UInt64, name: String) {
        // FNV-1a folds the name in; SplitMix64 then spreads seed and name over the state.
        var state: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        state ^= seed &* 0x9e37_79b9_7f4a_7c15
        s0 = splitMix64(&state)
        s1 = splitMix64(&state)
        s2 = splitMix64(&state)
        s3 = splitMix64(&state)
    }

    /// The next 64 random bits.
    @inlinable
    public mutating func next() -> UInt64 {
        let scrambled = s1 &* 5
        let result = ((scrambled &<< 7) | (scrambled &>> 57)) &* 9
        let shifted = s1 &<< 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = (s3 &<< 45) | (s3 &>> 19)
        return result
    }

    /// A whole number in 0..<bound, without bias (Lemire's multiply-and-reject).
    ///
    /// - Precondition: `bound` is positive.
    @inlinable
    public mutating func below(_ bound: UInt64) -> UInt64 {
        precondition(bound > 0, "a random number needs a positive bound")
        var (high, low) = next().multipliedFullWidth(by: bound)
        if low < bound {
            let threshold = (0 &- bound) % bound
            while low < threshold { (high, low) = next().multipliedFullWidth(by: bound) }
        }
        return high
    }

    /// A number in the open interval (0, 1): an odd multiple of 2⁻⁵³, so never 0 or 1.
    @inlinable
    public mutating func unit() -> Double {
        // Fifty-two bits fit a signed integer, which processors convert faster than an unsigned one.
        (Double(Int64(truncatingIfNeeded: next() &>> 12)) + 0.5) * 0x1p-52
    }
}

/// One step of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
@inlinable
package func splitMix64(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z &>> 31)
}
