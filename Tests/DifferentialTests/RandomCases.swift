import LiteralKubelet
import Primitives

/// Random machines, settings, plugins and pods that reach the kubelet's traps; the same seed gives the same ones.
struct RandomCases {
    /// Which managers have something to decide.
    enum Focus: String, CaseIterable, Sendable {
        case cpu, memory, devices, wholeNode
    }

    var random: RandomStream
    let focus: Focus
    /// Pods take part in the alpha gate PodLevelResourceManagers.
    var hasPodLevelManagers = false

    init(seed: UInt64, focus: Focus) {
        random = RandomStream(seed: seed, name: "differential-\(focus.rawValue)")
        self.focus = focus
    }

    mutating func below(_ bound: Int) -> Int { Int(random.below(UInt64(bound))) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

    // MARK: Machine

    mutating func machine() -> LiteralMachine {
        let sockets = pick([1, 1, 2, 2, 2, 4])
        var counts = [sockets, sockets, sockets * 2, max(1, sockets / 2)]
        if focus != .wholeNode { counts.append(pick([3, 5, 6, 8])) }
        if sockets == 1 { counts += [3, 4] }
        let withCPUs = pick(counts)
        let memoryOnly = chance(15) && withCPUs < 6 ? 1 + below(2) : 0
        let step = chance(15) ? 2 : 1
        var ids = (0..<withCPUs + memoryOnly).map { $0 * step + (step - 1) * below(2) }
        ids = Array(Set(ids)).sorted()
        while ids.count < withCPUs + memoryOnly { ids.append(ids.last! + 1) }
        let isIrregular = chance(20)
        let isHybrid = chance(10)
        let isAsymmetric = chance(20)
        let threads = pick([1, 2, 2, 2, 4])
        let cachesPerNode = pick([1, 1, 2, 3])
        let units = max(sockets, withCPUs)
        let coresPerUnit = pick([1, 2, 3, 4])
        let isSplit = chance(50)
        var coreUnits: [Int] = []
        for unit in 0..<units {
            let count = isAsymmetric ? 1 + below(coresPerUnit + 1) : coresPerUnit
            coreUnits += Array(repeating: unit, count: count)
        }
        var rows: [LiteralMachine.Row] = []
        for (core, unit) in coreUnits.enumerated() {
            let node = unit * withCPUs / units
            var own: [Int] = []
            for thread in 0..<threads {
                if isIrregular, thread > 0, chance(25) { continue }
                if isHybrid, thread > 0, core * 2 >= coreUnits.count { continue }
                own.append(isSplit ? thread * coreUnits.count + core : core * threads + thread)
            }
            for cpu in own {
                rows.append(
                    LiteralMachine.Row(
                        cpu: cpu, core: own.min()!, socket: unit * sockets / units,
                        numaNode: ids[node],
                        uncore: node * cachesPerNode
                            + (cachesPerNode > 1 ? core % cachesPerNode : 0)))
            }
        }
        rows.sort { $0.cpu < $1.cpu }
        return LiteralMachine(rows: rows, nodes: nodes(ids), distances: distances(ids.count))
    }

    private mutating func nodes(_ ids: [Int]) -> [LiteralMachine.Node] {
        let isEven = chance(50)
        let gigabytes = pick([2, 4, 8])
        let hasNodeWithoutMemory = ids.count > 1 && chance(12)
        return ids.map { id in
            let isEmpty = hasNodeWithoutMemory && id != ids[0] && chance(50)
            let size = isEmpty ? 0 : (isEven ? gigabytes : 1 + below(gigabytes)) + 2
            let small = isEmpty ? 0 : isEven ? 128 : below(256)
            let large = isEmpty ? 0 : isEven ? 1 : below(2)
            return LiteralMachine.Node(
                id: id, memory: size << 30,
                hugePages: ["hugepages-2Mi": small << 21, "hugepages-1Gi": large << 30])
        }
    }

    private mutating func distances(_ count: Int) -> [[Int]] {
        let isFlat = chance(30)
        var table = (0..<count).map { row in (0..<count).map { $0 == row ? 10 : 20 } }
        if isFlat { return table }
        for row in 0..<count {
            for column in 0..<row {
                table[row][column] = 11 + below(3) * 10
                table[column][row] = chance(90) ? table[row][column] : 11 + below(3) * 10
            }
        }
        return table
    }

    // MARK: Settings

    mutating func settings(for machine: LiteralMachine) -> LiteralSettings {
        var settings = LiteralSettings()
        settings.topologyPolicy = pick([
            "none", "best-effort", "best-effort", "restricted", "restricted", "single-numa-node",
        ])
        settings.scope = pick(["container", "pod"])
        if chance(30) { settings.topologyOptions["prefer-closest-numa-nodes"] = "true" }
        if machine.nodes.count > 8 {
            settings.topologyOptions["max-allowable-numa-nodes"] = "10"
        }
        hasPodLevelManagers = chance(25)
        if hasPodLevelManagers {
            settings.gates["PodLevelResourceManagers"] = true
        } else if chance(10) {
            settings.gates["PodLevelResources"] = false
        }
        if focus == .cpu || focus == .wholeNode && chance(85) { setCPU(&settings, machine) }
        settings.kubeReserved = ["memory": (128 + below(256)) << 20]
        if settings.reservedSystemCPUs.isEmpty || chance(30) {
            settings.kubeReserved["cpu"] = pick([250, 500, 1000, 1500, 2000])
            if chance(30) { settings.systemReserved["cpu"] = 500 }
        }
        if chance(20) { settings.systemReserved["memory"] = 64 << 20 }
        settings.evictionHardMemory = chance(80) ? 100 << 20 : 0
        if focus == .memory || focus == .wholeNode && chance(75) {
            setMemory(&settings, machine)
        }
        if chance(5) { settings.maxPods = 1 + below(4) }
        return settings
    }

    private mutating func setCPU(_ settings: inout LiteralSettings, _ machine: LiteralMachine) {
        settings.cpuPolicy = "static"
        for (option, percent) in [
            ("full-pcpus-only", 25), ("distribute-cpus-across-numa", 25),
            ("align-by-socket", 15), ("strict-cpu-reservation", 25),
            ("prefer-align-cpus-by-uncorecache", 20), ("distribute-cpus-across-cores", 10),
        ] where chance(percent) {
            settings.cpuOptions[option] = chance(97) ? "true" : "false"
        }
        settings.gates["CPUManagerPolicyAlphaOptions"] = true
        if chance(35) {
            let count = 1 + below(min(3, machine.rows.count))
            for _ in 0..<count { settings.reservedSystemCPUs.insert(pick(machine.rows).cpu) }
        }
    }

    private mutating func setMemory(_ settings: inout LiteralSettings, _ machine: LiteralMachine) {
        settings.memoryPolicy = "Static"
        let total = settings.reservation["memory"] ?? 0
        let withMemory = machine.nodes.filter { $0.memory > 0 }
        if chance(60) || withMemory.count < 2 {
            settings.reservedMemory = [(withMemory[0].id, ["memory": total])]
        } else {
            let part = total / 3
            settings.reservedMemory = [
                (withMemory[1].id, ["memory": part]), (withMemory[0].id, ["memory": total - part]),
            ]
        }
    }

    // MARK: Plugins

    mutating func plugins(for machine: LiteralMachine) -> [LiteralPlugin] {
        guard focus == .devices || focus == .wholeNode && chance(70) else { return [] }
        let kinds = chance(60) ? ["example.com/nic", "vendor.io/gpu"] : ["example.com/nic"]
        return kinds.map { resource in
            let without = pick([0, 0, 10, 100])
            let several = pick([0, 0, 20, 60])
            let count = pick([1, 2, 4, 6, 9, 12])
            let devices = (0..<count).map { index in
                var nodes: [Int]? = [pick(machine.nodes).id]
                if chance(several) {
                    nodes = Array(Set(nodes! + [pick(machine.nodes).id])).sorted()
                }
                if chance(without) { nodes = chance(70) ? nil : [] }
                return LiteralPlugin.Device(
                    id: "d\(index)", nodes: nodes, isHealthy: chance(92))
            }
            return LiteralPlugin(
                resource: resource, preferred: pick([.none, .lowest, .highest]), devices: devices)
        }
    }

    // MARK: Pods

    mutating func pod(_ number: Int, on machine: LiteralMachine, initPercent: Int = 30)
        -> LiteralPod
    {
        let isGuaranteed = chance(85)
        let scale = pick([1, 1, 2, machine.rows.count])
        var containers: [LiteralContainer] = []
        let early = chance(initPercent) ? 1 + below(3) : 0
        for index in 0..<early {
            containers.append(
                container(
                    "i\(index)", chance(55) ? .initContainer : .sidecar, isGuaranteed, scale,
                    machine))
        }
        for index in 0..<pick([1, 1, 1, 2, 3]) {
            containers.append(container("c\(index)", .app, isGuaranteed, scale, machine))
        }
        var pod = LiteralPod(uid: "uid-p\(number)", containers: containers, podLevel: nil)
        if chance(hasPodLevelManagers ? 45 : 4) { addPodLevel(&pod) }
        return pod
    }

    private mutating func container(
        _ name: String, _ kind: LiteralContainer.Kind, _ isGuaranteed: Bool, _ scale: Int,
        _ machine: LiteralMachine
    ) -> LiteralContainer {
        var amounts: [String: Int] = [:]
        amounts["cpu"] =
            chance(focus == .cpu ? 90 : 70)
            ? (1 + below(max(1, min(scale, 12)) + 2)) * 1000 : 100 + below(900)
        amounts["memory"] =
            (focus == .memory || focus == .wholeNode
                ? 64 + below(pick([512, 3000, 9000])) : 16 + below(32)) << 20
        if focus == .memory || focus == .wholeNode {
            if chance(20) { amounts["hugepages-2Mi"] = (1 + below(96)) << 21 }
            // The cross product is tried in full, so wide machines get fewer resources.
            if machine.nodes.count < 4 || focus == .memory, chance(8) {
                amounts["hugepages-1Gi"] = 1 << 30
            }
        }
        if focus == .devices || focus == .wholeNode {
            let percent = focus == .devices ? 75 : 30
            if chance(percent) { amounts["example.com/nic"] = 1 + below(4) }
            if machine.nodes.count < 4, chance(percent / 2) {
                amounts["vendor.io/gpu"] = 1 + below(3)
            }
        }
        var limits = amounts
        if !isGuaranteed {
            if chance(50) { limits["cpu"] = nil } else { limits["memory"]! += 1 << 20 }
        }
        return LiteralContainer(name: name, kind: kind, requests: amounts, limits: limits)
    }

    /// Pod-level values of which the exclusive parts ask for less or as much. How the kubelet words what exceeds
    /// them the description tells for CPUs of apps and sidecars only.
    private mutating func addPodLevel(_ pod: inout LiteralPod) {
        for index in pod.containers.indices where chance(35) {
            pod.containers[index].requests = pod.containers[index].requests.filter {
                $0.key.contains("/")
            }
            pod.containers[index].limits = pod.containers[index].requests
        }
        for index in pod.containers.indices {
            for name in ["hugepages-2Mi", "hugepages-1Gi"] {
                pod.containers[index].requests[name] = nil
                pod.containers[index].limits[name] = nil
            }
        }
        func need(_ pod: LiteralPod, _ name: String) -> Int {
            var (sidecars, peak, apps) = (0, 0, 0)
            for container in pod.containers {
                let amount = container.requests[name] ?? 0
                switch container.kind {
                case .sidecar: sidecars += amount
                case .initContainer: peak = max(peak, sidecars + amount)
                case .app: apps += amount
                }
            }
            return max(peak, apps + sidecars)
        }
        let cpu = (need(pod, "cpu") + 999) / 1000 + pick([0, 0, 1, 2, 3])
        var amounts = [
            "cpu": max(1, cpu) * 1000 + (chance(8) ? 500 : 0),
            "memory": max(64 << 20, need(pod, "memory") + pick([0, 64, 64, 512]) << 20),
        ]
        if chance(15), focus != .cpu, focus != .devices { amounts["hugepages-2Mi"] = 8 << 21 }
        var limits = amounts
        if chance(10) { limits["cpu"] = nil }
        pod.podLevel = (amounts, limits)
    }

    // MARK: Operations

    enum Operation {
        case admit(LiteralPod, starting: Bool)
        case remove(String)
        case health(String, unhealthy: [String])
        case restart(LiteralKubelet.PluginReturn, LiteralSettings)
    }

    mutating func operation(
        _ number: Int, on machine: LiteralMachine, _ settings: LiteralSettings,
        _ plugins: [LiteralPlugin], pods: [String], initPercent: Int = 30
    ) -> Operation {
        if !pods.isEmpty, chance(25) { return .remove(pick(pods)) }
        if !plugins.isEmpty, chance(6) {
            let plugin = pick(plugins)
            return .health(
                plugin.resource, unhealthy: plugin.devices.map(\.id).filter { _ in chance(25) })
        }
        return .admit(
            pod(number, on: machine, initPercent: initPercent), starting: chance(85))
    }
}
