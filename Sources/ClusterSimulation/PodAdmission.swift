import ClusterScheduler
import DiscreteEvents
import NodeManagers
import Primitives
import Records
import WorkloadModel

extension Simulation {
    /// The kubelet decides on a pod that was bound to it.
    mutating func podBound(_ handle: PodHandle) {
        guard pods.isCurrent(handle) else { return }
        let pod = pods[handle.slot]
        let node = NodeIndex(rawValue: pod.node)
        // Its node was removed: pod GC ends it.
        if pod.phase == .ended { return }
        guard pod.phase == .bound else {
            // Deleted after it was bound: the kubelet never sees it.
            forgetByScheduler(handle.slot)
            pods.free(handle.slot)
            noteEnd(of: pod.shape)
            return
        }
        if nodes.isDown(node) {
            pods[handle.slot].isHeld = true
            return
        }
        counters.admissions += 1
        switch decide(pod, on: node) {
        case .admitted(let alignment): admitted(handle, on: node, alignment)
        case .rejected(let rejection):
            if rejection.isUpstreamHang, scenario.upstreamHang == .stallNode {
                kubeletStalls(handle, on: node, rejection)
            } else {
                refused(handle, by: node, rejection)
            }
        }
    }

    /// The kubelet's answer; for a pod that someone asks about explained first, on a copy of the node.
    private mutating func decide(_ pod: PodState, on node: NodeIndex) -> AdmissionOutcome {
        guard let explainer, explainer.follows(pod.pod) else {
            return nodes.admit(pod.pod, pod.shape, shapes, on: node)
        }
        let explained = nodes.explain(pod.pod, shapes[pod.shape], on: node)
        let outcome = nodes.admit(pod.pod, pod.shape, shapes, on: node)
        explainer.decided(
            pod.pod, on: nodes.names[node.position], at: time, explained, run: outcome)
        return outcome
    }

    mutating func admitted(
        _ handle: PodHandle, on node: NodeIndex, _ alignment: AlignmentCounts
    ) {
        counters.decisions += 1
        counters.pending -= 1
        counters.running += 1
        lastProgress = time
        pods[handle.slot].phase = .running
        pods[handle.slot].started = time.nanoseconds
        pods[handle.slot].admissionSequence = counters.decisions
        scheduler.nodePods.update(handle.slot, on: node) { [time] in
            $0.startTime = time.nanoseconds
        }
        gainHealth(handle.slot)
        let pod = pods[handle.slot]
        topologyPodRuns(pod)
        sink.admitted(
            AdmissionRecord(
                pod: pod.pod, shape: pod.shape, node: node, time: time,
                alignment: AlignmentTotals(alignment)))
        if wantsPlacements {
            sink.placed(
                PlacementRecord(
                    pod: pod.pod, node: node, time: time,
                    containers: nodes.placements(
                        of: pod.pod, on: node, holdings: wantsHoldings)))
        }
        if let hostViews { tellHostView(hostViews, of: pod.pod, on: node) }
        if pod.lifetime >= 0 {
            events.push(
                .podFinished(handle), at: time + SimDuration(nanoseconds: pod.lifetime),
                phase: .release)
        }
        guard pod.ownerSlot != PodState.none else { return }
        if owners[pod.ownerSlot].rollout != PodState.none { return planStartSeen(handle) }
        switch scenario.workloads[pod.workload.position].controller {
        case .replicaSet, .deployment: ReplicaSetController.podStarted(&self, pod.ownerSlot)
        case .daemonSet: DaemonSetController.podStarted(&self, pod.ownerSlot)
        case .statefulSet: planStartSeen(handle)
        case .none, .job: break
        }
    }

    mutating func refused(
        _ handle: PodHandle, by node: NodeIndex, _ rejection: Rejection,
        stage: RejectionStage = .admission
    ) {
        if stage == .admission { counters.refusals += 1 }
        counters.pending -= 1
        counters.failed += 1
        terminated.add(at: time)
        pods[handle.slot].phase = .ended
        pods[handle.slot].outcome = .failed
        pods[handle.slot].finished = time.nanoseconds
        sink.rejected(
            RejectionRecord(
                time: time, pod: pods[handle.slot].pod, node: node, stage: stage,
                reason: rejection.reason(scenario.resources),
                message: rejection.message(scenario.resources)))
        planEndSeen(handle)
    }

    /// The kubelet writes the pod's status; a watch later everyone has seen it.
    mutating func planEndSeen(_ handle: PodHandle) {
        events.push(
            .podEndSeen(handle),
            at: time + scenario.timings.statusUpdate + scenario.timings.watch, phase: .release)
    }

    private mutating func planStartSeen(_ handle: PodHandle) {
        events.push(
            .podStartSeen(handle),
            at: time + scenario.timings.statusUpdate + scenario.timings.watch,
            phase: .controller)
    }

    mutating func podStartSeen(_ handle: PodHandle) {
        guard pods.isCurrent(handle), pods[handle.slot].phase == .running else { return }
        if owners[pods[handle.slot].ownerSlot].rollout != PodState.none {
            return rolloutPodReady(handle)
        }
        StatefulSetController.podStarted(&self, handle)
    }
}

extension AlignmentTotals {
    /// Core, uncore cache and socket apply to containers with exclusive CPUs; NUMA nodes to all that hold something.
    init(_ counts: AlignmentCounts) {
        self.init()
        let exclusive = Int(counts.cpuContainers)
        core = AlignmentCount(eligible: exclusive, aligned: Int(counts.coreAligned))
        uncore = AlignmentCount(eligible: exclusive, aligned: Int(counts.uncoreAligned))
        socket = AlignmentCount(eligible: exclusive, aligned: Int(counts.socketAligned))
        numa = AlignmentCount(
            eligible: Int(counts.containers), aligned: Int(counts.numaAligned))
    }
}
