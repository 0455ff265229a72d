/// Choices read from a fuzzer's bytes; every input means something, and an input that ends chooses the first.
struct FuzzInput {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func byte() -> Int {
        guard position < bytes.count else { return 0 }
        defer { position += 1 }
        return Int(bytes[position])
    }

    /// 0 up to but without `bound`, which is at most 256.
    mutating func below(_ bound: Int) -> Int { byte() % bound }

    /// Up to 65,535.
    mutating func word() -> Int { byte() << 8 | byte() }

    mutating func chance(oneIn bound: Int) -> Bool { below(bound) == bound - 1 }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }
}
