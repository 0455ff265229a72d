import HardwareModel
import NodeManagers
import Primitives
import Records
import WorkloadModel

/// A node that a case leads through its operations, comparing every answer.
struct VectorNode {
    var model: NodeModel
    var state: NodeState
    let json: JSONValue
    let hardware: Machine
    /// At a restart the state goes through the texts of the checkpoint files.
    var restartsFromFiles = false
    private var hasBrokenLaws = false
    /// A restart failed, which ends the sequence.
    private(set) var hasStopped = false
    /// Names by `PodIndex.position`.
    private(set) var podNames: [String] = []
    /// UIDs of pods that checkpoint files alone know.
    private var otherUIDs: [PodIndex: String] = [:]
    /// Settings that restarts changed so far.
    private var overrides: JSONValue?

    init(model: NodeModel, json: JSONValue, hardware: Machine) {
        self.model = model
        self.json = json
        self.hardware = hardware
        state = model.makeRestartableState()
    }

    private var isStatic: Bool { model.settings.cpuManagerPolicy == "static" }
    var shared: String { isStatic ? "\(state.cpu.pool)" : "" }
    private var alignsByTopology: Bool { model.settings.topologyManagerPolicy != "none" }

    func uid(_ pod: PodIndex) -> String { otherUIDs[pod] ?? "uid-\(podNames[pod.position])" }

    func compare<Value: Equatable>(
        _ what: @autoclosure () -> String, expected: Value, got: Value
    ) throws(VectorStop) {
        try requireEqual(what(), expected: expected, got: got)
    }

    func checkStart(_ start: JSONValue) throws(VectorStop) {
        try compare("start shared", expected: start["shared"]?.text ?? "", got: shared)
        if isStatic {
            try compare(
                "allocatable CPUs", expected: start["allocatableCpus"]?.text,
                got: "\(model.topology.all.subtracting(model.cpuPolicy.reserved))")
        }
        for member in start["nodeAllocatable"]?.members ?? [] {
            let expected = try amount(member.value.text ?? "", of: member.name)
            let got =
                member.name == "pods"
                ? model.maxPods
                : model.resources.index(of: member.name).map { model.allocatable[$0.position] }
            try compare("allocatable \(member.name)", expected: expected, got: got)
        }
    }

    // MARK: Operations

    mutating func run(
        _ operation: JSONValue, expect: JSONValue, _ place: String
    ) throws(VectorStop) {
        switch operation["op"]?.text {
        case "admit": try admit(operation, expect, place)
        case "remove":
            let name = try required(operation["pod"]?.text, "pod")
            for pod in state.podIndices where podNames[pod.position] == name {
                model.remove(pod, from: &state)
            }
        case "device-health":
            let name = try required(operation["resource"]?.text, "resource")
            let resource = try required(model.resources.index(of: name), "resource")
            model.setHealth(
                of: resource,
                unhealthy: operation["unhealthy"]?.elements.compactMap(\.text) ?? [], in: &state)
        case "restart": try restart(operation, expect, place)
        default: throw .malformed("unknown operation")
        }
        guard !hasStopped else { return }
        try compare("\(place).shared", expected: expect["shared"]?.text ?? "", got: shared)
        // Where a named bug of the kubelet has broken a law, the kubelet has too. Files do not count bugs.
        if state.upstreamBugCounts != UpstreamBugCounts() { hasBrokenLaws = true }
        if !hasBrokenLaws {
            try compare("\(place).laws", expected: [], got: model.invariantViolations(of: state))
        }
    }

    private mutating func admit(
        _ operation: JSONValue, _ expect: JSONValue, _ place: String
    ) throws(VectorStop) {
        let json = try required(operation["pod"], "pod")
        let prepared = model.prepare(try VectorPods.shape(json, model.resources))
        let index = PodIndex(podNames.count)
        podNames.append(try required(json["name"]?.text, "name"))
        let trace = AdmissionTrace()
        trace.wishedDevices = VectorNode.wishes(
            expect, prepared, model.deviceManager.catalog)
        // Started separately, because the case tells what containers hold before they start.
        let outcome = model.admit(index, prepared, in: &state, starting: false, trace: trace)
        try check(outcome, of: index, prepared, trace, expect, place)
        if case .admitted = outcome, operation["start"]?.boolean ?? true {
            model.start(index, in: &state)
        }
    }

