package import Primitives

/// `static`: Guaranteed containers that ask for whole CPUs get them for themselves.
///
/// Kubelet's four pools: SHARED is `CPUManagerState.pool`, RESERVED a part of it that is never exclusive,
/// ASSIGNABLE = SHARED − RESERVED, and EXCLUSIVE what containers hold. (cm/cpumanager/policy_static.go)
package struct StaticCPUPolicy: CPUManagerPolicy {
    package static let name = "static"
    package static let summary =
        "exclusive CPUs for Guaranteed containers that ask for whole CPUs"

    package let options: StaticCPUPolicyOptions
    package let reserved: CPUSet
    package let initialPool: CPUSet
    let topology: CPUTopology
    /// All threads of cores that have a reserved thread.
    private let reservedCores: CPUSet
    package let hintRule: CPUHintRule
    /// Bugs that are to be without; see `UpstreamFix`.
    private let countsOwnCPUs: Bool
    let returnsUncutShares: Bool
    let keepsShares: Bool

    package init(_ setup: CPUManagerSetup) throws(PolicyError) {
        let wanted = try setup.reservedCount()
        do throws(PolicyError) {
            var options = try StaticCPUPolicyOptions(setup.options, gates: setup.gates)
            options.fixes = setup.fixes
            try StaticCPUPolicy.check(options, setup)
            var reserved = setup.reservedSystemCPUs
            if reserved.isEmpty,
                case .taken(let cpus) = StaticCPUPolicy.take(
                    wanted, from: setup.topology.all, on: setup.topology, options: options)
            {
                reserved = cpus
            }
            guard reserved.count == wanted else {
                throw PolicyError(
                    "[cpumanager] unable to reserve the required amount of CPUs"
                        + " (size of \(reserved) did not equal \(wanted))")
            }
            self.init(
                topology: setup.topology, layout: setup.layout, options: options,
                reserved: reserved)
        } catch {
            throw PolicyError("new static policy error: \(error.message)")
        }
    }

    /// The policy with its reserved CPUs chosen.
    package init(
        topology: CPUTopology, layout: NUMALayout, options: StaticCPUPolicyOptions,
        reserved: CPUSet
    ) {
        self.topology = topology
        self.options = options
        self.reserved = reserved
        initialPool =
            options.reservesStrictly ? topology.all.subtracting(reserved) : topology.all
        var reservedCores = CPUSet()
        for core in topology.cores where !core.cpus.isDisjoint(with: reserved) {
            reservedCores.formUnion(core.cpus)
        }
        self.reservedCores = reservedCores
        countsOwnCPUs = options.fixes.contains(.ownCPUsNotCounted)
        returnsUncutShares = options.fixes.contains(.shareNeverReturned)
        keepsShares = options.fixes.contains(.secondShareAfterRestart)
        hintRule = CPUHintRule(
            topology: topology, layout: layout, alignsBySocket: options.alignsBySocket)
    }

    private static func check(
        _ options: StaticCPUPolicyOptions, _ setup: CPUManagerSetup
    ) throws(PolicyError) {
        guard options.alignsBySocket else { return }
        if setup.topologyManagerPolicy == SingleNUMANodeTopologyPolicy.name {
            // Spelt as the kubelet spells it.
            throw PolicyError(
                "Topolgy manager single-numa-node policy is incompatible with CPUManager"
                    + " align-by-socket policy option")
        }
        if setup.topology.counts.sockets > setup.topology.counts.numaNodes {
            throw PolicyError(
                "Align by socket is not compatible with hardware where number of sockets are more"
                    + " than number of NUMA")
        }
    }

    /// Chooses CPUs as the options say. (takeByTopology)
    package static func take(
        _ count: Int, from free: CPUSet, on topology: CPUTopology,
        options: StaticCPUPolicyOptions
    ) -> CPUTaker.Outcome {
        let strategy: CPUTaker.Strategy = options.distributesAcrossCores ? .spread : .packed
        if options.distributesAcrossNUMA {
            return CPUDistribution.take(
                count, from: free, on: topology,
                group: options.fullPCPUsOnly ? topology.cpusPerCore : 1, strategy: strategy,
                sharesMemory: !options.fixes.contains(.sharedCombinationMemory),
                passesOverEndless: options.fixes.contains(.endlessDealing))
        }
        return CPUTaker.packed(
            count, from: free, on: topology, strategy: strategy,
            prefersUncores: options.prefersUncores)
    }

    // MARK: Hints

    package func hints(
        for count: Int, holding held: CPUSet?, in state: CPUManagerState,
        into hints: inout HintCollector
    ) {
        guard count > 0 else { return }
        var reusable = state.hasReusable ? state.reusable : nil
        if let held {
            if held.count == count {
                return hintRule.add(count, available: held, reusable: nil, to: &hints)
            }
            reusable = reusable?.union(held) ?? held
        }
        hintRule.add(
            count, available: state.pool, without: reserved, reusable: reusable, to: &hints)
    }

    // MARK: Allocation

    package func allocate(
        _ request: CPURequest, within affinity: NUMAMask?, in state: inout CPUManagerState
    ) -> CPUOutcome {
        guard request.count > 0 else { return .shared }
        let held = state.cpus(of: request.container)
        if options.fullPCPUsOnly {
            // Looked at before what the container has; kept as the kubelet has it.
            let own = countsOwnCPUs ? held ?? (state.hasReusable ? state.reusable : nil) : nil
            if let refusal = refusalBySMT(request.count, own: own, in: state) {
                return .rejected(refusal)
            }
        }
        if let held {
            updateReuse(held, request, in: &state)
            return .exclusive
        }
        let allocatable = allocatable(in: state)
        switch choose(request.count, from: allocatable, within: affinity) {
        case .taken(let cpus):
            countBusyThreads(cpus, of: allocatable, in: &state)
            state.assign(cpus, to: request.container)
            updateReuse(cpus, request, in: &state)
            return .exclusive
        case .tooFew(let requested, let available):
            return .rejected(.tooFewCPUs(requested: requested, available: available))
        case .notFound: return .rejected(.cpusNotFound)
        case .neverEnds: return .rejected(.cpuDistributionNeverEnds)
        case .wouldStall: return .rejected(.upstreamWouldStall)
        }
    }

    /// Where averages truncate, "whole" cores and sockets may have busy or reserved CPUs; kept as the kubelet has it.
    func countBusyThreads(
        _ cpus: CPUSet, of allocatable: CPUSet, in state: inout CPUManagerState
    ) {
        if !topology.hasUniformUnits, !cpus.isSubset(of: allocatable) {
            state.busyThreadsTaken += 1
        }
    }

    /// `full-pcpus-only`, checked before anything else. (enforceSMTAlignment)
    package func refusalBySMT(
        _ count: Int, own: CPUSet? = nil, in state: CPUManagerState
    ) -> Rejection.Cause? {
        guard options.fullPCPUsOnly else { return nil }
        let perCore = topology.cpusPerCore
        if count % perCore != 0 {
            return .smtMisaligned(requested: count, cpusPerCore: perCore)
        }
        var free = state.pool.subtracting(reservedCores)
        if let own { free.formUnion(own) }
        let available = topology.count(free)
        if count > available {
            return .tooFewFreeCores(
                available: available, requested: count, cpusPerCore: perCore)
        }
        return nil
    }

    /// The pool without reserved CPUs, and what earlier init containers of the pod leave.
    private func allocatable(in state: CPUManagerState) -> CPUSet {
        var cpus = state.pool.subtracting(reserved)
        if state.hasReusable { cpus.formUnion(state.reusable) }
        return cpus
    }

    /// Takes from the affinity first, then from what is left. (allocateCPUs)
    package func choose(
        _ count: Int, from allocatable: CPUSet, within affinity: NUMAMask?
    ) -> CPUTaker.Outcome {
        guard let affinity else { return topologyTake(count, from: allocatable) }
        let aligned = alignedCPUs(affinity, among: allocatable)
        let first = min(count, topology.count(aligned))
        let outcome = topologyTake(first, from: aligned)
        guard case .taken(let taken) = outcome else { return outcome }
        let rest = count - topology.count(taken)
        guard rest > 0 else { return outcome }
        let more = topologyTake(rest, from: allocatable.subtracting(taken))
        guard case .taken(let cpus) = more else { return more }
        return .taken(taken.union(cpus))
    }

    func topologyTake(_ count: Int, from free: CPUSet) -> CPUTaker.Outcome {
        StaticCPUPolicy.take(count, from: free, on: topology, options: options)
    }

    /// CPUs of the affinity's NUMA nodes, or with `align-by-socket` of their sockets.
    func alignedCPUs(_ affinity: NUMAMask, among allocatable: CPUSet) -> CPUSet {
        if affinity.isSingle, !options.alignsBySocket {
            for unit in topology.allNUMANodes
            where affinity.first == hintRule.nodePositions[unit] {
                return allocatable.intersection(topology.numaNodes[unit].cpus)
            }
        }
        var cpus = CPUSet()
        for unit in topology.allNUMANodes
        where affinity.contains(hintRule.nodePositions[unit]) {
            if options.alignsBySocket {
                cpus.formUnion(topology.socketCPUs(ofNUMANodes: CollectionOfOne(unit)))
            } else {
                cpus.formUnion(topology.numaNodes[unit].cpus)
            }
        }
        return allocatable.intersection(cpus)
    }

    private func updateReuse(
        _ cpus: CPUSet, _ request: CPURequest, in state: inout CPUManagerState
    ) {
        if request.isReusable {
            state.allowReuse(of: cpus)
        } else {
            state.endReuse(of: cpus)
        }
    }
}
