public import Primitives
public import WorkloadModel

/// Something that someone does to a workload's owners at a time: a replica count, a pod template, or their deletion.
///
/// A recording's "replicas changed" and "object deleted" are the same thing as a scenario's actions:
///
/// ```swift
/// scenario.workloadChanges.append(
///     WorkloadChange(time: .zero + .seconds(600), workload: "upf", kind: .scale(replicas: 10)))
/// ```
///
/// A change is about the owners that exist at its time; one without any does nothing. Changes of one time are made in
/// the order of the list.
public struct WorkloadChange: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// `spec.replicas` from now on. ReplicaSet, Deployment and StatefulSet have it.
        case scale(replicas: Int)
        /// The pod template from now on: Deployments, StatefulSets and DaemonSets replace their pods by their strategy;
        /// a ReplicaSet uses it for the pods that it makes from then on. An equal template changes nothing.
        case template(PodShape)
        /// The owners go with all their pods, which take their grace period; nothing follows. Every kind has it; for bare
        /// pods it deletes the pods.
        case delete
    }

    public var time: SimTime
    /// The workload's name; one that no workload has is refused by `Simulation.init`.
    public var workload: String
    /// Which owner of the workload, from 0 in order of arrival; nil for all that exist.
    public var owner: Int?
    public var kind: Kind

    public init(time: SimTime, workload: String, owner: Int? = nil, kind: Kind) {
        self.time = time
        self.workload = workload
        self.owner = owner
        self.kind = kind
    }
}

/// How the owners of a workload replace their pods when the template changes, with Kubernetes' defaults.
///
/// Source: k/k pkg/apis/apps/v1/defaults.go; the shared folder's spec/controllers.md sections 2 to 4.
public struct RolloutStrategy: Sendable, Hashable {
    /// A number of pods or a share of the replicas.
    public enum Amount: Sendable, Hashable {
        case count(Int)
        case percent(Int)

        func pods(of replicas: Int, roundingUp: Bool) -> Int {
            switch self {
            case .count(let count): count
            case .percent(let percent): (replicas * percent + (roundingUp ? 99 : 0)) / 100
            }
        }
    }

    public enum Kind: String, Sendable, CaseIterable {
        case rollingUpdate = "RollingUpdate"
        /// Deployments: all old pods go before a new one comes.
        case recreate = "Recreate"
        /// StatefulSets and DaemonSets: a pod is new when something else deletes the old one.
        case onDelete = "OnDelete"
    }

    /// Whether a StatefulSet waits for one ordinal before it goes on to the next.
    public enum PodManagementPolicy: String, Sendable, CaseIterable {
        case orderedReady = "OrderedReady"
        case parallel = "Parallel"
    }

    public var kind = Kind.rollingUpdate
    /// Nil is the default: 25 % for Deployments, 0 for DaemonSets.
    public var maxSurge: Amount?
    /// Nil is the default: 25 % for Deployments, 1 for DaemonSets and StatefulSets.
    public var maxUnavailable: Amount?
    public var minReadySeconds: Int64 = 0
    public var progressDeadlineSeconds: Int64 = 600
    /// StatefulSets: ordinals below it keep the old template.
    public var partition = 0
    public var podManagementPolicy = PodManagementPolicy.orderedReady

    public init() {}

    /// Pods above and below `replicas` of a Deployment: surge rounds up, unavailable down, and both 0 make it 1.
    ///
    /// (k/k pkg/controller/deployment/util, ResolveFenceposts)
    package func fenceposts(of replicas: Int) -> (surge: Int, unavailable: Int) {
        guard kind == .rollingUpdate else { return (0, replicas) }
        let surge = (maxSurge ?? .percent(25)).pods(of: replicas, roundingUp: true)
        let unavailable = (maxUnavailable ?? .percent(25)).pods(of: replicas, roundingUp: false)
        return surge == 0 && unavailable == 0
            ? (0, min(1, replicas)) : (surge, min(unavailable, replicas))
    }

    /// The same for a DaemonSet that wants `nodes` pods: both percentages round up.
    ///
    /// (k/k pkg/controller/daemon/update.go, updatedDesiredNodeCounts)
    package func daemonFenceposts(of nodes: Int) -> (surge: Int, unavailable: Int) {
        let surge = (maxSurge ?? .count(0)).pods(of: nodes, roundingUp: true)
        let unavailable = (maxUnavailable ?? .count(1)).pods(of: nodes, roundingUp: true)
        return surge == 0 && unavailable == 0 ? (0, 1) : (surge, unavailable)
    }
}
