/// A set of a machine's NUMA nodes by position (ascending OS index), in one word.
///
/// The kubelet's masks hold OS indices; positions have no gaps, and order masks the same way.
package struct NUMAMask: Hashable, Sendable, BitwiseCopyable {
    package var bits: UInt64

    @inlinable
    package init(_ bits: UInt64) { self.bits = bits }

    @inlinable
    package init(node: Int) { bits = 1 &<< UInt64(node) }

    package static let none = NUMAMask(0)

    @inlinable
    package var count: Int { bits.nonzeroBitCount }

    @inlinable
    package var isEmpty: Bool { bits == 0 }

    /// Whether there is exactly one NUMA node, without counting.
    @inlinable
    package var isSingle: Bool { bits != 0 && bits & (bits &- 1) == 0 }

    /// The lowest position; the mask must not be empty.
    @inlinable
    package var first: Int { bits.trailingZeroBitCount }

    @inlinable
    package func contains(_ node: Int) -> Bool { bits &>> UInt64(node) & 1 != 0 }

    @inlinable
    package func isSubset(of other: NUMAMask) -> Bool { bits & ~other.bits == 0 }

    @inlinable
    package func intersects(_ other: NUMAMask) -> Bool { bits & other.bits != 0 }

    @inlinable
    package mutating func insert(_ node: Int) { bits |= 1 &<< UInt64(node) }

    @inlinable
    package func union(_ other: NUMAMask) -> NUMAMask { NUMAMask(bits | other.bits) }

    @inlinable
    package func intersection(_ other: NUMAMask) -> NUMAMask { NUMAMask(bits & other.bits) }
}

extension NUMAMask: Sequence {
    /// Positions, ascending.
    package struct Iterator: IteratorProtocol {
        @usableFromInline var rest: UInt64

        @inlinable
        init(rest: UInt64) { self.rest = rest }

        @inlinable
        package mutating func next() -> Int? {
            guard rest != 0 else { return nil }
            defer { rest &= rest &- 1 }
            return rest.trailingZeroBitCount
        }
    }

    @inlinable
    package func makeIterator() -> Iterator { Iterator(rest: bits) }
}
