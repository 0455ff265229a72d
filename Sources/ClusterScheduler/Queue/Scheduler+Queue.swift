package import Primitives
import WorkloadModel

// MARK: The queue

extension Scheduler {
    /// Queues a pod, unless a scheduling gate keeps it out. `pinnedTo` is the only node that it may go to.
    package mutating func enqueue(
        pod: UInt32, shape: PodShapeIndex, at time: SimTime, pinnedTo node: NodeIndex? = nil
    ) {
        let request = shapes[shape.position]
        // A pod that names another scheduler is none of this one's.
        guard request.profile >= 0 else { return }
        queue.add(
            QueuedPod(
                pod: pod, shape: shape, priority: request.priority, timestamp: time.nanoseconds,
                pinnedPosition: node.map { order.positions[$0.position] } ?? -1),
            isGated: request.shape.placement?.schedulingGates.isEmpty == false)
    }

    /// A cycle can begin.
    package var hasQueuedPods: Bool { queue.hasPods }
    /// Pods that found no node and wait for something to happen.
    package var unschedulableCount: Int { queue.unschedulableCount }
    /// Pods that a scheduling gate keeps out of the queue.
    package var gatedCount: Int { queue.gatedCount }

    /// The pod whose cycle is next; until `done` or `failed` it is in flight.
    ///
    /// - Parameter time: brings the backoff queue to it first. That it is looked through at whole seconds, whether or not
    ///   a cycle begins then, makes no difference to who is next.
    package mutating func dequeue(at time: SimTime? = nil) -> QueuedPod? {
        if let time { queue.flushBackoff(at: time.nanoseconds) }
        return queue.pop()
    }

    /// When pods that waited too long are tried again, if nothing happens before; nil when none waits.
    package mutating func nextLeftoverFlush() -> SimTime? {
        queue.nextLeftoverFlush().map { SimTime(nanoseconds: $0) }
    }

    /// Whether some shape's pods may be refused for where other pods are, so that a binding may help them.
    package var somePodsLookElsewhere: Bool {
        cluster.placement.ofShape.contains { !$0.hardSpread.isEmpty || !$0.affinity.isEmpty }
    }

    /// The pod was placed, or is gone.
    package mutating func done(_ pod: QueuedPod) { queue.done(pod) }

    /// No node passed: `plugins` refused some, `pending` would only have to wait. With neither, the cycle failed itself.
    package mutating func failed(
        _ pod: QueuedPod, refusedBy plugins: PluginSet, pending: PluginSet = PluginSet(),
        at time: SimTime
    ) {
        withQueue { scheduler, queue in
            queue.failed(
                pod, unschedulable: plugins, pending: pending, at: time.nanoseconds,
                hints: {
                    scheduler.strategy(
                        shape: $0, refusedBy: $1, pending: $2, event: $3, inCycle: $4)
                })
        }
    }

    /// Tells pods that wait what happened.
    package mutating func note(_ event: ClusterEvent, at time: SimTime) {
        guard !queue.isIdle else { return }
        withQueue { scheduler, queue in
            queue.note(
                event, at: time.nanoseconds,
                hints: {
                    scheduler.strategy(
                        shape: $0, refusedBy: $1, pending: $2, event: $3, inCycle: $4)
                })
        }
    }

    /// A pod was deleted that may still wait here.
    package mutating func podWithdrawn(_ pod: UInt32) { queue.withdraw(pod) }

    package mutating func flushBackoff(at time: SimTime) {
        queue.flushBackoff(at: time.nanoseconds)
    }

    package mutating func flushLeftover(at time: SimTime) {
        queue.flushLeftover(at: time.nanoseconds)
    }

    /// The queue is taken out, so that what it asks of the scheduler does not meet it.
    private mutating func withQueue(
        _ change: (borrowing Scheduler, inout PriorityQueue) -> Void
    ) {
        var queue = PriorityQueue(
            rule: settings.backoff, discipline: settings.queueDiscipline)
        swap(&queue, &self.queue)
        change(self, &queue)
        swap(&queue, &self.queue)
    }
}

// MARK: Queueing hints

extension Scheduler {
    /// What an event means for pods of a shape that these plugins refused.
    borrowing func strategy(
        shape: Int32, refusedBy plugins: PluginSet, pending: PluginSet, event: ClusterEvent,
        inCycle: Bool
    ) -> QueueingStrategy {
        let pod = shapes[Int(shape)]
        guard pod.profile >= 0 else { return .skip }
        if case .unschedulableTimeout = event { return .afterBackoff }
        if case .assignedPodAdd(let other) = event, !inCycle,
            !mayWaitForPods(pod, plugins, shapes[Int(other)].shape)
        {
            return .skip
        }
        let question = question(event)
        let refusing = plugins.union(pending)
        var strategy = QueueingStrategy.skip
        let profile = profiles[pod.profile]
        for (place, filter) in profile.filters.enumerated()
        where refusing.contains(profile.filterNumbers[place])
            && filter.mayHelp(question, pod, in: cluster)
        {
            if pending.contains(profile.filterNumbers[place]) { return .immediately }
            strategy = .afterBackoff
        }
        return strategy
    }

