public import HardwareModel
public import NodeManagers
public import Primitives
public import WorkloadModel

/// What happens to nodes while a run is on: timed actions, and loops that keep node groups at a count.
public struct LifecyclePlan: Sendable {
    public var actions: [NodeAction] = []
    /// In order of their groups.
    public var templates: [ClusterTemplate] = []
    public var settings = LifecycleSettings()

    public init() {}

    /// Whether nodes come, go, or stop and start again.
    package var changesNodes: Bool { !actions.isEmpty || !templates.isEmpty }
}

/// One timed action on nodes.
public struct NodeAction: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// No pod is bound to the nodes from now on, but those that tolerate `node.kubernetes.io/unschedulable`.
        case cordon
        case uncordon
        case drain(DrainSettings)
        case add(AddedNodes)
        /// The node objects are deleted and their machines go; drained first when there are settings for it.
        case remove(drain: DrainSettings?)
        case upgrade(NodeUpgrade)
        /// The nodes fall silent; after `recovery` they come back, nil for never.
        case fail(recovery: SimDuration?)
        case recover
        /// A cluster template wants another number of nodes from now on.
        case setCount(template: String, count: Int)
    }

    public var time: SimTime
    public var kind: Kind
    /// Without meaning for `add` and `setCount`.
    public var nodes = NodeChoice()

    public init(time: SimTime, kind: Kind, nodes: NodeChoice = NodeChoice()) {
        self.time = time
        self.kind = kind
        self.nodes = nodes
    }
}

/// Which nodes an action is about: those that exist at its time and fit all that is said, in order of their numbers.
public struct NodeChoice: Sendable, Hashable {
    public var group: String?
    /// Labels that all of them have.
    public var labels: [Label] = []
    /// By name; empty for any.
    public var names: [String] = []
    /// The first so many; nil for all.
    public var count: Int?

    public init() {}
}

/// How `kubectl drain` goes about it, with its defaults.
public struct DrainSettings: Sendable, Hashable {
    /// Goes on although pods of DaemonSets stay; without it a drain fails where there are some.
    public var ignoresDaemonSets = true
    /// Evicts bare pods, which nobody makes again; without it a drain fails where there are some.
    public var isForced = false
    /// Nil is each pod's own.
    public var gracePeriodSeconds: Int64?
    /// Nil waits for ever.
    public var timeout: SimDuration?
    /// All nodes at once, as that many commands would; else one after another, as one command does.
    public var isParallel = false

    public init() {}
}

public struct AddedNodes: Sendable, Hashable {
    /// The group whose like they are.
    public var group: String
    public var count: Int
    /// From the request for a machine until its node object exists.
    public var bootTime: SimDuration

    public init(group: String, count: Int, bootTime: SimDuration) {
        self.group = group
        self.count = count
        self.bootTime = bootTime
    }
}

/// Nodes that are drained, stopped for a while, and come back as something else.
public struct NodeUpgrade: Sendable, Hashable {
    public var drain = DrainSettings()
    /// Nodes that are away at once.
    public var maxUnavailable = 1
    /// From the end of the drain until the kubelet starts.
    public var down = SimDuration.seconds(300)
    /// The kubelet's settings from then on; nil keeps those that it had.
    public var settings: KubeletSettings?
    public var machine: NewMachine?
    /// Labels that the node has besides, or with another value.
    public var labels: [Label] = []

    public init() {}
}

/// A machine with its devices that takes the place of another.
public struct NewMachine: Sendable, Hashable {
    public var machine: Machine
    public var devices: [DeviceResource]

    public init(machine: Machine, devices: [DeviceResource]) {
        self.machine = machine
        self.devices = devices
    }
}

/// A node group that a loop keeps at a count, as a CaaS manager keeps a cluster template.
public struct ClusterTemplate: Sendable, Hashable {
    /// The node group whose like its nodes are; all nodes of the group count.
    public var group: String
    public var count: Int
    public var min: Int
    public var max: Int
    /// Time between two looks.
    public var period = SimDuration.seconds(10)
    public var bootTime = SimDuration.seconds(180)
    /// Nil leaves the count to the scenario.
    public var autoscaler: AutoscalerSettings?

    public init(group: String, count: Int) {
        self.group = group
        self.count = count
        min = 0
        max = count
    }
}

/// When the count follows the pods: an approximation of the cluster autoscaler's rules.
public struct AutoscalerSettings: Sendable, Hashable {
    /// A node below this share of cpu and of memory, in percent, is not needed.
    public var utilizationPercent = 50
    /// It has to be so for so long.
    public var unneededTime = SimDuration.seconds(600)
    /// No node goes so soon after one was added.
    public var delayAfterAdd = SimDuration.seconds(600)

    public init() {}
}

/// Times of the node lifecycle, of taints and of garbage collection.
///
/// Source: the shared folder's spec/controllers.md sections 6 to 8.
public struct LifecycleSettings: Sendable, Hashable {
    /// A kubelet that starts until it is Ready: its next status.
    public var readyAfter = SimDuration.seconds(10)
    /// The kubelet renews its lease at whole multiples of it.
    public var leaseRenewal = SimDuration.seconds(10)
    /// Without a lease for longer than this a node is Unknown, which is looked for each `monitorPeriod`.
    public var monitorGrace = SimDuration.seconds(50)
    public var monitorPeriod = SimDuration.seconds(5)
    /// Time between two nodes of a zone that get the NoExecute taint.
    public var taintInterval = SimDuration.seconds(10)
    /// The toleration of unreachable and not-ready nodes that admission gives to pods without one.
    public var tolerationSeconds: Int64 = 300
    public var podGCPeriod = SimDuration.seconds(20)
    /// How long a node must be missing before its pods are garbage.
    public var podGCQuarantine = SimDuration.seconds(40)
    /// What `kubectl drain` waits after a 429.
    public var evictionRetry = SimDuration.seconds(5)
    /// How often it looks whether a pod is gone.
    public var deletionPoll = SimDuration.seconds(1)

    public init() {}
}

extension Scenario {
    /// Whether nodes or owners change while the run is on.
    var hasLifecycle: Bool { lifecycle.changesNodes || !workloadChanges.isEmpty }

    /// The first name in a change or a strategy that no workload has.
    var unknownWorkload: String? {
        let names = Set(workloads.map(\.name))
        return workloadChanges.map(\.workload).first { !names.contains($0) }
            ?? rolloutStrategies.keys.sorted().first { !names.contains($0) }
    }
}
