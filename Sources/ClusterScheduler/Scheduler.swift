package import Primitives
package import WorkloadModel

/// What a kube-scheduler decides: which pod is next, and which node it goes to.
///
/// It sees only what nodes publish and what it has bound itself; what a kubelet will say, it does not know.
package struct Scheduler: ~Copyable, Sendable {
    let settings: SchedulerSettings
    let resources: ResourceTable
    let profiles: [ProfilePlugins]
    package internal(set) var cluster: ClusterSnapshot
    var compiler: PlacementCompiler
    var residents: ResidentPods
    package internal(set) var selection = NodeSelection()
    var log: ChangeLog
    var shapes: [PodRequest] = []
    var scores: [ShapeScores] = []
    package internal(set) var queue: PriorityQueue
    /// What nodes published after the start.
    private var published: [NodeIndex: Published] = [:]

    private struct Published: Sendable {
        var allocatable: [Int64]
        var allowedPods: Int64
        var isReady: Bool
    }

    /// Nodes that published anew, before and after; pods that wait have not been told.
    var unannounced: [(node: NodeIndex, old: NodeDescription, new: NodeDescription)] = []
    /// Node objects that events name and that are no kind of the roster.
    var changedObjects: [NodeDescription] = []
    /// By shape.
    var fitErrors: [FitError.Remembered?] = []
    var refusals: [ShapeRefusals?] = []
    var nominations: [Nomination] = []
    /// Pods one by one, for preemption.
    package var nodePods = NodePods()
    var budgets = DisruptionBudgets()
    /// What the last cycle looked at.
    package internal(set) var lastCycle = CycleCounts()
    var buffers = CycleBuffers()
    var random: RandomStream

    /// - Precondition: the profiles name only plugins and strategies that are registered.
    package init(settings: SchedulerSettings, nodes roster: NodeRoster, resources: ResourceTable) {
        self.settings = settings
        self.resources = resources
        profiles = settings.profiles.map { ProfilePlugins($0, settings, resources) }
        cluster = ClusterSnapshot(
            roster: roster, resourceCount: resources.count, ranksNames: settings.tieRule == .name)
        compiler = PlacementCompiler(settings)
        residents = ResidentPods(nodeCount: roster.count)
        log = ChangeLog(nodeCount: roster.count)
        queue = PriorityQueue(
            rule: settings.backoff, discipline: settings.queueDiscipline)
        random = RandomStream(seed: settings.seed, name: "scheduler/ties")
    }

    package var order: NodeOrder { cluster.roster.order }

    /// Makes shapes known, in the order of their table, before pods of them arrive.
    package mutating func add(shapes table: PodShapeTable) {
        for index in shapes.count..<max(shapes.count, table.count) {
            addShape(table.shapes[index], residents: residents)
        }
    }

    private mutating func addShape(_ shape: PodShape, residents: ResidentPods) {
        let pod = request(shape, index: shapes.count)
        shapes.append(pod)
        scores.append(ShapeScores())
        compiler.add(pod, to: &cluster, residents: residents)
    }

    private mutating func request(_ shape: PodShape, index: Int) -> PodRequest {
        // A pod that names no scheduler goes to the first profile, whatever that is called.
        let known = settings.profiles.firstIndex { $0.schedulerName == shape.schedulerName }
        return PodRequest(
            shape, index: index,
            profile: known ?? (shape.schedulerName == "default-scheduler" ? 0 : -1),
            settings: settings, columns: &cluster.columns, images: cluster.images,
            roster: cluster.roster)
    }
}

// MARK: What the scheduler counts

extension Scheduler {
    /// Counts a pod on a node from now on.
    package mutating func assume(shape: PodShapeIndex, on node: NodeIndex) {
        let pod = shapes[shape.position]
        place(pod, on: node)
        guard pod.profile >= 0 else { return }
        let position = order.positions[node.position]
        for plugin in profiles[pod.profile].reserves {
            plugin.reserve(pod, at: position, in: &cluster)
        }
    }

    /// Counts a pod that is bound already, wherever that came from.
    package mutating func place(shape: PodShapeIndex, on node: NodeIndex) {
        place(shapes[shape.position], on: node)
    }

    private mutating func place(_ pod: PodRequest, on node: NodeIndex) {
        let position = order.positions[node.position]
        cluster.add(pod, at: position)
        residents.add(shape: pod.index, isTerminating: false, to: node.position)
        log.append(position)
    }

    /// A pod's end, or its refusal, was seen.
    package mutating func forget(
        shape: PodShapeIndex, on node: NodeIndex, isTerminating: Bool = false
    ) {
        let position = order.positions[node.position]
        let pod = shapes[shape.position]
        residents.remove(shape: pod.index, isTerminating: isTerminating, from: node.position)
        guard position >= 0 else { return }
        cluster.remove(pod, isTerminating: isTerminating, at: position)
        log.append(position)
    }

