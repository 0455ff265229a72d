public import Primitives

/// How a kubelet came to its answer on one pod, step by step: plain values for `topsim run --explain`.
///
/// Made by `NodeModel.explain` in NodeManagers; `Reporting` turns it into text and JSON.
public struct AdmissionExplanation: Sendable, Hashable {
    public var settings: KubeletPolicies
    /// What the node could give before the pod came, of what the pod asks for; one value a NUMA node.
    public var free: [FreeOnNUMANode] = []
    public var steps: [Step] = []
    /// The general predicates that were asked, the failing one last.
    public var predicates: [PredicateComparison] = []
    /// Nil when the pod was admitted.
    public var refusal: Refusal?

    public enum Step: Sendable, Hashable {
        case merge(MergeExplanation)
        case allocation(AllocationExplanation)
    }

    public init(settings: KubeletPolicies) { self.settings = settings }
}

/// The settings that decide, as KubeletConfiguration spells them.
public struct KubeletPolicies: Sendable, Hashable {
    public var topologyManagerPolicy: String
    public var topologyManagerScope: String
    public var cpuManagerPolicy: String
    public var memoryManagerPolicy: String
    /// `name=value` of Topology Manager and CPU Manager, in that order, each by name.
    public var options: [String] = []

    public init(
        topologyManagerPolicy: String, topologyManagerScope: String, cpuManagerPolicy: String,
        memoryManagerPolicy: String
    ) {
        self.topologyManagerPolicy = topologyManagerPolicy
        self.topologyManagerScope = topologyManagerScope
        self.cpuManagerPolicy = cpuManagerPolicy
        self.memoryManagerPolicy = memoryManagerPolicy
    }
}

/// What one NUMA node could give.
public struct FreeOnNUMANode: Sendable, Hashable {
    public var numaNode: Int
    /// CPUs that may become exclusive.
    public var cpus: CPUSet
    /// Memory types in bytes and devices in pieces, of those that the pod asks for.
    public var amounts: [ResourceAmount] = []
    /// The group of NUMA nodes that its memory serves; itself when it is in no group.
    public var group: NUMANodeSet

    public init(numaNode: Int, cpus: CPUSet, group: NUMANodeSet) {
        self.numaNode = numaNode
        self.cpus = cpus
        self.group = group
    }
}

/// One comparison of the general predicates.
public struct PredicateComparison: Sendable, Hashable {
    /// Nil is the number of pods.
    public var resource: ResourceIndex?
    public var requested: Int64
    public var used: Int64
    public var capacity: Int64

    public var fits: Bool { requested <= capacity - used }

    public init(resource: ResourceIndex?, requested: Int64, used: Int64, capacity: Int64) {
        self.resource = resource
        self.requested = requested
        self.used = used
        self.capacity = capacity
    }
}

/// The kubelet's refusal in its own words.
public struct Refusal: Sendable, Hashable {
    /// `topologymanager` or `predicates`.
    public var by: String
    public var reason: String
    public var message: String

    public init(by: String, reason: String, message: String) {
        self.by = by
        self.reason = reason
        self.message = message
    }
}
