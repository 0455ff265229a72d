package import Primitives
package import WorkloadModel

/// A node's pods and their container slots: dense, found by a scan, since a node holds some hundred pods at most.
package struct PodTable: Sendable {
    package private(set) var ids: [PodIndex] = []
    package private(set) var ranges: [ContainerRange] = []
    package private(set) var prepared: [PreparedPod] = []
    /// Order of admission, for a kubelet restart.
    package private(set) var sequences: [UInt32] = []
    /// The pod's containers have been started.
    package var isStarted: [Bool] = []
    private var nextSequence: UInt32 = 0

    /// Slots that are or were in use; new ones are added at the end.
    package private(set) var slotCount = 0
    /// First slots of free ranges, by how many slots the range has.
    private var freeRanges: [[Int32]] = []

    /// The Topology Manager's hint for each container slot; a missing affinity is "any".
    private var hintMasks: [UInt64] = []
    private var hintFlags: [UInt8] = []

    package var count: Int { ids.count }

    package func position(of pod: PodIndex) -> Int? {
        for position in 0..<ids.count where ids[position] == pod { return position }
        return nil
    }

    package var inOrderOfAdmission: [Int] {
        ids.indices.sorted { sequences[$0] < sequences[$1] }
    }

    /// Adds a pod with `slots` fresh container slots; it is the last one until the next `remove`.
    package mutating func add(_ pod: PodIndex, _ prepared: PreparedPod, slots: Int)
        -> ContainerRange
    {
        let range: ContainerRange
        if slots < freeRanges.count, let first = freeRanges[slots].popLast() {
            range = ContainerRange(first: Int(first), count: slots)
        } else {
            range = ContainerRange(first: slotCount, count: slots)
            slotCount += slots
            hintMasks.append(contentsOf: repeatElement(0, count: slots))
            hintFlags.append(contentsOf: repeatElement(0, count: slots))
        }
        for index in range.indices { hintFlags[index] = 0 }
        ids.append(pod)
        ranges.append(range)
        self.prepared.append(prepared)
        sequences.append(nextSequence)
        isStarted.append(false)
        nextSequence &+= 1
        return range
    }

    /// Removes the pod at `position`; the last pod takes its place.
    package mutating func remove(at position: Int) {
        let range = ranges[position]
        let slots = Int(range.count)
        while freeRanges.count <= slots { freeRanges.append([]) }
        freeRanges[slots].append(range.first)
        let last = ids.count - 1
        if position != last {
            ids[position] = ids[last]
            ranges[position] = ranges[last]
            prepared.swapAt(position, last)
            sequences[position] = sequences[last]
            isStarted[position] = isStarted[last]
        }
        ids.removeLast()
        ranges.removeLast()
        prepared.removeLast()
        sequences.removeLast()
        isStarted.removeLast()
    }

    /// Prepares every pod's shape anew, as a restarted kubelet with other settings does.
    package mutating func replacePrepared(_ prepare: (PodShape) -> PreparedPod) {
        for position in prepared.indices {
            prepared[position] = prepare(prepared[position].shape)
            for index in ranges[position].indices { hintFlags[index] = 0 }
        }
    }

    package mutating func setHint(_ hint: TopologyHint, of container: ContainerSlot) {
        hintMasks[container.index] = hint.affinity?.bits ?? 0
        hintFlags[container.index] =
            1 | (hint.affinity != nil ? 2 : 0) | (hint.isPreferred ? 4 : 0)
    }

    /// The hint that the container was admitted with; nil before it was asked about.
    package func hint(of container: ContainerSlot) -> TopologyHint? {
        let flags = hintFlags[container.index]
        guard flags & 1 != 0 else { return nil }
        return TopologyHint(
            flags & 2 != 0 ? NUMAMask(hintMasks[container.index]) : nil,
            isPreferred: flags & 4 != 0)
    }
}
