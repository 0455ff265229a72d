/// README section 4.
package struct LiteralDeviceManager {
    package struct Entry: Hashable {
        package var uid: String
        package var container: String
        package var resource: String
        package var ids: Set<String>
    }

    struct Known {
        /// By id; empty until the plugin registers again after a restart.
        var all: [String: [Int]?] = [:]
        var healthy: Set<String> = []
    }

    let machine: LiteralMachine
    let settings: LiteralSettings
    /// The plugins with the health that they would report now.
    package var plugins: [LiteralPlugin]
    /// Resources that a plugin registered, or that the checkpoint names.
    var known: [String: Known] = [:]
    package var entries: [Entry] = []
    /// By resource.
    var allocated: [String: Set<String>] = [:]
    var reusable: (uid: String, ids: [String: Set<String>]) = ("", [:])
    /// The file.
    package var checkpoint: (entries: [Entry], registered: [String: Set<String>]) = ([], [:])
    /// Ids to take first where any would do.
    package var wishes: [String: Set<String>] = [:]

    init(_ machine: LiteralMachine, _ settings: LiteralSettings, _ plugins: [LiteralPlugin]) {
        self.machine = machine
        self.settings = settings
        self.plugins = plugins
    }

    // MARK: Plugins

    mutating func register(_ plugin: LiteralPlugin) {
        var fresh = Known()
        for device in plugin.devices {
            fresh.all[device.id] = .some(device.nodes)
            if device.isHealthy { fresh.healthy.insert(device.id) }
        }
        known[plugin.resource] = fresh
        writeCheckpoint()
    }

    /// Plugins that are missing register.
    mutating func registerMissing() {
        for plugin in plugins where known[plugin.resource]?.all.isEmpty ?? true {
            register(plugin)
        }
    }

    mutating func setHealth(_ resource: String, unhealthy: [String]) {
        for index in plugins.indices where plugins[index].resource == resource {
            for device in plugins[index].devices.indices {
                plugins[index].devices[device].isHealthy =
                    !unhealthy.contains(plugins[index].devices[device].id)
            }
            register(plugins[index])
        }
        registerMissing()
    }

    mutating func writeCheckpoint() {
        checkpoint = (entries, known.mapValues(\.healthy))
    }

    mutating func restore(_ previous: LiteralDeviceManager) {
        checkpoint = previous.checkpoint
        plugins = previous.plugins
        entries = checkpoint.entries
        for resource in checkpoint.registered.keys { known[resource] = Known() }
        countAllocated()
    }

    mutating func countAllocated() {
        allocated = [:]
        for entry in entries { allocated[entry.resource, default: []].formUnion(entry.ids) }
    }

    mutating func sweep(active: Set<String>) {
        entries.removeAll { !active.contains($0.uid) }
        countAllocated()
    }

    // MARK: Facts

    func nodes(_ resource: String, _ id: String) -> [Int]? {
        known[resource]?.all[id] ?? nil
    }

    func isOn(_ resource: String, _ id: String, _ mask: UInt64) -> Bool {
        (nodes(resource, id) ?? []).contains { contains(mask, $0) }
    }

    func hasTopology(_ resource: String) -> Bool {
        known[resource]!.all.values.contains { !($0 ?? []).isEmpty }
    }

    func available(_ resource: String) -> Set<String> {
        known[resource]!.healthy.subtracting(allocated[resource] ?? [])
    }

    func held(_ uid: String, _ container: String?, _ resource: String) -> Set<String> {
        entries.filter {
            $0.uid == uid && (container == nil || $0.container == container)
                && $0.resource == resource
        }.reduce(into: []) { $0.formUnion($1.ids) }
    }

    static func isDevice(_ name: String) -> Bool {
        name != "cpu" && !LiteralMemoryManager.isMemory(name)
    }

    /// With the gate on, in pod scope, a pod with pod-level resources gets no device.
    func takesNoNotice(_ pod: LiteralPod) -> Bool {
        pod.podLevel != nil && settings.podLevelManagers && settings.topologyPolicy != "none"
            && settings.scope == "pod"
    }

    // MARK: Hints

    func hints(_ pod: LiteralPod, _ container: LiteralContainer) -> LiteralHints {
        var result: LiteralHints = []
        for (resource, wanted) in container.limits.sorted(by: { $0.key < $1.key })
        where known[resource] != nil {
            let own = held(pod.uid, container.name, resource)
            let old = reusable.uid == pod.uid ? reusable.ids[resource] ?? [] : []
            result.append((resource, hints(resource, wanted, own: own, reusable: old)))
        }
        return result
    }

    func podHints(_ pod: LiteralPod) -> LiteralHints {
        var result: LiteralHints = []
        for resource in Set(pod.containers.flatMap { $0.limits.keys }).sorted()
        where known[resource] != nil {
            let wanted = pod.overTime { $0.limits[resource] ?? 0 }
            let own = held(pod.uid, nil, resource)
            result.append((resource, hints(resource, wanted, own: own, reusable: [])))
        }
        return result
    }

    func hints(
        _ resource: String, _ wanted: Int, own: Set<String>, reusable: Set<String>
    ) -> [LiteralHint]? {
        guard hasTopology(resource) else { return nil }
        if !own.isEmpty {
            return own.count == wanted ? generate(resource, own, [], wanted) : []
        }
        let free = available(resource)
        if free.union(reusable).count < wanted { return [] }
        return generate(resource, free, reusable, wanted)
    }

    func generate(
        _ resource: String, _ free: Set<String>, _ reusable: Set<String>, _ wanted: Int
    ) -> [LiteralHint] {
        let carrying = Set(known[resource]!.all.values.flatMap { $0 ?? [] }).sorted()
        var smallest = machine.nodes.count
        var masks: [UInt64] = []
        for mask in subsets(of: carrying) {
            let all = known[resource]!.all.keys.filter { isOn(resource, $0, mask) }.count
            if all >= wanted { smallest = min(smallest, mask.nonzeroBitCount) }
            let placed = reusable.filter { nodes(resource, $0) != nil }
            guard placed.allSatisfy({ isOn(resource, $0, mask) }) else { continue }
            let matching = placed.count + free.filter { isOn(resource, $0, mask) }.count
            if matching >= wanted { masks.append(mask) }
        }
        return masks.map { LiteralHint($0, $0.nonzeroBitCount == smallest) }
    }

    // MARK: Allocation

    mutating func allocate(
        _ pod: LiteralPod, _ container: LiteralContainer, _ affinity: UInt64?,
        isRunningAfterRestart: Bool
    ) throws {
        if takesNoNotice(pod) { return }
        if reusable.uid != pod.uid { reusable = (pod.uid, [:]) }
        var hasAllocated = false
        for (resource, wanted) in container.limits.sorted(by: { $0.key < $1.key })
        where known[resource] != nil {
            let own = held(pod.uid, container.name, resource)
            if isRunningAfterRestart { continue }
            let healthy = known[resource]!.healthy
            if !own.isEmpty, own.count != wanted {
                throw LiteralRefusal.unexpected("changed request")
            }
            if healthy.isEmpty {
                throw LiteralRefusal.unexpected(
                    "no healthy devices present; cannot allocate unhealthy devices \(resource)")
            }
            if !own.isSubset(of: healthy) {
                throw LiteralRefusal.unexpected(
                    "previously allocated devices are no longer healthy; cannot allocate"
                        + " unhealthy devices \(resource)")
            }
            if own.count == wanted { continue }
            let ids = try choose(resource, wanted, affinity)
            if ids.isEmpty { continue }
            hasAllocated = true
            entries.append(
                Entry(uid: pod.uid, container: container.name, resource: resource, ids: ids))
            allocated[resource, default: []].formUnion(ids)
        }
        if hasAllocated { writeCheckpoint() }
        for entry in entries where entry.uid == pod.uid && entry.container == container.name {
            if container.kind == .initContainer {
                reusable.ids[entry.resource, default: []].formUnion(entry.ids)
            } else {
                reusable.ids[entry.resource, default: []].subtract(entry.ids)
            }
        }
    }

    /// Shorter id first, then bytewise.
    package static func inNaturalOrder(_ ids: Set<String>) -> [String] {
        ids.sorted {
            ($0.utf8.count, Array($0.utf8)) < ($1.utf8.count, Array($1.utf8))
        }
    }

    func choose(_ resource: String, _ wanted: Int, _ affinity: UInt64?) throws -> Set<String> {
        var taken: Set<String> = []
        /// Any of `candidates` until there are enough.
        func takeAny(_ candidates: Set<String>) -> Bool {
            let wished = candidates.intersection(wishes[resource] ?? [])
            for group in [wished, candidates.subtracting(wished)] {
                for id in LiteralDeviceManager.inNaturalOrder(group.subtracting(taken))
                where taken.count < wanted {
                    taken.insert(id)
                }
            }
            return taken.count == wanted
        }
        if takeAny(reusable.ids[resource] ?? []) { return taken }
        let free = available(resource).subtracting(taken)
        if free.count < wanted - taken.count {
            throw LiteralRefusal.unexpected(
                "requested number of devices unavailable for \(resource). Requested:"
                    + " \(wanted - taken.count), Available: \(free.count)")
        }
        var (aligned, unaligned, without): (Set<String>, Set<String>, Set<String>) = ([], [], free)
        if let affinity, hasTopology(resource) {
            without = free.filter { (nodes(resource, $0) ?? []).isEmpty }
            aligned = free.filter { isOn(resource, $0, affinity) }
            unaligned = free.subtracting(without).subtracting(aligned)
        }
        if wanted - taken.count < aligned.count {
            let preferred = preferred(resource, aligned.union(taken), must: taken, wanted)
            if takeAny(preferred.intersection(aligned)) { return taken }
            _ = takeAny(aligned)
            return taken
        }
        if takeAny(aligned) { return taken }
        let preferred = preferred(resource, free.union(taken), must: taken, wanted)
        if takeAny(preferred.intersection(free)) { return taken }
        if takeAny(unaligned) { return taken }
        // Any would do; as the managers under test, those with topology first.
        let placed = without.filter { !(nodes(resource, $0) ?? []).isEmpty }
        if wishes[resource] == nil, takeAny(placed) { return taken }
        _ = takeAny(without)
        return taken
    }

    /// GetPreferredAllocation: the must-include ids, then the rest in natural order, or reversed, up to the size.
    func preferred(
        _ resource: String, _ available: Set<String>, must: Set<String>, _ size: Int
    ) -> Set<String> {
        let plugin = plugins.first { $0.resource == resource }!
        if plugin.preferred == .none { return [] }
        var rest = LiteralDeviceManager.inNaturalOrder(available.subtracting(must))
        if plugin.preferred == .highest { rest.reverse() }
        return must.union(rest.prefix(max(0, size - must.count)))
    }
}

private func < (left: (Int, [UInt8]), right: (Int, [UInt8])) -> Bool {
    if left.0 != right.0 { return left.0 < right.0 }
    return left.1.lexicographicallyPrecedes(right.1)
}
