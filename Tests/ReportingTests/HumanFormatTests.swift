import Primitives
import Reporting
import Testing

@Suite struct HumanFormatTests {
    @Test(
        arguments: [
            (0, "0"), (7, "7"), (999, "999"), (1_204, "1,204"), (12_345, "12,345"),
            (1_000_000, "1,000,000"), (-1_204, "-1,204"), (.max, "9,223,372,036,854,775,807"),
            (.min, "-9,223,372,036,854,775,808"),
        ] as [(Int64, String)])
    func `counts are grouped by thousands`(_ value: Int64, _ text: String) {
        #expect(HumanFormat.count(value) == text)
    }

    @Test(
        arguments: [
            (0, "0 %"), (0.0001, "< 0.1 %"), (0.047, "4.7 %"), (0.04, "4 %"), (0.0999, "10 %"),
            (0.71, "71 %"), (0.714, "71 %"), (0.999, "99.9 %"), (0.99999, "99.9 %"), (1, "100 %"),
            (12.5, "1,250 %"), (-0.043, "-4.3 %"), (.nan, "–"),
        ] as [(Double, String)])
    func `shares are per cent, and only all is 100`(_ share: Double, _ text: String) {
        #expect(HumanFormat.percent(share) == text)
    }

    @Test(
        arguments: [
            (0, "0 s"), (1, "1 ns"), (999, "999 ns"), (1_500, "1.5 µs"), (37_000_000, "37 ms"),
            (999_600_000, "1 s"), (1_250_000_000, "1.25 s"), (12_004_000_000, "12 s"),
            (12_340_000_000, "12.3 s"), (59_940_000_000, "59.9 s"), (59_960_000_000, "1 min"),
            (250_000_000_000, "4 min 10 s"), (660_000_000_000, "11 min"),
            (3_600_000_000_000, "1 h"), (3_605_000_000_000, "1 h"),
            (4_352_000_000_000, "1 h 12 min"),
            (86_400_000_000_000, "24 h"), (90_000_000_000_000, "1 d 1 h"),
            (-5_000_000_000, "-5 s"),
        ] as [(Int64, String)])
    func `durations show their two largest units`(_ nanoseconds: Int64, _ text: String) {
        #expect(HumanFormat.duration(SimDuration(nanoseconds: nanoseconds)) == text)
    }

    @Test(
        arguments: [
            (0, "0 B"), (999, "999 B"), (1_000, "1 kB"), (1_249_999, "1.2 MB"),
            (34_000_000_000, "34 GB"),
            (2_500_000_000_000_000, "2,500 TB"),
        ] as [(Int64, String)])
    func `sizes are decimal`(_ bytes: Int64, _ text: String) {
        #expect(HumanFormat.bytes(bytes) == text)
    }

    @Test(
        arguments: [
            (0, "0"), (12.4, "12"), (412_345.6, "412,000"), (999_999, "1,000,000"),
            (1_234, "1,230"),
            (-1_237, "-1,240"), (.infinity, "–"),
        ] as [(Double, String)])
    func `rates have three significant digits`(_ value: Double, _ text: String) {
        #expect(HumanFormat.roundedCount(value) == text)
    }
}
