import ClusterScheduler
import DiscreteEvents
import NodeManagers
import Primitives
import Records
import WorkloadModel

/// Nodes that are cordoned, come, go, stop, fall silent and come back.
extension Simulation {
    func tell(_ node: NodeIndex, _ kind: NodeEventRecord.Kind, _ message: String) {
        sink.changed(NodeEventRecord(time: time, node: node, kind: kind, message: message))
    }

    /// Whether the node object says Ready: a silent node does until that is noticed.
    func isSeenReady(_ node: NodeIndex) -> Bool {
        guard hasLifecycle else { return !nodes.isDown(node) }
        let life = lifecycle.nodes[node.position]
        if life.isStarting || life.isUnreachable { return false }
        return !nodes.isDown(node) || life.isSilent
    }

    /// The node object as the scheduler sees it.
    private func description(of node: NodeIndex) -> NodeDescription {
        NodeDescription(
            allocatable: nodes.published(by: node), allowedPods: nodes.model(of: node).maxPods,
            labels: nodes.labels(of: node), taints: nodes.taints(of: node),
            isUnschedulable: lifecycle.nodes[node.position].isCordoned)
    }

    /// Tells the scheduler what the node object is now, and those controllers that look at nodes.
    mutating func refresh(_ node: NodeIndex) {
        scheduler.nodeChanged(node, to: description(of: node), at: time)
        publish(node)
        scheduler.announceNodes(at: time)
        syncDaemonSets()
    }

    // MARK: Cordons

    mutating func cordon(_ node: NodeIndex) {
        guard !lifecycle.nodes[node.position].isCordoned else { return }
        lifecycle.nodes[node.position].isCordoned = true
        tell(node, .cordoned, "")
        refresh(node)
    }

    mutating func uncordon(_ node: NodeIndex) {
        guard lifecycle.nodes[node.position].isCordoned, !nodes.isGone(node) else { return }
        lifecycle.nodes[node.position].isCordoned = false
        tell(node, .uncordoned, "")
        refresh(node)
    }

    // MARK: Nodes that come

    /// Asks for machines.
    mutating func orderNodes(_ added: AddedNodes, for run: Int, template: Int? = nil) {
        guard let group = scenario.nodeGroups.firstIndex(where: { $0.name == added.group }) else {
            lifecycle.runs[run].problems.append("no node group is called \(added.group)")
            return finish(run)
        }
        lifecycle.runs[run].underWay = added.count
        if added.count == 0 { return finish(run) }
        for _ in 0..<added.count {
            plan(
                .registered(
                    LifecycleTimer.NodeOrder(group: group, run: run, template: template)),
                at: time + added.bootTime)
        }
    }

    /// A machine has booted: its kubelet registers the node, which has the not-ready taint.
    mutating func nodeRegistered(_ order: LifecycleTimer.NodeOrder) {
        let group = scenario.nodeGroups[order.group]
        let name = "\(group.name)-\(lifecycle.nextNumber[order.group])"
        hostViews?.addNode(group: order.group, position: lifecycle.nextNumber[order.group])
        lifecycle.nextNumber[order.group] += 1
        let node = nodes.add(group: order.group, name: name)
        lifecycle.nodes.append(NodeLife())
        lifecycle.nodes[node.position].isStarting = true
        lifecycle.residents.addNode()
        topologies?.addNode()
        let amounts = nodes.model(of: node).allocatable.enumerated().compactMap {
            resource, amount in
            amount == 0 ? nil : ResourceAmount(ResourceIndex(resource), amount)
        }
        var record = NodeRecord(node: node, allocatable: amounts)
        record.joined = JoinedNode(time: time, name: name, group: order.group)
        sink.introduced(record)
        // Plugins that are late are as late after the kubelet's start as they were after the run's.
        for change in group.deviceChanges where change.kind == .pluginIsLate {
            pluginChanged(change, on: node, tells: false)
            let there = group.deviceChanges.first {
                $0.kind == .pluginRegisters && $0.resource == change.resource
            }
            if let there { plan(.plugin(node, there), at: time + (there.time - .zero)) }
        }
        let appeared = scheduler.nodeAppeared(description(of: node), name: name, at: time)
        precondition(appeared == node, "scheduler and cluster number nodes alike")
        scheduler.addTopologyNode(description(of: node))
        publish(node)
        if scheduler.nodePods.isKept { scheduler.nodePods.keep(nodeCount: nodes.count) }
        tell(node, .registered, "")
        plan(
            .ready(node, epoch: lifecycle.nodes[node.position].epoch),
            at: time + scenario.lifecycle.settings.readyAfter)
        lifecycle.nodeRuns[node.position] = order.run
    }

