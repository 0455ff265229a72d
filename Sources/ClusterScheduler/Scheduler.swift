package import Primitives
package import WorkloadModel

/// What a kube-scheduler decides: which pod is next, and which node it goes to.
///
/// It sees only what nodes publish and what it has bound itself; what a kubelet will say, it does not know.
package struct Scheduler: ~Copyable, Sendable {
    private let order: NodeOrder
    private var nodes: NodeTable
    private let filters: [any FilterPlugin]
    /// Those of `filters` whose answer changes with what is taken.
    private let takenFilters: [any FilterPlugin]
    private let score: any ScorePlugin
    private var selection: NodeSelection
    private var log: ChangeLog
    private var shapes: [PodRequest] = []
    private var scores: [ShapeScores] = []
    private var queue = SchedulingQueue()
    private var unschedulable = UnschedulablePods()
    /// Positions to evaluate; kept so that its memory serves again.
    private var dirty: [UInt32] = []
    private var topology: TopologyMatchPlugin?

    /// - Precondition: `settings.scoringStrategy` is a name in `ScorePluginRegistry`, and `kindOfNode` holds positions
    ///   in `kinds`.
    package init(
        settings: SchedulerSettings, kinds: [NodeDescription], kindOfNode: [Int],
        resourceCount: Int
    ) {
        guard let score = ScorePluginRegistry.plugin(named: settings.scoringStrategy) else {
            preconditionFailure("a scenario is checked before it runs: no such scoring strategy")
        }
        self.score = score
        filters = FilterPluginRegistry.all.map { $0.init() }
        takenFilters = FilterPluginRegistry.all.filter { $0.looksAtTaken }.map { $0.init() }
        order = NodeOrder(kinds: kinds, kindOfNode: kindOfNode)
        nodes = NodeTable(
            kinds: kinds, kindAt: order.nodes.map { kindOfNode[$0.position] },
            resourceCount: resourceCount)
        selection = NodeSelection(percentageOfNodesToScore: settings.percentageOfNodesToScore)
        log = ChangeLog(nodeCount: kindOfNode.count)
    }

    /// Makes shapes known, in the order of their table, before pods of them arrive.
    package mutating func add(shapes table: PodShapeTable) {
        for index in shapes.count..<max(shapes.count, table.count) {
            shapes.append(PodRequest(table.shapes[index]))
            scores.append(ShapeScores())
        }
        unschedulable.reserve(shapes: shapes.count)
        topology?.add(shapes: table)
    }
}

// MARK: The queue

extension Scheduler {
    package var hasQueuedPods: Bool { !queue.isEmpty }
    /// Pods that found no node.
    package var unschedulableCount: Int { unschedulable.count }

    /// Queues a pod. `pinnedTo` is the only node that it may go to.
    package mutating func enqueue(
        pod: UInt32, shape: PodShapeIndex, at time: SimTime, pinnedTo node: NodeIndex?
    ) {
        queue.push(
            SchedulingQueue.Entry(
                pod: pod, shape: shape.position, priority: shapes[shape.position].priority,
                timestamp: time.nanoseconds,
                pinnedPosition: node.map { order.positions[$0.position] } ?? -1))
    }

    package mutating func dequeue() -> SchedulingQueue.Entry? { queue.pop() }

    /// Keeps a pod that found no node until one frees something.
    package mutating func park(_ entry: SchedulingQueue.Entry, at time: SimTime, wasParked: Bool) {
        var entry = entry
        entry.timestamp = time.nanoseconds
        unschedulable.park(entry, first: wasParked)
    }

    /// After a placement: the next waiting pod of the same shape gets its try.
    package mutating func activateNext(ofShape shape: Int) {
        if let entry = unschedulable.takeFirst(ofShape: shape) { queue.push(entry) }
    }

    /// After `node` freed something: queues the first pod of each shape that now passes its filters.
    package mutating func activate(fitting node: NodeIndex) {
        guard unschedulable.count > 0 else { return }
        let position = order.positions[node.position]
        for entry in unschedulable.takePinned(to: position) { queue.push(entry) }
        // Taking the first of a shape may move the last shape of the list here; so from the back.
        for place in unschedulable.waitingShapes.indices.reversed() {
            let shape = unschedulable.waitingShapes[place]
            guard passesFilters(shape, at: position) else { continue }
            activateNext(ofShape: shape)
        }
    }
}

// MARK: One scheduling cycle

