import ClusterScheduler
import DiscreteEvents
import Primitives
import Records
import WorkloadModel

/// Where the next owner or bare pod of one workload comes from. Pulled one at a time.
struct WorkloadArrivals {
    private enum Source {
        case generated(ArrivalSampler, shape: PodShapeIndex, lifetime: Distribution?)
        case trace(any PodTraceReader)
    }

    private var source: Source
    /// Lifetimes have a stream of their own, so that the n-th pod lives equally long whatever else changes.
    private var lifetimes: RandomStream
    /// The trace's pod that comes next.
    private var nextTraced: TracePod?
    private(set) var nextOrdinal: UInt32 = 0
    private(set) var isExhausted = false

    init(
        _ workload: Workload, seed: UInt64, resources: ResourceTable, shapes: inout PodShapeTable
    ) throws(SimulationError) {
        lifetimes = RandomStream(seed: seed, name: "workload/\(workload.name)/lifetime")
        switch workload.source {
        case .generated(let shape, let process, let lifetime):
            let stream = RandomStream(seed: seed, name: "workload/\(workload.name)/arrival")
            source = .generated(
                ArrivalSampler(process, random: stream), shape: shapes.intern(shape),
                lifetime: lifetime)
        case .trace(let trace):
            do {
                source = .trace(try trace.makeReader(resources: resources))
            } catch {
                throw .trace(workload: workload.name, underlying: error)
            }
        }
    }

    /// When the next one arrives; nil at the end.
    mutating func nextTime(
        workload: String, shapes: inout PodShapeTable
    ) throws(SimulationError) -> SimTime? {
        var time: SimTime?
        switch source {
        case .generated(var sampler, let shape, let lifetime):
            time = sampler.next()
            source = .generated(sampler, shape: shape, lifetime: lifetime)
        case .trace(var reader):
            do {
                nextTraced = try reader.next(shapes: &shapes)
            } catch {
                throw .trace(workload: workload, underlying: error)
            }
            source = .trace(reader)
            time = nextTraced?.arrival
        }
        isExhausted = time == nil
        return time
    }

    /// When the recording deletes the current arrival's pods.
    var deletion: SimTime? { nextTraced?.deletion }

    /// The one whose time has come.
    mutating func take() -> Arrival {
        defer { nextOrdinal += 1 }
        switch source {
        case .generated(_, let shape, _):
            return Arrival(ordinal: nextOrdinal, shape: shape, traceName: nil)
        case .trace:
            guard let pod = nextTraced else {
                preconditionFailure("an arrival is taken only after its time was told")
            }
            return Arrival(ordinal: nextOrdinal, shape: pod.shape, traceName: pod.name)
        }
    }

    /// Nanoseconds that one pod of the current arrival lives, -1 for ever.
    mutating func drawLifetime() -> Int64 {
        switch source {
        case .generated(_, _, let lifetime):
            lifetime.map { $0.sample(using: &lifetimes).nanoseconds } ?? -1
        case .trace: nextTraced?.lifetime?.nanoseconds ?? -1
        }
    }
}

struct Arrival {
    var ordinal: UInt32
    var shape: PodShapeIndex
    var traceName: String?
}

extension Simulation {
    /// Plans a workload's next arrival, if there is one, for when a watch shows it.
    mutating func planArrival(_ index: WorkloadIndex, at next: SimTime?) {
        guard let next else { return }
        events.push(
            .arrival(index), at: max(time, next + scenario.timings.watch), phase: .arrival)
    }

    mutating func workloadArrived(_ index: WorkloadIndex) throws(SimulationError) {
        introduceNewShapes()
        lastProgress = time
        let arrival = arrivals[index.position].take()
        if hasLifecycle, lifecycle.isManaged[index.position] {
            rolloutOwnerArrived(index, arrival)
        } else {
            ownerArrived(index, arrival)
        }
        let name = scenario.workloads[index.position].name
        let next = try arrivals[index.position].nextTime(workload: name, shapes: &shapes)
        planArrival(index, at: next)
    }

    private mutating func ownerArrived(_ index: WorkloadIndex, _ arrival: Arrival) {
        switch scenario.workloads[index.position].controller {
        case .none: createBarePods(of: index, arrival)
        case .replicaSet, .deployment:
            ReplicaSetController.ownerArrived(&self, index, arrival)
        case .statefulSet: StatefulSetController.ownerArrived(&self, index, arrival)
        case .daemonSet: DaemonSetController.ownerArrived(&self, index, arrival)
        case .job:
            let job = JobController.ownerArrived(&self, index, arrival)
            CronJobController.jobSeen(&self, index, job)
        }
    }

    private mutating func createBarePods(of index: WorkloadIndex, _ arrival: Arrival) {
        let created = SimTime(
            nanoseconds: max(0, time.nanoseconds - scenario.timings.watch.nanoseconds))
        for replica in 0..<scenario.workloads[index.position].replicas {
            var pod = PodState()
            pod.workload = index
            pod.shape = arrival.shape
            pod.owner = arrival.ordinal
            pod.replica = UInt32(replica)
            pod.lifetime = arrivals[index.position].drawLifetime()
            pod.arrival = created.nanoseconds
            pod.wanted = created.nanoseconds
            pod.pinnedNode =
                scenario.workloads[index.position].pinnedNode?.rawValue ?? PodState.none
            let handle = pods.allocate(pod)
            if let name = arrival.traceName { pods.setTraceName(name, for: handle.slot) }
            podCreated(handle)
            if let deletion = arrivals[index.position].deletion {
                events.push(
                    .podDeleted(handle), at: max(time, deletion + scenario.timings.watch),
                    phase: .release)
            }
        }
    }

    /// Plans a pod that a controller asked for: its object exists from `creation` on.
    mutating func planPod(in slot: UInt32, creation: SimTime) {
        pods[slot].phase = .planned
        pods[slot].arrival = creation.nanoseconds
        let handle = PodHandle(slot: slot, generation: pods[slot].generation)
        events.push(.podCreated(handle), at: creation + scenario.timings.watch, phase: .arrival)
    }

    /// The pod object exists and the scheduler has seen it.
    mutating func podCreated(_ handle: PodHandle) {
        guard pods.isCurrent(handle) else { return }
        pods[handle.slot].phase = .pending
        pods[handle.slot].pod = PodIndex(rawValue: UInt32(truncatingIfNeeded: counters.arrived))
        counters.arrived += 1
        counters.pending += 1
        if pods[handle.slot].incarnation > 0 { counters.recreated += 1 }
        notePodObjects()
        count(handle.slot, total: 1)
        if let explainer { explainArrival(of: handle.slot, to: explainer) }
        let pod = pods[handle.slot]
        scheduler.enqueue(
            pod: handle.slot, shape: pod.shape, at: time,
            pinnedTo: pod.pinnedNode == PodState.none ? nil : NodeIndex(rawValue: pod.pinnedNode))
        wakeScheduler()
        controllerSees(pod, in: handle.slot)
    }

    /// The informer of a pod's controller shows that it exists.
    private mutating func controllerSees(_ pod: PodState, in slot: UInt32) {
        guard pod.ownerSlot != PodState.none else { return }
        if owners[pod.ownerSlot].rollout != PodState.none { return rolloutPodSeen(slot) }
        switch scenario.workloads[pod.workload.position].controller {
        case .replicaSet, .deployment: ReplicaSetController.podSeen(&self, pod.ownerSlot)
        case .none, .statefulSet, .daemonSet, .job: break
        }
    }
}
