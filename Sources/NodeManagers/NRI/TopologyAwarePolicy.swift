package import Primitives

/// CPUs of containers by the topology-aware policy of nri-plugins: the best pool of a tree, then CPUs of that pool.
///
/// Origin: containers/nri-plugins 0705acc8 (v0.14.0+30), an NRI plugin beside a kubelet whose CPU Manager is `none`; it
/// decides when a container is created, so that a refusal is a creation that fails and is tried again. Experimental.
/// Not yet a policy of a node: nothing but tests makes one. Left out: memory zones, affinity, hints of devices, CPU
/// classes, `require-isolated-cpus`, dies, uncore caches inside a socket, cold start.
package struct TopologyAwarePolicy: Sendable {
    package let pools: TopologyAwarePools
    package let reserved: CPUSet
    private let allocator: NRICPUAllocator

    /// Reserved CPUs as the plugin is told them.
    package enum Reservation: Sendable, Hashable {
        case cpus(CPUSet)
        /// Rounded up to whole CPUs, none of them isolated.
        case milliCPU(Int)
    }

    package init(
        _ topology: CPUTopology, reserved reservation: Reservation, isolated: CPUSet = CPUSet()
    ) throws(PolicyError) {
        allocator = try NRICPUAllocator(topology)
        let usable = topology.all.subtracting(isolated)
        var reserved: CPUSet?
        switch reservation {
        case .cpus(let cpus): reserved = cpus.isSubset(of: topology.all) ? cpus : nil
        case .milliCPU(let amount):
            reserved = allocator.take((amount + 999) / 1000, from: usable, priority: .normal)
        }
        guard let reserved, !reserved.isEmpty else {
            throw PolicyError("topology-aware: reserved CPUs that the machine cannot give")
        }
        self.reserved = reserved
        pools = TopologyAwarePools(topology, isolated: isolated, reserved: reserved)
    }

    /// What one container has.
    package struct Grant: Sendable, Hashable {
        package var request: TopologyAwareRequest
        package var pool: Int
        package var exclusive: CPUSet
    }

    /// What a node's containers have, by the caller's number of the container, in order of creation.
    package struct State: Sendable {
        package fileprivate(set) var grants: [(container: Int, grant: Grant)] = []
        /// CPUs that are exclusive.
        package fileprivate(set) var exclusive = CPUSet()

        package init() {}
    }

    // MARK: Creation and end of a container

    /// The pool and exclusive CPUs of a new container; nil when its creation fails, which changes nothing.
    package func create(
        _ container: Int, _ request: TopologyAwareRequest, in state: inout State
    ) -> Grant? {
        let pool = choosePool(for: request, in: state)
        guard let grant = grant(request, from: pool, in: state) else { return nil }
        state.exclusive.formUnion(grant.exclusive)
        state.grants.append((container, grant))
        return grant
    }

    package func remove(_ container: Int, from state: inout State) {
        guard let index = state.grants.firstIndex(where: { $0.container == container })
        else { return }
        state.exclusive.subtract(state.grants[index].grant.exclusive)
        state.grants.remove(at: index)
    }

    /// The CPUs that a container may run on now; shared parts follow what is free.
    package func cpus(of grant: Grant, in state: State) -> CPUSet {
        if grant.request.kind == .reserved {
            return reserved.isEmpty ? freeSharable(pools.root, in: state) : reserved
        }
        if grant.request.exclusive > 0, grant.request.shared == 0 { return grant.exclusive }
        return grant.exclusive.union(freeSharable(grant.pool, in: state))
    }

    // MARK: What is left

    private func freeSharable(_ pool: Int, in state: State) -> CPUSet {
        pools.pools[pool].sharable.subtracting(state.exclusive)
    }

    /// Milli-CPU that a pool could still give to shared containers: the least along the way to the root.
    package func allocatableMilliCPU(of pool: Int, in state: State) -> Int {
        var least = Int.max
        var next: Int? = pool
        while let position = next {
            var left = 1000 * freeSharable(position, in: state).count
            for (_, grant) in state.grants
            where grant.request.kind != .reserved && pools.isInside(grant.pool, position) {
                left -= grant.request.shared
            }
            least = min(least, left)
            next = pools.pools[position].parent
        }
        let hasIdler = state.grants.contains { _, grant in
            grant.request.kind != .reserved && grant.request.exclusive == 0
                && grant.request.shared == 0 && pools.isInside(grant.pool, pool)
        }
        return least - (hasIdler ? 1 : 0)
    }

    // MARK: The pool

    /// What the choice looks at, of one pool.
    private struct Fitness {
        var pool: Int
        var isolated: Int
        var shared: Int
        var allocatable: Int
        var containers: Int
    }

    private func choosePool(for request: TopologyAwareRequest, in state: State) -> Int {
        if request.kind == .reserved { return pools.root }
        let all = pools.pools.indices.map { fitness(of: $0, for: request, in: state) }
        var best = all[0]
        for candidate in all.dropFirst()
        where isBetter(candidate, than: best, request) {
            best = candidate
        }
        return best.pool
    }

    private func fitness(
        of pool: Int, for request: TopologyAwareRequest, in state: State
    ) -> Fitness {
        let free = pools.pools[pool].isolated.subtracting(state.exclusive).count
        let isolated = request.wantsIsolated ? free - request.exclusive : 0
        let allocatable = allocatableMilliCPU(of: pool, in: state)
        let wanted = request.exclusive == 0 && request.shared == 0 ? 1 : request.shared
        let fromShared =
            request.wantsIsolated && isolated >= 0 ? 0 : 1000 * request.exclusive
        return Fitness(
            pool: pool, isolated: isolated, shared: allocatable - wanted - fromShared,
            allocatable: allocatable,
            containers: state.grants.count { $0.grant.pool == pool })
    }

    /// The plugin's comparison, of `a` that comes after `b` in order of id.
    private func isBetter(
        _ a: Fitness, than b: Fitness, _ request: TopologyAwareRequest
    ) -> Bool {
        // 1: enough. Where each is enough in its own way the lower id stays.
        let (fits, other) = (
            b.isolated < 0 && a.isolated >= 0 || b.shared < 0 && a.shared >= 0,
            a.isolated < 0 && b.isolated >= 0 || a.shared < 0 && b.shared >= 0
        )
        if fits != other { return fits }
        if fits { return false }
        // 5: room to burst.
        if case .burstable(let limit) = request.kind {
            if let limit {
                if (a.allocatable >= limit) != (b.allocatable >= limit) {
                    return a.allocatable >= limit
                }
            } else {
                return isRoomier(a, than: b)
            }
        }
        let (left, right) = (pools.pools[a.pool], pools.pools[b.pool])
        // 6, 10
        if left.numaNodeCount != right.numaNodeCount {
            return left.numaNodeCount < right.numaNodeCount
        }
        if left.depth != right.depth { return left.depth > right.depth }
        // 11, 13: where either has some; the lower id when equal.
        if request.wantsIsolated, a.isolated > 0 || b.isolated > 0 {
            return a.isolated > b.isolated
        }
        if request.exclusive > 0, a.shared > 0 || b.shared > 0 { return a.shared > b.shared }
        // 14, 15
        if a.containers != b.containers { return a.containers < b.containers }
        return a.shared > b.shared
    }

    /// Without a limit: the socket's level, then below it over above it.
    private func isRoomier(_ a: Fitness, than b: Fitness) -> Bool {
        let (left, right) = (pools.pools[a.pool], pools.pools[b.pool])
        if left.isSocket != right.isSocket { return left.isSocket }
        if left.isSocket { return a.allocatable > b.allocatable }
        let level = pools.pools.first { $0.isSocket }?.depth ?? 0
        if (left.depth > level) != (right.depth > level) { return left.depth > level }
        return false
    }

    // MARK: The grant

    private func grant(
        _ request: TopologyAwareRequest, from pool: Int, in state: State
    ) -> Grant? {
        var grant = Grant(request: request, pool: pool, exclusive: CPUSet())
        if request.kind == .reserved { return grant }
        let free = pools.pools[pool].isolated.subtracting(state.exclusive)
        if request.wantsIsolated, request.exclusive > 0, free.count >= request.exclusive {
            grant.exclusive =
                allocator.take(request.exclusive, from: free, priority: .none) ?? CPUSet()
        } else {
            guard allocatableMilliCPU(of: pool, in: state) >= 1000 * request.exclusive
            else { return nil }
            if request.exclusive > 0 {
                guard
                    let cpus = allocator.take(
                        request.exclusive, from: offered(by: pool, in: state), priority: .none)
                else { return nil }
                grant.exclusive = cpus
            }
        }
        var after = state
        after.exclusive.formUnion(grant.exclusive)
        guard allocatableMilliCPU(of: pool, in: after) >= request.shared else { return nil }
        return grant
    }

    /// CPUs that the pools below can spare without leaving their shared containers short.
    private func offered(by pool: Int, in state: State) -> CPUSet {
        let below =
            pools.pools[pool].children.isEmpty
            ? [pool]
            : pools.pools.indices.filter { $0 != pool && pools.isInside($0, pool) }
        var union = CPUSet()
        for descendant in below {
            let free = freeSharable(descendant, in: state)
            let spare = min(
                free.count, max(0, allocatableMilliCPU(of: descendant, in: state)) / 1000)
            if let cpus = allocator.take(spare, from: free, priority: .none) {
                union.formUnion(cpus)
            }
        }
        return union
    }
}
