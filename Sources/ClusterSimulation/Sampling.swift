import DiscreteEvents
import NodeManagers
import Primitives
import Records

extension Simulation {
    mutating func planSample(at time: SimTime) {
        samplesPlanned += 1
        events.push(.sample, at: time, phase: .sample)
    }

    mutating func sample() {
        samplesPlanned -= 1
        record(sampleAt: time)
        planSample(at: time + scenario.record.sampleEvery)
    }

    /// Ends the run: a last sample, and a record for every pod that still is there.
    ///
    /// The time of the end is the scenario's `until`, or the last event's when it was interrupted or ran out of work.
    public mutating func finish(interrupted: Bool = false) {
        if end != .distantFuture, !interrupted { time = end }
        record(sampleAt: time)
        if hasLifecycle { finishLifecycle() }
        terminated.settle(at: time)
        for slot in pods.liveSlots {
            switch pods[slot].phase {
            case .planned, .gone: continue
            case .pending, .bound: pods[slot].outcome = .pending
            case .running: pods[slot].outcome = .running
            // Seen by everyone but for the end of the run.
            case .ended: break
            }
            sink.ended(record(of: slot))
        }
    }

    /// Counts the pod objects that exist now.
    mutating func notePodObjects() {
        terminated.settle(at: time)
        counters.peakPodObjects = max(
            counters.peakPodObjects, counters.pending + counters.running + terminated.count)
    }

    private mutating func record(sampleAt time: SimTime) {
        let changed = nodes.takeChanged()
        if wantsNodeSamples { sampleNodes(changed, at: time) }
        room.update(changed, nodes: nodes)
        var sample = ClusterSample(time: time)
        sample.arrived = counters.arrived
        sample.pending = counters.pending
        sample.running = counters.running
        sample.succeeded = counters.succeeded
        sample.failed = counters.failed
        sample.deleted = counters.deleted
        for resource in 0..<nodes.resourceCount where nodes.allocatableTotals[resource] > 0 {
            let allocatable = nodes.allocatableTotals[resource]
            let requested = nodes.requestedTotals[resource]
            sample.resources.append(
                ResourceSample(
                    resource: ResourceIndex(resource), allocatable: allocatable,
                    requested: requested, free: allocatable - requested,
                    stranded: room.stranded(resource, nodes: nodes)))
        }
        sample.fits = room.totals()
        sink.sampled(sample)
    }

    private func sampleNodes(_ changed: [NodeIndex], at time: SimTime) {
        for node in changed {
            nodes.model(of: node).use(of: nodes.states[node.position]) { use in
                sink.sampled(
                    NodeSample(
                        time: time, node: node, numaNode: use.numaNode, resource: use.resource,
                        capacity: use.capacity, reserved: use.reserved, used: use.used,
                        free: use.free, shared: use.shared))
            }
        }
    }
}
