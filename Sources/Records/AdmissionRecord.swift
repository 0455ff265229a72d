public import Primitives

/// One admission, small enough to be made for every pod of a run that records nothing but its summary.
public struct AdmissionRecord: Sendable, Hashable, BitwiseCopyable {
    public var pod: PodIndex
    public var shape: PodShapeIndex
    public var node: NodeIndex
    public var time: SimTime
    public var alignment: AlignmentTotals

    public init(
        pod: PodIndex, shape: PodShapeIndex, node: NodeIndex, time: SimTime,
        alignment: AlignmentTotals
    ) {
        self.pod = pod
        self.shape = shape
        self.node = node
        self.time = time
        self.alignment = alignment
    }
}

/// How many containers had something to align at each boundary, and how many of them are aligned.
///
/// A pod of two containers, one of them exclusive and split over both sockets: `numa` 0 of 1, `socket` 0 of 1.
public struct AlignmentTotals: Sendable, Hashable, BitwiseCopyable {
    public var core = AlignmentCount()
    public var uncore = AlignmentCount()
    public var numa = AlignmentCount()
    public var socket = AlignmentCount()

    @inlinable
    public init() {}

    /// Counts one container; a boundary that is nil does not apply to it.
    @inlinable
    public mutating func add(_ alignment: Alignment) {
        core.add(alignment.core)
        uncore.add(alignment.uncore)
        numa.add(alignment.numa)
        socket.add(alignment.socket)
    }

    @inlinable
    public static func += (total: inout AlignmentTotals, other: AlignmentTotals) {
        total.core += other.core
        total.uncore += other.uncore
        total.numa += other.numa
        total.socket += other.socket
    }
}

/// Containers with something to align at one boundary, and those that are aligned there.
public struct AlignmentCount: Sendable, Hashable, BitwiseCopyable {
    public var eligible: Int
    public var aligned: Int

    @inlinable
    public init(eligible: Int = 0, aligned: Int = 0) {
        self.eligible = eligible
        self.aligned = aligned
    }

    @inlinable
    public mutating func add(_ isAligned: Bool?) {
        guard let isAligned else { return }
        eligible &+= 1
        if isAligned { aligned &+= 1 }
    }

    @inlinable
    public static func += (total: inout AlignmentCount, other: AlignmentCount) {
        total.eligible &+= other.eligible
        total.aligned &+= other.aligned
    }
}
