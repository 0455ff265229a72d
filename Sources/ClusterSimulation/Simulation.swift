import ClusterScheduler
import DiscreteEvents
public import Primitives
public import Records
import WorkloadModel

/// The cluster in motion: a seeded loop over events that turns a scenario into records.
///
/// One run, one thread, one owner. `advance` works in slices, so that a caller can draw progress and stop it.
///
/// ```swift
/// var simulation = try Simulation(scenario: scenario, sink: sink)
/// while try simulation.advance(events: 100_000) {}
/// simulation.finish()
/// ```
public struct Simulation: ~Copyable {
    let scenario: Scenario
    let sink: any RecordSink
    /// Follows single pods for people; nil in most runs.
    let explainer: PodExplainer?
    let wantsPlacements: Bool
    let wantsHoldings: Bool
    let wantsNodeSamples: Bool
    /// What lies under nodes that are virtual machines; nil in most runs.
    var hostViews: HostViews?

    var events: EventQueue<SimulationEvent>
    public internal(set) var time = SimTime.zero
    var shapes: PodShapeTable
    var nodes: ClusterNodes
    var scheduler: Scheduler
    var pods = PodTable()
    var owners = OwnerTable()
    var arrivals: [WorkloadArrivals]
    /// The CronJobs, each at its workload's place.
    var cronJobs: [CronJobState?]
    var clients: ControllerClients
    var replicaSetWorkers = ControllerWorkers(count: 5)
    var terminated: TerminatedPods
    var room: RoomForMix
    /// What exporters have published; nil when no scheduler reads it.
    var topologies: TopologyPublishing?
    public internal(set) var counters = SimulationCounters()

    /// When the scheduler may begin its next cycle.
    var schedulerFreeAt = SimTime.zero
    var isCyclePlanned = false
    /// The cycle that found no node, until it is over.
    var failedCycle: FailedCycle?
    var isLeftoverFlushPlanned = false
    /// Pods may wait for others to be bound.
    var bindingsMayHelp = false
    var disruptions: DisruptionAllowances
    /// Shapes that the scheduler and the sink know.
    var introducedShapes = 0
    /// Of the events in the queue, how many are samples.
    var samplesPlanned = 0
    /// Restarts and changes of devices that the scenario plans.
    var nodeChanges: [PlannedNodeChange] = []
    /// Of the events in the queue, how many are node changes that come again for ever.
    var periodicChangesPlanned = 0
    /// Of the events in the queue, how many are turns of the resync loop.
    var resyncsPlanned = 0
    /// Something happened after which a resync may read a node again.
    var mayResyncHelp = false
    /// Nodes that come and go, and owners that change; empty in most runs.
    var lifecycle: LifecycleState
    /// Whether there is any of it.
    let hasLifecycle: Bool
    /// When a pod last arrived for the first time, was admitted or ended.
    var lastProgress = SimTime.zero
    let end: SimTime

    /// - Parameter explainer: follows pods that someone asks about; the run is the same with and without.
    /// - Throws: when a kubelet would not start, or a trace cannot be opened.
    public init(
        scenario: Scenario, sink: any RecordSink, explainer: PodExplainer? = nil
    ) throws(SimulationError) {
        // All that may fail comes first: a value that cannot be copied is built in one piece.
        if let unknown = scenario.unknownWorkload { throw .unknownWorkload(unknown) }
        let nodes = try ClusterNodes(scenario)
        var shapes = PodShapeTable()
        var arrivals: [WorkloadArrivals] = []
        var firstTimes: [SimTime?] = []
        for workload in scenario.workloads {
            var next = try WorkloadArrivals(
                workload, seed: scenario.seed, resources: scenario.resources, shapes: &shapes)
            firstTimes.append(try next.nextTime(workload: workload.name, shapes: &shapes))
            arrivals.append(next)
        }
        self.init(scenario, sink, explainer, nodes, shapes, arrivals, firstTimes)
    }

    private init(
        _ scenario: Scenario, _ sink: any RecordSink, _ explainer: PodExplainer?,
        _ nodes: consuming ClusterNodes, _ shapes: PodShapeTable, _ arrivals: [WorkloadArrivals],
        _ firstTimes: [SimTime?]
    ) {
        self.scenario = scenario
        self.sink = sink
        self.explainer = explainer
        self.shapes = shapes
        self.arrivals = arrivals
        cronJobs = scenario.workloads.map { workload in
            guard case .generated(_, .cron(let rules), _) = workload.source else { return nil }
            return CronJobState(rules, createdAt: scenario.epoch)
        }
        wantsPlacements = sink.wantsPlacements
        wantsHoldings = sink.wantsHoldings
        wantsNodeSamples = sink.wantsNodeSamples
        hostViews = HostViews(scenario)
        events = EventQueue()
        var schedulerSettings = scenario.scheduler
        schedulerSettings.seed = scenario.seed
        scheduler = Scheduler(
            settings: schedulerSettings, nodes: nodes.roster(scenario),
            resources: scenario.resources)
        clients = ControllerClients(scenario.timings)
        terminated = TerminatedPods(threshold: scenario.timings.terminatedPodGCThreshold)
        room = RoomForMix(scenario.record.targetMix, nodeCount: nodes.count)
        disruptions = DisruptionAllowances(scenario.disruptionBudgets)
        scheduler.setBudgets(disruptions.asSeen)
        let topologies = TopologyPublishing(scenario, nodes)
        self.topologies = topologies
        self.nodes = nodes
        lifecycle = LifecycleState(scenario)
        hasLifecycle = scenario.hasLifecycle
        if case .time(let time) = scenario.until { end = time } else { end = .distantFuture }
        startTopologyMatch()
        introduceNodes()
        planNodeChanges()
        internStandingShapes()
        introduceNewShapes()
        admitStandingPods()
        for (index, first) in firstTimes.enumerated() {
            planArrival(WorkloadIndex(index), at: first)
            CronJobController.begin(&self, WorkloadIndex(index))
        }
        planLifecycle()
        planSample(at: .zero)
    }

