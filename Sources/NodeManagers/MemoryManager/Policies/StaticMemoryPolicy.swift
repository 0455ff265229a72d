import Primitives

/// `Static`: containers of Guaranteed pods get memory and huge pages on as few NUMA nodes as could hold them.
///
/// A NUMA node serves either containers of its own or one group of nodes, never both.
/// (cm/memorymanager/policy_static.go)
package struct StaticMemoryPolicy: MemoryManagerPolicy {
    package static let name = "Static"
    package static let summary =
        "memory and huge pages of Guaranteed pods on the fewest NUMA nodes"

    package let totals: [MemoryTotals]
    let layout: NUMALayout
    private let types: MemoryTypes
    let typeCount: Int
    /// Bugs that are to be without; see `UpstreamFix`.
    private let checksSingleNodes: Bool
    private let noHintIsImpossible: Bool
    let keepsShares: Bool

    package init(_ setup: MemoryManagerSetup) throws(PolicyError) {
        let reserved = try ReservedMemoryCheck.reserved(setup)
        layout = setup.layout
        types = setup.types
        typeCount = setup.types.count
        var totals: [MemoryTotals] = []
        var reservedMemory: Int64 = 0
        for node in 0..<layout.count {
            for type in 0..<typeCount {
                var entry = MemoryTotals()
                entry.total = setup.capacity[node * typeCount + type]
                let name = setup.resourceNames[types.resources[type].position]
                entry.systemReserved = reserved[node][name] ?? 0
                entry.allocatable = entry.total - entry.systemReserved
                if type == 0 {
                    reservedMemory += entry.systemReserved
                    entry.allocatable -= setup.hugePages[node]
                }
                totals.append(entry)
            }
        }
        guard reservedMemory > 0 else {
            throw PolicyError("[memorymanager] you should specify the system reserved memory")
        }
        self.totals = totals
        checksSingleNodes = setup.fixes.contains(.singleBlockOnGroup)
        noHintIsImpossible = setup.fixes.contains(.noMemoryHintIsNoPreference)
        keepsShares = setup.fixes.contains(.secondShareAfterRestart)
    }

    /// The policy with its tables given, as the kubelet has it.
    package init(layout: NUMALayout, types: MemoryTypes, totals: [MemoryTotals]) {
        checksSingleNodes = false
        noHintIsImpossible = false
        keepsShares = false
        self.layout = layout
        self.types = types
        self.totals = totals
        typeCount = types.count
    }

    func resource(_ type: Int) -> ResourceIndex { types.resources[type] }

    // MARK: Hints

    package func minimumNodes(for amounts: [MemoryAmount]) -> Int {
        if layout.isWide {
            return layout.fewestNodes(thresholds(for: amounts), coverage: [])
        }
        return layout.narrowestMask(ofAtLeast: fewestNodes(for: amounts)) { mask in
            fitsWhenEmpty(amounts, on: mask)
        }?.count ?? layout.count
    }

    /// A lower bound: the fewest nodes whose largest pools hold each type on its own.
    private func fewestNodes(for amounts: [MemoryAmount]) -> Int {
        var fewest = 1
        for amount in amounts {
            let pools = (0..<layout.count).map { totals[$0 * typeCount + amount.type].allocatable }
                .sorted(by: >)
            var sum: Int64 = 0
            let needed = pools.firstIndex { pool in
                sum += pool
                return sum >= amount.bytes
            }
            // More than the machine has: no mask is large enough.
            fewest = max(fewest, needed.map { $0 + 1 } ?? layout.count + 1)
        }
        return fewest
    }

    private func fitsWhenEmpty(_ amounts: [MemoryAmount], on mask: NUMAMask) -> Bool {
        for amount in amounts {
            var sum: Int64 = 0
            for node in mask { sum &+= totals[node &* typeCount &+ amount.type].allocatable }
            if sum < amount.bytes { return false }
        }
        return true
    }

    package func hints(
        for demand: MemoryDemand, holder: ContainerSlot?, in state: MemoryManagerState,
        into hints: inout HintCollector
    ) {
        guard demand.isManaged, !demand.amounts.isEmpty else { return }
        if let holder {
            return regenerateHints(for: demand, from: holder, in: state, into: &hints)
        }
        if hints.isWide {
            if demand.minimumNodes == NUMALayout.tooManyToTell { return hints.stall() }
            return hints.add(
                family(for: demand, in: state),
                of: demand.amounts.map { types.resources[$0.type] }, whenNone: .noPreference)
        }
        // Every type has the same list. It meets itself in the merge, which matters only when a mask need not be
        // preferred.
        let repeats = hints.question == .reachable || hints.trace != nil
        for amount in demand.amounts.prefix(repeats ? demand.amounts.count : 1) {
            hints.masks(
                types.resources[amount.type], over: layout.all,
                preferredSize: demand.minimumNodes,
                whenNone: noHintIsImpossible ? .impossible : .noPreference
            ) { mask in isPossible(demand.amounts, on: mask, in: state) }
        }
    }

    /// What the container has already, when it is what is asked for; else nothing, which is "no preference".
    private func regenerateHints(
        for demand: MemoryDemand, from holder: ContainerSlot, in state: MemoryManagerState,
        into hints: inout HintCollector
    ) {
        guard state.types(of: holder) == demand.types else { return }
        for amount in demand.amounts
        where state.size(of: holder, type: amount.type) != amount.bytes { return }
        let nodes = state.nodes(of: holder)
        if hints.isWide {
            var family = HintFamily(preferredSize: nodes.count)
            if nodes.isSingle { family.singles = nodes } else { family.exact = [nodes] }
            return hints.add(family, of: demand.amounts.map { types.resources[$0.type] })
        }
        for amount in demand.amounts {
            hints.masks(
                types.resources[amount.type], over: nodes, preferredSize: nodes.count
            ) { $0 == nodes }
        }
    }

    /// Whether a mask would be in the kubelet's list. (calculateHints)
    func isPossible(
        _ amounts: [MemoryAmount], on mask: NUMAMask, in state: MemoryManagerState
    ) -> Bool {
        if mask.isSingle {
            guard state.nodes[mask.first].cells.isSingle else { return false }
        } else {
            for node in mask
            where state.nodes[node].assignments > 0 && state.nodes[node].cells != mask {
                return false
            }
        }
        for amount in amounts {
            var allocatable: Int64 = 0
            var free: Int64 = 0
            for node in mask {
                let index = node &* typeCount &+ amount.type
                allocatable &+= totals[index].allocatable
                free &+= state.tables[index].free
            }
            if allocatable < amount.bytes { return false }
            if free < amount.bytes,
                free + state.reusableBytes(type: amount.type, on: mask) < amount.bytes
            {
                return false
            }
        }
        return true
    }

    // MARK: Allocation

    package func allocate(
        _ demand: MemoryDemand, to position: Int, of pod: ContainerRange, hint: TopologyHint,
        in state: inout MemoryManagerState
    ) -> Rejection.Cause? {
        guard demand.isManaged else { return nil }
        let container = pod[position]
        if state.presence(of: container) == .present {
            updateReuse(demand, of: container, in: &state)
            return nil
        }
        let nodes: NUMAMask
        switch group(for: demand.amounts, minimumNodes: demand.minimumNodes, hint: hint, in: state)
        {
        case .success(let found): nodes = found
        case .failure(let refusal): return refusal.cause
        }
        if nodes.isSingle, !state.nodes[nodes.first].cells.isSingle {
            state.singleBlocksOnGroups += 1
        }
        state.beginEntry(of: container, on: nodes)
        for amount in demand.amounts {
            let spare =
                state.reusable.isEmpty ? 0 : state.reusableBytes(type: amount.type, on: nodes)
            state.charge(max(0, amount.bytes - spare), type: amount.type, to: nodes)
            state.addBlock(amount.bytes, type: amount.type, to: container)
        }
        updateReuse(demand, of: container, in: &state)
        shrinkInitContainers(demand, of: pod, on: nodes, in: &state)
        return nil
    }

    package struct Refusal: Error {
        package var cause: Rejection.Cause
    }

    /// The group of NUMA nodes that takes the request: the hint's, else an own one, widened where it is too small.
    package func group(
        for amounts: [MemoryAmount], minimumNodes: Int, hint: TopologyHint,
        in state: MemoryManagerState
    ) -> Result<NUMAMask, Refusal> {
        if layout.isWide, minimumNodes == NUMALayout.tooManyToTell {
            return .failure(Refusal(cause: .upstreamWouldStall))
        }
        var isBeyondLimit = false
        func narrowest(containing inner: NUMAMask) -> NUMAMask? {
            guard !amounts.isEmpty else { return nil }
            if layout.isWide {
                let family = family(for: amounts, preferredSize: minimumNodes, in: state)
                switch family.narrowest(layout, containing: inner, ofAtLeast: minimumNodes) {
                case .mask(let mask): return mask
                case .none: return nil
                case .beyondLimit:
                    isBeyondLimit = true
                    return nil
                }
            }
            return layout.narrowestMask(ofAtLeast: minimumNodes) { mask in
                inner.isSubset(of: mask) && isPossible(amounts, on: mask, in: state)
            }
        }
        var nodes = NUMAMask.none
        var isPreferred = hint.isPreferred
        if let affinity = hint.affinity {
            nodes = affinity
        } else {
            guard let own = narrowest(containing: .none) else {
                return .failure(
                    Refusal(
                        cause: isBeyondLimit ? .upstreamWouldStall : .noMemoryForDefaultAffinity))
            }
            nodes = own
            let isOwnPreferred = own.count == minimumNodes
            if !isOwnPreferred, hint.isPreferred {
                return .failure(Refusal(cause: .defaultMemoryHintNotPreferred))
            }
            isPreferred = isOwnPreferred
        }
        if !hasFree(amounts, on: nodes, in: state) {
            guard let wider = narrowest(containing: nodes) else {
                return .failure(
                    Refusal(cause: isBeyondLimit ? .upstreamWouldStall : .memoryHintNotExtensible))
            }
            nodes = wider
            if wider.count != minimumNodes, isPreferred {
                return .failure(Refusal(cause: .extendedMemoryHintNotPreferred))
            }
        }
        // A single NUMA node is not checked, so it may be one of a group; kept as the kubelet has it.
        if !nodes.isSingle || checksSingleNodes {
            for node in nodes
            where state.nodes[node].assignments > 0 && state.nodes[node].cells != nodes {
                return .failure(Refusal(cause: .memoryHintViolatesGroup))
            }
        }
        return .success(nodes)
    }

    /// Memory that could be used again is not counted. (isAffinitySatisfyRequest)
    private func hasFree(
        _ amounts: [MemoryAmount], on mask: NUMAMask, in state: MemoryManagerState
    ) -> Bool {
        for amount in amounts {
            var free: Int64 = 0
            for node in mask { free &+= state.tables[node &* typeCount &+ amount.type].free }
            if free < amount.bytes { return false }
        }
        return true
    }

    private func updateReuse(
        _ demand: MemoryDemand, of container: ContainerSlot, in state: inout MemoryManagerState
    ) {
        guard demand.isReusable || !state.reusable.isEmpty else { return }
        let nodes = state.nodes(of: container)
        var rest = state.types(of: container)
        while rest != 0 {
            let type = rest.trailingZeroBitCount
            rest &= rest &- 1
            let bytes = state.size(of: container, type: type)
            if demand.isReusable {
                state.allowReuse(of: bytes, type: type, on: nodes)
            } else {
                state.consumeReuse(of: bytes, type: type, on: nodes)
            }
        }
    }

    /// Blocks of earlier regular init containers shrink by what the new container uses of them, first ones first.
    private func shrinkInitContainers(
        _ demand: MemoryDemand, of pod: ContainerRange, on nodes: NUMAMask,
        in state: inout MemoryManagerState
    ) {
        for amount in demand.amounts {
            var rest = amount.bytes
            for position in demand.earlierInitContainers {
                guard rest > 0 else { break }
                let earlier = pod[position]
                guard state.presence(of: earlier) == .present, state.nodes(of: earlier) == nodes,
                    state.types(of: earlier) & 1 << UInt32(amount.type) != 0
                else { continue }
                let size = state.size(of: earlier, type: amount.type)
                let used = min(size, rest)
                state.setSize(size - used, of: earlier, type: amount.type)
                rest -= used
            }
        }
    }
}
