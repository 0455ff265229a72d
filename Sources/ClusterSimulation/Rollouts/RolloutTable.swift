import Primitives
import WorkloadModel

/// The owners whose controllers can scale and roll out, and how many of the pods that owners want are missing.
struct RolloutTable {
    var owners: [RolloutOwner] = []
    /// By workload: replicas that its owners want, and those that are Ready.
    var wanted: [Int64] = []
    var ready: [Int64] = []
    /// Σ over workloads of what is missing now, and its integral in nanoseconds up to `settled`.
    var shortfall: Int64 = 0
    var missing: Int64 = 0
    var settled = SimTime.zero
}

/// A ReplicaSet, Deployment, StatefulSet or DaemonSet as its controller knows it.
struct RolloutOwner {
    /// In `OwnerTable`.
    var slot: UInt32
    var workload: WorkloadIndex
    var ordinal: UInt32
    var kind: ControllerKind
    var replicas: Int
    var template: PodShapeIndex
    var strategy: RolloutStrategy
    /// A Deployment's ReplicaSets in order of creation; templates of a StatefulSet or DaemonSet. A ReplicaSet has one.
    var revisions: [Revision]
    /// A StatefulSet's revision before an update, and the one that is wanted.
    var currentRevision = 0
    /// In order of creation.
    var pods: [RolloutPod] = []
    /// Pods that were lost and are to be made again, as they will be.
    var lost: [PodState] = []
    var nextReplica: UInt32 = 0
    var isDeleted = false
    /// A sync of the owner itself is planned, and begins no earlier: its own writes must be seen.
    var plannedAt = SimTime.distantFuture
    var notBefore = SimTime(nanoseconds: .min / 2)
    /// Something changed that is not rolled out.
    var isUpdating = false
    var lastCounts = RolloutCounts()
    var progressAt = SimTime.zero
    var isDeadlineTold = false
    /// DaemonSets, by node: the replica number and how many pods it had.
    var replicaOfNode: [UInt32: UInt32] = [:]
    /// By replica number: how many pods there were, for ordinals and nodes.
    var incarnations: [UInt32: UInt32] = [:]
    /// DaemonSets: creations that were not seen.
    var expectedAdds = 0
}

/// One template of an owner; of a Deployment, one ReplicaSet.
struct Revision {
    var shape: PodShapeIndex
    var spec = 0
    /// What the ReplicaSet's controller saw before it saw `spec`, and when it sees that.
    var oldSpec = 0
    var specSeen = SimTime(nanoseconds: .min / 2)
    /// The annotations desired-replicas and max-replicas.
    var desired = 0
    var maxReplicas = 0
    var expectedAdds = 0
    var expectedDeletes = 0
    var plannedAt = SimTime.distantFuture
    var notBefore = SimTime(nanoseconds: .min / 2)
    /// As written last, and as the Deployment has seen it.
    var written = ReplicaSetStatus()
    var status = ReplicaSetStatus()

    func spec(at time: SimTime) -> Int { time >= specSeen ? spec : oldSpec }

    mutating func setSpec(_ count: Int, at time: SimTime, seen: SimTime) {
        oldSpec = spec(at: time)
        spec = count
        specSeen = seen
    }
}

struct ReplicaSetStatus: Equatable {
    var replicas = 0
    var ready = 0
    var available = 0
}

struct RolloutCounts: Equatable {
    var total = 0
    var updated = 0
    var ready = 0
    var available = 0
}

/// A pod as its controller's informer shows it.
struct RolloutPod {
    enum Stage: UInt8 {
        /// Asked for and not seen.
        case asked
        case pending
        case ready
        /// It has a deletionTimestamp.
        case leaving
        /// DaemonSets: the pod before it failed and is kept until its back-off is over.
        case backingOff
    }

    var handle: PodHandle
    var number: PodIndex?
    var revision: Int
    var replica: UInt32
    /// DaemonSets: its node.
    var node: UInt32 = PodState.none
    var stage = Stage.asked
    var readySince = SimTime.zero
    /// Its controller has asked for its deletion.
    var isDeleting = false

    /// It counts for a ReplicaSet.
    var isActive: Bool { stage == .pending || stage == .ready }

    func isAvailable(at time: SimTime, minReadySeconds: Int64) -> Bool {
        stage == .ready && time >= readySince + .seconds(minReadySeconds)
    }
}

extension RolloutOwner {
    /// The oldest revision with the owner's template.
    var newest: Int? { revisions.firstIndex { $0.shape == template } }

    func place(of handle: PodHandle) -> Int? {
        pods.firstIndex {
            $0.handle.slot == handle.slot && $0.handle.generation == handle.generation
        }
    }

    func status(of revision: Int, at time: SimTime) -> ReplicaSetStatus {
        var status = ReplicaSetStatus()
        for pod in pods where pod.revision == revision && pod.isActive {
            status.replicas += 1
            if pod.stage == .ready { status.ready += 1 }
            if pod.isAvailable(at: time, minReadySeconds: strategy.minReadySeconds) {
                status.available += 1
            }
        }
        return status
    }

    /// When the next pod that is Ready becomes available.
    func nextAvailability(after time: SimTime, revision: Int? = nil) -> SimTime? {
        guard strategy.minReadySeconds > 0 else { return nil }
        return pods.filter { $0.stage == .ready && (revision == nil || $0.revision == revision) }
            .map { $0.readySince + .seconds(strategy.minReadySeconds) }.filter { $0 > time }.min()
    }
}
