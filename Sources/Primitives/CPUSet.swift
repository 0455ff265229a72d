/// A set of CPUs by OS index, 0 to 1,023, in 16 fixed words: no heap, no reference counting.
///
/// ```swift
/// var cpus: CPUSet = [0, 1, 2, 8]
/// cpus.count             // 4
/// cpus.description       // "0-2,8", the kernel's list format
/// ```
public struct CPUSet: Sendable, BitwiseCopyable {
    /// CPUs that a set can name.
    public static let capacity = 1024
    public static let wordCount = 16

    @usableFromInline
    package var words: InlineArray<16, UInt64>

    @inlinable
    public init() { words = InlineArray(repeating: 0) }

    /// The CPUs `range` of OS indices; the range must lie in 0..<1024.
    @inlinable
    public init(_ range: Range<Int>) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= 1024,
            "a CPU's OS index must be below 1024")
        self.init()
        guard !range.isEmpty else { return }
        let (first, last) = (range.lowerBound &>> 6, (range.upperBound &- 1) &>> 6)
        for index in first...last { words[index] = .max }
        words[first] &= .max &<< UInt64(range.lowerBound & 63)
        words[last] &= .max &>> UInt64(63 &- (range.upperBound &- 1) & 63)
    }

    @inlinable
    public init(_ cpus: some Sequence<Int>) {
        self.init()
        for cpu in cpus { insert(cpu) }
    }

    /// The set's bits, CPU 0 in the lowest bit of word 0.
    @inlinable
    public subscript(word index: Int) -> UInt64 {
        get { words[index] }
        set { words[index] = newValue }
    }
}

extension CPUSet: ExpressibleByArrayLiteral {
    @inlinable
    public init(arrayLiteral elements: Int...) { self.init(elements) }
}

// MARK: Membership

extension CPUSet {
    /// - Complexity: O(1).
    @inlinable
    public func contains(_ cpu: Int) -> Bool {
        UInt(bitPattern: cpu) < 1024 && words[cpu &>> 6] & (1 &<< UInt64(cpu & 63)) != 0
    }

    /// - Precondition: `cpu` is in 0..<1024.
    @inlinable
    public mutating func insert(_ cpu: Int) {
        precondition(UInt(bitPattern: cpu) < 1024, "a CPU's OS index must be below 1024")
        words[cpu &>> 6] |= 1 &<< UInt64(cpu & 63)
    }

    @inlinable
    public mutating func remove(_ cpu: Int) {
        precondition(UInt(bitPattern: cpu) < 1024, "a CPU's OS index must be below 1024")
        words[cpu &>> 6] &= ~(1 &<< UInt64(cpu & 63))
    }

    /// - Complexity: O(words), as are all operations on whole sets.
    @inlinable
    public var count: Int {
        var total = 0
        for index in 0..<16 { total &+= words[index].nonzeroBitCount }
        return total
    }

    @inlinable
    public var isEmpty: Bool {
        var any: UInt64 = 0
        for index in 0..<16 { any |= words[index] }
        return any == 0
    }

    /// The lowest OS index in the set.
    @inlinable
    public var first: Int? {
        for index in 0..<16 where words[index] != 0 {
            return index &* 64 &+ words[index].trailingZeroBitCount
        }
        return nil
    }
}

// MARK: Set algebra

extension CPUSet {
    @inlinable
    public mutating func formUnion(_ other: CPUSet) {
        for index in 0..<16 { words[index] |= other.words[index] }
    }

    @inlinable
    public mutating func formIntersection(_ other: CPUSet) {
        for index in 0..<16 { words[index] &= other.words[index] }
    }

    @inlinable
    public mutating func subtract(_ other: CPUSet) {
        for index in 0..<16 { words[index] &= ~other.words[index] }
    }

    @inlinable
    public func union(_ other: CPUSet) -> CPUSet {
        var result = self
        result.formUnion(other)
        return result
    }

    @inlinable
    public func intersection(_ other: CPUSet) -> CPUSet {
        var result = self
        result.formIntersection(other)
        return result
    }

    @inlinable
    public func subtracting(_ other: CPUSet) -> CPUSet {
        var result = self
        result.subtract(other)
        return result
    }

    @inlinable
    public func isSubset(of other: CPUSet) -> Bool {
        var outside: UInt64 = 0
        for index in 0..<16 { outside |= words[index] & ~other.words[index] }
        return outside == 0
    }

    @inlinable
    public func isDisjoint(with other: CPUSet) -> Bool {
        var shared: UInt64 = 0
        for index in 0..<16 { shared |= words[index] & other.words[index] }
        return shared == 0
    }

    /// How many CPUs both sets hold, without building the set.
    @inlinable
    public func intersectionCount(_ other: CPUSet) -> Int {
        var total = 0
        for index in 0..<16 { total &+= (words[index] & other.words[index]).nonzeroBitCount }
        return total
    }
}

extension CPUSet: Hashable {
    @inlinable
    public static func == (lhs: CPUSet, rhs: CPUSet) -> Bool {
        var difference: UInt64 = 0
        for index in 0..<16 { difference |= lhs.words[index] ^ rhs.words[index] }
        return difference == 0
    }

    @inlinable
    public func hash(into hasher: inout Hasher) {
        for index in 0..<16 { hasher.combine(words[index]) }
    }
}

// MARK: In order

extension CPUSet: Sequence {
    /// OS indices, ascending.
    public struct Iterator: IteratorProtocol {
        @usableFromInline var words: InlineArray<16, UInt64>
        @usableFromInline var index = 0

        @inlinable
        init(_ words: InlineArray<16, UInt64>) { self.words = words }

        @inlinable
        public mutating func next() -> Int? {
            while index < 16 {
                let word = words[index]
                if word != 0 {
                    words[index] = word & (word &- 1)
                    return index &* 64 &+ word.trailingZeroBitCount
                }
                index &+= 1
            }
            return nil
        }
    }

    @inlinable
    public func makeIterator() -> Iterator { Iterator(words) }
}

extension CPUSet: CustomStringConvertible {
    /// The kernel's list format: ascending, runs joined by `-`, as in `0-3,8`; empty for no CPU.
    public var description: String { listFormat(of: self) }
}

/// Ascending integers from 0 to 9,999 in the kernel's list format, as in `0-3,8`.
package func listFormat(of ascending: some Sequence<Int>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(64)
    var (first, last) = (-1, -1)
    func append(_ number: Int) {
        var divisor = number >= 1_000 ? 1_000 : number >= 100 ? 100 : number >= 10 ? 10 : 1
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
    func appendRun() {
        guard first >= 0 else { return }
        if !text.isEmpty { text.append(UInt8(ascii: ",")) }
        append(first)
        if last > first {
            text.append(UInt8(ascii: "-"))
            append(last)
        }
    }
    for value in ascending {
        if first < 0 || value != last + 1 {
            appendRun()
            first = value
        }
        last = value
    }
    appendRun()
    return String(decoding: text, as: UTF8.self)
}
