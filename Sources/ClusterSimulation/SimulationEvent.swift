import Primitives

/// Everything that can happen at an instant. Small values: the queue holds millions.
enum SimulationEvent: BitwiseCopyable {
    /// The next owner or bare pod of a workload becomes known.
    case arrival(WorkloadIndex)
    /// The scheduler's watch shows a pod that a controller created.
    case podCreated(PodHandle)
    /// The scheduler takes the next pod off its queue.
    case schedulingCycle
    /// A cycle that found no node is over.
    case cycleEnded
    /// The scheduler looks for pods that waited too long.
    case leftoverFlush
    /// The scheduler's watch shows a binding; planned only where some pods look at others.
    case bindingSeen(PodShapeIndex)
    /// Everyone sees that a pod has to leave for another.
    case podTerminationSeen(PodHandle)
    /// A pod's grace period is over.
    case podTerminated(PodHandle)
    /// The kubelet has seen a bound pod and decides.
    case podBound(PodHandle)
    /// A controller sees that a pod runs.
    case podStartSeen(PodHandle)
    /// A pod's lifetime is over.
    case podFinished(PodHandle)
    /// A recording deletes a bare pod, wherever it stands.
    case podDeleted(PodHandle)
    /// The scheduler and the controllers see that a pod ended or was refused.
    case podEndSeen(PodHandle)
    /// A kubelet restarts, or device plugins change: a position in the simulation's plan of such changes.
    case nodeChange(UInt32)
    /// The exporter of a node looks at what its kubelet holds.
    case topologyScan(NodeIndex)
    /// The scheduler's watch shows what the exporter wrote.
    case topologyPublished(NodeIndex)
    /// The scheduler's cache of topologies looks whether nodes can be read again.
    case topologyResync
    /// A binding was written, and the scheduler ends what it began for the pod.
    case postBind(PodHandle)
    /// A controller syncs an owner, or takes the next step of a sync.
    case ownerSync(OwnerHandle)
    /// The CronJob controller looks at a CronJob.
    case cronJobSync(WorkloadIndex)
    /// A worker of the ReplicaSet controller is free, and keys wait.
    case replicaSetWorkerFree
    /// A pod's back-off is over: a DaemonSet replaces the one before.
    case podDue(PodHandle)
    /// Something in the life of nodes or of owners that change: a position among the timers.
    case lifecycle(UInt32)
    /// A state of the cluster is recorded.
    case sample
}

/// A pod in `PodTable`; `generation` tells whether it still is the one that was meant.
struct PodHandle: BitwiseCopyable {
    var slot: UInt32
    var generation: UInt32
}
