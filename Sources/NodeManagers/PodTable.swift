package import Primitives
package import WorkloadModel

/// A node's pods and their container slots: dense, found by a scan, since a node holds some hundred pods at most.
package struct PodTable: Sendable {
    /// One pod of the node.
    package struct Entry: Sendable {
        package let id: PodIndex
        /// Order of admission, for a kubelet restart.
        package let sequence: UInt32
        package let range: ContainerRange
        package internal(set) var prepared: PreparedPod
        /// The pod's containers have been started.
        package internal(set) var isStarted = false
    }

    private var entries: [Entry] = []
    private var nextSequence: UInt32 = 0

    /// Slots that are or were in use; new ones are added at the end.
    package private(set) var slotCount = 0
    /// First slots of free ranges, by how many slots the range has.
    private var freeRanges: [[Int32]] = []
    /// The Topology Manager's hint for each container slot.
    private var hints: [StoredHint] = []

    private struct StoredHint: Sendable {
        var mask: UInt64 = 0
        /// Bit 0: there is a hint. Bit 1: it has an affinity. Bit 2: it is preferred.
        var flags: UInt8 = 0
    }

    package var count: Int { entries.count }

    package subscript(position: Int) -> Entry { entries[position] }

    package var indices: Range<Int> { entries.indices }

    package func position(of pod: PodIndex) -> Int? {
        for position in 0..<entries.count where entries[position].id == pod { return position }
        return nil
    }

    package var inOrderOfAdmission: [Int] {
        entries.indices.sorted { entries[$0].sequence < entries[$1].sequence }
    }

    /// Adds a pod with `slots` fresh container slots; it is the last one until the next `remove`.
    package mutating func add(_ pod: PodIndex, _ prepared: PreparedPod, slots: Int)
        -> ContainerRange
    {
        let range: ContainerRange
        if slots < freeRanges.count, let first = freeRanges[slots].popLast() {
            range = ContainerRange(first: Int(first), count: slots)
            for index in range.indices { hints[index].flags = 0 }
        } else {
            range = ContainerRange(first: slotCount, count: slots)
            slotCount += slots
            hints.append(contentsOf: repeatElement(StoredHint(), count: slots))
        }
        entries.append(
            Entry(id: pod, sequence: nextSequence, range: range, prepared: prepared))
        nextSequence &+= 1
        return range
    }

    /// Removes the pod at `position`; the last pod takes its place.
    package mutating func remove(at position: Int) {
        let range = entries[position].range
        let slots = Int(range.count)
        while freeRanges.count <= slots { freeRanges.append([]) }
        freeRanges[slots].append(range.first)
        let last = entries.removeLast()
        if position < entries.count { entries[position] = last }
    }

    package mutating func setStarted(at position: Int) { entries[position].isStarted = true }

    /// Prepares every pod's shape anew, as a restarted kubelet with other settings does.
    package mutating func replacePrepared(_ prepare: (PodShape) -> PreparedPod) {
        for position in entries.indices {
            entries[position].prepared = prepare(entries[position].prepared.shape)
            for index in entries[position].range.indices { hints[index].flags = 0 }
        }
    }

    package mutating func setHint(_ hint: TopologyHint, of container: ContainerSlot) {
        hints[container.index] = StoredHint(
            mask: hint.affinity?.bits ?? 0,
            flags: 1 | (hint.affinity != nil ? 2 : 0) | (hint.isPreferred ? 4 : 0))
    }

    /// The hint that the container was admitted with; nil before it was asked about.
    package func hint(of container: ContainerSlot) -> TopologyHint? {
        let stored = hints[container.index]
        guard stored.flags & 1 != 0 else { return nil }
        return TopologyHint(
            stored.flags & 2 != 0 ? NUMAMask(stored.mask) : nil,
            isPreferred: stored.flags & 4 != 0)
    }
}
