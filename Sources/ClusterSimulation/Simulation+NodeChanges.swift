import ClusterScheduler
import DiscreteEvents
import NodeManagers
import Primitives
import Records
import WorkloadModel

/// A restart or a change of devices with the nodes that it happens to.
struct PlannedNodeChange {
    enum What {
        case restart(KubeletRestart, RestartTarget)
        case devices(DeviceChange, ResourceIndex)
    }

    var what: What
    /// Ascending.
    var nodes: [NodeIndex]
    var period: SimDuration?
}

extension Simulation {
    /// Puts every change of the scenario's nodes into the queue, in the order of the file. Plugins that are late are
    /// missing at once.
    mutating func planNodeChanges() {
        var first = 0
        for (group, targets) in zip(scenario.nodeGroups, nodes.restartTargets) {
            func members(_ positions: [Int]) -> [NodeIndex] {
                (positions.isEmpty ? Array(0..<group.count) : positions)
                    .map { NodeIndex(first + $0) }
            }
            for (restart, target) in zip(group.kubeletRestarts, targets) {
                plan(
                    PlannedNodeChange(
                        what: .restart(restart, target), nodes: members(restart.nodes),
                        period: restart.period), at: restart.time)
            }
            for change in group.deviceChanges {
                guard let resource = scenario.resources.index(of: change.resource) else { continue }
                let affected = members(change.nodes)
                if change.kind == .pluginIsLate {
                    for node in affected {
                        nodes.change(change, resource, on: node)
                        publish(node)
                    }
                } else {
                    plan(
                        PlannedNodeChange(what: .devices(change, resource), nodes: affected),
                        at: change.time)
                }
            }
            first += group.count
        }
    }

    private mutating func plan(_ change: PlannedNodeChange, at time: SimTime) {
        nodeChanges.append(change)
        pushNodeChange(nodeChanges.count - 1, at: time)
    }

    private mutating func pushNodeChange(_ position: Int, at time: SimTime) {
        if nodeChanges[position].period != nil { periodicChangesPlanned += 1 }
        events.push(.nodeChange(UInt32(position)), at: time, phase: .nodeChange)
    }

    mutating func nodeChanged(_ position: Int) {
        let change = nodeChanges[position]
        if let period = change.period {
            periodicChangesPlanned -= 1
            pushNodeChange(position, at: time + period)
        }
        switch change.what {
        case .devices(let devices, let resource):
            for node in change.nodes { changeDevices(devices, resource, on: node) }
        case .restart(let restart, let target):
            var slots = SlotsByNode(change.nodes)
            for slot in pods.liveSlots { slots.add(slot, pods[slot]) }
            for node in change.nodes { self.restart(restart, target, node, slots[node]) }
        }
        wakeScheduler()
    }

    // MARK: Devices

    private mutating func changeDevices(
        _ change: DeviceChange, _ resource: ResourceIndex, on node: NodeIndex
    ) {
        nodes.change(change, resource, on: node)
        let (kind, message): (NodeEventRecord.Kind, String) =
            switch change.kind {
            case .pluginIsLate, .pluginIsLost:
                (.pluginLost, "the plugin of \(change.resource) is gone")
            case .pluginRegisters:
                (.pluginRegistered, "the plugin of \(change.resource) has registered")
            case .unhealthy(let ids):
                (
                    .devicesChanged,
                    ids.isEmpty
                        ? "all devices of \(change.resource) are healthy"
                        : "unhealthy devices of \(change.resource): "
                            + ids.joined(separator: ", ")
                )
            }
        sink.changed(NodeEventRecord(time: time, node: node, kind: kind, message: message))
        publish(node)
        scheduler.announceNodes(at: time)
    }

    /// The scheduler sees what the node's kubelet publishes now.
    mutating func publish(_ node: NodeIndex) {
        scheduler.publish(
            nodes.published(by: node), allowedPods: nodes.model(of: node).maxPods,
            isReady: isSeenReady(node), of: node)
    }

    // MARK: Kubelets

