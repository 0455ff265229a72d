/// A set of NUMA nodes by OS index, 0 to 63, in one word: the kubelet's bitmask.
public struct NUMANodeSet: Hashable, Sendable, BitwiseCopyable {
    public var mask: UInt64

    @inlinable
    public init(mask: UInt64 = 0) { self.mask = mask }

    @inlinable
    public init(_ nodes: some Sequence<Int>) {
        mask = 0
        for node in nodes { insert(node) }
    }

    @inlinable
    public var count: Int { mask.nonzeroBitCount }

    @inlinable
    public var isEmpty: Bool { mask == 0 }

    @inlinable
    public var first: Int? { mask == 0 ? nil : mask.trailingZeroBitCount }

    @inlinable
    public func contains(_ node: Int) -> Bool {
        UInt(bitPattern: node) < 64 && mask & (1 &<< UInt64(node)) != 0
    }

    @inlinable
    public mutating func insert(_ node: Int) {
        precondition(UInt(bitPattern: node) < 64, "a NUMA node in a set has an OS index below 64")
        mask |= 1 &<< UInt64(node)
    }

    @inlinable
    public func intersection(_ other: NUMANodeSet) -> NUMANodeSet {
        NUMANodeSet(mask: mask & other.mask)
    }

    @inlinable
    public func union(_ other: NUMANodeSet) -> NUMANodeSet {
        NUMANodeSet(mask: mask | other.mask)
    }

    @inlinable
    public func isSubset(of other: NUMANodeSet) -> Bool { mask & ~other.mask == 0 }
}

extension NUMANodeSet: ExpressibleByArrayLiteral {
    @inlinable
    public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension NUMANodeSet: Sequence {
    /// OS indices, ascending.
    public struct Iterator: IteratorProtocol {
        @usableFromInline var rest: UInt64

        @inlinable
        init(rest: UInt64) { self.rest = rest }

        @inlinable
        public mutating func next() -> Int? {
            guard rest != 0 else { return nil }
            defer { rest &= rest &- 1 }
            return rest.trailingZeroBitCount
        }
    }

    @inlinable
    public func makeIterator() -> Iterator { Iterator(rest: mask) }
}

extension NUMANodeSet: CustomStringConvertible {
    /// The kernel's list format, as in `0-1,4`.
    public var description: String { listFormat(of: self) }
}
