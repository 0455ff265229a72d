import HardwareModel
import Primitives

/// How a node hands out devices: aligned ones first, the plugin's preference among them. (cm/devicemanager)
///
/// Where the kubelet takes "any" device, in the order of a Go map, we take the first in natural order.
package struct DeviceManager: Sendable {
    package let catalog: DeviceCatalog
    package let layout: NUMALayout

    package init(catalog: DeviceCatalog, layout: NUMALayout) {
        self.catalog = catalog
        self.layout = layout
    }

    // MARK: Hints

    /// The NUMA nodes on which a container's, or with pod scope a pod's, devices could be had.
    ///
    /// - Parameter pod: true leaves reusable devices out, and lets what any of `holders` holds count as held.
    package func hints(
        for demands: [DeviceDemand], holders: ContainerRange, pod: Bool,
        in state: DeviceManagerState, into hints: inout HintCollector
    ) {
        for demand in demands {
            guard state.registrations[demand.kind] != .unknown else { continue }
            let kind = catalog.kinds[demand.kind]
            guard kind.hasTopology, state.registrations[demand.kind] == .registered else {
                hints.noPreference(kind.resource)
                continue
            }
            addHints(demand, kind, holders: holders, pod: pod, in: state, into: &hints)
        }
    }

    /// The hints of a resource whose devices report NUMA nodes.
    package func addHints(
        _ demand: DeviceDemand, _ kind: DeviceCatalog.Kind, holders: ContainerRange, pod: Bool,
        in state: DeviceManagerState, into hints: inout HintCollector
    ) {
        let first = kind.words.lowerBound
        func held(_ word: Int) -> UInt64 {
            var bits: UInt64 = 0
            for index in holders.indices {
                bits |= state.devices(of: ContainerSlot(index), word: word)
            }
            return bits
        }
        func available(_ word: Int) -> UInt64 { state.healthy[word] & ~state.allocated[word] }

        var heldCount = 0
        for word in kind.words { heldCount += held(word).nonzeroBitCount }
        if heldCount > 0, heldCount != demand.count { return hints.impossible(kind.resource) }
        let usesReuse = !pod && state.hasReusable && heldCount == 0
        if heldCount == 0 {
            var count = 0
            for word in kind.words {
                count += (available(word) | (usesReuse ? state.reusable[word] : 0)).nonzeroBitCount
            }
            if count < demand.count { return hints.impossible(kind.resource) }
        }
        if hints.isWide {
            if demand.minimumNodes == NUMALayout.tooManyToTell { return hints.stall() }
            let family = family(
                demand, kind, usesReuse: usesReuse, in: state,
                free: { heldCount > 0 ? held(first + $0) : available(first + $0) })
            return hints.add(family, of: [kind.resource])
        }
        // By group: how many devices could be had, and how many of them must be inside.
        hints.masks(kind.resource, over: kind.domain, preferredSize: demand.minimumNodes) { mask in
            var total = 0
            for group in kind.groups {
                let isInside = group.nodes.intersects(mask)
                if usesReuse {
                    var reused = 0
                    for (index, bits) in group.devices.enumerated() {
                        reused += (state.reusable[first + index] & bits).nonzeroBitCount
                    }
                    if reused > 0, !isInside { return false }
                    total += reused
                }
                guard isInside else { continue }
                for (index, bits) in group.devices.enumerated() {
                    let word = first + index
                    let free = heldCount > 0 ? held(word) : available(word)
                    total += (free & bits).nonzeroBitCount
                }
            }
            if usesReuse, reusesEmptyTopology(kind, in: state) { return false }
            return total >= demand.count
        }
    }

    /// Whether a reusable device reports an empty list of NUMA nodes, which no mask meets.
    func reusesEmptyTopology(
        _ kind: DeviceCatalog.Kind, in state: DeviceManagerState
    ) -> Bool {
        for (index, nodes) in kind.nodes.enumerated() where nodes?.isEmpty == true {
            let word = kind.words.lowerBound + index / 64
            if state.reusable[word] >> UInt64(index % 64) & 1 != 0 { return true }
        }
        return false
    }

    // MARK: Allocation

    /// Gives a container its devices, or says why not. `isRunning` is what the runtime knows after a restart;
    /// `wish` holds devices to take where any would do.
    package func allocate(
        _ demands: [DeviceDemand], to container: ContainerSlot, isReusable: Bool, isRunning: Bool,
        within affinity: NUMAMask?, wish: [UInt64]? = nil, in state: inout DeviceManagerState
    ) -> Rejection.Cause? {
        for demand in demands where state.registrations[demand.kind] != .unknown {
            if let refusal = allocate(
                demand, to: container, isRunning: isRunning, within: affinity, wish: wish,
                in: &state)
            {
                return refusal
            }
        }
        if !demands.isEmpty { state.updateReuse(of: container, isReusable: isReusable) }
        return nil
    }

    /// (devicesToAllocate)
    private func allocate(
        _ demand: DeviceDemand, to container: ContainerSlot, isRunning: Bool,
        within affinity: NUMAMask?, wish: [UInt64]? = nil, in state: inout DeviceManagerState
    ) -> Rejection.Cause? {
        let kind = catalog.kinds[demand.kind]
        var needed = demand.count
        let held = state.count(of: container, in: kind.words)
        if held > 0 {
            needed -= held
            if needed != 0 {
                return .deviceRequestChanged(kind.resource, from: held, to: demand.count)
            }
        }
        if isRunning { return nil }
        var isAnyHealthy = false
        var areHeldHealthy = true
        for word in kind.words {
            if state.healthy[word] != 0 { isAnyHealthy = true }
            if state.devices(of: container, word: word) & ~state.healthy[word] != 0 {
                areHeldHealthy = false
            }
        }
        if !isAnyHealthy || state.registrations[demand.kind] != .registered {
            return .noHealthyDevices(kind.resource)
        }
        if !areHeldHealthy { return .devicesNoLongerHealthy(kind.resource) }
        if needed == 0 { return nil }

        // 1: devices of finished init containers.
        if state.hasReusable {
            for word in kind.words where wish != nil {
                give(
                    state.reusable[word] & wish![word], word: word, to: container,
                    needed: &needed, in: &state)
            }
            for word in kind.words where needed > 0 {
                give(
                    state.reusable[word] & ~state.devices(of: container, word: word), word: word,
                    to: container, needed: &needed, in: &state)
            }
            if needed == 0 { return nil }
        }
        var available = 0
        for word in kind.words {
            available += (state.healthy[word] & ~state.allocated[word]).nonzeroBitCount
        }
        if available < needed {
            return .tooFewDevices(kind.resource, requested: needed, available: available)
        }

        // 2: devices that touch the affinity, then the plugin's choice, then the other NUMA nodes, then the rest.
        let aligned = kind.hasTopology ? affinity ?? .none : .none
        var alignedCount = 0
        for index in 0..<kind.words.count {
            let word = kind.words.lowerBound + index
            let free = state.healthy[word] & ~state.allocated[word]
            alignedCount += (free & touching(aligned, kind, index)).nonzeroBitCount
        }
        let isEnoughAligned = needed < alignedCount
        give(.touching(aligned), kind, wish: wish, to: container, needed: &needed, in: &state)
        guard needed > 0, !isEnoughAligned else { return nil }
        if kind.preferredAllocation == .none {
            give(.unaligned, kind, wish: wish, to: container, needed: &needed, in: &state)
        }
        give(.all, kind, wish: wish, to: container, needed: &needed, in: &state)
        return nil
    }

    enum DeviceClass {
        case touching(NUMAMask)
        /// On some NUMA node.
        case unaligned
        case all
    }

    /// The devices of word `index` of the kind that lie on a NUMA node of `mask`.
    func touching(_ mask: NUMAMask, _ kind: DeviceCatalog.Kind, _ index: Int) -> UInt64 {
        var bits: UInt64 = 0
        for group in kind.groups where group.nodes.intersects(mask) {
            bits |= group.devices[index]
        }
        return bits
    }

    /// Free devices of a class in word `index` of the kind.
    func free(
        _ devices: DeviceClass, _ kind: DeviceCatalog.Kind, _ index: Int,
        in state: borrowing DeviceManagerState
    ) -> UInt64 {
        let word = kind.words.lowerBound + index
        let bits: UInt64 =
            switch devices {
            case .touching(let mask): touching(mask, kind, index)
            case .unaligned: touching(layout.all, kind, index)
            case .all: ~0
            }
        return state.healthy[word] & ~state.allocated[word] & bits
    }

    /// Gives free devices of a class, lowest ids first, or highest where the plugin prefers those; where any would
    /// do, those of `wish` first.
    private func give(
        _ devices: DeviceClass, _ kind: DeviceCatalog.Kind, wish: [UInt64]?,
        to container: ContainerSlot, needed: inout Int, in state: inout DeviceManagerState
    ) {
        switch kind.preferredAllocation {
        case .none, .lowest, .highest: break
        case .packed:
            return givePacked(devices, kind, to: container, needed: &needed, in: &state)
        case .spread:
            return giveSpread(devices, kind, to: container, needed: &needed, in: &state)
        case .list: giveListed(devices, kind, to: container, needed: &needed, in: &state)
        }
        let count = kind.words.count
        let fromHighest = kind.preferredAllocation == .highest
        if let wish, kind.preferredAllocation == .none {
            for index in 0..<count where needed > 0 {
                let word = kind.words.lowerBound + index
                give(
                    free(devices, kind, index, in: state) & wish[word], word: word, to: container,
                    needed: &needed, in: &state)
            }
        }
        for step in 0..<count where needed > 0 {
            let index = fromHighest ? count - 1 - step : step
            give(
                free(devices, kind, index, in: state), word: kind.words.lowerBound + index,
                to: container, needed: &needed, in: &state, fromHighest: fromHighest)
        }
    }

    func give(
        _ bits: UInt64, word: Int, to container: ContainerSlot, needed: inout Int,
        in state: inout DeviceManagerState, fromHighest: Bool = false
    ) {
        var rest = bits
        while rest != 0, needed > 0 {
            let bit: UInt64 =
                fromHighest
                ? 1 << UInt64(63 - rest.leadingZeroBitCount) : rest & (0 &- rest)
            state.give(bit, word: word, to: container)
            rest &= ~bit
            needed -= 1
        }
    }
}

/// Devices of one kind that a container, or with pod scope a pod, asks for.
package struct DeviceDemand: Hashable, Sendable {
    /// Position in `DeviceCatalog.kinds`.
    package var kind: Int
    package var count: Int
    /// The fewest NUMA nodes with so many devices, taken or not.
    package var minimumNodes: Int

    package init(kind: Int, count: Int, minimumNodes: Int) {
        self.kind = kind
        self.count = count
        self.minimumNodes = minimumNodes
    }
}