    /// What was assumed will not come about: plugins that remember it are told, too.
    package mutating func unreserve(shape: PodShapeIndex, on node: NodeIndex) {
        let pod = shapes[shape.position]
        if pod.profile >= 0, let position = position(of: node) {
            for plugin in profiles[pod.profile].reserves {
                plugin.unreserve(pod, at: position, in: &cluster)
            }
        }
        forget(shape: shape, on: node)
    }

    /// A pod's deletion began: it still takes room, but no spreading counts it.
    package mutating func beginTermination(shape: PodShapeIndex, on node: NodeIndex) {
        let position = order.positions[node.position]
        let pod = shapes[shape.position]
        residents.remove(shape: pod.index, isTerminating: false, from: node.position)
        residents.add(shape: pod.index, isTerminating: true, to: node.position)
        guard position >= 0 else { return }
        cluster.remove(pod, at: position)
        cluster.add(pod, isTerminating: true, at: position)
        log.append(position)
    }

    /// What a plugin remembers of a node changed: remembered scores there are worked out anew.
    package mutating func noteChange(of node: NodeIndex) {
        if let position = position(of: node) { log.append(position) }
    }

    /// Changes what plugins remember.
    package mutating func updateStates(_ change: (inout PluginStates) -> Void) {
        change(&cluster.states)
    }
}

// MARK: Nodes that come and change

extension Scheduler {
    /// - Complexity: O(nodes + pods + shapes²); nodes change rarely.
    package mutating func addNode(_ description: NodeDescription, name: String) -> NodeIndex {
        var roster = cluster.roster
        let node = roster.add(description, name: name)
        residents.addNode()
        rebuild(roster)
        return node
    }

    /// What a node publishes from now on: allocatable amounts, and whether its kubelet answers. Pods that wait are told by
    /// `announceNodes`.
    package mutating func publish(
        _ allocatable: [Int64], allowedPods: Int64, isReady: Bool, of node: NodeIndex
    ) {
        published[node] = Published(
            allocatable: allocatable, allowedPods: allowedPods, isReady: isReady)
        let position = order.positions[node.position]
        let hadTaints = cluster.nodes.hasHardTaints
        let old = currentDescription(at: position)
        cluster.nodes.publish(
            allocatable, allowedPods: allowedPods, isReady: isReady, at: position)
        if !queue.isIdle {
            unannounced.append((node, old, currentDescription(at: position)))
        }
        if cluster.nodes.hasHardTaints != hadTaints {
            // Which filters apply has changed.
            for shape in scores.indices { scores[shape] = ShapeScores() }
        }
        log.append(position)
    }

    /// - Complexity: as `addNode`.
    package mutating func updateNode(_ node: NodeIndex, to description: NodeDescription) {
        guard cluster.roster.kinds[cluster.roster.kindOfNode[node.position]] != description else {
            return
        }
        published[node] = nil
        var roster = cluster.roster
        roster.update(node, to: description)
        rebuild(roster)
    }

    /// A node's object is gone. Pods that were on it are counted until `forget` says that they are gone, too.
    ///
    /// - Complexity: as `addNode`.
    package mutating func removeNode(_ node: NodeIndex) {
        guard order.positions[node.position] >= 0 else { return }
        published[node] = nil
        unannounced.removeAll { $0.node == node }
        nominations.removeAll { $0.node == node }
        var roster = cluster.roster
        roster.remove(node)
        rebuild(roster)
        selection.fit(nodeCount: cluster.nodeCount)
    }

    /// Where a node is visited; nil when it was removed.
    package func position(of node: NodeIndex) -> Int? {
        let position = order.positions[node.position]
        return position < 0 ? nil : position
    }

    private mutating func rebuild(_ roster: NodeRoster) {
        let states = cluster.states
        cluster = ClusterSnapshot(
            roster: roster, resourceCount: resources.count, ranksNames: settings.tieRule == .name)
        cluster.states = states
        compiler = PlacementCompiler(settings)
        log = ChangeLog(nodeCount: roster.order.nodes.count)
        fitErrors = []
        refusals = []
        let known = shapes
        shapes = []
        scores = []
        for (node, amounts) in published {
            cluster.nodes.publish(
                amounts.allocatable, allowedPods: amounts.allowedPods, isReady: amounts.isReady,
                at: roster.order.positions[node.position])
        }
        // Pods are counted when all shapes are there.
        let none = ResidentPods(nodeCount: roster.count)
        for pod in known { addShape(pod.shape, residents: none) }
        for (position, node) in roster.order.nodes.enumerated() {
            for entry in residents.onNode[node.position] {
                cluster.add(
                    shapes[Int(entry.shape)], isTerminating: entry.isTerminating, at: position,
                    count: Int64(entry.count))
            }
        }
    }
}
