/// What plugins answer that look at NUMA nodes or at a list. (device plugin API, `GetPreferredAllocation`)
///
/// Devices that lie on the same NUMA nodes are one place; those without a NUMA node are a place of their own.
extension DeviceManager {
    /// From the place that the request fills best, else from the largest, until enough are given.
    func givePacked(
        _ devices: DeviceClass, _ kind: DeviceCatalog.Kind, to container: ContainerSlot,
        needed: inout Int, in state: inout DeviceManagerState
    ) {
        while needed > 0 {
            var best = 0
            var bestCount = 0
            for place in 0...kind.groups.count {
                let count = freeCount(devices, kind, place, in: state)
                let isBetter =
                    bestCount >= needed
                    ? count >= needed && count < bestCount : count > bestCount
                if isBetter { (best, bestCount) = (place, count) }
            }
            guard bestCount > 0 else { return }
            give(from: best, devices, kind, to: container, needed: &needed, in: &state)
        }
    }

    /// One device at a time from the place that has most left.
    func giveSpread(
        _ devices: DeviceClass, _ kind: DeviceCatalog.Kind, to container: ContainerSlot,
        needed: inout Int, in state: inout DeviceManagerState
    ) {
        while needed > 0 {
            var best = 0
            var bestCount = 0
            for place in 0...kind.groups.count {
                let count = freeCount(devices, kind, place, in: state)
                if count > bestCount { (best, bestCount) = (place, count) }
            }
            guard bestCount > 0 else { return }
            var one = 1
            give(from: best, devices, kind, to: container, needed: &one, in: &state)
            needed -= 1
        }
    }

    /// The devices that the list names, in its order.
    func giveListed(
        _ devices: DeviceClass, _ kind: DeviceCatalog.Kind, to container: ContainerSlot,
        needed: inout Int, in state: inout DeviceManagerState
    ) {
        for position in kind.preferredDevices where needed > 0 {
            let index = position / 64
            let bit = free(devices, kind, index, in: state) & 1 << UInt64(position % 64)
            give(
                bit, word: kind.words.lowerBound + index, to: container, needed: &needed,
                in: &state)
        }
    }

    /// Free devices of a class at a place: one of the kind's groups, or after them those without a NUMA node.
    private func free(
        _ devices: DeviceClass, _ kind: DeviceCatalog.Kind, at place: Int, _ index: Int,
        in state: borrowing DeviceManagerState
    ) -> UInt64 {
        let bits = free(devices, kind, index, in: state)
        return place < kind.groups.count
            ? bits & kind.groups[place].devices[index]
            : bits & ~touching(layout.all, kind, index)
    }

    private func freeCount(
        _ devices: DeviceClass, _ kind: DeviceCatalog.Kind, _ place: Int,
        in state: borrowing DeviceManagerState
    ) -> Int {
        kind.words.indices.reduce(0) { count, word in
            count
                + free(devices, kind, at: place, word - kind.words.lowerBound, in: state)
                .nonzeroBitCount
        }
    }

    private func give(
        from place: Int, _ devices: DeviceClass, _ kind: DeviceCatalog.Kind,
        to container: ContainerSlot, needed: inout Int, in state: inout DeviceManagerState
    ) {
        for word in kind.words where needed > 0 {
            let index = word - kind.words.lowerBound
            give(
                free(devices, kind, at: place, index, in: state), word: word, to: container,
                needed: &needed, in: &state)
        }
    }
}