extension Scheduler {
    /// The node for a pod of `shape`, or nil when none passes. Nothing is taken yet: see `assume`.
    package mutating func selectNode(shape: Int, pinnedPosition: Int) -> NodeIndex? {
        if pinnedPosition >= 0 {
            markTopology(shape, at: pinnedPosition)
            return passesFilters(shape, at: pinnedPosition) ? order.nodes[pinnedPosition] : nil
        }
        // Taken out while it is brought up to date, so that its array is never copied.
        var table = ShapeScores()
        swap(&table, &scores[shape])
        update(&table, for: shape)
        let winner = selection.select(table.scores)
        swap(&table, &scores[shape])
        return winner.map { order.nodes[$0] }
    }

    /// Evaluates the nodes that changed since the table was asked last.
    private mutating func update(_ table: inout ShapeScores, for shape: Int) {
        let pod = shapes[shape]
        if table.scores.isEmpty {
            table.scores = Array(repeating: -1, count: nodes.count)
            table.passingKinds = passingKinds(pod)
            dirty = Array(0..<UInt32(nodes.count))
        } else {
            log.collectChanges(since: table.seen, into: &dirty)
        }
        table.seen = log.count
        for position in dirty {
            let isOpen =
                table.passingKinds[nodes.kindAt[Int(position)]] && nodes.isReady[Int(position)]
            table.scores[Int(position)] = isOpen ? 0 : -1
        }
        for filter in takenFilters { filter.refuse(pod, dirty, in: nodes, scores: &table.scores) }
        score.rank(pod, dirty, in: nodes, scores: &table.scores)
        if topology != nil { matchTopology(shape, scores: &table.scores) }
    }

    /// The plugin's filter, with its marks, and score, on the positions to evaluate.
    private mutating func matchTopology(_ shape: Int, scores: inout [Int16]) {
        for position in dirty where scores[Int(position)] >= 0 {
            let node = order.nodes[Int(position)]
            if topology?.passes(shape: shape, on: node) != false,
                let score = topology?.score(shape: shape, on: node)
            {
                scores[Int(position)] += Int16(truncatingIfNeeded: score)
            } else {
                scores[Int(position)] = -1
            }
        }
    }

    /// Asks the filters that see only the kind of node, through the first node of each.
    private func passingKinds(_ pod: PodRequest) -> [Bool] {
        var passing = Array(repeating: false, count: nodes.kinds.count)
        for (kind, position) in nodes.firstOfKind.enumerated() {
            guard let position else { continue }
            passing[kind] = true
            for filter in filters where !type(of: filter).looksAtTaken {
                if !filter.passes(pod, at: position, in: nodes) { passing[kind] = false }
            }
        }
        return passing
    }

    /// The same answer by evaluating every node: the oracle of the tests.
    package mutating func selectNodeByFullScan(shape: Int) -> NodeIndex? {
        for position in 0..<nodes.count { markTopology(shape, at: position) }
        let all = (0..<nodes.count).map { evaluate(shape, at: $0) }
        return selection.select(all).map { order.nodes[$0] }
    }

    /// Counts a pod on a node from now on.
    package mutating func assume(shape: PodShapeIndex, on node: NodeIndex) {
        let position = order.positions[node.position]
        nodes.add(shapes[shape.position], at: position)
        log.append(position)
    }

    /// A pod's end, or its refusal, was seen.
    package mutating func forget(shape: PodShapeIndex, on node: NodeIndex) {
        let position = order.positions[node.position]
        nodes.remove(shapes[shape.position], at: position)
        log.append(position)
    }

    /// How many nodes pass every filter for a pod of `shape`.
    ///
    /// - Complexity: O(nodes × filters); meant for pods that someone asks about.
    package func feasibleNodes(shape: Int, pinnedPosition: Int) -> Int {
        let positions = pinnedPosition >= 0 ? pinnedPosition..<pinnedPosition + 1 : 0..<nodes.count
        return positions.count { passesFilters(shape, at: $0) }
    }

    /// What a node publishes from now on. Pods that wait are not told: see `activate`.
    package mutating func publish(
        _ allocatable: [Int64], allowedPods: Int64, isReady: Bool, of node: NodeIndex
    ) {
        let position = order.positions[node.position]
        nodes.publish(allocatable, allowedPods: allowedPods, at: position)
        nodes.setReady(isReady, at: position)
        log.append(position)
    }

