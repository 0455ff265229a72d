extension RandomStream {
    /// An exponential deviate of mean 1, by inversion: one draw each.
    public mutating func exponentialDeviate() -> Double { -Double.log(unit()) }

    /// A normal deviate of mean 0 and variance 1, by inversion: one draw each, and more for a larger draw.
    ///
    /// Two scenarios that share a seed and differ in a median or a sigma so see the same draws, which makes the
    /// difference between them less noisy.
    public mutating func normalDeviate() -> Double { normalQuantile(unit()) }
}

/// The value below which a standard normal deviate lies with `probability`, to about 1 part in 10^15.
///
/// Source: Wichura, "Algorithm AS 241: The percentage points of the normal distribution", 1988, PPND16.
///
/// - Precondition: 0 < `probability` < 1.
public func normalQuantile(_ probability: Double) -> Double {
    let q = probability - 0.5
    if q.magnitude <= 0.425 {
        let r = 0.180625 - q * q
        return q * centralNumerator.value(at: r) / centralDenominator.value(at: r)
    }
    let tail = q < 0 ? probability : 1 - probability
    let r = (-Double.log(tail)).squareRoot()
    let magnitude =
        r <= 5
        ? nearNumerator.value(at: r - 1.6) / nearDenominator.value(at: r - 1.6)
        : farNumerator.value(at: r - 5) / farDenominator.value(at: r - 5)
    return q < 0 ? -magnitude : magnitude
}

/// A polynomial of degree 7, its constant first.
private typealias Coefficients = (
    Double, Double, Double, Double, Double, Double, Double, Double
)

private struct Polynomial: Sendable {
    let c: Coefficients

    init(
        _ c0: Double, _ c1: Double, _ c2: Double, _ c3: Double, _ c4: Double, _ c5: Double,
        _ c6: Double, _ c7: Double
    ) {
        c = (c0, c1, c2, c3, c4, c5, c6, c7)
    }

    func value(at x: Double) -> Double {
        let upper = ((c.7 * x + c.6) * x + c.5) * x + c.4
        return (((upper * x + c.3) * x + c.2) * x + c.1) * x + c.0
    }
}

// Coefficients a and b, c and d, e and f of the source.
private let centralNumerator = Polynomial(
    3.387_132_872_796_366_608_0, 1.331_416_678_917_843_774_5e2, 1.971_590_950_306_551_442_7e3,
    1.373_169_376_550_946_112_5e4, 4.592_195_393_154_987_145_7e4, 6.726_577_092_700_870_085_3e4,
    3.343_057_558_358_812_810_5e4, 2.509_080_928_730_122_672_7e3)
private let centralDenominator = Polynomial(
    1, 4.231_333_070_160_091_125_2e1, 6.871_870_074_920_579_083_0e2, 5.394_196_021_424_751_107_7e3,
    2.121_379_430_158_659_586_7e4, 3.930_789_580_009_271_061_0e4, 2.872_908_573_572_194_267_4e4,
    5.226_495_278_852_854_561_0e3)
private let nearNumerator = Polynomial(
    1.423_437_110_749_683_577_34, 4.630_337_846_156_545_295_90, 5.769_497_221_460_691_405_50,
    3.647_848_324_763_204_605_04, 1.270_458_252_452_368_382_58, 2.417_807_251_774_506_117_70e-1,
    2.272_384_498_926_918_458_33e-2, 7.745_450_142_783_414_076_40e-4)
private let nearDenominator = Polynomial(
    1, 2.053_191_626_637_758_821_87, 1.676_384_830_183_803_849_40, 6.897_673_349_851_000_045_50e-1,
    1.481_039_764_274_800_745_90e-1, 1.519_866_656_361_645_719_66e-2,
    5.475_938_084_995_344_946_00e-4, 1.050_750_071_644_416_843_24e-9)
private let farNumerator = Polynomial(
    6.657_904_643_501_103_777_20, 5.463_784_911_164_114_369_90, 1.784_826_539_917_291_335_80,
    2.965_605_718_285_048_912_30e-1, 2.653_218_952_657_612_309_30e-2,
    1.242_660_947_388_078_438_60e-3, 2.711_555_568_743_487_578_15e-5,
    2.010_334_399_292_288_132_65e-7)
private let farDenominator = Polynomial(
    1, 5.998_322_065_558_879_376_90e-1, 1.369_298_809_227_358_053_10e-1,
    1.487_536_129_085_061_485_25e-2, 7.868_691_311_456_132_591_00e-4,
    1.846_318_317_510_054_681_80e-5, 1.421_511_758_316_445_888_70e-7,
    2.044_263_103_389_939_785_64e-15)
