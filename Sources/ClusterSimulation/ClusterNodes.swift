import ClusterScheduler
import HardwareModel
import NodeManagers
import Primitives
import Records
import WorkloadModel

/// Every node with what its kubelet has handed out.
struct ClusterNodes: ~Copyable {
    /// One kind of node a group of the scenario, then those that restarts and upgrades with other settings make.
    let models: [NodeModel]
    private(set) var kindOfNode: [Int]
    var states: [NodeState]
    /// What each kind asks to be worked out once for each pod shape, made when the first such pod comes.
    private var prepared: [[PreparedPod?]]
    let resourceCount: Int
    /// Σ of the requests of running pods, `resourceCount` a node.
    private(set) var requested: [Int64]
    private(set) var runningPods: [Int64]
    /// Nodes that had pods before the run began.
    let standing: [StandingStart]
    /// Over all nodes.
    private(set) var requestedTotals: [Int64]
    private(set) var allocatableTotals: [Int64]
    /// Nodes whose kubelet does not run.
    private var down: [Bool]
    /// By group and restart, what the kubelet becomes.
    let restartTargets: [[RestartTarget]]
    /// By action, what upgraded nodes become.
    let upgradeTargets: [RestartTarget]
    /// Every node's group and name; a number is not used again when its node is gone.
    private(set) var groupOfNode: [Int] = []
    private(set) var names: [String] = []
    private var gone: [Bool]
    /// Labels and taints of each group, and of nodes whose own were changed.
    private let ofGroup: [(labels: [Label], taints: [Taint])]
    private var ownLabels: [Int: [Label]] = [:]
    /// Nodes that changed since the last sample.
    private(set) var changed: [NodeIndex] = []
    private var isChanged: [Bool]

    init(_ scenario: Scenario) throws(SimulationError) {
        var models: [NodeModel] = []
        var kindOfNode: [Int] = []
        for group in scenario.nodeGroups {
            do {
                models.append(
                    try NodeModel(
                        machine: group.machine, settings: group.kubelet, devices: group.devices,
                        resources: scenario.resources))
            } catch {
                throw .kubeletDoesNotStart(group: group.name, message: error.message)
            }
            kindOfNode += Array(repeating: models.count - 1, count: group.count)
            groupOfNode += Array(repeating: models.count - 1, count: group.count)
            for node in 0..<group.count { names.append(group.nodeName(node)) }
        }
        // All that may fail comes first: a value that cannot be copied is built in one piece.
        let standing = try StandingStart.all(of: scenario, models)
        restartTargets = RestartTarget.targets(of: scenario, models: &models)
        upgradeTargets = RestartTarget.upgrades(of: scenario, models: &models)
        ofGroup = scenario.nodeGroups.map { ($0.labels, $0.taints) }
        gone = Array(repeating: false, count: kindOfNode.count)
        self.models = models
        self.kindOfNode = kindOfNode
        resourceCount = scenario.resources.count
        let nodesComeAndGo = scenario.lifecycle.changesNodes
        let areChanging = scenario.nodeGroups.map {
            nodesComeAndGo || !$0.kubeletRestarts.isEmpty || !$0.deviceChanges.isEmpty
        }
        states = kindOfNode.map {
            areChanging[$0] ? models[$0].makeRestartableState() : models[$0].makeState()
        }
        down = Array(repeating: false, count: kindOfNode.count)
        prepared = models.map { _ in [] }
        requested = Array(repeating: 0, count: kindOfNode.count * resourceCount)
        runningPods = Array(repeating: 0, count: kindOfNode.count)
        requestedTotals = Array(repeating: 0, count: resourceCount)
        self.standing = standing
        for start in standing { states[start.node.position] = start.state }
        isChanged = Array(repeating: false, count: kindOfNode.count)
        var totals = Array(repeating: Int64(0), count: resourceCount)
        for kind in kindOfNode {
            for (resource, amount) in models[kind].allocatable.enumerated() {
                totals[resource] += amount
            }
        }
        allocatableTotals = totals
    }

    /// Nodes that ever were.
    var count: Int { kindOfNode.count }

    func model(of node: NodeIndex) -> NodeModel { models[kindOfNode[node.position]] }