    /// Handles up to `limit` events; false when the run is over.
    ///
    /// - Throws: when a trace turns out to be unreadable.
    public mutating func advance(events limit: Int) throws(SimulationError) -> Bool {
        for _ in 0..<limit {
            guard !isFinished(), let event = events.pop() else { return false }
            time = event.time
            counters.events += 1
            try handle(event.payload)
        }
        return !isFinished()
    }

    private mutating func ownerSync(_ handle: OwnerHandle) {
        guard owners.isCurrent(handle) else { return }
        switch scenario.workloads[owners[handle.slot].workload.position].controller {
        case .replicaSet, .deployment: replicaSetDue(handle.slot)
        case .job: JobController.due(&self, handle.slot)
        case .none, .statefulSet, .daemonSet: break
        }
    }

    /// Whether nothing is left to happen: the end has come, or only samples remain.
    private mutating func isFinished() -> Bool {
        guard let next = events.nextTime else { return true }
        if next > end { return true }
        guard end == .distantFuture else { return false }
        // Pods that waited too long are tried again in a cluster that does not change: nothing comes of it.
        let idle =
            samplesPlanned + periodicChangesPlanned + resyncsPlanned + lifecycle.idleTimers
            + (isLeftoverFlushPlanned ? 1 : 0)
        let isIdle = events.count == idle
        return (isIdle && (resyncsPlanned == 0 || !mayResyncHelp)) || isStalled
    }

    /// Whether a run without an end only goes round: controllers re-create pods that no kubelet admits, and for an
    /// hour of simulated time nothing else has happened (kubernetes#84869).
    public var isStalled: Bool {
        end == .distantFuture && time > lastProgress + .seconds(3600) && counters.recreated > 0
            && arrivals.allSatisfy { $0.isExhausted }
    }

    private mutating func handle(_ event: SimulationEvent) throws(SimulationError) {
        switch event {
        case .arrival(let workload): try workloadArrived(workload)
        case .podCreated(let pod): podCreated(pod)
        case .schedulingCycle: schedulingCycle()
        case .cycleEnded: cycleEnded()
        case .leftoverFlush: leftoverFlush()
        case .bindingSeen(let shape): bindingSeen(shape)
        case .podTerminationSeen(let pod): podTerminationSeen(pod)
        case .podTerminated(let pod): podTerminated(pod)
        case .podBound(let pod): podBound(pod)
        case .podStartSeen(let pod): podStartSeen(pod)
        case .podFinished(let pod): podFinished(pod)
        case .podDeleted(let pod): podDeleted(pod)
        case .podEndSeen(let pod): podEndSeen(pod)
        case .nodeChange(let change): nodeChanged(Int(change))
        case .topologyScan(let node): scanTopology(of: node)
        case .topologyPublished(let node): topologyPublished(by: node)
        case .topologyResync: resyncTopologies()
        case .postBind(let pod): bindingWritten(pod)
        case .ownerSync(let owner): ownerSync(owner)
        case .cronJobSync(let workload): CronJobController.due(&self, workload)
        case .replicaSetWorkerFree: replicaSetWorkerFree()
        case .podDue(let pod): DaemonSetController.replace(&self, pod)
        case .lifecycle(let timer): lifecycleDue(timer)
        case .sample: sample()
        }
    }
}

/// What has happened so far; together the outcomes are all that arrived.
public struct SimulationCounters: Sendable, Hashable {
    public var events: Int64 = 0
    /// Pod objects created, those that replace another included.
    public var arrived: Int64 = 0
    public var recreated: Int64 = 0
    public var pending: Int64 = 0
    public var running: Int64 = 0
    public var succeeded: Int64 = 0
    public var failed: Int64 = 0
    public var deleted: Int64 = 0
    /// Kubelet admissions asked and refused.
    public var admissions: Int64 = 0
    public var refusals: Int64 = 0
    /// Running pods that a restarted kubelet did not take back.
    public var readmissionsRefused: Int64 = 0
    /// Scheduling cycles, and those that found no node.
    public var cycles: Int64 = 0
    public var unschedulable: Int64 = 0
    /// Pods that found no node at their first try.
    var firstUnschedulable: Int64 = 0
    /// Pod objects alive at the same time at most.
    public var peakPodObjects: Int64 = 0
    /// DELETEs of pods, but for pod GC's.
    var podDeletions: Int64 = 0
    /// Finalizers that Jobs took off, ReplicaSets that Deployments made, events of controllers, statuses of owners.
    var finalizersRemoved: Int64 = 0
    var replicaSetCreations: Int64 = 0
    var controllerEvents: Int64 = 0
    var statusWrites = StatusWriteCounts()
    /// Pods that were told to leave for others.
    public var preempted: Int64 = 0
    /// What the eviction API answered, and who else deleted pods because of their nodes.
    public var evictions = EvictionCounts()
    /// Admissions and releases so far: the sequence that replays a run.
    var decisions: Int64 = 0

    public init() {}
}
