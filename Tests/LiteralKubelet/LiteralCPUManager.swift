/// README section 2: the static policy. With policy `none` nothing is ever exclusive.
package struct LiteralCPUManager {
    let machine: LiteralMachine
    let settings: LiteralSettings
    package let reserved: Set<Int>
    /// `defaultCpuSet`.
    package var pool: Set<Int>
    package var entries: [String: [String: Set<Int>]] = [:]
    package var podEntries: [String: Set<Int>] = [:]
    /// Of the pod that allocated last.
    var reusable: (uid: String, cpus: Set<Int>) = ("", [])

    var isStatic: Bool { settings.cpuPolicy == "static" }
    var isStrict: Bool { settings.has("strict-cpu-reservation") }
    /// All CPUs, or without the reserved ones.
    var managed: Set<Int> { isStrict ? machine.all.subtracting(reserved) : machine.all }

    init(_ machine: LiteralMachine, _ settings: LiteralSettings) throws {
        self.machine = machine
        self.settings = settings
        pool = []
        guard settings.cpuPolicy == "static" else {
            reserved = []
            return
        }
        if !settings.reservedSystemCPUs.isEmpty {
            reserved = settings.reservedSystemCPUs
        } else {
            let wanted = ((settings.reservation["cpu"] ?? 0) + 999) / 1000
            reserved =
                (try? LiteralCPUManager.take(wanted, from: machine.all, machine, settings)) ?? []
            if reserved.count != wanted {
                throw LiteralStartError(
                    stage: "cpumanager",
                    message: "new static policy error: [cpumanager] unable to reserve the required"
                        + " amount of CPUs (size of \(listed(reserved)) did not equal \(wanted))")
            }
        }
        pool = managed
    }

    // MARK: Taking

    /// One run of the accumulator under the configured options.
    static func take(
        _ count: Int, from free: Set<Int>, _ machine: LiteralMachine, _ settings: LiteralSettings
    ) throws -> Set<Int> {
        let spread = settings.has("distribute-cpus-across-cores")
        let outcome =
            settings.has("distribute-cpus-across-numa")
            ? LiteralAccumulator.distributed(
                count, machine.rows, free,
                group: settings.has("full-pcpus-only") ? machine.cpusPerCore : 1, spread: spread)
            : LiteralAccumulator.packed(
                count, machine.rows, free, spread: spread,
                uncores: settings.has("prefer-align-cpus-by-uncorecache"))
        switch outcome {
        case .cpus(let cpus): return Set(cpus)
        case .neverEnds: throw LiteralRefusal.neverEnds
        case .refused:
            throw LiteralRefusal.unexpected(
                count > free.count
                    ? "not enough cpus available to satisfy request: requested=\(count),"
                        + " available=\(free.count)" : "failed to allocate cpus")
        }
    }

    func take(_ count: Int, from free: Set<Int>) throws -> Set<Int> {
        try LiteralCPUManager.take(count, from: free, machine, settings)
    }

    var available: Set<Int> { pool.subtracting(reserved) }

    /// All threads of reserved cores.
    var reservedPhysical: Set<Int> {
        let cores = Set(machine.rows.filter { reserved.contains($0.cpu) }.map(\.core))
        return Set(machine.rows.filter { cores.contains($0.core) }.map(\.cpu))
    }

    func aligned(_ cpus: Set<Int>, with affinity: UInt64) -> Set<Int> {
        let near = machine.cpus(inNodes: affinity)
        if settings.has("align-by-socket") {
            let sockets = Set(machine.rows.filter { near.contains($0.cpu) }.map(\.socket))
            return cpus.intersection(
                machine.rows.filter { sockets.contains($0.socket) }.map(\.cpu))
        }
        return cpus.intersection(near)
    }

    /// From the aligned CPUs first, then from what is left; the result leaves the pool.
    mutating func allocateCPUs(
        _ count: Int, _ affinity: UInt64?, reusable: Set<Int>
    ) throws -> Set<Int> {
        let allocatable = available.union(reusable)
        var result: Set<Int> = []
        if let affinity {
            let near = aligned(allocatable, with: affinity)
            result = try take(min(near.count, count), from: near)
        }
        result.formUnion(
            try take(count - result.count, from: allocatable.subtracting(result)))
        pool.subtract(result)
        return result
    }

    func checkWholeCores(_ count: Int) throws {
        guard settings.has("full-pcpus-only") else { return }
        let perCore = machine.cpusPerCore
        if count % perCore != 0 {
            throw LiteralRefusal.typed(
                "SMTAlignmentError",
                "SMT Alignment Error: requested \(count) cpus not multiple cpus per core ="
                    + " \(perCore)")
        }
        let physical = pool.subtracting(reservedPhysical).count
        if count > physical {
            throw LiteralRefusal.typed(
                "SMTAlignmentError",
                "SMT Alignment Error: not enough free physical CPUs: available physical CPUs ="
                    + " \(physical), requested CPUs = \(count), CPUs per core = \(perCore)")
        }
    }

    /// Whole CPUs that the container gets for itself; 0 sends it to the shared pool.
    func exclusive(_ pod: LiteralPod, _ container: LiteralContainer) -> Int {
        guard isStatic, pod.qos(settings) == "Guaranteed" else { return 0 }
        if pod.podLevel != nil {
            guard settings.podLevelManagers, container.isGuaranteed else { return 0 }
        }
        return container.wholeCPUs
    }

    mutating func allocate(
        _ pod: LiteralPod, _ container: LiteralContainer, _ affinity: UInt64?
    ) throws {
        let count = exclusive(pod, container)
        guard count > 0 else { return }
        try checkWholeCores(count)
        if let held = entries[pod.uid]?[container.name] {
            updateReusable(pod, container, held)
            return
        }
        let old = reusable.uid == pod.uid ? reusable.cpus : []
        let cpus = try allocateCPUs(count, affinity, reusable: old)
        entries[pod.uid, default: [:]][container.name] = cpus
        updateReusable(pod, container, cpus)
    }

    mutating func updateReusable(
        _ pod: LiteralPod, _ container: LiteralContainer, _ cpus: Set<Int>
    ) {
        if reusable.uid != pod.uid { reusable = (pod.uid, []) }
        if container.kind == .initContainer {
            reusable.cpus.formUnion(cpus)
        } else {
            reusable.cpus.subtract(cpus)
        }
    }

    // MARK: Hints

    func hints(_ pod: LiteralPod, _ container: LiteralContainer) -> LiteralHints {
        let count = exclusive(pod, container)
        guard count > 0 else { return [] }
        if let held = entries[pod.uid]?[container.name] {
            if held.count != count { return [("cpu", [])] }
            return [("cpu", generate(held, reusable: [], count))]
        }
        return [
            (
                "cpu",
                generate(
                    available, reusable: reusable.uid == pod.uid ? reusable.cpus : [], count)
            )
        ]
    }

    func podHints(_ pod: LiteralPod) -> LiteralHints {
        guard isStatic, pod.qos(settings) == "Guaranteed" else { return [] }
        var count = pod.overTime { exclusive(pod, $0) }
        if pod.podLevel != nil {
            guard settings.podLevelManagers else { return [] }
            count = podWholeCPUs(pod)
            if count > 0, budgetProblem(pod, count) != nil { return [("cpu", [])] }
        }
        guard count > 0 else { return [] }
        var assigned: Set<Int> = []
        for container in pod.containers {
            guard let held = entries[pod.uid]?[container.name] else { continue }
            if held.count != exclusive(pod, container) { return [("cpu", [])] }
            assigned.formUnion(held)
        }
        if assigned.count == count {
            return [("cpu", generate(assigned, reusable: [], count))]
        }
        let old = (reusable.uid == pod.uid ? reusable.cpus : []).union(assigned)
        return [("cpu", generate(available, reusable: old, count))]
    }

    func generate(_ available: Set<Int>, reusable: Set<Int>, _ count: Int) -> [LiteralHint] {
        let nodes = machine.nodesWithCPUs
        var smallest = nodes.count
        var masks: [UInt64] = []
        for mask in subsets(of: nodes) {
            let cpus = machine.cpus(inNodes: mask)
            if cpus.count >= count { smallest = min(smallest, mask.nonzeroBitCount) }
            guard reusable.isSubset(of: cpus) else { continue }
            guard available.intersection(cpus).count + reusable.count >= count else { continue }
            masks.append(mask)
        }
        return masks.map { mask in
            LiteralHint(
                mask,
                mask.nonzeroBitCount == smallest
                    || settings.has("align-by-socket") && isSocketAligned(mask, smallest))
        }
    }

    func isSocketAligned(_ mask: UInt64, _ smallest: Int) -> Bool {
        let perSocket = machine.nodesWithCPUs.count / machine.sockets.count
        guard perSocket > 0 else { return false }
        let touched = Set(machine.rows.filter { contains(mask, $0.numaNode) }.map(\.socket))
        return touched.count == (smallest + perSocket - 1) / perSocket
    }

    // MARK: Pod-level resources

    func podWholeCPUs(_ pod: LiteralPod) -> Int {
        let milli = pod.podLevel?.requests["cpu"] ?? 0
        return milli % 1000 == 0 ? milli / 1000 : 0
    }

    /// Why the shared containers of the pod would be left without CPUs.
    func budgetProblem(_ pod: LiteralPod, _ budget: Int) -> String? {
        // Which of the two comes first the description does not tell; init containers run first.
        var sidecars = 0
        for container in pod.containers {
            switch container.kind {
            case .sidecar: sidecars += exclusive(pod, container)
            case .initContainer:
                if exclusive(pod, container) == 0, sidecars >= budget {
                    return "pod rejected, pod has shared init containers but no cpus available"
                        + " for them"
                }
            case .app: break
            }
        }
        let running = pod.containers.filter { $0.kind != .initContainer }
        if running.contains(where: { exclusive(pod, $0) == 0 }),
            running.reduce(0, { $0 + exclusive(pod, $1) }) >= budget
        {
            return "pod rejected, sum of exclusive container cpu requests equals pod budget,"
                + " leaving no cpus for shared containers"
        }
        return nil
    }

    /// One bubble for the pod, cut into the containers' portions.
    mutating func allocateBubble(_ pod: LiteralPod, _ affinity: UInt64?) throws {
        guard isStatic, pod.qos(settings) == "Guaranteed" else { return }
        let count = podWholeCPUs(pod)
        guard count > 0 else { return }
        if let problem = budgetProblem(pod, count) {
            throw LiteralRefusal.typed("EmptyPodSharedPoolError", problem)
        }
        try checkWholeCores(count)
        let bubble = try allocateCPUs(count, affinity, reusable: [])
        podEntries[pod.uid] = bubble
        var cut: [String: Set<Int>] = [:]
        var sidecars: Set<Int> = []
        for container in pod.containers where container.kind != .app {
            let own = exclusive(pod, container)
            let left = bubble.subtracting(sidecars)
            if own > 0 {
                cut[container.name] = try take(own, from: left)
                if container.kind == .sidecar { sidecars.formUnion(cut[container.name]!) }
            } else if container.kind == .initContainer {
                cut[container.name] = left
            }
        }
        var left = bubble.subtracting(sidecars)
        for container in pod.containers where container.kind == .app {
            let own = exclusive(pod, container)
            guard own > 0 else { continue }
            cut[container.name] = try take(own, from: left)
            left.subtract(cut[container.name]!)
        }
        for container in pod.containers where cut[container.name] == nil {
            cut[container.name] = left
        }
        entries[pod.uid] = cut
    }

    // MARK: Release and restart

    /// What the containers of pods that are not active hold goes back to the pool.
    mutating func sweep(active: Set<String>) {
        for uid in entries.keys.sorted() where !active.contains(uid) {
            let containers = entries.removeValue(forKey: uid)!
            // Of a pod with a bubble the bubble is freed, when the last container goes; else each container's own.
            if let bubble = podEntries.removeValue(forKey: uid) {
                pool.formUnion(bubble)
            } else {
                for cpus in containers.values { pool.formUnion(cpus) }
            }
        }
    }

    /// Takes over the checkpoint of `previous`, or says why the kubelet exits; `order` has the pods' ids.
    mutating func restore(_ previous: LiteralCPUManager, order: [LiteralPod]) throws {
        func refuse(_ text: String) -> LiteralStartError {
            LiteralStartError(stage: "start", message: "start cpu manager error: \(text)")
        }
        guard settings.cpuPolicy == previous.settings.cpuPolicy else {
            throw refuse(
                "could not restore state from checkpoint: configured policy"
                    + " \"\(settings.cpuPolicy)\" differs from state checkpoint policy"
                    + " \"\(previous.settings.cpuPolicy)\", please drain this node and delete the"
                    + " CPU manager checkpoint file \"/var/lib/kubelet/cpu_manager_state\" before"
                    + " restarting Kubelet")
        }
        guard isStatic else { return }
        let fresh = pool
        (pool, entries, podEntries) = (previous.pool, previous.entries, previous.podEntries)
        if pool.isEmpty {
            if !entries.isEmpty { throw refuse("default cpuset cannot be empty") }
            pool = fresh
            return
        }
        if isStrict {
            let inside = reserved.intersection(pool)
            if !inside.isEmpty {
                throw refuse(
                    "some of strictly reserved cpus: \"\(listed(inside))\" are present in"
                        + " defaultCpuSet: \"\(listed(pool))\"")
            }
        } else if !reserved.isSubset(of: pool) {
            throw refuse(
                "not all reserved cpus: \"\(listed(reserved))\" are present in defaultCpuSet:"
                    + " \"\(listed(pool))\"")
        }
        var known = pool
        for pod in order {
            for container in pod.containers {
                guard let cpus = entries[pod.uid]?[container.name] else { continue }
                if !cpus.isDisjoint(with: pool) {
                    throw refuse(
                        "pod: \(pod.uid), container: \(container.name) cpuset:"
                            + " \"\(listed(cpus))\" overlaps with default cpuset"
                            + " \"\(listed(pool))\"")
                }
                known.formUnion(cpus)
            }
        }
        for cpus in podEntries.values { known.formUnion(cpus) }
        if known != managed {
            throw refuse(
                "current set of available CPUs \"\(listed(managed))\" doesn't match with CPUs in"
                    + " state \"\(listed(known))\"")
        }
    }
}
