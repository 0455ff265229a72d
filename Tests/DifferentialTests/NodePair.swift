import LiteralKubelet
import NodeManagers
import Primitives
import Records

/// One node twice: the transcription and the managers under test, led through the same operations.
struct NodePair {
    var literal: LiteralKubelet
    var model: NodeModel
    var state: NodeState
    let resources: ResourceTable
    private(set) var pods: [LiteralPod] = []
    /// Admissions, readmissions included.
    private(set) var decisions = 0
    private(set) var refusals = 0
    let plugins: [LiteralPlugin]

    /// Both refuse to start in the same words, or one does not model the case.
    enum Start {
        case started(NodePair)
        case refused
        case differs(String)
    }

    static func start(
        _ machine: LiteralMachine, _ settings: LiteralSettings, _ plugins: [LiteralPlugin]
    ) -> Start {
        let resources = FastTypes.resources()
        var text: [String] = []
        var literal: LiteralKubelet?
        var model: NodeModel?
        do {
            literal = try LiteralKubelet(machine, settings, plugins)
            text.append("starts")
        } catch {
            let error = error as? LiteralStartError
            text.append("\(error?.stage ?? ""): \(error?.message ?? "")")
        }
        do throws(KubeletStartError) {
            model = try NodeModel(
                machine: FastTypes.machine(machine), settings: FastTypes.settings(settings),
                devices: FastTypes.plugins(plugins), resources: resources)
            text.append("starts")
        } catch {
            if error.stage == .notModelled { return .refused }
            text.append("\(error.stage.rawValue): \(error.message)")
        }
        if text[0] != text[1] { return .differs("start: literal \(text[0]), fast \(text[1])") }
        guard let literal, let model else { return .refused }
        return .started(
            NodePair(
                literal: literal, model: model, state: model.makeRestartableState(),
                resources: resources, plugins: plugins))
    }

    private init(
        literal: LiteralKubelet, model: NodeModel, state: NodeState, resources: ResourceTable,
        plugins: [LiteralPlugin]
    ) {
        self.literal = literal
        self.model = model
        self.state = state
        self.resources = resources
        self.plugins = plugins
    }

    /// The outcome of one operation, and the first difference; nil where both agree.
    mutating func run(_ operation: RandomCases.Operation) -> String? {
        switch operation {
        case .admit(let pod, let starting): return admit(pod, starting: starting) ?? compareState()
        case .remove(let uid):
            literal.remove(uid)
            if let index = pods.lastIndex(where: { $0.uid == uid }) {
                model.remove(PodIndex(index), from: &state)
            }
        case .health(let resource, let unhealthy):
            literal.setHealth(resource, unhealthy: unhealthy)
            model.setHealth(
                of: resources.index(of: resource)!, unhealthy: unhealthy, in: &state)
        case .restart(let plugins, let settings):
            return restart(plugins, settings) ?? compareState()
        }
        return compareState()
    }

    private mutating func admit(_ pod: LiteralPod, starting: Bool) -> String? {
        let index = PodIndex(pods.count)
        pods.append(pod)
        let prepared = model.prepare(FastTypes.shape(pod, resources))
        let trace = AdmissionTrace()
        let answer = literal.admit(pod, starting: false)
        let outcome = model.admit(index, prepared, in: &state, starting: false, trace: trace)
        let difference = compare(
            pod, answer, outcome, trace, model.placements(of: index, in: state))
        if case .admitted = outcome, difference == nil, starting {
            literal.start(pod)
            model.start(index, in: &state)
        }
        return difference.map { "admit \(pod.uid): \($0)" }
    }

    /// What the last restart answered; nil when the kubelet did not start.
    private(set) var readmissions: [LiteralKubelet.Answer]?
    private(set) var startError: String?

