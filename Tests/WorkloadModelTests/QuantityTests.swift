import Testing
import WorkloadModel

struct QuantityTests {
    @Test(arguments: [
        ("1024Mi", "1Gi", 1_073_741_824, 1_073_741_824_000),
        ("1000m", "1", 1, 1000),
        ("0.5Gi", "512Mi", 536_870_912, 536_870_912_000),
        ("1.5Gi", "1536Mi", 1_610_612_736, 1_610_612_736_000),
        ("0.1", "100m", 1, 100),
        ("0.0000000001", "1n", 1, 1),
        ("1000000m", "1k", 1000, 1_000_000),
        ("-1500m", "-1500m", -2, -1500),
        ("100", "100", 100, 100_000),
        ("12e6", "12e6", 12_000_000, 12_000_000_000),
        ("1e3", "1e3", 1000, 1_000_000),
        ("0", "0", 0, 0),
        ("+", "0", 0, 0),
        ("0.5Ki", "512", 512, 512_000),
    ])
    func `a quantity prints in canonical form and rounds up`(
        _ text: String, _ canonical: String, _ value: Int64, _ milli: Int64
    ) throws {
        let quantity = try Quantity(text)
        #expect(quantity.description == canonical)
        #expect(quantity.value == value)
        #expect(quantity.milliValue == milli)
    }

    @Test(arguments: [
        ("", QuantityError.shape), (" 1", .shape), ("NaN", .shape), ("1..2", .shape),
        ("Inf", .shape), ("0x10", .shape), ("1Gib", .shape),
        ("1K", .suffix), ("1e", .suffix), ("1Mi5", .suffix), ("1e99999999999999999999", .suffix),
        ("Ei", .number), (".Ei", .number),
        ("1234567890123456789e2000000000", .size),
    ])
    func `what is no quantity is refused at once`(_ text: String, _ error: QuantityError) {
        #expect(throws: error) { try Quantity(text) }
    }

    @Test func `a quantity of a million digits is refused`() {
        let text = String(repeating: "9", count: 1_000_000)
        #expect(throws: QuantityError.size) { try Quantity(text) }
        #expect(throws: QuantityError.size) { try Quantity(text + "Ki") }
    }

    @Test func `numbers beyond Int64 are told apart from those that fit`() throws {
        #expect(try Quantity("9223372036854775807").units(exponent: 0) == .max)
        #expect(try Quantity("9223372036854775808").units(exponent: 0) == nil)
        #expect(try Quantity("10E").units(exponent: 0) == nil)
        #expect(try Quantity("8E").units(exponent: -3) == nil)
        #expect(try Quantity("1e400").units(exponent: 0) == nil)
        #expect(try Quantity("1.0001").units(exponent: -3) == 1001)
        #expect(try Quantity("-1.0001").units(exponent: -3) == -1001)
        #expect(try Quantity("1e-300").units(exponent: -3) == 1)
    }

    @Test func `sums are exact and take the format of the first amount that is not zero`() throws {
        var sum = Quantity.zero
        for text in ["1Gi", "1536Mi", "500m"] { sum.add(try Quantity(text)) }
        #expect(sum.description == "2684354560500m")
        var cpus = try Quantity("100m")
        cpus.add(try Quantity("1e0"))
        #expect(cpus.description == "1100m")
        var large = try Quantity("9223372036854775807")
        large.add(try Quantity("1n"))
        #expect(large.description == "9223372036854775807000000001n")
        large.add(try Quantity("-9223372036854775807"))
        #expect(large.description == "1n")
        var huge = try Quantity("1e2000000000")
        huge.add(try Quantity("1"))
        #expect(huge.description == "100e1999999998")
    }

    @Test(arguments: [
        ("1Gi", "1024Mi", 0), ("1", "1000m", 0), ("1", "1001m", -1), ("-1", "1n", -1),
        ("1e2000000000", "1", 1), ("-1e2000000000", "1e-9", -1), ("0", "-0", 0),
    ])
    func `quantities compare by amount`(_ left: String, _ right: String, _ order: Int) throws {
        let (left, right) = (try Quantity(left), try Quantity(right))
        #expect(left.compare(right) == order)
        #expect(right.compare(left) == -order)
        #expect((left.hashValue == right.hashValue) == (order == 0))
    }
}