    mutating func restart(
        _ restart: KubeletRestart, _ target: RestartTarget, _ node: NodeIndex, _ slots: [UInt32]
    ) {
        var kind = nodes.kindOfNode[node.position]
        switch target {
        case .unchanged: break
        case .kind(let other): kind = other
        case .refused(let message): return takeDown(node, .kubeletFailed, message)
        }
        var uids: [PodIndex: String] = [:]
        var handles: [PodIndex: PodHandle] = [:]
        for slot in slots where pods[slot].phase == .running {
            uids[pods[slot].pod] = uid(of: slot)
            handles[pods[slot].pod] = PodHandle(slot: slot, generation: pods[slot].generation)
        }
        let readmissions: [Readmission]
        do {
            readmissions = try nodes.restart(
                node, as: kind, plugins: restart.plugins, podUID: { uids[$0] ?? "" })
        } catch {
            return takeDown(node, .kubeletFailed, error.message)
        }
        nodes.setDown(false, node)
        let refused = readmissions.compactMap { readmission -> (PodIndex, Rejection)? in
            guard case .rejected(let rejection) = readmission.outcome else { return nil }
            return (readmission.pod, rejection)
        }
        sink.changed(
            NodeEventRecord(
                time: time, node: node, kind: .kubeletRestarted,
                message: "\(readmissions.count) admitted again, of which \(refused.count) refused"))
        for (pod, rejection) in refused {
            if let handle = handles[pod] { refusedAgain(handle, by: node, rejection) }
        }
        publish(node)
        catchUp(slots)
        scheduler.announceNodes(at: time)
    }

    /// A restarted kubelet does not take a running pod back: it fails, and its node has forgotten it already.
    private mutating func refusedAgain(
        _ handle: PodHandle, by node: NodeIndex, _ rejection: Rejection
    ) {
        counters.decisions += 1
        counters.readmissionsRefused += 1
        counters.running -= 1
        counters.failed += 1
        terminated.add(at: time)
        lastProgress = time
        pods[handle.slot].phase = .ended
        pods[handle.slot].outcome = .failed
        pods[handle.slot].finished = time.nanoseconds
        pods[handle.slot].releaseSequence = counters.decisions
        let pod = pods[handle.slot]
        nodes.forget(shapes.shapes[pod.shape.position], on: node)
        loseHealth(handle.slot)
        sink.rejected(
            RejectionRecord(
                time: time, pod: pod.pod, node: node, stage: .readmission,
                reason: rejection.reason(scenario.resources),
                message: rejection.message(scenario.resources)))
        planEndSeen(handle)
    }

    /// What waited for the kubelet: pods that were bound or should have ended meanwhile, in order of creation.
    private mutating func catchUp(_ slots: [UInt32]) {
        for slot in slots.sorted(by: { pods[$0].pod < pods[$1].pod }) {
            let handle = PodHandle(slot: slot, generation: pods[slot].generation)
            if pods[slot].isOverdue, pods[slot].phase == .running {
                pods[slot].isOverdue = false
                release(handle, as: pods[slot].outcome)
            } else if pods[slot].isHeld {
                pods[slot].isHeld = false
                podBound(handle)
            }
        }
    }

    /// The kubelet hangs in this pod's admission: the pod stays bound, and nothing else happens on the node.
    mutating func kubeletStalls(
        _ handle: PodHandle, on node: NodeIndex, _ rejection: Rejection
    ) {
        pods[handle.slot].isHeld = true
        takeDown(node, .kubeletStalled, rejection.message(scenario.resources))
    }

    /// The node becomes NotReady: its pods stay as they are, and nothing is bound to it.
    private mutating func takeDown(
        _ node: NodeIndex, _ kind: NodeEventRecord.Kind, _ message: String
    ) {
        nodes.setDown(true, node)
        sink.changed(NodeEventRecord(time: time, node: node, kind: kind, message: message))
        publish(node)
    }

    func uid(of slot: UInt32) -> String {
        let pod = pods[slot]
        let workload = scenario.workloads[pod.workload.position]
        return PodUID(
            workloadKey: PodUID.workloadKey(namespace: workload.namespace, name: workload.name),
            owner: pod.owner, replica: pod.replica, incarnation: pod.incarnation
        ).description
    }
}

/// Slots of the pods that are bound to or run on some nodes.
private struct SlotsByNode {
    private var slots: [UInt32: [UInt32]] = [:]

    init(_ nodes: [NodeIndex]) {
        for node in nodes { slots[node.rawValue] = [] }
    }

    mutating func add(_ slot: UInt32, _ pod: PodState) {
        switch pod.phase {
        case .bound, .running, .gone: slots[pod.node]?.append(slot)
        case .planned, .pending, .ended: break
        }
    }

    subscript(node: NodeIndex) -> [UInt32] { slots[node.rawValue] ?? [] }
}