    /// The kubelet reports Ready: the taint goes.
    mutating func nodeReady(_ node: NodeIndex, _ epoch: UInt32) {
        guard isCurrent(node, epoch) else { return }
        lifecycle.nodes[node.position].isStarting = false
        lifecycle.nodes[node.position].isUnreachable = false
        lifecycle.nodes[node.position].isSilent = false
        lifecycle.nodes[node.position].taintEpoch &+= 1
        lifecycle.nodes[node.position].epoch &+= 1
        tell(node, .ready, "")
        for slot in lifecycle.residents[node]
        where pods[slot].phase == .running && !pods[slot].isTerminating && !pods[slot].isHealthy {
            gainHealth(slot)
            rolloutPodReadiness(slot, isReady: true)
        }
        refresh(node)
        planTopologyScan(of: node)
        guard let run = lifecycle.nodeRuns.removeValue(forKey: node.position) else { return }
        if lifecycle.runs[run].kind == "upgradeNodes" { uncordon(node) }
        nodeIsDone(run, node)
    }

    mutating func pluginChanged(
        _ change: DeviceChange, on node: NodeIndex, tells: Bool = true
    ) {
        guard !nodes.isGone(node), let resource = scenario.resources.index(of: change.resource)
        else { return }
        nodes.change(change, resource, on: node)
        guard tells else { return }
        tell(node, .pluginRegistered, "the plugin of \(change.resource) has registered")
        publish(node)
        scheduler.announceNodes(at: time)
    }

    // MARK: Nodes that go

    /// The node object is deleted and its machine is gone: what ran there ends, and pod GC clears it away later.
    mutating func remove(_ node: NodeIndex) {
        guard !nodes.isGone(node) else { return }
        lifecycle.nodes[node.position].epoch &+= 1
        for slot in lifecycle.residents[node] { lose(slot, from: node) }
        nodes.remove(node)
        tell(node, .removed, "")
        scheduler.nodeVanished(node)
        if let run = lifecycle.nodeRuns.removeValue(forKey: node.position) {
            nodeIsDone(run, node, problem: "the node was removed")
        }
        syncDaemonSets()
        let settings = scenario.lifecycle.settings
        let period = settings.podGCPeriod.nanoseconds
        func nextPass(_ time: SimTime) -> SimTime {
            SimTime(nanoseconds: (time.nanoseconds + period - 1) / period * period)
        }
        let found = nextPass(time + scenario.timings.watch)
        guard !lifecycle.residents[node].isEmpty else { return }
        plan(.orphans(node), at: nextPass(found + settings.podGCQuarantine))
    }

    /// Ends a pod whose machine is gone. Its object stays as it is, Ready if it was, until pod GC comes.
    private mutating func lose(_ slot: UInt32, from node: NodeIndex) {
        switch pods[slot].phase {
        case .running:
            counters.decisions += 1
            counters.running -= 1
            counters.deleted += 1
            pods[slot].phase = .ended
            pods[slot].outcome = pods[slot].isTerminating ? pods[slot].leavesAs : .lost
            pods[slot].isOverdue = false
            pods[slot].finished = time.nanoseconds
            pods[slot].releaseSequence = counters.decisions
            let pod = pods[slot]
            nodes.remove(pod.pod, shapes.shapes[pod.shape.position], from: node)
        case .bound:
            counters.pending -= 1
            counters.deleted += 1
            pods[slot].phase = .ended
            pods[slot].outcome = .lost
            pods[slot].isHeld = false
            pods[slot].finished = time.nanoseconds
        case .gone where pods[slot].isHeld:
            // Deleted while its kubelet did not answer: nobody comes across it any more.
            forgetByScheduler(slot)
            pods.free(slot)
        case .planned, .pending, .ended, .gone: break
        }
    }