    func allocatable(_ resource: Int, of node: NodeIndex) -> Int64 {
        let published = model(of: node).allocatable
        return resource < published.count ? published[resource] : 0
    }

    func requested(_ resource: Int, on node: NodeIndex) -> Int64 {
        requested[node.position * resourceCount + resource]
    }

    /// The kubelet's admission of one pod.
    mutating func admit(
        _ pod: PodIndex, _ index: PodShapeIndex, _ shapes: borrowing PodShapeTable,
        on node: NodeIndex
    ) -> AdmissionOutcome {
        let kind = kindOfNode[node.position]
        while prepared[kind].count <= index.position { prepared[kind].append(nil) }
        let model = models[kind]
        if prepared[kind][index.position] == nil {
            prepared[kind][index.position] = model.prepare(shapes.shapes[index.position])
        }
        guard let ready = prepared[kind][index.position] else {
            preconditionFailure("the pod was prepared above")
        }
        let outcome = model.admit(pod, ready, in: &states[node.position])
        if case .admitted = outcome {
            count(shapes.shapes[index.position].requests, on: node, sign: 1)
        }
        return outcome
    }

    /// How the kubelet would decide on a pod, which changes nothing.
    func explain(
        _ pod: PodIndex, _ shape: PodShape, on node: NodeIndex
    ) -> (explanation: AdmissionExplanation, outcome: AdmissionOutcome) {
        let model = model(of: node)
        return model.explain(pod, model.prepare(shape), in: states[node.position])
    }

    mutating func remove(
        _ pod: PodIndex, _ shape: borrowing PodShape, from node: NodeIndex
    ) {
        models[kindOfNode[node.position]].remove(pod, from: &states[node.position])
        count(shape.requests, on: node, sign: -1)
    }

    /// Counts a pod no longer whose kubelet has let it go itself.
    mutating func forget(_ shape: borrowing PodShape, on node: NodeIndex) {
        count(shape.requests, on: node, sign: -1)
    }

    /// Counts a pod that its kubelet took back at the beginning.
    mutating func countStanding(_ shape: borrowing PodShape, on node: NodeIndex) {
        count(shape.requests, on: node, sign: 1)
    }

    /// What the kubelet of a node has written down.
    func checkpoints(
        of node: NodeIndex, podUID: (PodIndex) -> String
    ) -> KubeletCheckpoints {
        var state = states[node.position]
        model(of: node).becomeRestartable(&state)
        return model(of: node).checkpoints(of: state, podUID: podUID)
    }

    func isDown(_ node: NodeIndex) -> Bool { down[node.position] }

    mutating func setDown(_ isDown: Bool, _ node: NodeIndex) {
        down[node.position] = isDown
        markChanged(node)
    }

    /// Restarts the kubelet as `kind`; on an error nothing has changed.
    mutating func restart(
        _ node: NodeIndex, as kind: Int, plugins: PluginReturn, podUID: (PodIndex) -> String
    ) throws(KubeletStartError) -> [Readmission] {
        let old = kindOfNode[node.position]
        let readmissions = try models[kind].restart(
            from: models[old], plugins: plugins, podUID: podUID, in: &states[node.position])
        kindOfNode[node.position] = kind
        for (resource, amount) in models[kind].allocatable.enumerated() {
            allocatableTotals[resource] += amount - models[old].allocatable[resource]
        }
        markChanged(node)
        return readmissions
    }

    mutating func change(_ change: DeviceChange, _ resource: ResourceIndex, on node: NodeIndex) {
        let model = models[kindOfNode[node.position]]
        let runs = !down[node.position]
        switch change.kind {
        case .pluginIsLate: model.withholdPlugin(of: resource, in: &states[node.position])
        case .pluginRegisters:
            model.startPlugin(of: resource, kubeletRuns: runs, in: &states[node.position])
        case .pluginIsLost:
            model.losePlugin(of: resource, kubeletRuns: runs, in: &states[node.position])
        case .unhealthy(let ids):
            model.setHealth(
                of: resource, unhealthy: ids, kubeletRuns: runs, in: &states[node.position])
        }
        markChanged(node)
    }

    /// The node's `status.allocatable` now.
    func published(by node: NodeIndex) -> [Int64] {
        model(of: node).published(in: states[node.position])
    }