    /// Why no node passes, in kube-scheduler's words.
    ///
    /// - Complexity: O(nodes × filters); meant for pods that found none.
    package func fitError(shape: Int, pinnedPosition: Int, resources: ResourceTable) -> String {
        var counts: [String: Int] = [:]
        for position in 0..<nodes.count {
            if pinnedPosition >= 0, position != pinnedPosition {
                counts["node(s) didn't satisfy plugin(s) [NodeAffinity]", default: 0] += 1
                continue
            }
            if !nodes.isReady[position] {
                counts[Scheduler.unreachable, default: 0] += 1
                continue
            }
            for filter in filters {
                let reasons = filter.reasons(shapes[shape], at: position, in: nodes)
                for reason in reasons { counts[reason, default: 0] += 1 }
                if !reasons.isEmpty { break }
            }
            if passesNodeFilters(shape, at: position),
                case .unschedulable(let refusal) = topology?.outcome(
                    shape: shape, on: order.nodes[position])
            {
                counts[refusal.rawValue, default: 0] += 1
            }
        }
        return SchedulerMessage.fitError(
            nodes: nodes.count, reasons: counts, resources: resources)
    }

    private func evaluate(_ shape: Int, at position: Int) -> Int16 {
        guard passesFilters(shape, at: position) else { return -1 }
        var sum = score.score(shapes[shape], at: position, in: nodes)
        if let topology {
            guard let score = topology.score(shape: shape, on: order.nodes[position]) else {
                return -1
            }
            sum += score
        }
        return Int16(truncatingIfNeeded: sum)
    }

    /// The taint that the node lifecycle controller puts on a node that does not report.
    private static let unreachable =
        "node(s) had untolerated taint {node.kubernetes.io/unreachable: }"

    private func passesFilters(_ shape: Int, at position: Int) -> Bool {
        passesNodeFilters(shape, at: position)
            && topology?.outcome(shape: shape, on: order.nodes[position]).passes != false
    }

    private func passesNodeFilters(_ shape: Int, at position: Int) -> Bool {
        guard nodes.isReady[position] else { return false }
        for filter in filters where !filter.passes(shapes[shape], at: position, in: nodes) {
            return false
        }
        return true
    }

    /// The mark that the plugin's filter leaves in its cache.
    private mutating func markTopology(_ shape: Int, at position: Int) {
        guard topology != nil, passesNodeFilters(shape, at: position) else { return }
        _ = topology?.passes(shape: shape, on: order.nodes[position])
    }
}

// MARK: NodeResourceTopologyMatch

extension Scheduler {
    /// Adds the plugin; `published` are the objects that exist when the scheduler starts, by node.
    ///
    /// - Precondition: no shape is known yet.
    package mutating func matchTopologies(
        _ settings: TopologyMatchSettings, _ published: [PublishedTopology<CompactAmount>?],
        kindOfNode: [Int], resources: ResourceTable
    ) {
        precondition(shapes.isEmpty, "plugins are set up before pods are known")
        topology = TopologyMatchPlugin(
            settings, published, kinds: nodes.kinds, kindOfNode: kindOfNode,
            resources: resources)
    }

    /// The plugin's Reserve, at the end of the cycle that chose `node`.
    package mutating func reserveTopology(
        of pod: PodIndex, shape: PodShapeIndex, on node: NodeIndex
    ) {
        if topology?.reserve(pod, shape: shape.position, on: node) == true { changed(node) }
    }

    /// The plugin's PostBind: the binding was written.
    package mutating func topologyBound(_ pod: PodIndex, on node: NodeIndex) -> Bool {
        guard topology?.postBind(pod, on: node) == true else { return false }
        changed(node)
        return true
    }

    /// The plugin's informer shows that a pod runs; `hash` is `PodFingerprint.hash` of its name.
    package mutating func topologyPodRuns(
        _ pod: PodIndex, shape: PodShapeIndex, hash: UInt64, on node: NodeIndex
    ) {
        topology?.running(pod, shape: shape.position, hash: hash, on: node)
    }

    /// The plugin's informer shows that a pod is gone.
    package mutating func topologyPodEnded(
        _ pod: PodIndex, shape: PodShapeIndex, on node: NodeIndex
    ) {
        if topology?.ended(pod, shape: shape.position, on: node) == true { changed(node) }
    }

    /// A node's object changed in the API; true when filter and score see the node differently at once.
    package mutating func topologyPublished(
        _ object: PublishedTopology<CompactAmount>, of node: NodeIndex
    ) -> Bool {
        guard topology?.publish(object, of: node) == true else { return false }
        changed(node)
        return true
    }

    /// One turn of the plugin's resync loop; the nodes that were read again.
    package mutating func resyncTopologies() -> [NodeIndex] {
        topology?.resync()
        let flushed = (topology?.flushed ?? []).map { NodeIndex($0) }
        for node in flushed { changed(node) }
        return flushed
    }

    private mutating func changed(_ node: NodeIndex) {
        log.append(order.positions[node.position])
    }
}
