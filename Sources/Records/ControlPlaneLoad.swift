/// What a run did to the API server: writes, and pod objects that it had to keep.
///
/// Source of what is written when: the shared folder's spec/controllers.md sections 1 to 10. Writes that no run depends on are left out:
/// docs/concepts/metrics.md says which.
public struct ControlPlaneLoad: Sendable, Hashable {
    public var writes = APIWriteCounts()
    /// Pod objects alive at the same time at most: pending, running, and those that ended and wait for pod GC.
    public var peakPodObjects: Int64 = 0
    /// Pod objects alive at the run's end.
    public var podObjects: Int64 = 0
    /// Of the pods that ended, how many pod GC has deleted.
    public var collectedPods: Int64 = 0

    public init() {}
}

/// Writes to the API server by verb and object.
public struct APIWriteCounts: Sendable, Hashable {
    /// POST of a pod, by a controller or by whoever creates bare pods.
    public var podsCreated: Int64 = 0
    /// POST of a binding, by the scheduler.
    public var podsBound: Int64 = 0
    /// PATCH of a pod's status: by its kubelet when it starts, ends or is refused; by the scheduler when no node is found.
    public var podStatusesPatched: Int64 = 0
    /// PATCH of a pod: a Job takes its finalizer off.
    public var podsPatched: Int64 = 0
    /// DELETE of a pod: by its controller, by its kubelet when it has stopped, by pod GC.
    public var podsDeleted: Int64 = 0
    /// POST of a ReplicaSet, by its Deployment.
    public var replicaSetsCreated: Int64 = 0
    public var replicaSetStatusesUpdated: Int64 = 0
    public var deploymentStatusesUpdated: Int64 = 0
    public var statefulSetStatusesUpdated: Int64 = 0
    public var daemonSetStatusesUpdated: Int64 = 0
    public var jobStatusesUpdated: Int64 = 0
    /// Events of scheduler, kubelets and controllers.
    public var eventsCreated: Int64 = 0

    public init() {}

    /// Verb and object as an audit log names them, in a fixed order.
    public var named: [(name: String, count: Int64)] {
        [
            ("create.pods", podsCreated), ("create.pods/binding", podsBound),
            ("patch.pods/status", podStatusesPatched), ("patch.pods", podsPatched),
            ("delete.pods", podsDeleted), ("create.replicasets", replicaSetsCreated),
            ("update.replicasets/status", replicaSetStatusesUpdated),
            ("update.deployments/status", deploymentStatusesUpdated),
            ("update.statefulsets/status", statefulSetStatusesUpdated),
            ("update.daemonsets/status", daemonSetStatusesUpdated),
            ("update.jobs/status", jobStatusesUpdated), ("create.events", eventsCreated),
        ]
    }

    /// All of them.
    public var total: Int64 { named.reduce(0) { $0 + $1.count } }
}
