import ClusterScheduler
import DiscreteEvents
import Primitives
import Records

/// A cycle that found no node and is not over yet.
struct FailedCycle {
    var pod: QueuedPod
    /// Plugins that refused some node.
    var plugins: PluginSet
    var began: SimTime
}

extension Simulation {
    /// Makes sure that a cycle follows when pods are queued. An idle scheduler begins at once.
    mutating func wakeScheduler() {
        guard !isCyclePlanned, scheduler.hasQueuedPods else { return }
        if schedulerFreeAt <= time {
            schedulingCycle()
        } else {
            planCycle()
        }
    }

    private mutating func planCycle() {
        isCyclePlanned = true
        events.push(.schedulingCycle, at: max(time, schedulerFreeAt), phase: .scheduling)
    }

    /// Takes one pod off the queue and chooses its node. Cycles follow each other; bindings overlap.
    mutating func schedulingCycle() {
        isCyclePlanned = false
        while let entry = scheduler.dequeue(at: time) {
            guard pods[entry.pod].phase == .pending else {
                dropDeleted(entry)
                continue
            }
            counters.cycles += 1
            pods[entry.pod].attempts += 1
            let node = scheduler.selectNode(
                shape: Int(entry.shape), pinnedPosition: pinnedPosition(entry),
                pod: entry.pod)
            let timings = scenario.timings
            schedulerFreeAt =
                time + timings.schedulingCycle
                + SimDuration(
                    nanoseconds: timings.nodeExamined.nanoseconds
                        * Int64(scheduler.lastCycle.evaluated))
            if let explainer {
                explainAttempt(
                    of: entry.pod, shape: Int(entry.shape),
                    pinnedPosition: pinnedPosition(entry), node: node, to: explainer)
            }
            guard let node else { return cycleFailed(entry) }
            bind(entry, to: node)
            break
        }
        if scheduler.hasQueuedPods { planCycle() }
    }

    /// Where the only node that a pod may go to is visited now: nodes that come and go move the others. -1 for any node.
    private func pinnedPosition(_ entry: QueuedPod) -> Int {
        guard hasLifecycle, entry.pinnedPosition >= 0 else { return Int(entry.pinnedPosition) }
        return scheduler.position(of: NodeIndex(rawValue: pods[entry.pod].pinnedNode)) ?? -1
    }

    /// The pod was deleted while it waited; those behind it still have their turn.
    private mutating func dropDeleted(_ entry: QueuedPod) {
        scheduler.done(entry)
        scheduler.removeNomination(of: entry.pod)
        pods.free(entry.pod)
    }

    private mutating func bind(_ entry: QueuedPod, to node: NodeIndex) {
        let shape = pods[entry.pod].shape
        scheduler.done(entry)
        scheduler.removeNomination(of: entry.pod)
        scheduler.assume(shape: shape, on: node)
        scheduler.reserveTopology(of: pods[entry.pod].pod, shape: shape, on: node)
        scheduler.nodePods.add(NodePod(pod: entry.pod, shape: shape), to: node)
        if hasLifecycle { lifecycle.residents.add(entry.pod, to: node) }
        let timings = scenario.timings
        let bound = schedulerFreeAt + timings.bind
        pods[entry.pod].phase = .bound
        pods[entry.pod].node = node.rawValue
        pods[entry.pod].scheduled = bound.nanoseconds
        let handle = PodHandle(slot: entry.pod, generation: pods[entry.pod].generation)
        if bindingsMayHelp {
            events.push(.bindingSeen(shape), at: bound + timings.watch, phase: .release)
        }
        planPostBind(handle, at: bound)
        events.push(
            .podBound(handle), at: bound + timings.watch + timings.admission, phase: .admission)
    }

    /// No node passed: asks whether others would have to leave. The pod is queued again when the cycle is over, which is
    /// when the scheduler asks what happened meanwhile.
    private mutating func cycleFailed(_ entry: QueuedPod) {
        counters.unschedulable += 1
        let shape = pods[entry.pod].shape
        let isFirstTry = pods[entry.pod].attempts == 1
        let failure = scheduler.failure(
            shape: shape, pinnedPosition: pinnedPosition(entry), pod: entry.pod,
            wantsNodes: isFirstTry || scheduler.nodePods.isKept)
        if isFirstTry || scheduler.nodePods.isKept {
            let fitError =
                isFirstTry
                ? scheduler.fitError(
                    shape: shape.position, pinnedPosition: pinnedPosition(entry)) : ""
            let outcome = scheduler.preempt(
                pod: entry.pod, shape: shape, worthTrying: failure.worthTrying)
            carryOut(outcome, for: entry.pod, shape)
            if isFirstTry {
                counters.firstUnschedulable += 1
                sink.rejected(
                    RejectionRecord(
                        time: time, pod: pods[entry.pod].pod, node: nil, stage: .scheduler,
                        reason: "Unschedulable",
                        message: outcome.message.map { "\(fitError) \($0)" } ?? fitError))
            }
        }
        failedCycle = FailedCycle(pod: entry, plugins: failure.plugins, began: time)
        isCyclePlanned = true
        events.push(.cycleEnded, at: schedulerFreeAt, phase: .scheduling)
    }

    /// A cycle that found no node is over.
    mutating func cycleEnded() {
        isCyclePlanned = false
        guard let cycle = failedCycle else { return }
        failedCycle = nil
        if pods[cycle.pod.pod].phase == .pending {
            noteLeftoverFlush(since: cycle.began)
            scheduler.failed(cycle.pod, refusedBy: cycle.plugins, at: time)
            planLeftoverFlush()
        } else {
            dropDeleted(cycle.pod)
        }
        schedulingCycle()
    }

    // MARK: Pods that wait too long

    /// A look for pods that waited too long makes a pod whose cycle runs try again, even when nothing but gated pods
    /// waited; for those alone no event is planned, or a run with one would never end.
    private mutating func noteLeftoverFlush(since began: SimTime) {
        guard scheduler.gatedCount > 0 else { return }
        let period = BackoffRule.leftoverPeriod
        let last = time.nanoseconds / period * period
        guard last > began.nanoseconds else { return }
        scheduler.flushLeftover(at: SimTime(nanoseconds: last))
    }

    private mutating func planLeftoverFlush() {
        guard !isLeftoverFlushPlanned, let next = scheduler.nextLeftoverFlush() else { return }
        isLeftoverFlushPlanned = true
        events.push(.leftoverFlush, at: next, phase: .scheduling)
    }

    mutating func leftoverFlush() {
        isLeftoverFlushPlanned = false
        scheduler.flushLeftover(at: time)
        planLeftoverFlush()
        wakeScheduler()
    }

    /// The scheduler sees a binding of its own.
    mutating func bindingSeen(_ shape: PodShapeIndex) {
        scheduler.note(
            .assignedPodAdd(shape: Int32(truncatingIfNeeded: shape.position)), at: time)
        wakeScheduler()
    }
}
