/// README section 11: what the kubelet checks before it starts, in its order.
enum LiteralStart {
    static func check(_ machine: LiteralMachine, _ settings: LiteralSettings) throws {
        try checkTopology(machine, settings)
        try checkCPU(machine, settings)
    }

    static func checkTopology(_ machine: LiteralMachine, _ settings: LiteralSettings) throws {
        func refuse(_ text: String) -> LiteralStartError {
            LiteralStartError(stage: "topologymanager", message: text)
        }
        guard
            ["none", "best-effort", "restricted", "single-numa-node"].contains(
                settings.topologyPolicy)
        else { throw refuse("unknown policy: \"\(settings.topologyPolicy)\"") }
        if settings.topologyPolicy != "none" {
            var allowed = 8
            if let text = settings.topologyOptions["max-allowable-numa-nodes"] {
                guard let number = Int(text) else {
                    throw refuse(
                        "unable to convert policy option to integer"
                            + " \"max-allowable-numa-nodes\": strconv.Atoi: parsing \"\(text)\":"
                            + " invalid syntax")
                }
                if number < 8 {
                    throw refuse(
                        "the minimum value of \"max-allowable-numa-nodes\" should not be less"
                            + " than 8")
                }
                allowed = number
            }
            if machine.nodes.count > allowed {
                throw refuse("unsupported on machines with more than \(allowed) NUMA Nodes")
            }
        }
        guard ["container", "pod"].contains(settings.scope) else {
            throw refuse("unknown scope: \"\(settings.scope)\"")
        }
    }

    static let options = [
        ("full-pcpus-only", "stable"), ("distribute-cpus-across-numa", "beta"),
        ("align-by-socket", "alpha"), ("distribute-cpus-across-cores", "alpha"),
        ("strict-cpu-reservation", "stable"), ("prefer-align-cpus-by-uncorecache", "stable"),
    ]

    static func checkCPU(_ machine: LiteralMachine, _ settings: LiteralSettings) throws {
        func refuse(_ text: String) -> LiteralStartError {
            LiteralStartError(stage: "cpumanager", message: text)
        }
        if settings.cpuPolicy == "none" {
            if settings.cpuOptions.isEmpty { return }
            let pairs = settings.cpuOptions.sorted { $0.key < $1.key }.map {
                "\($0.key):\($0.value)"
            }
            throw refuse(
                "new none policy error: None policy: received unsupported"
                    + " options=map[\(pairs.joined(separator: " "))]")
        }
        guard settings.cpuPolicy == "static" else {
            throw refuse("unknown policy: \"\(settings.cpuPolicy)\"")
        }
        if settings.reservedSystemCPUs.isEmpty, (settings.reservation["cpu"] ?? 0) == 0 {
            throw refuse(
                "[cpumanager] unable to determine reserved CPU resources for static policy")
        }
        func refuseStatic(_ text: String) -> LiteralStartError {
            refuse("new static policy error: \(text)")
        }
        for name in settings.cpuOptions.keys.sorted() {
            guard let option = options.first(where: { $0.0 == name }) else {
                throw refuseStatic("unknown CPU Manager Policy option: \"\(name)\"")
            }
            let alpha = settings.gates["CPUManagerPolicyAlphaOptions"] ?? false
            let beta = settings.gates["CPUManagerPolicyBetaOptions"] ?? true
            if option.1 == "alpha", !alpha {
                throw refuseStatic(
                    "CPU Manager Policy Alpha-level Options not enabled, but option"
                        + " \"\(name)\" provided")
            }
            if option.1 == "beta", !beta {
                throw refuseStatic(
                    "CPU Manager Policy Beta-level Options not enabled, but option"
                        + " \"\(name)\" provided")
            }
        }
        for (left, right) in [
            ("full-pcpus-only", "distribute-cpus-across-cores"),
            ("distribute-cpus-across-numa", "distribute-cpus-across-cores"),
            ("prefer-align-cpus-by-uncorecache", "distribute-cpus-across-cores"),
            ("prefer-align-cpus-by-uncorecache", "distribute-cpus-across-numa"),
        ] where settings.has(left) && settings.has(right) {
            throw refuseStatic(
                "static policy options \(left) and \(right) can not be used at the same time")
        }
        if settings.has("align-by-socket") {
            if settings.topologyPolicy == "single-numa-node" {
                throw refuseStatic(
                    "Topolgy manager single-numa-node policy is incompatible with CPUManager"
                        + " align-by-socket policy option")
            }
            if machine.sockets.count > machine.nodesWithCPUs.count {
                throw refuseStatic(
                    "Align by socket is not compatible with hardware where number of sockets are"
                        + " more than number of NUMA")
            }
        }
    }

    static func checkMemory(_ machine: LiteralMachine, _ settings: LiteralSettings) throws {
        func refuse(_ text: String) -> LiteralStartError {
            LiteralStartError(stage: "memorymanager", message: text)
        }
        guard settings.memoryPolicy == "Static" else {
            if settings.memoryPolicy == "None" { return }
            throw refuse("unknown policy: \"\(settings.memoryPolicy)\"")
        }
        var sum: [String: Int] = [:]
        for entry in settings.reservedMemory {
            if !machine.nodeIDs.contains(entry.node) {
                throw refuse(
                    "the reserved memory configuration references a NUMA node \(entry.node) that"
                        + " does not exist on this machine")
            }
            sum.merge(entry.limits, uniquingKeysWith: +)
        }
        var reservation = settings.reservation.filter { LiteralMemoryManager.isMemory($0.key) }
        reservation["memory", default: 0] += 0
        for name in Set(sum.keys).union(reservation.keys).sorted() {
            let (given, wanted) = (sum[name] ?? 0, reservation[name] ?? 0)
            if given != wanted {
                throw refuse(
                    "the total amount \"\(quantity(given))\" of type \"\(name)\" is not equal to"
                        + " the value \"\(quantity(wanted))\" determined by Node Allocatable"
                        + " feature")
            }
        }
        if sum.values.allSatisfy({ $0 == 0 }) {
            throw refuse("[memorymanager] you should specify the system reserved memory")
        }
    }

    private static func quantity(_ bytes: Int) -> String {
        for (suffix, shift) in [("Gi", 30), ("Mi", 20), ("Ki", 10)]
        where bytes != 0 && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift)\(suffix)"
        }
        return "\(bytes)"
    }
}
