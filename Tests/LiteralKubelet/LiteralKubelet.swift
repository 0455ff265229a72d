/// A node of the literal transcription: README sections 1 and 5 around the three managers.
package struct LiteralKubelet {
    package struct Step {
        /// Nil in pod scope.
        package var container: String?
        /// Device, CPU, memory.
        package var hints: [LiteralHints]
        package var merged: LiteralHint
        package var admits: Bool
    }

    package struct Answer {
        package var uid: String
        /// Nil for an admitted pod.
        package var refusal: LiteralRefusal?
        package var steps: [Step] = []
        /// What the containers hold as of admission.
        package var containers: [String: Holding] = [:]
    }

    package struct Holding: Hashable {
        package var cpus: Set<Int> = []
        package var memory: [LiteralMemoryManager.Block] = []
        package var devices: [String: Set<String>] = [:]
        package var affinity = LiteralHint(nil, false)

        package init() {}
    }

    package enum PluginReturn: String { case before, after, never }

    package let machine: LiteralMachine
    package let settings: LiteralSettings
    package var cpu: LiteralCPUManager
    package var memory: LiteralMemoryManager
    package var devices: LiteralDeviceManager
    let topology: LiteralTopologyManager
    /// Active pods in order of creation.
    package var pods: [LiteralPod] = []
    package var started: Set<String> = []
    var affinities: [String: [String: LiteralHint]] = [:]
    var sourcesAreReady = true

    package init(
        _ machine: LiteralMachine, _ settings: LiteralSettings, _ plugins: [LiteralPlugin]
    ) throws {
        try self.init(fresh: machine, settings, plugins)
        for plugin in plugins { devices.register(plugin) }
    }

    private init(
        fresh machine: LiteralMachine, _ settings: LiteralSettings, _ plugins: [LiteralPlugin]
    ) throws {
        try LiteralStart.check(machine, settings)
        self.machine = machine
        self.settings = settings
        cpu = try LiteralCPUManager(machine, settings)
        try LiteralStart.checkMemory(machine, settings)
        memory = LiteralMemoryManager(machine, settings)
        devices = LiteralDeviceManager(machine, settings, plugins)
        topology = LiteralTopologyManager(
            nodes: machine.nodeIDs, distances: machine.distances, policy: settings.topologyPolicy,
            prefersClosest: settings.topologyOptions["prefer-closest-numa-nodes"] == "true")
    }

    // MARK: Admission

    package mutating func admit(
        _ pod: LiteralPod, starting: Bool = true,
        wishes: [String: [String: Set<String>]] = [:]
    ) -> Answer {
        sweep()
        pods.append(pod)
        let answer = decide(pod, others: Array(pods.dropLast()), wishes)
        if answer.refusal != nil {
            pods.removeLast()
            sweep(also: pod)
        } else if starting {
            start(pod)
        }
        return answer
    }

    package mutating func start(_ pod: LiteralPod) {
        started.insert(pod.uid)
        for container in pod.containers { memory.start(pod, container) }
    }

    private mutating func decide(
        _ pod: LiteralPod, others: [LiteralPod], _ wishes: [String: [String: Set<String>]]
    ) -> Answer {
        var answer = Answer(uid: pod.uid)
        affinities[pod.uid] = [:]
        do {
            try align(pod, &answer, wishes)
            try checkPredicates(pod, others)
        } catch {
            answer.refusal = error as? LiteralRefusal
        }
        if answer.refusal == nil {
            for container in pod.containers {
                answer.containers[container.name] = holding(pod, container)
            }
        }
        return answer
    }

    package func holding(_ pod: LiteralPod, _ container: LiteralContainer) -> Holding {
        var holding = Holding()
        holding.cpus = cpu.entries[pod.uid]?[container.name] ?? []
        holding.memory = memory.entries[pod.uid]?[container.name] ?? []
        for entry in devices.entries where entry.uid == pod.uid && entry.container == container.name
        {
            holding.devices[entry.resource, default: []].formUnion(entry.ids)
        }
        holding.affinity = affinities[pod.uid]?[container.name] ?? LiteralHint(nil, false)
        return holding
    }

    private mutating func align(
        _ pod: LiteralPod, _ answer: inout Answer, _ wishes: [String: [String: Set<String>]]
    ) throws {
        let isManaged = pod.podLevel != nil && settings.podLevelManagers
        func affinityError(_ scope: String) -> LiteralRefusal {
            .typed(
                "TopologyAffinityError",
                isManaged
                    ? "Pod Scope pod with pod-level resources failed admission \(scope)"
                    : "Resources cannot be allocated with Topology locality")
        }
        if settings.topologyPolicy != "none", settings.scope == "pod" {
            let hints = [devices.podHints(pod), cpu.podHints(pod), try memory.podHints(pod)]
            let merged = topology.merge(hints)
            answer.steps.append(
                Step(container: nil, hints: hints, merged: merged.hint, admits: merged.admits))
            if !merged.admits { throw affinityError("under pod-scope topology manager") }
            for container in pod.containers {
                affinities[pod.uid]![container.name] = merged.hint
            }
            if isManaged {
                try cpu.allocateBubble(pod, merged.hint.mask)
                try memory.allocateBubble(pod, merged.hint)
                return
            }
        }
        for container in pod.containers {
            if settings.topologyPolicy != "none", settings.scope != "pod" {
                let hints = [
                    devices.hints(pod, container), cpu.hints(pod, container),
                    try memory.hints(pod, container),
                ]
                let merged = topology.merge(hints)
                answer.steps.append(
                    Step(
                        container: container.name, hints: hints, merged: merged.hint,
                        admits: merged.admits))
                if !merged.admits {
                    throw affinityError("with a container-level topology manager")
                }
                affinities[pod.uid]![container.name] = merged.hint
            }
            let affinity = affinities[pod.uid]![container.name] ?? LiteralHint(nil, false)
            devices.wishes = wishes[container.name] ?? [:]
            try devices.allocate(
                pod, container, affinity.mask,
                isRunningAfterRestart: !sourcesAreReady && started.contains(pod.uid)
                    && container.kind != .initContainer)
            try cpu.allocate(pod, container, affinity.mask)
            try memory.allocate(pod, container, affinity)
        }
    }

    // MARK: Predicates

    /// cpu in milli; without the devices.
    package var allocatable: [String: Int] {
        let reservation = settings.reservation
        var result = [
            "cpu": machine.rows.count * 1000 - (reservation["cpu"] ?? 0), "memory": 0,
        ]
        for node in machine.nodes {
            result["memory"]! += node.memory
            for (name, size) in node.hugePages {
                result[name, default: 0] += size
                result["memory"]! -= size
            }
        }
        result["memory"]! -= reservation["memory"] ?? 0
        return result.mapValues { max(0, $0) }
    }

    private func checkPredicates(_ pod: LiteralPod, _ others: [LiteralPod]) throws {
        func refusal(_ name: String, _ wanted: Int, _ used: Int, _ capacity: Int) -> LiteralRefusal
        {
            LiteralRefusal(
                by: "predicates", reason: "OutOf\(name)",
                message: "Node didn't have enough resource: \(name), requested: \(wanted), used:"
                    + " \(used), capacity: \(capacity)")
        }
        if others.count + 1 > settings.maxPods {
            throw refusal("pods", 1, others.count, settings.maxPods)
        }
        var capacity = allocatable
        let holdsDevices = devices.entries.contains { $0.uid == pod.uid }
        for (resource, known) in devices.known where !known.all.isEmpty {
            capacity[resource] = known.healthy.count
        }
        if holdsDevices {
            for (resource, ids) in devices.allocated where ids.count > capacity[resource] ?? 0 {
                capacity[resource] = ids.count
            }
        }
        let wanted = pod.requests(settings)
        let scalars = wanted.keys.filter { $0 != "cpu" && $0 != "memory" }.sorted()
        for name in ["cpu", "memory"] + scalars {
            guard let amount = wanted[name], amount > 0 else { continue }
            // A resource that nobody registered is ignored.
            if LiteralDeviceManager.isDevice(name), capacity[name] == nil { continue }
            let used = others.reduce(0) { $0 + ($1.requests(settings)[name] ?? 0) }
            if amount > (capacity[name] ?? 0) - used {
                throw refusal(name, amount, used, capacity[name] ?? 0)
            }
        }
    }

    // MARK: Removal and restart

    package mutating func remove(_ uid: String) {
        guard let index = pods.firstIndex(where: { $0.uid == uid }) else {
            sweep()
            return
        }
        let pod = pods.remove(at: index)
        affinities[uid] = nil
        started.remove(uid)
        sweep(also: pod)
    }

    package mutating func setHealth(_ resource: String, unhealthy: [String]) {
        devices.setHealth(resource, unhealthy: unhealthy)
    }

    private mutating func sweep(also gone: LiteralPod? = nil) {
        guard sourcesAreReady else { return }
        let active = Set(pods.map(\.uid))
        cpu.sweep(active: active)
        memory.sweep(active: active, order: gone.map { [$0] } ?? [])
        devices.sweep(active: active)
        if let gone { affinities[gone.uid] = nil }
    }

    /// A new kubelet with `settings` on the checkpoints of this one; this one is as before when it does not start.
    package mutating func restart(
        _ settings: LiteralSettings, plugins: PluginReturn,
        wishes: [String: [String: [String: Set<String>]]] = [:]
    ) throws -> [Answer] {
        var next = try LiteralKubelet(fresh: machine, settings, devices.plugins)
        try next.cpu.restore(cpu, order: pods)
        try next.memory.restore(memory, order: pods)
        next.devices.restore(devices)
        next.started = started
        next.sourcesAreReady = false
        if plugins == .before { next.devices.registerMissing() }
        var answers: [Answer] = []
        var refused: [LiteralPod] = []
        for pod in pods {
            let answer = next.decide(pod, others: next.pods, wishes[pod.uid] ?? [:])
            answers.append(answer)
            if answer.refusal == nil {
                next.pods.append(pod)
            } else {
                refused.append(pod)
                next.started.remove(pod.uid)
            }
        }
        if plugins == .after { next.devices.registerMissing() }
        next.sourcesAreReady = true
        next.sweep()
        for pod in refused { next.sweep(also: pod) }
        self = next
        return answers
    }
}