    private mutating func restart(
        _ operation: JSONValue, _ expect: JSONValue, _ place: String
    ) throws(VectorStop) {
        let changed = operation["override"]?.members ?? []
        let kept = (overrides?.members ?? []).filter { old in
            !changed.contains { $0.name == old.name }
        }
        overrides = .object(kept + changed)
        let settings = try VectorSettings.settings(
            json["settings"] ?? .null, override: overrides, gates: json["featureGates"])
        let devices = try VectorSettings.devices(json["devices"])
        let plugins = try restartTiming(operation)
        let expected = expect["pods"]?.elements ?? []
        let catalog = model.deviceManager.catalog
        func wishes(_ expect: JSONValue, _ prepared: PreparedPod) -> [Int: [UInt64]] {
            VectorNode.wishes(expect, prepared, catalog)
        }
        let readmissions: [Readmission]
        var fileStop: VectorStop?
        do throws(KubeletStartError) {
            let next = try NodeModel(
                machine: hardware, settings: settings, devices: devices,
                resources: model.resources)
            let names = podNames
            var read = RestoredNode(state: state, basis: CheckpointBasis(model))
            if restartsFromFiles {
                do throws(VectorStop) {
                    read = try readBack(for: next)
                } catch {
                    fileStop = error
                    throw KubeletStartError(stage: .notModelled, message: "files")
                }
            }
            readmissions = try next.restart(
                from: read.basis, plugins: plugins,
                podUID: { read.otherUIDs[$0] ?? "uid-\(names[$0.position])" },
                trace: { pod, prepared in
                    let trace = AdmissionTrace()
                    let name = names[pod.position]
                    if let expect = expected.first(where: { $0["pod"]?.text == name }) {
                        trace.wishedDevices = wishes(expect, prepared)
                    }
                    return trace
                }, in: &read.state)
            state = read.state
            otherUIDs.merge(read.otherUIDs) { _, new in new }
            model = next
        } catch {
            if let fileStop { throw fileStop }
            hasStopped = true
            try compare(
                "\(place).stage", expected: expect["stage"]?.text, got: error.stage.rawValue)
            return try compare(
                "\(place).error", expected: expect["error"]?.text, got: error.message)
        }
        try compare("\(place).error", expected: expect["error"]?.text, got: nil)
        try compare(
            "\(place).pods", expected: expected.map { $0["pod"]?.text ?? "" },
            got: readmissions.map { podNames[$0.pod.position] })
        for (readmission, expect) in zip(readmissions, expected) {
            try check(
                readmission.outcome, of: readmission.pod, readmission.prepared,
                readmission.trace ?? AdmissionTrace(), expect,
                "\(place).\(podNames[readmission.pod.position])",
                placements: readmission.placements)
        }
    }

    /// The devices that the kubelet took, which are ours to take where any would do.
    private static func wishes(
        _ expect: JSONValue, _ prepared: PreparedPod, _ catalog: DeviceCatalog
    ) -> [Int: [UInt64]] {
        var wishes: [Int: [UInt64]] = [:]
        for (position, container) in prepared.shape.containers.enumerated() {
            guard let devices = expect["containers"]?[container.name]?["devices"] else { continue }
            var row = Array(repeating: UInt64(0), count: catalog.rowWords)
            for kind in catalog.kinds {
                let ids = devices[kind.name]?["ids"]?.elements.compactMap(\.text) ?? []
                for (index, id) in kind.ids.enumerated() where ids.contains(id) {
                    row[kind.words.lowerBound + index / 64] |= 1 << UInt64(index % 64)
                }
            }
            wishes[position] = row
        }
        return wishes
    }

    // MARK: One answer

    private func check(
        _ outcome: AdmissionOutcome, of pod: PodIndex, _ prepared: PreparedPod,
        _ trace: AdmissionTrace, _ expect: JSONValue, _ place: String,
        placements: [ContainerPlacement]? = nil
    ) throws(VectorStop) {
        try compare("\(place).qos", expected: expect["qos"]?.text, got: prepared.qos.rawValue)
        if alignsByTopology { try checkSteps(trace, prepared, expect, place) }
        switch outcome {
        case .admitted:
            try compare("\(place).answer", expected: describe(expect), got: "admitted")
            let held = placements ?? model.placements(of: pod, in: state)
            for placement in held {
                let what = "\(place).\(placement.name)"
                let expected = try required(
                    expect["containers"]?[placement.name], "containers.\(placement.name)")
                try check(placement, expected, what)
            }
        case .rejected(let rejection):
            let resources = model.resources
            try compare(
                "\(place).answer", expected: describe(expect),
                got: "\(rejection.source.rawValue): \(rejection.reason(resources)):"
                    + " \(rejection.message(resources))")
        }
    }

    private func describe(_ expect: JSONValue) -> String {
        if expect["admit"]?.boolean == true { return "admitted" }
        return
            "\(expect["by"]?.text ?? ""): \(expect["reason"]?.text ?? ""): \(expect["message"]?.text ?? "")"
    }

