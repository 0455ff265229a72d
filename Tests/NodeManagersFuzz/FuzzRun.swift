import NodeManagers
import Primitives
import WorkloadModel

/// One node's life as a fuzzer's bytes tell it, under the laws of docs/fidelity.md.
struct FuzzRun {
    private var node: FuzzNode
    private let model: NodeModel
    private let fresh: NodeState
    private var state: NodeState

    /// Nil where the kubelet refuses the settings.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        node = FuzzNode(FuzzInput(bytes))
        let machine = node.machine()
        let settings = node.settings(for: machine)
        let plugins = node.plugins(for: machine)
        guard
            let model = try? NodeModel(
                machine: machine, settings: settings, devices: plugins, resources: node.resources)
        else { return nil }
        self.model = model
        fresh = model.makeRestartableState()
        state = fresh
    }

    mutating func run() {
        for step in 0..<40 where !node.input.isAtEnd {
            switch node.input.below(10) {
            case 0: restart(step)
            case 1: changeHealth()
            case 2, 3: remove()
            default: admit(PodIndex(step))
            }
            check("step \(step)")
        }
        for pod in state.podIndices { model.remove(pod, from: &state) }
        check("the end")
        require(state.podCount == 0, "pods are left")
        require(
            state.cpu.pool == fresh.cpu.pool || hasNamedBug, "the shared pool is not what it was")
        require(
            state.memory.tables == fresh.memory.tables || hasNamedBug,
            "memory tables are not what they were")
    }

    // MARK: Operations

    private mutating func admit(_ pod: PodIndex) {
        let prepared = model.prepare(node.shape())
        let starting = !node.input.chance(oneIn: 5)
        var copy = state
        let count = state.podCount
        let outcome = model.admit(pod, prepared, in: &state, starting: starting)
        let again = model.admit(pod, prepared, in: &copy, starting: starting)
        require(outcome == again, "equal nodes answer \(outcome) and \(again)")
        require(state.key == copy.key, "equal nodes differ after equal admissions")
        let isAdmitted = if case .admitted = outcome { true } else { false }
        require(state.podCount == count + (isAdmitted ? 1 : 0), "pods are miscounted")
        if case .rejected(let rejection) = outcome {
            require(!rejection.message(node.resources).isEmpty, "a refusal has no words")
        }
    }

    private mutating func remove() {
        let pods = state.podIndices
        guard !pods.isEmpty else { return }
        require(model.remove(pods[node.input.below(pods.count)], from: &state), "no such pod")
    }

    private mutating func changeHealth() {
        let bits = node.input.word()
        model.setHealth(
            of: node.devices[node.input.below(2)],
            unhealthy: (0..<16).filter { bits >> $0 & 1 == 1 }.map { "d\($0)" }, in: &state)
    }

    private mutating func restart(_ step: Int) {
        let before = state.key
        let readmissions = try? model.restart(
            from: model, plugins: node.input.pick(PluginReturn.allCases),
            podUID: { "pod-\($0.rawValue)" }, in: &state)
        if readmissions == nil {
            require(state.key == before, "a kubelet that does not start changes the node")
        }
    }

    // MARK: Laws

    private var hasNamedBug: Bool { state.upstreamBugCounts != UpstreamBugCounts() }

    private func check(_ place: String) {
        let violations = model.invariantViolations(of: state)
        require(violations.isEmpty || hasNamedBug, "after \(place): \(violations)")
    }

    private func require(_ holds: Bool, _ what: @autoclosure () -> String) {
        // A trap is how libFuzzer learns of a finding.
        if !holds { fatalError("law broken: \(what())") }
    }
}

/// libFuzzer's entry point.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzNodeManagers(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    if var run = FuzzRun(UnsafeBufferPointer(start: bytes, count: count)) { run.run() }
    return 0
}