    /// Pods that wait are asked about a pod that was bound only when pods elsewhere decide about them.
    ///
    /// (k/k scheduling_queue.go, getUnschedulablePodsWithCrossTopologyTerm)
    private borrowing func mayWaitForPods(
        _ pod: PodRequest, _ plugins: PluginSet, _ other: PodShape
    ) -> Bool {
        if plugins.contains(Scheduler.spreadNumber), other.namespace == pod.shape.namespace {
            return true
        }
        return (pod.shape.placement?.podAffinity.required ?? []).contains {
            AffinityTermMatcher($0, of: pod.shape, listed: compiler.namespaces).matches(
                other.labels, in: other.namespace, compiler.namespaces)
        }
    }

    private static let spreadNumber =
        FilterPluginRegistry.number(of: PodTopologySpread.name) ?? 0

    private borrowing func question(_ event: ClusterEvent) -> HintQuestion {
        func object(_ node: NodeIndex, _ kind: Int32) -> NodeObject {
            NodeObject(
                description: kind < 0
                    ? changedObjects[-1 - Int(kind)] : cluster.roster.kinds[Int(kind)],
                name: cluster.roster.name(of: node),
                hasHostnameLabel: cluster.roster.hasHostnameLabels)
        }
        switch event {
        case .assignedPodAdd(let shape): return .podAdded(shapes[Int(shape)].shape)
        case .assignedPodDelete(let shape): return .podRemoved(shapes[Int(shape)].shape)
        case .nodeAdd(let node, let kind): return .nodeAdded(object(node, kind))
        case .nodeUpdate(let node, let change, let old, let new):
            return .nodeChanged(change, from: object(node, old), to: object(node, new))
        case .topologyChange(let node): return .topologyChanged(node)
        case .unschedulableTimeout:
            preconditionFailure("nobody is asked about a pod that waited too long")
        }
    }
}

// MARK: Nodes

extension Scheduler {
    /// The node object that the scheduler sees now.
    func currentDescription(at position: Int) -> NodeDescription {
        var description = cluster.nodes.kinds[cluster.nodes.kindAt[position]]
        description.allocatable = (0..<cluster.nodes.resourceCount).map {
            cluster.nodes.allocatable($0, at: position)
        }
        description.allowedPods = cluster.nodes.allowedPods(at: position)
        if !cluster.nodes.isReady(at: position) {
            description.taints.append(ClusterSnapshot.unreachable)
        }
        return description
    }

    /// Tells pods that wait what nodes have published since this was called last.
    package mutating func announceNodes(at time: SimTime) {
        guard !unannounced.isEmpty else { return }
        var changes: [(node: NodeIndex, old: NodeDescription, new: NodeDescription)] = []
        swap(&changes, &unannounced)
        for change in changes {
            let events = NodeChange.changes(from: change.old, to: change.new)
            guard !events.isEmpty else { continue }
            // Numbered from -1 downwards; the log of a running cycle may still name earlier ones.
            if queue.inFlightPods.isEmpty { changedObjects = [] }
            changedObjects += [change.old, change.new]
            let new = -Int32(truncatingIfNeeded: changedObjects.count)
            for event in events {
                note(.nodeUpdate(change.node, event, old: new + 1, new: new), at: time)
            }
        }
    }

    /// Adds a node and tells pods that wait for one.
    package mutating func nodeAppeared(
        _ description: NodeDescription, name: String, at time: SimTime
    ) -> NodeIndex {
        let node = addNode(description, name: name)
        let kind = Int32(truncatingIfNeeded: cluster.roster.kindOfNode[node.position])
        note(.nodeAdd(node, kind: kind), at: time)
        return node
    }

    /// A node is gone. No pod that waits hopes for that: the real queue has no hint for it.
    package mutating func nodeVanished(_ node: NodeIndex) {
        removeNode(node)
        removeTopologyNode(node)
    }

    /// Changes a node and tells pods that wait what changed.
    package mutating func nodeChanged(
        _ node: NodeIndex, to description: NodeDescription, at time: SimTime
    ) {
        let old = cluster.roster.kindOfNode[node.position]
        updateNode(node, to: description)
        let new = cluster.roster.kindOfNode[node.position]
        guard old != new else { return }
        for change in NodeChange.changes(
            from: cluster.roster.kinds[old], to: cluster.roster.kinds[new])
        {
            note(
                .nodeUpdate(
                    node, change, old: Int32(truncatingIfNeeded: old),
                    new: Int32(truncatingIfNeeded: new)), at: time)
        }
    }
}