    /// What a pod's containers hold, as of admission; empty when the node has no such pod.
    func placements(
        of pod: PodIndex, on node: NodeIndex, holdings: Bool = true
    ) -> [ContainerPlacement] {
        models[kindOfNode[node.position]].placements(
            of: pod, in: states.span[node.position], holdings: holdings)
    }

    // MARK: Nodes that come and go

    func isGone(_ node: NodeIndex) -> Bool { gone[node.position] }

    func labels(of node: NodeIndex) -> [Label] {
        ownLabels[node.position] ?? ofGroup[groupOfNode[node.position]].labels
    }

    func taints(of node: NodeIndex) -> [Taint] { ofGroup[groupOfNode[node.position]].taints }

    /// Gives a node labels besides its own; one with the same key takes the place of the old.
    mutating func label(_ node: NodeIndex, with changes: [Label]) {
        var labels = labels(of: node)
        for change in changes {
            labels.removeAll { $0.key == change.key }
            labels.append(change)
        }
        ownLabels[node.position] = labels
    }

    /// A node as its group's were at the beginning.
    mutating func add(group: Int, name: String) -> NodeIndex {
        let node = NodeIndex(kindOfNode.count)
        kindOfNode.append(group)
        groupOfNode.append(group)
        names.append(name)
        states.append(models[group].makeRestartableState())
        down.append(false)
        gone.append(false)
        isChanged.append(false)
        runningPods.append(0)
        for _ in 0..<resourceCount { requested.append(0) }
        for (resource, amount) in models[group].allocatable.enumerated() {
            allocatableTotals[resource] += amount
        }
        markChanged(node)
        return node
    }

    /// Takes a node away; its pods were removed before.
    mutating func remove(_ node: NodeIndex) {
        precondition(runningPods[node.position] == 0, "pods leave a node before it goes")
        let kind = kindOfNode[node.position]
        for (resource, amount) in models[kind].allocatable.enumerated() {
            allocatableTotals[resource] -= amount
        }
        gone[node.position] = true
        down[node.position] = true
        // Nothing is kept of what its kubelet had written down.
        states[node.position] = models[kind].makeRestartableState()
        markChanged(node)
    }

    /// Another machine under the node's name; its pods were removed before.
    mutating func replaceMachine(of node: NodeIndex, by kind: Int) {
        precondition(runningPods[node.position] == 0, "pods leave a machine before it goes")
        let old = kindOfNode[node.position]
        kindOfNode[node.position] = kind
        states[node.position] = models[kind].makeRestartableState()
        for resource in allocatableTotals.indices {
            allocatableTotals[resource] +=
                (resource < models[kind].allocatable.count ? models[kind].allocatable[resource] : 0)
                - (resource < models[old].allocatable.count ? models[old].allocatable[resource] : 0)
        }
        markChanged(node)
    }

    private mutating func count(_ requests: [ResourceAmount], on node: NodeIndex, sign: Int64) {
        let base = node.position * resourceCount
        for request in requests {
            let amount = sign * request.amount
            requested[base + request.resource.position] += amount
            requestedTotals[request.resource.position] += amount
        }
        runningPods[node.position] += sign
        markChanged(node)
    }

    private mutating func markChanged(_ node: NodeIndex) {
        guard !isChanged[node.position] else { return }
        isChanged[node.position] = true
        changed.append(node)
    }

    /// The nodes that changed since this was asked last, ascending.
    mutating func takeChanged() -> [NodeIndex] {
        var nodes: [NodeIndex] = []
        swap(&nodes, &changed)
        for node in nodes { isChanged[node.position] = false }
        return nodes.sorted()
    }

    /// What the scheduler may know: one description a kind of node, and the names.
    func roster(_ scenario: Scenario) -> NodeRoster {
        let kinds = zip(scenario.nodeGroups, models).map { group, model in
            NodeDescription(
                allocatable: model.allocatable, allowedPods: model.maxPods, labels: group.labels,
                taints: group.taints)
        }
        let names = scenario.nodeGroups.flatMap { group in
            (0..<group.count).map { group.nodeName($0) }
        }
        return NodeRoster(
            kinds: kinds, kindOfNode: kindOfNode, names: names, hasHostnameLabels: true)
    }
}