    private mutating func restart(
        _ plugins: LiteralKubelet.PluginReturn, _ settings: LiteralSettings
    ) -> String? {
        readmissions = nil
        startError = nil
        var answers: [LiteralKubelet.Answer] = []
        var words = ["starts", "starts"]
        let pods = pods
        do {
            answers = try literal.restart(settings, plugins: plugins)
        } catch {
            let error = error as? LiteralStartError
            words[0] = "\(error?.stage ?? ""): \(error?.message ?? "")"
        }
        var readmitted: [Readmission] = []
        do throws(KubeletStartError) {
            let next = try NodeModel(
                machine: FastTypes.machine(literal.machine), settings: FastTypes.settings(settings),
                devices: FastTypes.plugins(self.plugins), resources: resources)
            readmitted = try next.restart(
                from: model, plugins: PluginReturn(rawValue: plugins.rawValue)!,
                podUID: { pods[$0.position].uid }, trace: { _, _ in AdmissionTrace() },
                in: &state)
            model = next
        } catch {
            words[1] = "\(error.stage.rawValue): \(error.message)"
        }
        if words[0] != words[1] { return "restart: literal \(words[0]), fast \(words[1])" }
        if words[0] != "starts" {
            startError = words[0]
            return nil
        }
        readmissions = answers
        guard answers.map(\.uid) == readmitted.map({ pods[$0.pod.position].uid }) else {
            return "restart: other pods"
        }
        for (answer, readmission) in zip(answers, readmitted) {
            let difference = compare(
                pods[readmission.pod.position], answer, readmission.outcome,
                readmission.trace ?? AdmissionTrace(), readmission.placements)
            if let difference { return "restart, \(answer.uid): \(difference)" }
        }
        return nil
    }

    // MARK: Comparing

    private mutating func compare(
        _ pod: LiteralPod, _ answer: LiteralKubelet.Answer, _ outcome: AdmissionOutcome,
        _ trace: AdmissionTrace, _ placements: [ContainerPlacement]
    ) -> String? {
        decisions += 1
        if literal.settings.topologyPolicy != "none" {
            if let difference = compareSteps(pod, answer, trace) { return difference }
        }
        switch outcome {
        case .admitted:
            if let refusal = answer.refusal { return "literal \(refusal), fast admits" }
        case .rejected(let rejection):
            refusals += 1
            var got = LiteralRefusal(
                by: rejection.source.rawValue, reason: rejection.reason(resources),
                message: rejection.message(resources))
            if rejection.cause == .cpuDistributionNeverEnds {
                got = LiteralRefusal(by: "", reason: "never ends", message: "")
            }
            if got != answer.refusal {
                return "literal \(answer.refusal.map { "\($0)" } ?? "admits"), fast \(got)"
            }
            return nil
        }
        for placement in placements {
            var held = LiteralKubelet.Holding()
            held.cpus = Set(placement.cpus)
            held.memory = placement.memory.map { block in
                LiteralMemoryManager.Block(
                    type: resources[block.resource], nodes: Array(block.numaNodes),
                    size: Int(block.bytes))
            }.sorted { $0.type < $1.type }
            for device in placement.devices {
                held.devices[resources[device.resource], default: []].insert(device.id)
            }
            held.affinity = LiteralHint(
                placement.affinity.map(\.mask), placement.affinityIsPreferred)
            var expected = answer.containers[placement.name]!
            expected.memory.sort { $0.type < $1.type }
            if held != expected {
                return "\(placement.name): literal \(expected), fast \(held)"
            }
        }
        return nil
    }

    private func compareSteps(
        _ pod: LiteralPod, _ answer: LiteralKubelet.Answer, _ trace: AdmissionTrace
    ) -> String? {
        func words(_ name: String, _ hints: [LiteralHint]?) -> String {
            guard let hints else { return "\(name) nil" }
            return name + hints.map { " \($0.mask ?? 0)\($0.preferred ? "!" : "")" }.joined()
        }
        func hint(_ hint: TopologyHint) -> LiteralHint {
            LiteralHint(hint.affinity.map { model.layout.osSet($0).mask }, hint.isPreferred)
        }
        for (step, other) in zip(answer.steps, trace.steps) {
            let expected = step.hints.flatMap { $0 }.map { words($0.resource, $0.hints) }.sorted()
            let got = (other.hints?.lists ?? []).map {
                words(resources[$0.resource], $0.hints?.map(hint))
            }.sorted()
            if expected != got { return "hints: literal \(expected), fast \(got)" }
            let verdict = hint(other.verdict.hint)
            if step.merged != verdict || step.admits != other.verdict.isAdmitted {
                return "merge of \(expected): literal \(step.merged) \(step.admits), fast"
                    + " \(verdict) \(other.verdict.isAdmitted)"
            }
        }
        return answer.steps.count == trace.steps.count
            ? nil : "merges: literal \(answer.steps.count), fast \(trace.steps.count)"
    }

