import ClusterScheduler
import DiscreteEvents
import Primitives
import Records

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
        while let entry = scheduler.dequeue() {
            guard pods[entry.pod].phase == .pending else {
                // Deleted while it waited; the pods behind it still have their turn.
                pods.free(entry.pod)
                scheduler.activateNext(ofShape: entry.shape)
                continue
            }
            schedulerFreeAt = time + scenario.timings.schedulingCycle
            counters.cycles += 1
            pods[entry.pod].attempts += 1
            let node = scheduler.selectNode(
                shape: entry.shape, pinnedPosition: entry.pinnedPosition)
            if let explainer {
                explainAttempt(
                    of: entry.pod, shape: entry.shape, pinnedPosition: entry.pinnedPosition,
                    node: node, to: explainer)
            }
            if let node {
                bind(entry, to: node)
            } else {
                park(entry)
            }
            break
        }
        if scheduler.hasQueuedPods { planCycle() }
    }

    private mutating func bind(_ entry: SchedulingQueue.Entry, to node: NodeIndex) {
        let shape = pods[entry.pod].shape
        scheduler.assume(shape: shape, on: node)
        scheduler.reserveTopology(of: pods[entry.pod].pod, shape: shape, on: node)
        scheduler.activateNext(ofShape: entry.shape)
        let timings = scenario.timings
        let bound = schedulerFreeAt + timings.bind
        pods[entry.pod].phase = .bound
        pods[entry.pod].node = node.rawValue
        pods[entry.pod].scheduled = bound.nanoseconds
        let handle = PodHandle(slot: entry.pod, generation: pods[entry.pod].generation)
        planPostBind(handle, at: bound)
        events.push(
            .podBound(handle), at: bound + timings.watch + timings.admission, phase: .admission)
    }

    private mutating func park(_ entry: SchedulingQueue.Entry) {
        counters.unschedulable += 1
        let isFirstTry = pods[entry.pod].attempts == 1
        scheduler.park(entry, at: time, wasParked: !isFirstTry)
        guard isFirstTry else { return }
        counters.firstUnschedulable += 1
        sink.rejected(
            RejectionRecord(
                time: time, pod: pods[entry.pod].pod, node: nil, stage: .scheduler,
                reason: "Unschedulable",
                message: scheduler.fitError(
                    shape: entry.shape, pinnedPosition: entry.pinnedPosition,
                    resources: scenario.resources)))
    }
}
