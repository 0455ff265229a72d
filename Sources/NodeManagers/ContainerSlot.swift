/// Where a node keeps what one container holds: a dense index, used again when the container is gone.
package struct ContainerSlot: Hashable, Sendable, BitwiseCopyable {
    package var position: Int32

    package init(_ position: Int) { self.position = Int32(truncatingIfNeeded: position) }

    package var index: Int { Int(position) }
}

/// The slots of one pod's containers: contiguous, init containers and sidecars first, then app containers.
package struct ContainerRange: Hashable, Sendable, BitwiseCopyable {
    package var first: Int32
    package var count: Int32

    package init(first: Int, count: Int) {
        self.first = Int32(truncatingIfNeeded: first)
        self.count = Int32(truncatingIfNeeded: count)
    }

    package var indices: Range<Int> { Int(first)..<Int(first) + Int(count) }

    /// The slot of the pod's container at `position`.
    package subscript(position: Int) -> ContainerSlot { ContainerSlot(Int(first) + position) }
}
