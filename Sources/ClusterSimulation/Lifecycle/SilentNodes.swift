import ClusterScheduler
import DiscreteEvents
import NodeManagers
import Primitives
import Records
import WorkloadModel

/// Nodes that fall silent: who notices when, and what becomes of their pods.
///
/// Source: k/k pkg/controller/nodelifecycle, pkg/controller/tainteviction; the shared folder's spec/controllers.md section 6.
extension Simulation {
    mutating func fail(_ node: NodeIndex, recovery: SimDuration?) {
        guard !nodes.isDown(node) else { return }
        let settings = scenario.lifecycle.settings
        nodes.setDown(true, node)
        lifecycle.nodes[node.position].isSilent = true
        lifecycle.nodes[node.position].epoch &+= 1
        let epoch = lifecycle.nodes[node.position].epoch
        tell(node, .silent, "")
        let lease =
            time.nanoseconds / settings.leaseRenewal.nanoseconds
            * settings.leaseRenewal.nanoseconds
        let period = settings.monitorPeriod.nanoseconds
        // The first look after which the lease is older than it may be.
        let noticed = ((lease + settings.monitorGrace.nanoseconds) / period + 1) * period
        plan(.noticed(node, epoch: epoch), at: SimTime(nanoseconds: noticed))
        if let recovery { plan(.recovery(node, epoch: epoch), at: time + recovery) }
    }

    /// The node lifecycle controller: Ready is Unknown, and so are the node's pods.
    mutating func silenceNoticed(of node: NodeIndex, _ epoch: UInt32) {
        guard isCurrent(node, epoch), lifecycle.nodes[node.position].isSilent else { return }
        lifecycle.nodes[node.position].isUnreachable = true
        tell(node, .unreachable, "Kubelet stopped posting node status.")
        loseReadiness(of: node)
        refresh(node)
        plan(.tainted(node, epoch: epoch), at: time)
    }

    /// One node of a zone after another gets the NoExecute taint; none while no node of the cluster is Ready.
    mutating func taintNoExecute(_ node: NodeIndex, _ epoch: UInt32) {
        guard isCurrent(node, epoch), lifecycle.nodes[node.position].isUnreachable else { return }
        let settings = scenario.lifecycle.settings
        let zone = zone(of: node)
        guard let interval = taintInterval(ofZone: zone) else {
            // Looked at again when the zone is better; nothing else hangs on it.
            lifecycle.idleTimers += 1
            return plan(.taintedAgain(node, epoch: epoch), at: time + settings.monitorPeriod)
        }
        if let next = lifecycle.nextTaint[zone], next > time {
            return plan(.tainted(node, epoch: epoch), at: next)
        }
        lifecycle.nextTaint[zone] = time + interval
        let taintEpoch = lifecycle.nodes[node.position].taintEpoch
        for slot in lifecycle.residents[node] {
            let pod = pods[slot]
            guard pod.phase == .running || pod.phase == .bound else { continue }
            guard let seconds = tolerationSeconds(of: pod) else { continue }
            plan(
                .taintEviction(
                    PodHandle(slot: slot, generation: pod.generation), node,
                    epoch: taintEpoch),
                at: time + .seconds(seconds), phase: .controller)
        }
    }

    private func zone(of node: NodeIndex) -> String {
        let labels = nodes.labels(of: node)
        func value(_ key: String) -> String { labels.first { $0.key == key }?.value ?? "" }
        return value("topology.kubernetes.io/region") + "/" + value("topology.kubernetes.io/zone")
    }

    /// Time between two taints in a zone; nil for none at all.
    ///
    /// (k/k pkg/controller/nodelifecycle, handleDisruption, ComputeZoneState)
    private func taintInterval(ofZone zone: String) -> SimDuration? {
        var (all, unready, anyReady) = (0, 0, false)
        for position in 0..<nodes.count where !nodes.isGone(NodeIndex(position)) {
            let isReady = !lifecycle.nodes[position].isUnreachable
            if isReady { anyReady = true }
            guard self.zone(of: NodeIndex(position)) == zone else { continue }
            all += 1
            if !isReady { unready += 1 }
        }
        if !anyReady { return nil }
        let interval = scenario.lifecycle.settings.taintInterval
        guard unready > 2, unready * 100 >= all * 55, unready < all else { return interval }
        return all > 50 ? interval * 10 : nil
    }

    /// How long a pod stays on an unreachable node; nil for ever.
    private func tolerationSeconds(of pod: PodState) -> Int64? {
        let taint = Taint(key: "node.kubernetes.io/unreachable", value: "", effect: .noExecute)
        if scenario.workloads[pod.workload.position].controller == .daemonSet { return nil }
        let own = shapes.shapes[pod.shape.position].tolerations.filter { $0.tolerates(taint) }
        if own.isEmpty { return scenario.lifecycle.settings.tolerationSeconds }
        return own.compactMap(\.tolerationSeconds).min()
    }

    /// A pod's toleration is over.
    mutating func taintEvicts(_ handle: PodHandle, on node: NodeIndex, _ epoch: UInt32) {
        guard !nodes.isGone(node), lifecycle.nodes[node.position].taintEpoch == epoch,
            pods.isCurrent(handle), !pods[handle.slot].isTerminating,
            pods[handle.slot].phase == .running || pods[handle.slot].phase == .bound
        else { return }
        counters.evictions.add(.tainted)
        sink.evicted(
            EvictionRecord(
                time: time, action: nil, pod: pods[handle.slot].pod, node: node,
                verdict: .tainted,
                message: "Taint manager: deleting due to NoExecute taint"))
        terminate(
            handle, as: .evicted,
            seen: time + scenario.timings.controllerWrite + scenario.timings.watch)
    }

    /// A silent node is back: its kubelet starts on its checkpoints, and is Ready with its next status.
    mutating func recover(_ node: NodeIndex) {
        guard lifecycle.nodes[node.position].isSilent else { return }
        lifecycle.nodes[node.position].epoch &+= 1
        lifecycle.nodes[node.position].isSilent = false
        restart(KubeletRestart(time: time), .unchanged, node, lifecycle.residents[node])
        guard !nodes.isDown(node) else { return }
        if lifecycle.nodes[node.position].isUnreachable {
            plan(
                .ready(node, epoch: lifecycle.nodes[node.position].epoch),
                at: time + scenario.lifecycle.settings.readyAfter)
        }
    }
}