    /// Pod GC finds that the node of these pods has been missing for long enough.
    mutating func collectOrphans(of node: NodeIndex) {
        for slot in lifecycle.residents[node] where pods[slot].phase == .ended {
            // The status is patched, then the object deleted.
            var leaves = lifecycle.podGC.take(at: time)
            leaves = lifecycle.podGC.take(at: leaves)
            plan(
                .orphan(PodHandle(slot: slot, generation: pods[slot].generation), node),
                at: leaves + scenario.timings.controllerWrite + scenario.timings.watch,
                phase: .release)
        }
    }

    mutating func orphanDeleted(_ handle: PodHandle, of node: NodeIndex) {
        guard pods.isCurrent(handle), pods[handle.slot].phase == .ended else { return }
        counters.podDeletions += 1
        loseHealth(handle.slot)
        counters.evictions.add(.orphaned)
        sink.evicted(
            EvictionRecord(
                time: time, action: nil, pod: pods[handle.slot].pod, node: node,
                verdict: .orphaned, message: "node no longer exists"))
        podEndSeen(handle)
    }

    // MARK: Upgrades

    /// An empty node is stopped; pods of DaemonSets stay as they are on a kubelet that does not run.
    mutating func stop(_ node: NodeIndex, for run: Int) {
        guard let planned = lifecycle.runs[run].planned,
            case .upgrade(let upgrade) = scenario.lifecycle.actions[planned].kind
        else { return }
        lifecycle.nodes[node.position].epoch &+= 1
        lifecycle.nodes[node.position].isStarting = true
        nodes.setDown(true, node)
        tell(node, .stopped, "for \(upgrade.down.nanoseconds / 1_000_000_000)s")
        loseReadiness(of: node)
        refresh(node)
        plan(.upgraded(run: run, node), at: time + upgrade.down)
    }

    /// The kubelet of an upgraded node starts.
    mutating func upgradeInstalled(on node: NodeIndex, _ run: Int) {
        guard !nodes.isGone(node), let planned = lifecycle.runs[run].planned,
            case .upgrade(let upgrade) = scenario.lifecycle.actions[planned].kind
        else { return nodeIsDone(run, node, problem: "the node was removed") }
        nodes.label(node, with: upgrade.labels)
        let target = nodes.upgradeTargets[planned]
        if upgrade.machine != nil, case .kind(let kind) = target {
            // Another machine knows nothing of what ran on the old one.
            for slot in lifecycle.residents[node] where pods[slot].phase == .running {
                let handle = PodHandle(slot: slot, generation: pods[slot].generation)
                pods[slot].isOverdue = false
                release(handle, as: .lost)
            }
            for slot in lifecycle.residents[node] where pods[slot].isHeld {
                pods[slot].isHeld = false
                events.push(
                    .podBound(PodHandle(slot: slot, generation: pods[slot].generation)), at: time,
                    phase: .admission)
            }
            nodes.replaceMachine(of: node, by: kind)
            nodes.setDown(false, node)
            planTopologyScan(of: node)
        } else {
            restart(KubeletRestart(time: time), target, node, lifecycle.residents[node])
            if nodes.isDown(node) {
                return nodeIsDone(run, node, problem: "the kubelet did not start")
            }
        }
        lifecycle.nodeRuns[node.position] = run
        plan(
            .ready(node, epoch: lifecycle.nodes[node.position].epoch),
            at: time + scenario.lifecycle.settings.readyAfter)
    }

    /// Pods of a node that is not Ready are not Ready either.
    mutating func loseReadiness(of node: NodeIndex) {
        for slot in lifecycle.residents[node] where pods[slot].phase == .running {
            loseHealth(slot)
            rolloutPodReadiness(slot, isReady: false)
        }
    }
}
