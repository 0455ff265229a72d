public import Records

extension Simulation {
    /// What the run has done to the API server so far.
    ///
    /// Almost all of it follows from what is counted anyway, so that counting costs a run nothing.
    public var controlPlaneLoad: ControlPlaneLoad {
        var load = ControlPlaneLoad()
        load.collectedPods = terminated.collected
        load.peakPodObjects = counters.peakPodObjects
        load.podObjects = counters.pending + counters.running + terminated.count
        let bindings = counters.cycles - counters.unschedulable
        load.writes.podsCreated = counters.arrived
        load.writes.podsBound = bindings
        // A kubelet tells of each start, end and refusal; the scheduler tells once that it finds no node, and whom it
        // preempts.
        load.writes.podStatusesPatched =
            counters.decisions + counters.refusals + counters.firstUnschedulable
            + counters.preempted
        load.writes.podsPatched = counters.finalizersRemoved
        load.writes.podsDeleted = counters.podDeletions + terminated.collected
        load.writes.replicaSetsCreated = counters.replicaSetCreations
        load.writes.replicaSetStatusesUpdated = counters.statusWrites.replicaSet
        load.writes.deploymentStatusesUpdated = counters.statusWrites.deployment
        load.writes.statefulSetStatusesUpdated = counters.statusWrites.statefulSet
        load.writes.daemonSetStatusesUpdated = counters.statusWrites.daemonSet
        load.writes.jobStatusesUpdated = counters.statusWrites.job
        // Scheduled, FailedScheduling, Preempted, the refusal, and the controllers' own.
        load.writes.eventsCreated =
            bindings + counters.unschedulable + counters.refusals
            + counters.readmissionsRefused + counters.controllerEvents + counters.preempted
        return load
    }
}