    /// The shared pool, the entries, the memory tables and what the device checkpoint holds.
    func compareState() -> String? {
        if literal.settings.cpuPolicy == "static", Set(state.cpu.pool) != literal.cpu.pool {
            return "pool: literal \(listed(literal.cpu.pool)), fast \(state.cpu.pool)"
        }
        var cpus: [String: Set<Int>] = [:]
        for entry in model.cpuEntries(of: state) {
            cpus["\(pods[entry.pod.position].uid) \(entry.container)"] = Set(entry.cpus)
        }
        var literalCPUs: [String: Set<Int>] = [:]
        for (uid, entries) in literal.cpu.entries {
            for (name, set) in entries { literalCPUs["\(uid) \(name)"] = set }
        }
        if cpus != literalCPUs { return "CPU entries: literal \(literalCPUs), fast \(cpus)" }
        return compareMemory() ?? compareDevices()
    }

    private func compareMemory() -> String? {
        guard literal.settings.memoryPolicy == "Static" else { return nil }
        let types = model.memoryTypes.resources.map { resources[$0] }
        for (position, id) in model.layout.osIndices.enumerated() {
            let own = literal.memory.nodes[id]!
            let group = state.memory.nodes[position]
            if Int(group.assignments) != own.assignments
                || Array(model.layout.osSet(group.cells)) != own.cells
            {
                return "node \(id): literal \(own.assignments) \(own.cells), fast"
                    + " \(group.assignments) \(model.layout.osSet(group.cells))"
            }
            for (type, name) in types.enumerated() {
                let table = state.memory.tables[position * types.count + type]
                guard let mine = own.tables[name] else { continue }
                if Int(table.free) != mine.free || Int(table.reserved) != mine.reserved {
                    return "node \(id) \(name): literal \(mine), fast \(table)"
                }
            }
        }
        var blocks: [String: [LiteralMemoryManager.Block]] = [:]
        for entry in model.memoryEntries(of: state) {
            blocks["\(pods[entry.pod.position].uid) \(entry.container)"] = entry.blocks.map {
                LiteralMemoryManager.Block(
                    type: types[$0.type], nodes: Array(model.layout.osSet($0.nodes)),
                    size: Int($0.bytes))
            }.sorted { $0.type < $1.type }
        }
        var literalBlocks: [String: [LiteralMemoryManager.Block]] = [:]
        for (uid, entries) in literal.memory.entries {
            for (name, list) in entries {
                literalBlocks["\(uid) \(name)"] = list.sorted { $0.type < $1.type }
            }
        }
        return blocks == literalBlocks
            ? nil : "memory entries: literal \(literalBlocks), fast \(blocks)"
    }

    private func compareDevices() -> String? {
        guard let checkpoint = state.deviceCheckpoint else { return nil }
        var entries: [String: Set<String>] = [:]
        for entry in checkpoint.entries {
            for kind in model.deviceManager.catalog.kinds {
                let ids = kind.ids.indices.filter { index in
                    entry.devices[kind.words.lowerBound + index / 64] >> UInt64(index % 64) & 1 == 1
                }.map { kind.ids[$0] }
                if ids.isEmpty { continue }
                entries["\(pods[entry.pod.position].uid) \(entry.name) \(kind.name)"] = Set(ids)
            }
        }
        var expected: [String: Set<String>] = [:]
        for entry in literal.devices.checkpoint.entries {
            expected["\(entry.uid) \(entry.container) \(entry.resource)"] = entry.ids
        }
        return entries == expected
            ? nil : "device checkpoint: literal \(expected), fast \(entries)"
    }
}
