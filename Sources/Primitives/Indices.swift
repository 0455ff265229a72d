/// A dense position in one kind of table. Each kind is its own type, so that a swap does not compile.
public protocol DenseIndex: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable
where RawValue == UInt32 {
    init(rawValue: UInt32)
}

extension DenseIndex {
    @inlinable
    public init(_ position: Int) { self.init(rawValue: UInt32(position)) }

    /// The position as an array subscript.
    @inlinable
    public var position: Int { Int(rawValue) }

    @inlinable
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// A Kubernetes node of the simulated cluster, in the order of the scenario's groups.
public struct NodeIndex: DenseIndex {
    public var rawValue: UInt32
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// A pod object, numbered in order of creation; a re-created pod is a new one.
public struct PodIndex: DenseIndex {
    public var rawValue: UInt32
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// A `PodShape` in the scenario's table: what equal pods ask for, stored once.
public struct PodShapeIndex: DenseIndex {
    public var rawValue: UInt32
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// A workload of the scenario, in the order of the file.
public struct WorkloadIndex: DenseIndex {
    public var rawValue: UInt32
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// A resource in a `ResourceTable`: cpu, memory, a huge page size or an extended resource.
public struct ResourceIndex: DenseIndex {
    public var rawValue: UInt32
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }
}