    private func checkSteps(
        _ trace: AdmissionTrace, _ prepared: PreparedPod, _ expect: JSONValue, _ place: String
    ) throws(VectorStop) {
        let scopes = expect["scopes"]?.elements ?? []
        for (number, scope) in scopes.enumerated() where number < trace.steps.count {
            let step = trace.steps[number]
            let what = "\(place).merge \(number)"
            try compare(
                "\(what).container", expected: scope["container"]?.text,
                got: step.container.map { prepared.shape.containers[$0].name })
            try compare(
                "\(what).hints", expected: hints(of: scope), got: hints(of: step))
            try compare(
                "\(what).hint", expected: "\(scope["merged"] ?? .null)",
                got: describe(step.verdict.hint))
            try compare(
                "\(what).verdict", expected: scope["admit"]?.boolean,
                got: step.verdict.isAdmitted)
        }
        try compare("\(place).merges", expected: scopes.count, got: trace.steps.count)
    }

    private func describe(_ hint: TopologyHint) -> String {
        let mask = hint.affinity.map { "\(model.layout.osSet($0).mask)" } ?? "null"
        return "[\(mask),\(hint.isPreferred ? 1 : 0)]"
    }

    private func hints(of scope: JSONValue) -> [String] {
        (scope["hints"]?.members ?? []).map { member in
            guard let count = member.value["n"] else { return "\(member.name) \(member.value)" }
            return "\(member.name) \(count) \(member.value["preferred"] ?? .null)"
        }.sorted()
    }

    private func hints(of step: AdmissionTrace.Step) -> [String] {
        let isShort = model.layout.count <= 2
        return (step.hints?.lists ?? []).map { list in
            let name = model.resources[list.resource]
            let provider =
                list.resource == ResourceTable.cpu
                ? "cpu"
                : list.resource == ResourceTable.memory
                    || model.resources.hugePageSize(list.resource) != nil ? "memory" : "device"
            guard let hints = list.hints else { return "\(provider):\(name) null" }
            if isShort {
                let all = hints.map(describe).joined(separator: ",")
                return "\(provider):\(name) [\(all)]"
            }
            let preferred = hints.filter(\.isPreferred).map {
                "\(model.layout.osSet($0.affinity ?? .none).mask)"
            }
            return "\(provider):\(name) \(hints.count) [\(preferred.joined(separator: ","))]"
        }.sorted()
    }

    func check(
        _ placement: ContainerPlacement, _ expected: JSONValue, _ what: String
    ) throws(VectorStop) {
        let cpus = placement.cpus.isEmpty ? nil : "\(placement.cpus)"
        try compare("\(what).cpus", expected: expected["cpus"]?.text, got: cpus)
        let blocks = placement.memory.map { block in
            let nodes = block.numaNodes.map(String.init).joined(separator: ",")
            return "[\"\(model.resources[block.resource])\",[\(nodes)],\(block.bytes)]"
        }
        try compare(
            "\(what).memory",
            expected: expected["memory"]?.elements.map(\.description).sorted() ?? [],
            got: blocks.sorted())
        if alignsByTopology {
            let mask = placement.affinity.map { "\($0.mask)" } ?? "null"
            try compare(
                "\(what).affinity", expected: "\(expected["affinity"] ?? .null)",
                got: "[\(mask),\(placement.affinityIsPreferred ? 1 : 0)]")
        }
        try checkDevices(placement, expected["devices"], what)
    }

    private func checkDevices(
        _ placement: ContainerPlacement, _ expected: JSONValue?, _ what: String
    ) throws(VectorStop) {
        let resources = Set(placement.devices.map(\.resource)).sorted()
        try compare(
            "\(what).devices", expected: (expected?.members.map(\.name) ?? []).sorted(),
            got: resources.map { model.resources[$0] }.sorted())
        for resource in resources {
            let name = model.resources[resource]
            let held = placement.devices.filter { $0.resource == resource }
            var counts: [String: Int] = [:]
            for device in held {
                counts[device.numaNodes.map(String.init).joined(separator: ","), default: 0] += 1
            }
            try compare(
                "\(what).\(name) by NUMA node",
                expected: (expected?[name]?["numa"]?.members ?? []).map {
                    "\($0.name):\($0.value)"
                }.sorted(),
                got: counts.map { "\($0.key):\($0.value)" }.sorted())
            if let ids = expected?[name]?["ids"], !ids.isNull {
                try compare(
                    "\(what).\(name)", expected: ids.elements.compactMap(\.text),
                    got: held.map(\.id))
            }
        }
    }
}

/// When the plugins of a `restart` come back.
func restartTiming(_ operation: JSONValue) throws(VectorStop) -> PluginReturn {
    try required(PluginReturn(rawValue: operation["plugins"]?.text ?? ""), "plugins")
}
